"""Loading workbook 03 against reading it and COPY-ing the rows that it became."""

import statistics
from io import StringIO
from pathlib import Path

from django.db import connection, transaction
from python_calamine import CalamineWorkbook

from benchmarks.timing import once
from chishang.core.ledgers import Options, Status, load_ledgers

LEDGERS = Path(__file__).resolve().parent.parent / "demo" / "ledgers"
TABLES = ("visits_household", "visits_visit", "visits_issue", "visits_issueevent")


def run() -> tuple[str, float, float, str]:
    """Load organizations, then time three empty loads of the visits and three copies; keep the last load."""
    load_ledgers(sorted(LEDGERS.glob("01*.xlsx")), Options())
    workbook = next(LEDGERS.glob("03*.xlsx"))
    ours = [once(lambda: _load(workbook, keep=False)) for _ in range(3)]
    _load(workbook, keep=True)
    rows = {table: _dump(table) for table in TABLES}
    limit = [once(lambda: _copy(workbook, rows)) for _ in range(3)]
    return "load 03走访台账 (10,172 visits)", statistics.median(ours), statistics.median(limit), "≤6x"


def _load(workbook: Path, *, keep: bool) -> None:
    with transaction.atomic():
        (report,) = load_ledgers([workbook], Options())
        assert report.status == Status.LOADED
        transaction.set_rollback(not keep)


def _dump(table: str) -> str:
    out = StringIO()
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY {table} TO STDOUT", out)
    return out.getvalue()


def _copy(workbook: Path, rows: dict[str, str]) -> None:
    """Read every sheet and COPY the finished rows into tables with the same indexes and checks, without triggers."""
    book = CalamineWorkbook.from_path(workbook)
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python()
    with transaction.atomic(), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
            cursor.cursor.copy_expert(f"COPY bench_{table} FROM STDIN", StringIO(rows[table]))
        transaction.set_rollback(True)
