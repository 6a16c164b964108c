"""Visits: one file an aggregate."""

from visits.models.households import Household
from visits.models.issues import Issue, IssueEvent
from visits.models.lists import Campaign, IssueCategory, Unit
from visits.models.visits import Operation, Visit

__all__ = ["Campaign", "Household", "Issue", "IssueCategory", "IssueEvent", "Operation", "Unit", "Visit"]
