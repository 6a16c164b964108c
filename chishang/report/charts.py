"""How a table is drawn: bars beside its numbers, or a table whose cells are shaded.

Drawn on the server as SVG that needs no style and no script; the numbers beside it say the same in words.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from chishang.report.lines import count_text
from chishang.report.tables import Column, Kind, Table
from chishang.report.wording import NOTHING, yuan

WIDTH = 1000
"""Of the longest bar, in units of its drawing."""
BAR, GAP = 24, 8
"""Height of a bar, and what is between two of one row."""
LEAST = 3
"""So long is the shortest part of a bar, so that one of a thousand is seen."""
SHADES = 5

Cells = tuple[tuple[str, str, int | None], ...]
"""The numbers of a row as text, each with the title of its column, and its colour where it is drawn."""
STACKS: dict[str, tuple[tuple[int, ...], ...]] = {
    "issues.by_category": ((2, 4, 5, 6),),
    "issues.by_month": ((1,), (2,)),
    "finance.by_subject": ((2, 3),),
    "members.by_age": ((1,),),
}
"""Key of a table → its bars, each with the columns that are stacked in it."""


@dataclass(frozen=True)
class Segment:
    """A part of a bar: where it begins, how long it is, and the number of its colour."""

    x: int
    y: int
    width: int
    colour: int


@dataclass(frozen=True)
class BarRow:
    """A row: its label, its bars, and all its numbers as text."""

    label: str
    segments: tuple[Segment, ...]
    cells: Cells


@dataclass(frozen=True)
class Bars:
    """A table with a bar in each row."""

    table: Table
    rows: tuple[BarRow, ...]
    totals: Cells
    lanes: int
    """How many bars a row has."""
    width: int = WIDTH
    bar: int = BAR
    template: str = "report/_bars.html"

    @property
    def height(self) -> int:
        """Of the bars of a row, with what is between them."""
        return self.lanes * (BAR + GAP) - GAP


@dataclass(frozen=True)
class Heat:
    """A table whose cells are the darker the larger they are; ``rows`` has label, shaded cells and the sum."""

    table: Table
    rows: tuple[tuple[str, tuple[tuple[str, int], ...], str], ...]
    totals: Cells
    template: str = "report/_heat.html"


def draw(table: Table) -> Bars | Heat:
    """Return ``table`` as it is drawn."""
    return _bars(table, STACKS[table.key]) if table.key in STACKS else _heat(table)


def _bars(table: Table, stacks: tuple[tuple[int, ...], ...]) -> Bars:
    colours = {column: number for number, column in enumerate(column for stack in stacks for column in stack)}
    longest = max((_length(row, stack) for row in table.rows for stack in stacks), default=0)
    rows = (
        BarRow(str(row[0]), tuple(_segments(row, stacks, colours, longest)), _cells(table.columns, row, colours))
        for row in table.rows
    )
    return Bars(table, tuple(rows), _cells(table.columns, table.totals, colours), len(stacks))


def _length(row: tuple[Any, ...], stack: Iterable[int]) -> Any:
    return sum(max(row[column] or 0, 0) for column in stack)


def _segments(row: tuple[Any, ...], stacks: Any, colours: dict[int, int], longest: Any) -> Iterator[Segment]:
    """Give the parts of the bars of a row. Ends are rounded, not lengths: the parts never add up to too much."""
    for number, stack in enumerate(stacks):
        done: Any = 0
        for column in stack:
            begin, done = done, done + max(row[column] or 0, 0)
            left, right = (round(WIDTH * end / longest) if longest else 0 for end in (begin, done))
            if done > begin:
                yield Segment(left, number * (BAR + GAP), max(right - left, LEAST), colours[column])


def _cells(columns: tuple[Column, ...], row: tuple[Any, ...], colours: dict[int, int]) -> Cells:
    """Return the numbers of a row as people read them, without its label."""
    numbered = list(enumerate(zip(columns, row, strict=True)))[1:]
    return tuple((column.title, _text(column, value), colours.get(place)) for place, (column, value) in numbered)


def _text(column: Column, value: Any) -> str:
    if value is None:
        return NOTHING
    return yuan(value) if column.kind == Kind.YUAN else count_text(value)


def _heat(table: Table) -> Heat:
    highest = max((value for row in table.rows for value in row[1:-1]), default=0)
    rows = (
        (
            str(row[0]),
            tuple((count_text(value), _shade(value, highest)) for value in row[1:-1]),
            count_text(row[-1]),
        )
        for row in table.rows
    )
    return Heat(table, tuple(rows), _cells(table.columns, table.totals, {}))


def _shade(value: int, highest: int) -> int:
    """Return 0 for nothing, and 1 to ``SHADES`` for its part of the highest."""
    return -(-SHADES * value // highest) if value else 0
