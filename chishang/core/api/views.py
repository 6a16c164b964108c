"""Base of the API's resources: rows through the gate, permissions by action."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet, ReadOnlyModelViewSet

from chishang.core.api.permissions import ActionPermission, permission_of
from chishang.core.api.serializers import RowSerializer


class ScopedViewSet(GenericViewSet[Any]):
    """A resource whose rows pass the gate with the permission of the action. Another body's row is 404."""

    serializer_class: type[RowSerializer]
    permission_classes = (ActionPermission,)
    action_permissions: ClassVar[dict[str, str]] = {}
    ordering_fields: ClassVar[tuple[str, ...]] = ()
    ordering: ClassVar[str] = "id"
    lookup_value_converter = "int"

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows that the account may see for this action, with what their serializer shows."""
        needed = permission_of(self)
        if needed is None:
            raise PermissionDenied
        rows = super().get_queryset().visible_to(self.request.user, needed)  # type: ignore[attr-defined]  # the gate
        return self.serializer_class.prepare(rows, self.request.user)


class ScopedReadOnlyViewSet(ScopedViewSet, ReadOnlyModelViewSet[Any]):
    """A resource to list and open."""


class UnknownAddressView(APIView):
    """Answers every address below /api/ that is none: a problem, not a page.

    It takes addresses without their last slash too, since the usual redirect would turn a POST into a GET.
    """

    permission_classes = (AllowAny,)
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse before anything else, whatever the method."""
        raise NotFound("没有这个地址。" if request.path.endswith("/") else "没有这个地址；地址应以“/”结尾。")
