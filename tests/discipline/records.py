"""Smallest valid records of the discipline office."""

from datetime import date, timedelta
from typing import Any

from chishang.core.dates import today
from discipline.enums import CriticismForm, Measure, PetitionOrigin
from discipline.models import (
    Case,
    CaseAccess,
    Criticism,
    Involvement,
    Lead,
    LeadSource,
    Person,
    Petition,
    Sanction,
)
from discipline.models.sealed import name_index
from organizations.models import User


def make_person(name: str = "方某", unit: str = "石桥村", **fields: Any) -> Person:
    """Store a person."""
    person = Person(unit=unit, name_index=name_index(name), **fields)
    person.name = name
    person.save()
    return person


def make_case(*people: Person, number: str = "池纪立〔2017〕1号", brief: str = "案情", **fields: Any) -> Case:
    """Store a case about ``people``; nobody is named on it."""
    values = {"source": LeadSource.objects.first(), "filed_on": date(2017, 3, 17), **fields}
    case = Case(number=number, **values)
    case.brief = brief
    case.save()
    for person in people:
        Involvement.objects.create(case=case, person=person)
    return case


def name_on(case: Case, user: User, days: int = 30) -> CaseAccess:
    """Name ``user`` on the case from today on."""
    return CaseAccess.objects.create(case=case, user=user, until=today() + timedelta(days=days))


def make_sanction(case: Case, measure: Measure = Measure.WARNING, **fields: Any) -> Sanction:
    """Store a sanction on the first person of the case; a warning of 5 May 2017 unless ``fields`` say otherwise."""
    values = {
        "decided_on": date(2017, 5, 5),
        "effective_on": date(2017, 5, 5),
        "impact_until": date(2018, 5, 4),
        **fields,
    }
    sanction = Sanction(involvement=case.involvements.get(), measure=measure, **values)
    sanction.save()
    return sanction


def make_petition(number: str = "XF-2017-01", summary: str = "反映某村账目公开不完整", **fields: Any) -> Petition:
    """Store a petition that an inspection handed over."""
    values = {
        "origin": PetitionOrigin.HANDED_OVER,
        "received_on": date(2017, 6, 14),
        "sender": "区委巡察组",
        **fields,
    }
    result = values.pop("result", "")
    petition = Petition(number=number, **values)
    petition.summary, petition.result = summary, result
    petition.save()
    return petition


def make_lead(number: str = "XS-2017-01", content: str = "线索内容", **fields: Any) -> Lead:
    """Store a lead."""
    values = {"source": LeadSource.objects.first(), "received_on": date(2017, 6, 20), **fields}
    lead = Lead(number=number, **values)
    lead.content = content
    lead.save()
    return lead


def make_criticism(person: Person, reason: str = "工作纪律松弛", **fields: Any) -> Criticism:
    """Store a criticism."""
    values = {"occurred_on": date(2017, 2, 18), "form": CriticismForm.CRITICISM, **fields}
    criticism = Criticism(person=person, **values)
    criticism.reason = reason
    criticism.save()
    return criticism
