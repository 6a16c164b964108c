"""What the pages of the periods show: months with their vouchers, and the course of one month."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, Q, Sum

from chishang.core.money import ZERO
from finance.enums import RequestState
from finance.models import Disbursement, Voucher
from finance.models.budgets import signed_amount
from organizations.models import User


@dataclass(frozen=True)
class MonthSums:
    """The vouchers of one month: how many, what they disbursed in yuan (reversals taken off), from which number on."""

    year: int
    month: int
    vouchers: int = 0
    reversals: int = 0
    amount: Decimal = ZERO
    first: int | None = None
    last: int | None = None

    @property
    def words(self) -> str:
        """The month as people say it."""
        return f"{self.year}年{self.month}月"


def month_sums(user: User, months: Iterable[tuple[int, int]]) -> list[MonthSums]:
    """Return the sums of the months in their order, over the vouchers that ``user`` sees; one query."""
    wanted = list(months)
    rows = Voucher.objects.visible_to(user).filter(year__in={year for year, _ in wanted}).order_by()
    sums = rows.values("year", "date__month").annotate(
        vouchers=Count("pk"),
        reversals=Count("pk", filter=Q(reverses__isnull=False)),
        total=Sum(signed_amount()),
        first=Min("number"),
        last=Max("number"),
    )
    found = {(row["year"], row["date__month"]): row for row in sums}
    return [_sums(month, found.get(month)) for month in wanted]


def _sums(month: tuple[int, int], row: dict[str, Any] | None) -> MonthSums:
    if row is None:
        return MonthSums(*month)
    return MonthSums(*month, row["vouchers"], row["reversals"], row["total"], row["first"], row["last"])


def subject_sums(user: User, year: int, month: int) -> list[dict[str, Any]]:
    """Return by subject the number of the month's vouchers and what they disbursed in yuan."""
    found = Voucher.objects.visible_to(user).filter(year=year, date__month=month)
    rows = found.order_by("subject__sort_no", "subject__name").values("subject__name")
    return list(rows.annotate(vouchers=Count("pk"), total=Sum(signed_amount())))


def waiting_to_be_posted(user: User) -> int:
    """Return how many requests have both seals and are not in the ledger yet."""
    return int(Disbursement.objects.visible_to(user).filter(state=RequestState.APPROVED).count())


@dataclass(frozen=True)
class Step:
    """One step in the course of a month: when, who, what, why."""

    at: datetime
    who: str
    label: str
    reason: str = ""


def course_of(period: Any) -> list[Step]:
    """Return when the month was closed and opened, by whom and why, the newest first; two queries."""
    entries = list(period.history.select_related("pgh_context").order_by("pgh_id"))
    steps = [_step(before, entry) for before, entry in zip([None, *entries], entries, strict=False)]
    names = dict(User.objects.filter(pk__in={key for _, key, _, _ in steps}).values_list("pk", "name"))
    return [Step(at, names.get(key, "系统"), label, reason) for at, key, label, reason in reversed(steps)]


def _step(before: Any, entry: Any) -> tuple[datetime, int | None, str, str]:
    if not entry.is_closed:
        return entry.pgh_created_at, entry.reopened_by_id, "同意反结账", ""
    if before is None or not before.is_closed:
        return entry.pgh_created_at, entry.closed_by_id, "结账" if before is None else "再次结账", ""
    if entry.asked_by_id:
        return entry.pgh_created_at, entry.asked_by_id, "申请反结账", entry.reason
    context = entry.pgh_context
    return entry.pgh_created_at, context.metadata.get("user") if context else None, "不同意反结账，或撤销申请", ""
