"""Sheet 拨付: what was disbursed becomes posted vouchers, with their recorded maker, checker and approver.

A voucher is written once: a row that the portal has already must say the same, or it is a fault.
"""

import re
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

from chishang.core.bulk import insert_rows
from chishang.core.cells import Cells
from chishang.core.ledgers import Run
from finance.enums import SubjectLevel
from finance.ledger.known import Known
from finance.models import Budget, Period, Subject, Voucher, VoucherLine
from organizations.models import User

VOUCHER_COLUMNS = ("日期", "凭证号", "村", "科目", "金额", "经办人", "复核人", "批准人", "摘要")
CODE = re.compile(r"记-(\d{4})(\d{2})-(\d{1,8})")
PEOPLE = {"maker_name": "经办人", "checker_name": "复核人", "approver_name": "批准人"}
SAID = ("date", "organization_id", "subject_id", "amount", "summary", *PEOPLE)

Row = dict[str, Any]
Pool = tuple[int, int, int]
"""Year, organization, subject."""


class VoucherReader:
    """Reads the rows in the light of what the portal has: vouchers, closed months, and what each pool still holds."""

    def __init__(self, known: Known, budgets: list[Row]) -> None:
        """Take the budgets that the same workbook brings."""
        self.known = known
        rows = known.run.visible(Voucher, known.permission)
        self.stored: dict[tuple[int, int], Row] = {
            (row["year"], row["number"]): row for row in rows.values("year", "number", *SAID)
        }
        self.closed = set(Period.objects.closed().values_list("year", "month"))
        self.free = _free(known, budgets)

    def read(self, cells: Cells, known: Known) -> Row:
        """Return a voucher's attributes."""
        unit, subject = known.unit(cells)
        day = cells.day("日期", required=True, future=False)
        row: Row = {
            "date": day,
            "organization_id": unit,
            "subject_id": subject and subject.pk,
            "amount": cells.money("金额", required=True),
            **{name: cells.name(column) for name, column in PEOPLE.items()},
            "summary": cells.text("摘要", required=True),
        }
        row["year"], row["number"] = self._number(cells, day)
        _check_people(cells, row)
        if cells.sound and row["amount"] == 0:
            cells.fault("金额", "金额要大于 0")
        if cells.sound and subject:
            self._check_stored(cells, row, subject)
        return row

    def _number(self, cells: Cells, day: date | None) -> tuple[int | None, int | None]:
        text = cells.text("凭证号", required=True, limit=30)
        found = CODE.fullmatch(text)
        if text and not found:
            cells.fault("凭证号", f"“{text}”不是凭证号，请写成 记-201703-0001")
        if not found:
            return None, None
        year, month, number = (int(part) for part in found.groups())
        before = len(cells.faults)
        self.known.once(cells, (year, number), "凭证号", "凭证号")
        if len(cells.faults) == before and day and (day.year, day.month) != (year, month):
            cells.fault("凭证号", f"凭证号的年月与日期（{day:%Y-%m-%d}）不一致")
        return year, number

    def _check_stored(self, cells: Cells, row: Row, subject: Subject) -> None:
        stored = self.stored.get((row["year"], row["number"]))
        if stored:
            if any(stored[name] != row[name] for name in SAID):
                cells.fault("凭证号", "门户里这个凭证号已经入账，内容不同；写错的请在门户里冲销后重新拨付")
        elif (row["date"].year, row["date"].month) in self.closed:
            cells.fault("日期", "这个月在门户里已经结账，不能再入账")
        else:
            self._take(cells, (row["year"], row["organization_id"], row["subject_id"]), row["amount"], subject)

    def _take(self, cells: Cells, pool: Pool, amount: Decimal, subject: Subject) -> None:
        """Take the amount out of its pool. The town's own funds may be without a budget, a village's may not."""
        if pool not in self.free:
            if subject.level == SubjectLevel.VILLAGE:
                cells.fault("科目", f"{pool[0]} 年没有这项预算，请先在“预算”表里登记")
            return
        if amount > self.free[pool]:
            cells.fault("金额", f"超过预算：这项预算只剩 {self.free[pool]:.2f} 元")
        else:
            self.free[pool] -= amount


def _free(known: Known, budgets: list[Row]) -> dict[Pool, Decimal]:
    """Return what each pool still holds, once the budgets of the workbook are stored."""
    free: dict[Pool, Decimal] = {}
    planned: dict[Pool, Decimal] = {}
    for budget in known.run.visible(Budget, known.permission).with_balance():
        pool = (budget.year, budget.organization_id, budget.subject_id)
        free[pool], planned[pool] = budget.free, budget.amount
    for row in budgets:
        pool = (row["year"], row["organization_id"], row["subject_id"])
        free[pool] = free.get(pool, Decimal(0)) + row["amount"] - planned.get(pool, Decimal(0))
    return free


def _check_people(cells: Cells, row: Row) -> None:
    names = list(PEOPLE)
    for place, name in enumerate(names):
        same = next((other for other in names[:place] if row[other] and row[other] == row[name]), None)
        if same:
            cells.fault(PEOPLE[name], f"{PEOPLE[same]}和{PEOPLE[name]}是同一个人（{row[name]}），应由不同的人办理")


def store_vouchers(rows: list[Row], run: Run) -> None:
    """Write those that the portal does not have yet, in the order of their numbers, with two entries each."""
    years = {row["year"] for row in rows}
    stored = set(Voucher.objects.filter(year__in=years).values_list("year", "number"))
    new = sorted(
        (row for row in rows if (row["year"], row["number"]) not in stored),
        key=lambda row: (row["year"], row["number"]),
    )
    run.count(Voucher, new=len(new), unchanged=len(rows) - len(new))
    # Pools are locked before the counter of the year, as everywhere.
    budgets = Budget.objects.select_for_update(no_key=True).filter(year__in=years).order_by("pk")
    pools = {(budget.year, budget.organization_id, budget.subject_id): budget.pk for budget in budgets}
    accounts = _accounts_by_name(new)
    keys = insert_rows(Voucher, [_voucher(row, pools, accounts) for row in new])
    subjects = Subject.objects.in_bulk([row["subject_id"] for row in new])
    lines = [
        line for key, row in zip(keys, new, strict=True) for line in _lines(key, row, subjects[row["subject_id"]])
    ]
    insert_rows(VoucherLine, lines)
    run.tables.add(VoucherLine._meta.db_table)


def _voucher(row: Row, pools: dict[Pool, int], accounts: dict[str, int]) -> Row:
    return {
        **row,
        "imported": True,
        "budget_id": pools.get((row["year"], row["organization_id"], row["subject_id"])),
        "maker_id": accounts.get(row["maker_name"]),
        "checker_id": accounts.get(row["checker_name"]),
        "approver_id": accounts.get(row["approver_name"]),
    }


def _lines(key: int, row: Row, subject: Subject) -> list[Row]:
    return [
        {"voucher_id": key, "number": 1, "account_id": subject.debit_account_id, "debit": row["amount"]},
        {"voucher_id": key, "number": 2, "account_id": subject.credit_account_id, "credit": row["amount"]},
    ]


def _accounts_by_name(rows: list[Row]) -> dict[str, int]:
    """Return the accounts of the people named, where exactly one bears the name."""
    names = {row[name] for row in rows for name in PEOPLE}
    found = list(User.objects.filter(name__in=names).values_list("name", "pk"))
    times = Counter(name for name, _ in found)
    return {name: key for name, key in found if times[name] == 1}
