"""Permissions of the API: nothing is open unless a view says so."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class DenyAll(BasePermission):
    """The default: a view that names no permission answers nobody."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Refuse."""
        return False


class ActionPermission(BasePermission):
    """Asks for the permission that the view names for the action; an action without one is refused.

    Views declare ``action_permissions = {"list": "visits.view_visit", ...}``. Which rows the permission covers is the
    gate's business.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """Say whether the account holds the permission anywhere."""
        if not request.user.is_authenticated:
            return False
        if view.action in {None, "metadata"}:  # no handler for this method (OPTIONS included): the answer is 405
            return True
        needed = permission_of(view)
        return needed is not None and request.user.has_perm(needed)


def permission_of(view: Any) -> str | None:
    """Return the permission that ``view`` asks for its present action, or None where it names none."""
    permissions: dict[str, str] = getattr(view, "action_permissions", {})
    return permissions.get(view.action)
