"""Registers of the members app."""

from members.admin import life, people, standing

__all__ = ["life", "people", "standing"]
