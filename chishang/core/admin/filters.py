"""List filters whose choices pass the gate."""

from typing import Any

from django.contrib.admin.utils import get_fields_from_path
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter, RelatedDropdownFilter


class ScopedRelatedFilter(RelatedDropdownFilter):
    """A related register as a drop-down of the rows that the account may see; Django's own lists them all."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        """Return key and name of the visible rows, in the register's order."""
        return [(row.pk, str(row)) for row in field.remote_field.model.objects.visible_to(request.user)]


class YearOfDate(DropdownFilter):
    """The years of a date (``column``) that the account sees rows of."""

    title = "年度"
    parameter_name = "in_year"
    column: str

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the years, the newest first."""
        return self.years(model_admin.model, request.user)

    @classmethod
    def years(cls, model: Any, user: Any) -> list[tuple[str, str]]:
        """Return the years of the rows that ``user`` may see, as the filter offers them."""
        days = model.objects.visible_to(user).dates(cls.column, "year", order="DESC")
        return [(str(day.year), f"{day.year}年") for day in days]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep one year; what is no year keeps all."""
        chosen = self.value() or ""
        kept = chosen in dict(self.lookup_choices)
        return queryset.filter(**{f"{self.column}__year": chosen}) if kept else queryset


def scoped(model: Any, entry: Any) -> Any:
    """Return a ``list_filter`` entry with the scoped filter where it is the plain name of a related register."""
    if not isinstance(entry, str):
        return entry
    related = get_fields_from_path(model, entry)[-1].remote_field
    return (entry, ScopedRelatedFilter) if related and hasattr(related.model, "scope_path") else entry
