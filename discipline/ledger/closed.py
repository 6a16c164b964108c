"""Rows that are not the importer's to bring in: what is stored of them is closed to the one who imports."""

from typing import Any

from chishang.core.cells import Cells
from chishang.core.ledgers import Run

CLOSED = "这一行请由承办人或服务器操作员导入。"
"""The only fault of such a row: nothing else of it is read, so that nothing stored is compared or told."""


def closed_to_importer(run: Run, model: Any) -> set[int]:
    """Return the keys of the stored rows that the importer may not see and change; none for the operator."""
    if run.actor is None:
        return set()
    seen = run.visible(model, f"discipline.change_{model._meta.model_name}")
    return set(model.objects.exclude(pk__in=seen.order_by().values("pk")).values_list("pk", flat=True))


def written(cells: Cells, column: str) -> str:
    """Return a cell's text as it stands, with no fault noted."""
    value = cells.row.cells[column]
    return "" if value is None else str(value)
