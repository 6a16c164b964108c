"""What a row of the workbook may name: villages, branches, sources, categories; and the rows seen so far."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chishang.core.cells import Cells
from chishang.core.ledgers import Run
from chishang.core.text import narrow
from chishang.core.workbooks import HEADER_WITHIN, Row, Sheet
from discipline.models import FeedbackCategory, LeadSource
from organizations.models import Organization, Village

VILLAGE = "村"
"""How the name of a village ends; other units are offices and stations of the town, of which there is no list."""


@dataclass
class Known:
    """Places that the importer may touch, lists that are the same for all, and the rows seen so far."""

    run: Run
    permission: str
    seen: dict[Any, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        villages = list(self.run.visible(Village, self.permission))
        self.villages: dict[str, int] = {village.name: village.pk for village in villages}
        self.branch_of: dict[str, int] = {village.name: village.branch_id for village in villages}
        branches = self.run.visible(Organization, self.permission).branches()
        self.branches: dict[str, int] = dict(branches.values_list("name", "pk"))
        self.sources: dict[str, int] = {one.name: one.pk for one in LeadSource.objects.all()}
        self.categories: dict[str, int] = {one.name: one.pk for one in FeedbackCategory.objects.all()}

    def unit(self, cells: Cells, column: str, *, required: bool = True) -> tuple[str, int | None]:
        """Return a unit's name, and the organization it belongs to: a village's branch, or None for the town's own."""
        name = cells.text(column, required=required, limit=50)
        if name.endswith(VILLAGE) and name not in self.branch_of:
            cells.fault(column, f"没有“{name}”，请核对村名")
        return name, self.branch_of.get(name, self.branches.get(name))

    def once(self, cells: Cells, key: Any, column: str, what: str) -> None:
        """Note a fault when a row above has the same key."""
        first = self.seen.setdefault((cells.sheet.name, key), cells.row.number)
        if first != cells.row.number:
            cells.fault(column, f"与第 {first} 行是同一{what}")


def sheet_rows(sheet: Sheet, columns: tuple[str, ...], optional: tuple[str, ...], run: Run) -> Iterator[Row]:
    """Yield the rows of a sheet; of ``optional`` columns that it does not have the cells are blank."""
    heads = {
        "".join(narrow(cell).split()) for line in sheet.grid[: HEADER_WITHIN + 1] for cell in line if _is_text(cell)
    }
    present = tuple(title for title in optional if title in heads)
    blank = dict.fromkeys(optional)
    for row in sheet.rows(columns + present, run.faults):
        yield Row(row.number, {**blank, **row.cells})


def labels(choices: Any) -> Mapping[str, Any]:
    """Return a code list by what people call its members."""
    return {one.label: one for one in choices}


def _is_text(cell: Any) -> bool:
    return isinstance(cell, str)
