"""Registers of the members app."""

from members.admin import people

__all__ = ["people"]
