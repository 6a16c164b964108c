"""The report's registers in the admin."""

from chishang.report.admin import templates

__all__ = ["templates"]
