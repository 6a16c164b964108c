"""List filters whose choices pass the gate."""

from typing import Any

from django.contrib.admin.utils import get_fields_from_path
from django.http import HttpRequest
from unfold.contrib.filters.admin import RelatedDropdownFilter


class ScopedRelatedFilter(RelatedDropdownFilter):
    """A related register as a drop-down of the rows that the account may see; Django's own lists them all."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        """Return key and name of the visible rows, in the register's order."""
        return [(row.pk, str(row)) for row in field.remote_field.model.objects.visible_to(request.user)]


def scoped(model: Any, entry: Any) -> Any:
    """Return a ``list_filter`` entry with the scoped filter where it is the plain name of a related register."""
    if not isinstance(entry, str):
        return entry
    related = get_fields_from_path(model, entry)[-1].remote_field
    return (entry, ScopedRelatedFilter) if related and hasattr(related.model, "scope_path") else entry
