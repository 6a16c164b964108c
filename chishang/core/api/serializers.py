"""Bases of the serializers: those that show a model's rows, and those that read requests."""

from typing import Any, TypeVar

from django.db.models import Model, Prefetch, QuerySet
from rest_framework import serializers

_by_model: dict[type[Model], type["RowSerializer"]] = {}
Shown = TypeVar("Shown", bound=type["RowSerializer"])


class RowSerializer(serializers.ModelSerializer[Any]):
    """Shows rows of a model, the same in its own list and behind a figure of the report."""

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Return ``rows`` with all that they show joined or fetched: a list takes a constant number of queries."""
        return rows


def shows_rows(serializer: Shown) -> Shown:
    """Make ``serializer`` the one that shows its model's rows behind a figure."""
    _by_model[serializer.Meta.model] = serializer  # type: ignore[attr-defined]  # each names its model
    return serializer


def serializer_of(model: type[Model]) -> type[RowSerializer]:
    """Return the serializer that shows rows of ``model``; raise KeyError when no app declared one."""
    return _by_model[model]


def all_row_serializers() -> list[type[RowSerializer]]:
    """Return every serializer that may show rows behind a figure, by name: in whatever order they were imported."""
    return sorted(_by_model.values(), key=lambda serializer: serializer.__name__)


def through_gate(name: str, model: Any, user: Any) -> Prefetch:
    """Fetch the row to which the foreign key ``name`` leads as ``visible_<key>``: None unless ``user`` may see it.

    A row of two bodies (a transfer, say) must not show one of them what is the other's. A key of prefetched rows is
    written with its path (``attendances__member``); within their own queryset Django would fetch it once a row.
    """
    key = name.rpartition("__")[2]
    return Prefetch(name, model.objects.visible_to(user).only("name"), to_attr=f"visible_{key}")


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses keys that it does not know: a misspelt ``issues`` would lose what a household said."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the parsed values; raise ValidationError for unknown keys, or for wrong values."""
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        if unknown:
            raise serializers.ValidationError({str(name): ["没有这个字段。"] for name in unknown})
        return super().to_internal_value(data)
