"""The invariants of village money: everything is added up again from the rows, past the services and the guards.

Each function returns what it found wrong, in words; nothing when all is well. They look at every row, whoever asks:
they are for the operator's command, not for pages.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from chishang.core.money import ZERO
from finance.enums import RESERVING_STATES, RequestState, SealKind
from finance.models import (
    Account,
    Assessment,
    Beneficiary,
    Budget,
    BudgetAdjustment,
    Disbursement,
    Dividend,
    FiscalYear,
    Period,
    Seal,
    Statement,
    Voucher,
    VoucherLine,
)
from finance.selectors.balance import sums_of_lines

SEALED_STATES = (RequestState.APPROVED, RequestState.POSTED)
CHUNK = 2000
"""Rows read at a time."""


@dataclass(frozen=True)
class Finding:
    """What is wrong with which row."""

    row: str
    message: str

    def __str__(self) -> str:
        return f"{self.row}：{self.message}"


def check_balance() -> list[Finding]:
    """Return the vouchers whose debits, credits and head are not one amount."""
    sums = sums_of_lines()
    found = []
    for key, code, amount in Voucher.objects.order_by("pk").values_list("pk", "code", "amount"):
        debit, credit, _ = sums.get(key, (ZERO, ZERO, 0))
        if not debit == credit == amount:
            found.append(Finding(code, f"借方 {debit:.2f}、贷方 {credit:.2f}、凭证金额 {amount:.2f}，三者不等。"))
    return found


def check_lines() -> list[Finding]:
    """Return the vouchers that have not the entries that their head counts, or fewer than two; stray entries, too."""
    sums = sums_of_lines()
    heads = list(Voucher.objects.order_by("pk").values_list("pk", "code", "line_count"))
    found = []
    for key, code, expected in heads:
        count = sums.get(key, (ZERO, ZERO, 0))[2]
        if count != expected or count < 2:  # noqa: PLR2004  double entry
            found.append(Finding(code, f"应有 {expected} 条分录，实有 {count} 条。"))
    stray = sums.keys() - {key for key, _, _ in heads}
    return found + [Finding(f"凭证编号 {key}", "有分录而没有凭证。") for key in sorted(stray)]


def check_numbers() -> list[Finding]:
    """Return the gaps in the numbers of each year, doubled numbers, and counters that disagree.

    A gap before an imported voucher is told as such: the ledger that it came from may have had it.
    """
    years: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    for year, number, imported in Voucher.objects.order_by("year", "number").values_list("year", "number", "imported"):
        years[year].append((number, imported))
    found = []
    for year, numbers in years.items():
        last = 0
        for number, imported in numbers:
            found += _gap(year, last, number, imported=imported)
            last = number
    last_numbers = {year: numbers[-1][0] for year, numbers in years.items()}
    for year, counter in FiscalYear.objects.order_by("year").values_list("year", "last_number"):
        if (last := last_numbers.pop(year, 0)) != counter:
            found.append(Finding(f"{year}年", f"最后的凭证是第 {last} 号，编号却已到第 {counter} 号。"))
    return found + [Finding(f"{year}年", "有凭证，没有编号记录。") for year in last_numbers]


def _gap(year: int, last: int, number: int, *, imported: bool) -> list[Finding]:
    if number == last + 1:
        return []
    if number == last:
        return [Finding(f"{year}年第 {number} 号", "有两张凭证用了这个号。")]
    missing = f"第 {last + 1} 号" if number == last + 2 else f"第 {last + 1} 至 {number - 1} 号"
    why = "台账转入的凭证缺号，请对照原台账。" if imported else "凭证缺号，请立即查明。"
    return [Finding(f"{year}年{missing}", why)]


def check_dates() -> list[Finding]:
    """Return the vouchers dated outside their year, or with a code that is not that of month and number."""
    found = []
    for row in Voucher.objects.order_by("pk").values_list("code", "year", "number", "date"):
        code, year, number, day = row
        if day.year != year:
            found.append(Finding(code, f"日期 {day} 不在 {year} 年度。"))
        if code != (right := f"记-{day:%Y%m}-{number:04}"):
            found.append(Finding(code, f"凭证号与日期、序号不符，应为 {right}。"))
    return found


def check_pools() -> list[Finding]:
    """Return the budgets of which more is paid and asked for than planned less withheld, or with a negative part."""
    adjusted, released = _by_budget(BudgetAdjustment, "amount"), _by_budget(Assessment, "released")
    asked = _by_budget(Disbursement, "amount", Q(state__in=RESERVING_STATES, reverses__isnull=True))
    paid = _by_budget(Voucher, "amount", Q(reverses__isnull=True))
    returned = _by_budget(Voucher, "amount", Q(reverses__isnull=False))
    found = []
    for budget in Budget.objects.select_related("organization", "subject").order_by("pk"):
        key = budget.pk
        planned, withheld = budget.amount + adjusted[key], budget.held - released[key]
        spent = paid[key] - returned[key]
        parts = {"预算": planned, "待考核": withheld, "已拨付": spent, "已申请": asked[key]}
        found += [Finding(str(budget), f"{name} {part:.2f} 元，是负数。") for name, part in parts.items() if part < 0]
        if spent + asked[key] > planned - withheld:
            told = "、".join(f"{name} {part:.2f}" for name, part in parts.items())
            found.append(Finding(str(budget), f"超出可用的金额：{told}（元）。"))
    return found


def _by_budget(model: Any, column: str, condition: Q | None = None) -> defaultdict[int, Decimal]:
    """Return the sum of a column in yuan by the key of the budget."""
    rows = model.objects.filter(condition or Q(), budget__isnull=False).order_by()
    return defaultdict(lambda: ZERO, rows.values("budget").annotate(total=Sum(column)).values_list("budget", "total"))


SAME_IN_VOUCHER = {
    "amount": "金额",
    "organization_id": "单位",
    "subject_id": "科目",
    "budget_id": "预算",
    "reverses_id": "冲销的凭证",
    "maker_id": "经办人",
}


def check_posted() -> list[Finding]:
    """Return posted requests without exactly one voucher of the same content, and vouchers without posted request."""
    names = tuple(SAME_IN_VOUCHER)
    vouchers: dict[int | None, list[Any]] = defaultdict(list)
    for voucher in Voucher.objects.filter(imported=False).order_by("pk"):
        vouchers[voucher.disbursement_id].append(voucher)
    found = [Finding(one.code, "不是台账转入，也没有拨付申请。") for one in vouchers.pop(None, [])]
    for request in Disbursement.objects.filter(state=RequestState.POSTED).only("pk", *names).order_by("pk").iterator():
        own = vouchers.pop(request.pk, [])
        if len(own) != 1:
            found.append(Finding(_request(request.pk), f"已入账的申请应有一张凭证，实有 {len(own)} 张。"))
        for voucher in own:
            differing = [SAME_IN_VOUCHER[name] for name in names if getattr(voucher, name) != getattr(request, name)]
            if differing:
                found.append(Finding(voucher.code, f"{'、'.join(differing)}与拨付申请不同。"))
    left = [voucher for rows in vouchers.values() for voucher in rows]
    return found + [Finding(one.code, "拨付申请不是“已入账”。") for one in left]


def check_seals() -> list[Finding]:
    """Return the sealed requests without two seals of two people, neither the maker, over exactly this content."""
    seals: dict[int, list[Seal]] = defaultdict(list)
    for seal in Seal.objects.order_by("pk").iterator(CHUNK):
        seals[seal.disbursement_id].append(seal)
    found = []
    for request in Disbursement.objects.filter(state__in=SEALED_STATES).order_by("pk").iterator(CHUNK):
        found += [Finding(_request(request.pk), fault) for fault in _faults(request, seals[request.pk])]
    return found


def _faults(request: Disbursement, seals: list[Seal]) -> Iterable[str]:
    signers = {seal.signer_id for seal in seals}
    content = (request.maker_id, request.amount, request.payee, request.purpose)
    if Counter(seal.kind for seal in seals) != Counter(str(kind) for kind in SealKind):
        yield "没有复核、批准各一枚印鉴。"
    if len(signers) < len(seals):
        yield "两枚印鉴是同一个人盖的。"
    if request.maker_id in signers:
        yield "有经办人自己盖的印鉴。"
    if any((seal.maker_id, seal.amount, seal.payee, seal.purpose) != content for seal in seals):
        yield "印鉴所盖的内容与申请不同。"


def check_reversals() -> list[Finding]:
    """Return the reversals that do not mirror their original, reverse a reversal, or reverse it a second time."""
    reversals = list(Voucher.objects.filter(reverses__isnull=False).select_related("reverses").order_by("pk"))
    wrong = {one.reverses_id for one in reversals}
    lines = _lines_of({one.pk for one in reversals} | wrong)
    times = Counter(one.reverses_id for one in reversals)
    found = []
    for one in reversals:
        original: Any = one.reverses
        mirrored = Counter((account, credit, debit) for account, debit, credit in lines[original.pk])
        if one.amount != original.amount or Counter(lines[one.pk]) != mirrored:
            found.append(Finding(one.code, f"与所冲销的 {original.code} 不是借贷相反的同一笔。"))
        if original.reverses_id:
            found.append(Finding(one.code, f"冲销了冲销凭证 {original.code}。"))
        if times[original.pk] > 1:
            found.append(Finding(one.code, f"{original.code} 冲销了 {times[original.pk]} 次。"))
    return found


def _lines_of(vouchers: set[int | None]) -> defaultdict[int, list[tuple[int, Decimal, Decimal]]]:
    lines: defaultdict[int, list[tuple[int, Decimal, Decimal]]] = defaultdict(list)
    rows = VoucherLine.objects.filter(voucher__in=vouchers).order_by("pk")
    for voucher, *entry in rows.values_list("voucher", "account", "debit", "credit"):
        lines[voucher].append(tuple(entry))
    return lines


def check_dividends() -> list[Finding]:
    """Return the dividends whose parts are not the whole, once they are set, or with a village share above it."""
    on_list = Beneficiary.objects.filter(is_active=True).order_by().values("dividend")
    sums = on_list.annotate(total=Sum("amount"), people=Count("pk"), set=Count("amount"))
    parts = {row["dividend"]: row for row in sums}
    found = []
    for dividend in Dividend.objects.select_related("scheme__village").order_by("pk"):
        whole, share = dividend.amount, dividend.village_amount
        if not 0 <= share <= whole:
            found.append(Finding(str(dividend), f"村集体所得 {share:.2f} 元不在 0 到分红总额 {whole:.2f} 元之间。"))
        row = parts.get(dividend.pk)
        if row is None or not row["set"]:
            if dividend.paid_on:
                found.append(Finding(str(dividend), "已经登记发放，名单上却没有人分到金额。"))
            continue
        if row["set"] < row["people"]:
            found.append(Finding(str(dividend), f"名单上有 {row['people'] - row['set']} 人没有分到金额。"))
        if share + row["total"] != whole:
            told = f"村集体 {share:.2f} 加受益人 {row['total']:.2f}，不等于总额 {whole:.2f}（元）。"
            found.append(Finding(str(dividend), told))
    return found


def check_statements() -> list[Finding]:
    """Return the statements whose content is not that of their hash, and quarters that lack a version."""
    versions: dict[tuple[str, int, int], list[int]] = defaultdict(list)
    found = []
    rows = Statement.objects.select_related("village").order_by("village", "year", "quarter", "version")
    for one in rows.iterator(CHUNK):
        versions[one.village.name, one.year, one.quarter].append(one.version)
        if not one.is_intact:
            found.append(Finding(f"{one}第 {one.version} 版", "内容与校验码不符，被改动过。"))
    for (village, year, quarter), numbers in versions.items():
        if numbers != list(range(1, len(numbers) + 1)):
            told = "、".join(str(number) for number in numbers)
            found.append(Finding(f"{village} {year}年第{quarter}季度", f"公开表缺版本，现有第 {told} 版。"))
    return found


def check_accounts() -> list[Finding]:
    """Return the entries on an account that the chart does not have."""
    stray = VoucherLine.objects.exclude(account__in=Account.objects.order_by().values("pk")).order_by("pk")
    rows = stray.values_list("voucher__code", "number", "account_id")
    return [
        Finding(code or "—", f"第 {number} 行的会计科目（编号 {key}）不在科目表里。") for code, number, key in rows
    ]


def check_periods() -> list[Finding]:
    """Return the vouchers that were posted into a month after it was closed."""
    closed = {(one.year, one.month): one.closed_at for one in Period.objects.closed()}
    rows = Voucher.objects.filter(date__year__in={year for year, _ in closed}).order_by("pk")
    return [
        Finding(code, f"{day.year}年{day.month}月已经结账，这张凭证是结账后入账的。")
        for code, day, posted_at in rows.values_list("code", "date", "posted_at")
        if (moment := closed.get((day.year, day.month))) and posted_at > moment
    ]


INVARIANTS: tuple[tuple[str, Callable[[], list[Finding]]], ...] = (
    ("每张凭证借方、贷方、金额相等", check_balance),
    ("分录齐全，每张至少两条", check_lines),
    ("凭证号按年连续", check_numbers),
    ("日期在本年度，凭证号与日期一致", check_dates),
    ("已拨付加已申请不超过预算", check_pools),
    ("已入账的申请各有一张相同的凭证", check_posted),
    ("两枚印鉴由两人盖，都不是经办人", check_seals),
    ("冲销与原凭证借贷相反，只冲一次", check_reversals),
    ("分红各部分之和等于总额", check_dividends),
    ("公开表没有改动，版本连续", check_statements),
    ("会计科目都在科目表里", check_accounts),
    ("结账后没有再入账", check_periods),
)
"""What must always hold, in the order in which the command tells it."""


def all_findings() -> list[Finding]:
    """Return the findings of all invariants."""
    return [finding for _, check in INVARIANTS for finding in check()]


def _request(key: int) -> str:
    return f"拨付申请 {key}"
