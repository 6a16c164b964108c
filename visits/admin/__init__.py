"""Registers of the visits app."""

from visits.admin import issues, registers

__all__ = ["issues", "registers"]
