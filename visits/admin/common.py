"""What the office's pages about phones share: the village of a row, and a filter by it."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter

from organizations.models import Village


class VillageFilter(DropdownFilter):
    """The village to which an operation or a phone belongs."""

    title = "村"
    parameter_name = "village"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the villages that the account sees."""
        return [(str(village.pk), str(village)) for village in Village.objects.visible_to(request.user)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep one village; what is none keeps all."""
        chosen = self.value() or ""
        kept = chosen in dict(self.lookup_choices)
        return queryset.filter(organization__village=chosen) if kept else queryset


def village_of(row: Any) -> str:
    """Return the village of an operation or a phone; the body's name where it is none."""
    return str(getattr(row.organization, "village", None) or row.organization)
