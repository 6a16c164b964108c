"""The confidential registers: one file an aggregate."""

from discipline.models.cases import Case, CaseAccess, Involvement, Sanction
from discipline.models.feedback import FeedbackCategory, FeedbackIssue, InspectionRound
from discipline.models.people import Criticism, Namesake, Person
from discipline.models.petitions import Lead, LeadPetition, Petition
from discipline.models.prevention import (
    InspectionFinding,
    IntegrityEvent,
    PowerItem,
    PowerList,
    ResponsibilityItem,
    ResponsibilityList,
    StyleInspection,
)
from discipline.models.readings import Reading
from discipline.models.rules import LeadSource, MeasureRule, TimeLimit

__all__ = [
    "Case",
    "CaseAccess",
    "Criticism",
    "FeedbackCategory",
    "FeedbackIssue",
    "InspectionFinding",
    "InspectionRound",
    "IntegrityEvent",
    "Involvement",
    "Lead",
    "LeadPetition",
    "LeadSource",
    "MeasureRule",
    "Namesake",
    "Person",
    "Petition",
    "PowerItem",
    "PowerList",
    "Reading",
    "ResponsibilityItem",
    "ResponsibilityList",
    "Sanction",
    "StyleInspection",
    "TimeLimit",
]
