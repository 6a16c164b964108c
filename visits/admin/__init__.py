"""Registers of the visits app."""

from visits.admin import issues, operations, phones, registers

__all__ = ["issues", "operations", "phones", "registers"]
