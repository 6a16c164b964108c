"""Registers of the members app."""

from members.admin import development, dues, life, people, standing

__all__ = ["development", "dues", "life", "people", "standing"]
