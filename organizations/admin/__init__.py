"""Registers of the organizations app."""

from organizations.admin import accounts, calendar, directives, elections, journal, places

__all__ = ["accounts", "calendar", "directives", "elections", "journal", "places"]
