"""Loading workbooks against reading them and COPY-ing the rows that they became."""

import statistics
from io import StringIO
from pathlib import Path

from django.db import connection, transaction
from python_calamine import CalamineWorkbook

from benchmarks.timing import once
from chishang.core.ledgers import Options, Status, load_ledgers

LEDGERS = Path(__file__).resolve().parent.parent / "demo" / "ledgers"
VISITS = ("visits_household", "visits_visit", "visits_issue", "visits_issueevent")
MEMBERS = (
    *("members_member", "members_memberchange", "members_meeting", "members_training", "members_trainingattendance"),
    *("members_talent", "members_honour", "organizations_electionforecast", "organizations_election"),
    *("organizations_directive", "organizations_directivereceipt"),
)
FUNDS = tuple(
    f"finance_{name}"
    for name in (
        *("budget", "voucher", "voucherline", "collectiveincome", "dividendscheme", "dividend", "solarplant"),
        "solarsettlement",
    )
)
DISCIPLINE = tuple(
    f"discipline_{name}"
    for name in (
        *("responsibilitylist", "integrityevent", "styleinspection", "inspectionfinding", "powerlist", "petition"),
        *("inspectionround", "feedbackissue", "person", "case", "involvement", "sanction", "criticism"),
    )
)
Result = tuple[str, float, float, str]


def members() -> Result:
    """Load organizations, then time the members and their organisational life; keep the last load."""
    load_ledgers(sorted(LEDGERS.glob("01*.xlsx")), Options())
    workbooks = sorted([*LEDGERS.glob("02*.xlsx"), *LEDGERS.glob("05*.xlsx")])
    return _compare("load 02 and 05 (8,600 rows)", workbooks, MEMBERS, "≤8x")


def visits() -> Result:
    """Time the visits; keep the last load."""
    return _compare("load 03走访台账 (10,172 visits)", sorted(LEDGERS.glob("03*.xlsx")), VISITS, "≤6x")


def funds() -> Result:
    """Time the money; keep the last load."""
    return _compare("load 04资金台账 (700 rows)", sorted(LEDGERS.glob("04*.xlsx")), FUNDS, "≤6x")


def discipline() -> Result:
    """Time the discipline office's registers; keep the last load."""
    return _compare("load 06廉政台账 (230 rows)", sorted(LEDGERS.glob("06*.xlsx")), DISCIPLINE, "≤8x")


def _compare(name: str, workbooks: list[Path], tables: tuple[str, ...], aim: str) -> Result:
    """Time three loads into tables without these rows, and three copies of the same rows."""
    ours = [once(lambda: _load(workbooks, keep=False)) for _ in range(3)]
    _load(workbooks, keep=True)
    rows = {table: _dump(table) for table in tables}
    limit = [once(lambda: _copy(workbooks, rows)) for _ in range(3)]
    return name, statistics.median(ours), statistics.median(limit), aim


def _load(workbooks: list[Path], *, keep: bool) -> None:
    with transaction.atomic():
        reports = load_ledgers(workbooks, Options(confidential=True))
        assert {report.status for report in reports} == {Status.LOADED}
        transaction.set_rollback(not keep)


def _dump(table: str) -> str:
    out = StringIO()
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY {table} TO STDOUT", out)
    return out.getvalue()


def _copy(workbooks: list[Path], rows: dict[str, str]) -> None:
    """Read every sheet and COPY the finished rows into tables with the same indexes and checks, without triggers."""
    for workbook in workbooks:
        book = CalamineWorkbook.from_path(workbook)
        for name in book.sheet_names:
            book.get_sheet_by_name(name).to_python()
    with transaction.atomic(), connection.cursor() as cursor:
        for table, text in rows.items():
            cursor.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
            cursor.cursor.copy_expert(f"COPY bench_{table} FROM STDIN", StringIO(text))
        transaction.set_rollback(True)
