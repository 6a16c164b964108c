"""Base classes of the admin: every list, choice and inline passes the gate; nothing is deleted."""

from chishang.core.admin.base import RegisterAdmin, ScopedTabularInline
from chishang.core.admin.shown import ShownHere, ShownOnly

__all__ = ["RegisterAdmin", "ScopedTabularInline", "ShownHere", "ShownOnly"]
