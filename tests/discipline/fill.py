"""One row of each discipline register that belongs to a village, for the tests that walk all registers."""

from datetime import date
from typing import Any

from discipline.enums import EducationKind, IssueLevel, ListKind, Measure
from discipline.models import (
    FeedbackCategory,
    FeedbackIssue,
    InspectionRound,
    IntegrityEvent,
    PowerList,
    ResponsibilityItem,
    ResponsibilityList,
    StyleInspection,
)
from organizations.models import User, Village
from tests.discipline.records import (
    make_case,
    make_criticism,
    make_lead,
    make_person,
    make_petition,
    make_sanction,
    name_on,
)

DAY = date(2017, 6, 20)


def fill_discipline(village: Village, officers: list[User]) -> dict[str, Any]:
    """A row of each, by the model's name in small letters; ``officers`` are named on the case."""
    person = make_person(f"{village.name[0]}守正", unit=village.name, organization=village.branch)
    case = make_case(person, number=f"{village.name}〔2017〕1号", organization=village.branch)
    for officer in officers:
        name_on(case, officer)
    return {
        "person": person,
        "case": case,
        "sanction": make_sanction(case, Measure.WARNING),
        "criticism": make_criticism(person),
        "petition": make_petition(f"XF-{village.name}", organization=village.branch),
        "lead": make_lead(f"XS-{village.name}", organization=village.branch),
        **_prevention(village),
    }


def _prevention(village: Village) -> dict[str, Any]:
    branch = village.branch
    kind = ListKind.COMMITTEE if ResponsibilityList.objects.exists() else ListKind.SUPERVISION
    kept = ResponsibilityList.objects.create(kind=kind, bearer=branch.name, issued_on=DAY, organization=branch)
    found: dict[str, Any] = {
        "responsibilitylist": kept,
        "responsibilityitem": ResponsibilityItem.objects.create(
            responsibility_list=kept, number=1, content="谈话", owner="书记", due_on=DAY
        ),
        "integrityevent": IntegrityEvent.objects.create(
            kind=EducationKind.LESSON,
            held_on=DAY,
            topic=village.name,
            audience="村干部",
            attendees=20,
            organization=branch,
        ),
        "styleinspection": StyleInspection.objects.create(
            inspected_on=DAY, unit=village.name, inspectors="检查组", organization=branch
        ),
        "powerlist": PowerList.objects.create(village=village, item_count=30, settled_on=DAY),
    }
    feedback, _ = InspectionRound.objects.get_or_create(body="区委巡察组", feedback_on=DAY)
    found["feedbackissue"] = FeedbackIssue.objects.create(
        number=f"XC-{village.name}",
        round=feedback,
        category=FeedbackCategory.objects.earliest("sort_no"),
        level=IssueLevel.VILLAGE,
        unit=village.name,
        organization=branch,
        text="记录不完整",
        responsible="责任人",
        deadline=date(2017, 10, 31),
    )
    return found
