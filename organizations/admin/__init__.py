"""Registers of the organizations app."""

from organizations.admin import accounts, directives, elections, journal, places

__all__ = ["accounts", "directives", "elections", "journal", "places"]
