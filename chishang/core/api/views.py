"""Base of the API's resources: rows through the gate, permissions by action."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.exceptions import PermissionDenied
from rest_framework.viewsets import GenericViewSet, ReadOnlyModelViewSet

from chishang.core.api.permissions import ActionPermission, permission_of


class ScopedViewSet(GenericViewSet[Any]):
    """A resource whose rows pass the gate with the permission of the action. Another body's row is 404."""

    permission_classes = (ActionPermission,)
    action_permissions: ClassVar[dict[str, str]] = {}
    ordering_fields: ClassVar[tuple[str, ...]] = ()
    ordering = "id"

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows that the account may see for this action."""
        needed = permission_of(self)
        if needed is None:
            raise PermissionDenied
        return super().get_queryset().visible_to(self.request.user, needed)


class ScopedReadOnlyViewSet(ScopedViewSet, ReadOnlyModelViewSet[Any]):
    """A resource to list and open."""
