"""Registers of the members app."""

from members.admin import life, people

__all__ = ["life", "people"]
