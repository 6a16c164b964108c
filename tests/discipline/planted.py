"""A row in every register of the discipline office, each of its texts a mark that stands nowhere else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.db import models

from chishang.core.dates import today
from discipline import models as registers
from discipline.enums import (
    AccessKind,
    CriticismForm,
    Disposal,
    EducationKind,
    IssueLevel,
    LimitCode,
    LimitUnit,
    ListKind,
    Measure,
    PetitionOrigin,
    Register,
)
from discipline.models.sealed import SealedModel, name_index
from members.models import Member
from organizations.enums import DutyCode
from organizations.models import User
from tests.factories import Town

SIGN = "㊙"
"""In every planted text, sealed or not; a masked name begins with it, too."""
OPEN, SEALED = f"{SIGN}赤霄Zq7xiao", f"{SIGN}青冥Wk3ming"
"""What the open and the sealed texts are."""
LATIN = ("zq7xiao", "wk3ming")
"""The parts of them that stay the same in JSON and in addresses."""
SOUGHT = ("赤霄", "青冥")
"""What is searched for: a page that repeats the search shows a part of the mark only."""
DAY = date(2017, 4, 5)
OFFICE = {DutyCode.DISCIPLINE_HEAD, DutyCode.DISCIPLINE_CLERK}


@dataclass
class Planted:
    """The planted rows by the names of their models in small letters, and the member whom they are about."""

    rows: dict[str, Any]
    member: Member

    @property
    def case(self) -> Any:
        return self.rows["case"]


def confidential_models() -> list[Any]:
    """The models of the app, without the tables of their history."""
    return [one for one in apps.get_app_config("discipline").get_models() if not one.__name__.endswith("History")]


def free_texts(model: Any) -> Iterator[str]:
    """The columns of a model that people write in."""
    for column in model._meta.get_fields():
        text = isinstance(column, models.CharField | models.TextField) and not column.choices
        if text and column.name != "name_index":
            yield column.name


def plant(town: Town, member: Member, named: list[User]) -> Planted:
    """Store the rows, all of them in the own village; everybody in ``named`` is named on the case."""
    rows = _prevention(town) | _lists()
    rows |= _feedback(town, rows)
    rows |= _people(town, member)
    rows |= _case(town, rows)
    until = today() + timedelta(days=30)
    accesses = [registers.CaseAccess(case=rows["case"], user=user, until=until) for user in named]
    rows["caseaccess"] = registers.CaseAccess.objects.bulk_create(accesses)[0]
    reading = registers.Reading(kind=AccessKind.READ, register=Register.CASE, row_uid=rows["case"].uid)
    rows["reading"] = _marked(reading, user=town.people[DutyCode.DISCIPLINE_CLERK])
    return Planted(rows, member)


def _marked(row: Any, **values: Any) -> Any:
    """Store the row with every text of it a mark."""
    for name in free_texts(type(row)):
        setattr(row, name, OPEN)
    if isinstance(row, SealedModel):
        for sealed in row.sealed_texts():
            setattr(row, sealed.name, SEALED)
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return row


def _lists() -> dict[str, Any]:
    limit = registers.TimeLimit(code=LimitCode.CASE_REVIEW, amount=90, unit=LimitUnit.DAY, valid_from=DAY)
    rule = registers.MeasureRule(measure=Measure.WARNING, months=12, valid_from=date(2017, 4, 6))
    return {
        "timelimit": _marked(limit),
        "measurerule": _marked(rule),
        "leadsource": _marked(registers.LeadSource()),
        "feedbackcategory": _marked(registers.FeedbackCategory()),
        "inspectionround": _marked(registers.InspectionRound(feedback_on=DAY)),
    }


def _prevention(town: Town) -> dict[str, Any]:
    place = town.own.branch
    issued = registers.ResponsibilityList(kind=ListKind.COMMITTEE, issued_on=DAY, organization=place)
    lesson = registers.IntegrityEvent(kind=EducationKind.LESSON, held_on=DAY, attendees=20, organization=place)
    inspection = registers.StyleInspection(inspected_on=DAY, organization=place)
    powers = registers.PowerList.objects.filter(village=town.own).first()
    powers = powers or registers.PowerList(village=town.own, item_count=1, settled_on=DAY)
    for row in (issued, lesson, inspection, powers):
        _marked(row)
    item = registers.ResponsibilityItem(responsibility_list=issued, number=1, due_on=DAY)
    return {
        "responsibilitylist": issued,
        "responsibilityitem": _marked(item),
        "integrityevent": lesson,
        "styleinspection": inspection,
        "inspectionfinding": _marked(registers.InspectionFinding(inspection=inspection)),
        "powerlist": powers,
        "poweritem": _marked(registers.PowerItem(power_list=powers, number=77)),
    }


def _feedback(town: Town, rows: dict[str, Any]) -> dict[str, Any]:
    issue = registers.FeedbackIssue(
        round=rows["inspectionround"], category=rows["feedbackcategory"], level=IssueLevel.VILLAGE, deadline=DAY
    )
    return {"feedbackissue": _marked(issue, organization=town.own.branch)}


def _people(town: Town, member: Member) -> dict[str, Any]:
    person = registers.Person(name_index=name_index(SEALED), organization=town.own.branch, member=member)
    head, clerk = (town.people[duty] for duty in (DutyCode.DISCIPLINE_HEAD, DutyCode.DISCIPLINE_CLERK))
    namesake = registers.Namesake(person=_marked(person), user=clerk, confirmed_by=head)
    criticism = registers.Criticism(person=person, occurred_on=DAY, form=CriticismForm.CRITICISM)
    return {"person": person, "namesake": _marked(namesake), "criticism": _marked(criticism)}


def _case(town: Town, rows: dict[str, Any]) -> dict[str, Any]:
    place, source, person = town.own.branch, rows["leadsource"], rows["person"]
    petition = registers.Petition(origin=PetitionOrigin.HANDED_OVER, received_on=DAY, organization=place)
    case = registers.Case(source=source, filed_on=DAY, organization=place)
    lead = registers.Lead(source=source, received_on=DAY, organization=place, disposal=Disposal.VERIFICATION)
    involvement = registers.Involvement(case=_marked(case), person=person)
    sanction = registers.Sanction(measure=Measure.WARNING, decided_on=DAY, effective_on=DAY)
    _marked(petition, person=person)
    _marked(lead, person=person, proposed_on=DAY, case=case)
    _marked(involvement)
    return {
        "petition": petition,
        "lead": lead,
        "leadpetition": _marked(registers.LeadPetition(lead=lead, petition=petition)),
        "case": case,
        "involvement": involvement,
        "sanction": _marked(sanction, involvement=involvement, impact_until=date(2018, 4, 4)),
    }
