"""Filters of the API. A filter that is misspelt or malformed is refused: ignoring it would answer with too many rows."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.forms import DateField
from django.utils.dateparse import parse_date
from django_filters import CharFilter, ChoiceFilter, Filter, ModelChoiceFilter
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from chishang.core.api.permissions import permission_of
from chishang.core.scoping import ScopedModel

MAX_QUERY = 50


class StrictFilterBackend(DjangoFilterBackend):  # type: ignore[misc]  # untyped library
    """Refuses parameters that neither the filters nor the paging know."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        """Return the filtered rows of a list; raise ValidationError for an unknown parameter or a wrong value."""
        if view.action == "retrieve":
            return queryset
        filterset = self.get_filterset_class(view, queryset)
        check_parameters(request, {*(filterset.base_filters if filterset else ()), "limit", "cursor", "ordering"})
        rows: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return rows


def check_parameters(request: Request, known: set[str]) -> None:
    """Raise ValidationError when the query has a parameter outside ``known``."""
    unknown = sorted(set(request.query_params) - known - {"format"})
    if unknown:
        choices = "、".join(sorted(known))
        raise ValidationError({name: f"没有“{name}”这个参数,可用:{choices}。" for name in unknown})


class IsoDateField(DateField):
    """A date as 2017-12-31 only; the forms' localised formats would take 17-12-31 for one."""

    def to_python(self, value: Any) -> Any:
        """Return the date; raise ValidationError for anything else."""
        if value in self.empty_values:
            return None
        try:
            day = parse_date(str(value))
        except ValueError:
            day = None
        if day is None:
            raise self._wrong()
        return day

    @staticmethod
    def _wrong() -> Exception:
        from django.core.exceptions import ValidationError as FormError  # noqa: PLC0415

        return FormError("日期应写成 2017-12-31,且确有这一天。", code="invalid")


class IsoDateFilter(Filter):  # type: ignore[misc]  # untyped library
    """Compares with a date written as 2017-12-31."""

    field_class = IsoDateField
