"""Workbook 04 资金台账: budgets, disbursements as posted vouchers, collective income, dividends, solar income."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chishang.core.cells import Cells
from chishang.core.ledgers import LedgerImport, Run, register
from chishang.core.workbooks import Workbook
from finance.ledger.known import Known
from finance.ledger.vouchers import VOUCHER_COLUMNS, VoucherReader, store_vouchers
from finance.ledger.yearly import (
    BUDGET_COLUMNS,
    DIVIDEND_COLUMNS,
    INCOME_COLUMNS,
    SOLAR_COLUMNS,
    read_budget,
    read_dividend,
    read_income,
    read_solar,
    store_budgets,
    store_dividends,
    store_incomes,
    store_solar,
)

Row = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """One sheet of the workbook: its columns, how a row is read, how the good ones are stored."""

    columns: tuple[str, ...]
    read: Callable[[Cells, Known], Row]
    store: Callable[[list[Row], Run], None]


PARTS: dict[str, Part] = {
    "预算": Part(BUDGET_COLUMNS, read_budget, store_budgets),
    "集体收入": Part(INCOME_COLUMNS, read_income, store_incomes),
    "扶贫分红": Part(DIVIDEND_COLUMNS, read_dividend, store_dividends),
    "光伏收益": Part(SOLAR_COLUMNS, read_solar, store_solar),
}
VOUCHERS = "拨付"


@register
class FundLedger(LedgerImport):
    """Reads five sheets; a workbook may lack some of them."""

    keyword = "资金台账"
    order = 4
    permission = "finance.import_budget"
    sheets = ("预算", VOUCHERS, "集体收入", "扶贫分红", "光伏收益")

    def read(self, workbook: Workbook, run: Run) -> dict[str, list[Row]]:
        """Return the good rows by sheet."""
        known = Known(run, self.permission)
        records = {
            name: self._rows(workbook, run, name, part.columns, part.read, known) for name, part in PARTS.items()
        }
        reader = VoucherReader(known, records["预算"])
        records[VOUCHERS] = self._rows(workbook, run, VOUCHERS, VOUCHER_COLUMNS, reader.read, known)
        return records

    def store(self, records: dict[str, list[Row]], run: Run) -> None:
        """Write them: budgets before what is paid out of them."""
        for name, part in PARTS.items():
            part.store(records[name], run)
        store_vouchers(records[VOUCHERS], run)

    def _rows(
        self,
        workbook: Workbook,
        run: Run,
        name: str,
        columns: tuple[str, ...],
        read: Callable[[Cells, Known], Row],
        known: Known,
    ) -> list[Row]:
        if name not in workbook.sheet_names:
            return []
        sheet, rows = run.sheet(workbook, name), []
        for row in sheet.rows(columns, run.faults):
            cells = Cells(sheet, row, run.faults)
            record = read(cells, known)
            if cells.sound:
                rows.append(record)
        return rows
