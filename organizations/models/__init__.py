"""Organizations, places, accounts: one file an aggregate."""

from organizations.models.accounts import ApiKey, User
from organizations.models.appointments import Appointment, Duty
from organizations.models.calendar import CalendarDay
from organizations.models.directives import Directive, DirectiveReceipt
from organizations.models.elections import Election, ElectionForecast, ElectionTerm, TermRule
from organizations.models.journal import ApiCall, JournalEntry
from organizations.models.organizations import Organization
from organizations.models.places import Area, AreaProject, Village, VillageStatistic

__all__ = [
    "ApiCall",
    "ApiKey",
    "Appointment",
    "Area",
    "AreaProject",
    "CalendarDay",
    "Directive",
    "DirectiveReceipt",
    "Duty",
    "Election",
    "ElectionForecast",
    "ElectionTerm",
    "JournalEntry",
    "Organization",
    "TermRule",
    "User",
    "Village",
    "VillageStatistic",
]
