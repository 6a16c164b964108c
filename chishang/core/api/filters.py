"""Filters of the API. A misspelt or malformed one is refused: ignoring it would answer with too many rows."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django_filters import BooleanFilter, DateFilter, ModelChoiceFilter
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from chishang.core.api.permissions import permission_of
from chishang.core.scoping import ScopedModel

PAGING = {"limit", "cursor", "ordering"}
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class StrictFilterBackend(DjangoFilterBackend):
    """Refuses parameters that neither the filters nor the paging know."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        """Return the filtered rows of a list; raise ValidationError for an unknown parameter or a wrong value."""
        if view.detail:
            return queryset
        filterset = self.get_filterset_class(view, queryset)
        check_parameters(request, {*(filterset.base_filters if filterset else ()), *PAGING})
        rows: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return rows


def check_parameters(request: Request, known: set[str]) -> None:
    """Raise ValidationError when the query has a parameter outside ``known``."""
    unknown = sorted(set(request.query_params) - known - {"format"})
    if unknown:
        choices = "、".join(sorted(known))
        raise ValidationError(dict.fromkeys(unknown, f"没有这个参数，可用：{choices}。"))


def read_date(text: str) -> date:
    """Return the day written as ``2017-12-31``; raise ValueError with a Chinese message for anything else."""
    try:
        if not _ISO_DATE.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("日期应写成 2017-12-31，且确有这一天。") from None


class IsoDateField(forms.DateField):
    """A date as 2017-12-31 only; the localised formats of pages would take 17-12-31 for one."""

    def to_python(self, value: Any) -> date | None:
        """Return the date, or None for an empty one; raise ValidationError for anything else."""
        if value in self.empty_values:
            return None
        try:
            return read_date(str(value))
        except ValueError as error:
            raise forms.ValidationError(str(error), code="invalid") from error


class IsoDateFilter(DateFilter):
    """Compares with a date written as 2017-12-31."""

    field_class = IsoDateField


class YesNoField(forms.Field):
    """``true`` or ``false``; Django's own field takes anything else for "no answer"."""

    def to_python(self, value: Any) -> bool | None:
        """Return the answer, or None for an empty one; raise ValidationError for anything else."""
        if value in self.empty_values:
            return None
        if value not in {"true", "false"}:
            raise forms.ValidationError("请写 true 或 false。", code="invalid")
        return bool(value == "true")


class YesNoFilter(BooleanFilter):
    """Filters by ``true`` or ``false``."""

    field_class = YesNoField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.extra["widget"] = forms.TextInput


class RowFilter(ModelChoiceFilter):
    """Filters by the key of another row, among those that the account may see with the permission of the list.

    A foreign row's key gets the same answer as one that does not exist.
    """

    def __init__(self, model: type[ScopedModel], **kwargs: Any) -> None:
        kwargs.setdefault("error_messages", {"invalid_choice": "没有这个编号。"})
        super().__init__(queryset=_visible_rows(model), **kwargs)


def _visible_rows(model: type[ScopedModel]) -> Callable[[Request], QuerySet[Any]]:
    def rows(request: Request) -> QuerySet[Any]:
        view = (request.parser_context or {})["view"]
        return model.objects.visible_to(request.user, permission_of(view))

    return rows
