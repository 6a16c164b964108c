"""What a table is, and the list of them all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from chishang.core.figures import Question

Build = Callable[[Question], tuple[Iterable["Column"], Iterable[tuple[Any, ...]]]]


class Kind(Enum):
    """What stands in a column."""

    TEXT = "text"
    COUNT = "count"
    YUAN = "yuan"
    DATE = "date"

    @property
    def adds_up(self) -> bool:
        """Whether a sum below the column means anything."""
        return self in {Kind.COUNT, Kind.YUAN}


@dataclass(frozen=True)
class Column:
    """A column: its title, and what stands in it. ``figure`` is the key of the figure that its sum equals."""

    title: str
    kind: Kind = Kind.COUNT
    figure: str = ""


@dataclass(frozen=True)
class Table:
    """A table as of a day: its rows have one value a column (None where there is none)."""

    key: str
    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]

    @property
    def totals(self) -> tuple[Any, ...]:
        """Return the sums of the columns that add up, None below the others and below what is unknown in every row."""
        return tuple(
            _sum([row[number] for row in self.rows]) if column.kind.adds_up else None
            for number, column in enumerate(self.columns)
        )


def _sum(values: list[Any]) -> Any:
    known = [value for value in values if value is not None]
    return sum(known) if known or not values else None


@dataclass(frozen=True)
class _Declared:
    title: str
    note: str
    build: Build


_registry: dict[str, _Declared] = {}


def table(key: str, *, title: str, note: str = "") -> Callable[[Build], Build]:
    """Register the decorated function, which gives columns and rows of the table ``key`` for a question.

    It starts from ``question.rows(Model)``, so that nobody sees in a table what he may not see in a list; a constant
    number of queries, at most two. ``note`` says the unit and what is counted, as it stands below the title.
    """

    def register(build: Build) -> Build:
        if key in _registry:
            raise ValueError(f"table {key} is defined twice")
        _registry[key] = _Declared(title, note, build)
        return build

    return register


def find_table(key: str, question: Question) -> Table:
    """Return the table ``key`` as of the day of ``question``; raise KeyError for an unknown one."""
    declared = _registry[key]
    columns, rows = declared.build(question)
    return Table(key, declared.title, declared.note, tuple(columns), tuple(tuple(row) for row in rows))


def all_tables(question: Question) -> list[Table]:
    """Return all tables, in the order of their declaration."""
    return [find_table(key, question) for key in _registry]
