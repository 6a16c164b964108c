"""Registers of the organizations app."""

from organizations.admin import accounts, places

__all__ = ["accounts", "places"]
