"""Figures: each is defined once, by the rows behind it.

An app declares its figures in ``figures.py``. The report, the charts, the API and the drill-down read this registry,
so that a figure and its rows cannot disagree: a count is the number of the rows, a sum adds one column of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from chishang.core.money import ZERO
from chishang.core.scoping import EVERYTHING, Scope

YUAN = "元"
"""The unit of figures that are money."""

Rows = Callable[["Question"], QuerySet[Any]]


@dataclass(frozen=True)
class Confidential:
    """How a figure of a confidential register is told: its count to some, its rows to nobody outside their office.

    A count of one part of the township that is below ``least`` is not told to those who may not see the rows: of one
    village, a one would name the person. A zero is not told either: a village without any looks like one with two.
    """

    counted_with: str
    """The permission (``app_label.codename``) with which the count may be had."""
    seen_with: str
    """The permission of the office itself."""
    least: int = 3


@dataclass(frozen=True)
class Question:
    """What is asked: as of which day (inclusive), for which organizations, by whom.

    ``scope`` is the organization reported on with all below it; ``user`` (None: the office's own command) narrows it
    to what that account may see.
    """

    as_of: date
    scope: Scope = EVERYTHING
    user: Any = None

    @property
    def year_start(self) -> date:
        """1 January of the year; money, meetings and training count from there."""
        return date(self.as_of.year, 1, 1)

    def rows(self, model: Any) -> Any:
        """Return the rows of ``model`` in scope. Figures start from this and from nothing else."""
        visible = model.objects.all() if self.user is None else model.objects.visible_to(self.user)
        return visible.within(self.scope)

    def to_be_counted(self, secret: Confidential) -> "Question":
        """Return the question over all rows where whoever asks may have the count, whatever rows he may see."""
        if self.user is None:
            return self
        return Question(self.as_of, self.scope & self.user.scope_for(secret.counted_with))


@dataclass(frozen=True)
class Figure:
    """A figure: its rows, and how they become one number."""

    key: str
    label: str
    unit: str
    definition: str
    rows: Rows
    total: str = ""
    """The column whose sum it is; empty for a count of the rows."""
    exists: Callable[[Question], bool] = field(default=lambda _question: True)
    """False for a day at which it cannot exist yet; its value is then null."""
    unknown_without_rows: bool = False
    """True where no row means that nobody has written it down yet, and not that there is nothing."""
    share_of: str = ""
    """The key of the figure of which it is a part worth telling as a share: 807 of 1083."""
    version: int = 1
    """Of the definition: whoever changes what is counted counts it up; an old report then says which it used."""
    confidential: Confidential | None = None
    """Set for figures whose rows are confidential: they are counted over all rows, and have no drill-down."""

    @property
    def nothing(self) -> Any:
        """The value when there are no rows: 0, of money 0.00; None where that means unknown."""
        if self.unknown_without_rows:
            return None
        return ZERO if self.unit == YUAN else 0

    def sql(self, question: Question) -> tuple[str, tuple[Any, ...]] | None:
        """Return a scalar subquery for the value, and its parameters: the rows counted, or their column added up.

        None when whoever asks has no right to such rows anywhere: that is not the same as having none.
        """
        if self.confidential:
            question = question.to_be_counted(self.confidential)
        rows = self.rows(question).order_by().values_list(self.total or "pk")
        try:
            sql, params = rows.query.sql_with_params()
        except EmptyResultSet:
            return None
        value = "sum(value)" if self.total else "count(*)"  # the sum of no rows is NULL
        return f"(SELECT {value} FROM ({sql}) AS found (value))", params  # noqa: S608  Django's own query

    def withholds(self, value: Any, question: Question) -> bool:
        """Say whether ``value`` is too small to be told to whoever asks."""
        secret = self.confidential
        if secret is None or value is None or question.user is None:
            return False
        if (question.scope & question.user.scope_for(secret.counted_with)).everything:
            return False
        return bool(value < secret.least) and not question.user.scope_for(secret.seen_with)


_registry: dict[str, Figure] = {}


def figure(key: str, *, label: str, unit: str, definition: str, **how: Any) -> Callable[[Rows], Rows]:
    """Register the decorated function, which gives the rows behind the figure ``key`` for a question."""

    def register(rows: Rows) -> Rows:
        if key in _registry:
            raise ValueError(f"figure {key} is defined twice")
        _registry[key] = Figure(key, label, unit, definition, rows, **how)
        return rows

    return register


def all_figures() -> list[Figure]:
    """Return the figures in the order of their declaration."""
    return list(_registry.values())


def find_figure(key: str) -> Figure | None:
    """Return the figure ``key``, or None."""
    return _registry.get(key)


def compute(question: Question, figures: list[Figure] | None = None) -> dict[str, Any]:
    """Return key → value for the figures (default: all), with one query for all of them.

    Counts are int, sums int or Decimal; nothing to add up is 0, of money 0.00. A figure is None when it does not exist
    yet at the day, when whoever asks may see none of its rows, or when it is too small to be told (``Confidential``).
    """
    figures = all_figures() if figures is None else figures
    values: dict[str, Any] = dict.fromkeys(one.key for one in figures)
    asked = {one.key: sql for one in figures if one.exists(question) and (sql := one.sql(question))}
    if asked:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {', '.join(sql for sql, _ in asked.values())}",  # made of Django's own queries
                [param for _, params in asked.values() for param in params],
            )
            found = cursor.fetchone()
        nothing = {one.key: one.nothing for one in figures}
        values |= {key: value or nothing[key] for key, value in zip(asked, found, strict=True)}
    return {one.key: None if one.withholds(values[one.key], question) else values[one.key] for one in figures}
