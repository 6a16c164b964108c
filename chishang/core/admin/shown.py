"""Rows to look at: what comes about elsewhere is neither added nor changed in the admin, nor brought in by a sheet."""

from typing import Any

from django.http import HttpRequest


class ShownOnly:
    """Goes before a register or an inline: its rows are listed, searched, looked at, and taken out."""

    fields: Any

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Keep all, so that what a row computes may stand among them."""
        return list(self.fields or ())


class ShownHere(ShownOnly):
    """Goes before a register whose rows are not taken out either."""

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False
