"""Visits: one file an aggregate."""

from visits.models.households import Household
from visits.models.issues import Issue, IssueEvent
from visits.models.lists import Campaign, IssueCategory, Unit
from visits.models.operations import Device, Operation, Photo
from visits.models.visits import Visit

__all__ = [
    "Campaign",
    "Device",
    "Household",
    "Issue",
    "IssueCategory",
    "IssueEvent",
    "Operation",
    "Photo",
    "Unit",
    "Visit",
]
