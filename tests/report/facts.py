"""What a figure's rows stand on, and how that is dated past a day; ``moves`` has the table of all figures."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

Found = QuerySet[Any]
Rows = dict[str, set[int]]
"""Key of a figure → keys of its rows."""


@dataclass(frozen=True)
class Move:
    """How the row ``key``, counted on ``day``, is dated after it. What goes and comes is asked before that.

    A row of ``goes`` goes from its figure if it stood there; one of ``comes`` is new there.
    """

    make: Callable[[int, date], None]
    goes: Callable[[int, date], Rows]
    comes: Callable[[int, date], Rows] = lambda _key, _day: {}


@dataclass(frozen=True)
class Facts:
    """Rows with a date of their own, on which rows of figures stand: a household is visited by its visits."""

    counted: Callable[[date], Found]
    """Those that count on a day."""
    later: Callable[[Found, date], None]
    """Date some of them after the day."""
    goes: Callable[[Found, date], Rows]
    """What goes when some of them go."""

    def by(self, column: str, comes: Callable[[int, date], Rows] = lambda _key, _day: {}) -> Move:
        """The move of a row that stands on the facts with its key in ``column``: all of them are dated later."""

        def facts(key: int, day: date) -> Found:
            counted = self.counted(day)
            return counted.model.objects.filter(pk__in=keys(counted.filter(**{column: key})))

        return Move(
            lambda key, day: self.later(facts(key, day), day), lambda key, day: self.goes(facts(key, day), day), comes
        )


def after(day: date) -> date:
    return day + timedelta(days=1)


def keys(rows: Found, column: str = "pk") -> set[int]:
    return set(rows.values_list(column, flat=True))


def left_without(counted: Found, going: Found, column: str) -> set[int]:
    """What has no other row in ``counted`` than those ``going``."""
    gone = keys(going)
    return keys(counted.filter(pk__in=gone), column) - keys(counted.exclude(pk__in=gone), column)


def put_off(rows: Found, day: date, *columns: str) -> None:
    """Put those of the dates that are not after ``day`` on the next one."""
    for column in columns:
        rows.filter(**{f"{column}__lte": day}).update(**{column: after(day)})


def dated(model: Any, column: str, *figures: str, goes: Callable[[int, date], Rows] | None = None) -> Move:
    """The move of a row with its date in a column; the same row goes from ``figures``."""

    def make(key: int, day: date) -> None:
        assert model.objects.filter(pk=key).update(**{column: after(day)}) == 1

    return Move(make, goes or (lambda key, _day: {figure: {key} for figure in figures}))


def of_year(model: Any) -> Callable[[date], Found]:
    return lambda day: model.objects.filter(year=day.year)


def to_next_year(rows: Found, day: date) -> None:
    assert rows.update(year=day.year + 1)
