"""Sheet 换届 of workbook 05 组织生活台账: pre-assessment and the two elections of each village."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from chishang.core.cells import Cells
from chishang.core.ledgers import LedgerImport, Run, filled, register
from chishang.core.workbooks import Workbook
from organizations.enums import ElectionBody, ForecastLevel
from organizations.models import Election, ElectionForecast, ElectionTerm, Village

SHEET = "换届"
COLUMNS = ("村", "选情预判日期", "预判等级", "党支部换届完成日期", "村委会换届完成日期", "选出书记", "连任")
LEVELS = {level.label: level for level in ForecastLevel}
YES_NO = {"是": True, "否": False}
DAY_OF = {ElectionBody.BRANCH: "党支部换届完成日期", ElectionBody.COMMITTEE: "村委会换届完成日期"}
QUORUM = {
    ElectionBody.BRANCH: "到会的有选举权党员不足五分之四",
    ElectionBody.COMMITTEE: "参加投票的选民没有过半数",
}
Invalid = dict[tuple[int, str], str]
"""Why an election, by village and body, cannot have been completed."""


@dataclass
class Records:
    """The good rows: forecasts and elections, without the key of their term, and the year of the term."""

    year: int | None
    forecasts: list[dict[str, Any]] = field(default_factory=list)
    elections: list[dict[str, Any]] = field(default_factory=list)


@register
class ElectionLedger(LedgerImport):
    """A row a village: each becomes a forecast and two elections."""

    keyword = "组织生活台账"
    order = 5
    permission = "organizations.import_election"
    sheets = (SHEET,)

    def read(self, workbook: Workbook, run: Run) -> Records:
        """Return the good rows."""
        if SHEET not in workbook.sheet_names:
            return Records(None)
        sheet = run.sheet(workbook, SHEET)
        records = Records(sheet.filled_on.year if sheet.filled_on else None)
        if records.year is None:
            run.faults.append(sheet.fault(None, "", "表头缺少填报日期，不知道是哪一年的换届"))
        villages = dict(run.visible(Village, self.permission).values_list("name", "pk"))
        invalid = _without_quorum(records.year)
        seen: dict[str, int] = {}
        for row in sheet.rows(COLUMNS, run.faults):
            cells = Cells(sheet, row, run.faults)
            first = seen.setdefault(cells.text("村", required=True), row.number)
            if first != row.number:
                cells.fault("村", f"与第 {first} 行是同一个村")
            _read_row(cells, villages, invalid, records)
        return records

    def store(self, records: Records, run: Run) -> None:
        """Write the term, forecasts and elections."""
        if records.year is None or not records.elections:
            return
        name, year = _term_name(records.year), records.year
        term, new = ElectionTerm.objects.get_or_create(name=name, defaults={"year": year})
        run.count(ElectionTerm, new=int(new), unchanged=int(not new))
        for model, key, rows in (
            (ElectionForecast, ("term_id", "village_id"), records.forecasts),
            (Election, ("term_id", "village_id", "body"), records.elections),
        ):
            run.merge(model, key, [row | {"term_id": term.pk} for row in rows])


def _term_name(year: int) -> str:
    return f"{year}年村“两委”换届"


def _without_quorum(year: int | None) -> Invalid:
    """Return the elections that are not valid by the numbers stored in the portal; the sheet brings days only."""
    if year is None:
        return {}
    counted = Election.objects.filter(term__name=_term_name(year), present__isnull=False).order_by()
    return {
        (village, body): f"门户里登记应到 {due} 人、实到 {present} 人，{QUORUM[body]}，选举无效，请核对"
        for village, body, due, present in counted.values_list("village", "body", "due", "present")
        if (present * 5 < due * 4 if body == ElectionBody.BRANCH else present * 2 <= due)
    }


def _read_row(cells: Cells, villages: dict[str, int], invalid: Invalid, records: Records) -> None:
    village = cells.one_of("村", villages)
    assessed_on, level = cells.day("选情预判日期", future=False), cells.one_of("预判等级", LEVELS)
    if (cells.row.cells["选情预判日期"] is None) != (cells.row.cells["预判等级"] is None):
        empty = "选情预判日期" if cells.row.cells["选情预判日期"] is None else "预判等级"
        cells.fault(empty, f"“{empty}”没有填写")
    completed_on = {body: cells.day(column, future=False) for body, column in DAY_OF.items()}
    _check_order(cells, assessed_on, completed_on)
    _check_quorum(cells, village, completed_on, invalid)
    secretary, re_elected = cells.name("选出书记", required=False), cells.one_of("连任", YES_NO)
    if not cells.sound:
        return
    if assessed_on:
        records.forecasts.append({"village_id": village, "assessed_on": assessed_on, "level": level})
    said = {ElectionBody.BRANCH: {"elected_name": secretary, "re_elected": re_elected}}
    for body, day in completed_on.items():
        row = {"village_id": village, "body": body, "completed_on": day, **said.get(body, {})}
        records.elections.append(filled(row, "completed_on", "elected_name", "re_elected"))


def _check_order(cells: Cells, assessed_on: date | None, completed_on: dict[ElectionBody, date | None]) -> None:
    """A pre-assessment comes before what it assesses."""
    for body, column in DAY_OF.items():
        day = completed_on[body]
        if assessed_on and day and day < assessed_on:
            cells.fault(column, f"“{column}”早于选情预判日期")


def _check_quorum(
    cells: Cells, village: int | None, completed_on: dict[ElectionBody, date | None], invalid: Invalid
) -> None:
    """An election that too few took part in was not completed."""
    for body, column in DAY_OF.items():
        if village and completed_on[body] and (village, body) in invalid:
            cells.fault(column, invalid[village, body])
