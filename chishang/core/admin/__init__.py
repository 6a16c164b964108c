"""Base classes of the admin: every list, choice and inline passes the gate; nothing is deleted."""

from chishang.core.admin.base import ReadOnlyMixin, RegisterAdmin, ScopedTabularInline

__all__ = ["ReadOnlyMixin", "RegisterAdmin", "ScopedTabularInline"]
