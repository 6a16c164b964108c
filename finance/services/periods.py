"""Months of the ledger: closed in their order, opened again by two people.

Closing holds the counter of the year, as every new voucher does: the two take turns, so that no voucher slips into a
month that somebody is just closing.
"""

from calendar import monthrange
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from chishang.core.dates import today
from chishang.core.guards import told_in_words
from finance.models import FiscalYear, Period, Voucher
from organizations.models import Organization, User

CLOSE = "finance.close_period"
MONTHS = 12
FIRST_YEAR = 1949
LIMIT = 200
"""Characters of a reason."""
Month = tuple[int, int]
"""Year and month."""


class PeriodRefused(ValidationError):
    """The step is not open: the month stands differently by now, or the account may not take it."""


def may_close(user: User) -> bool:
    """Say whether ``user`` closes months today. They are those of all units, so the duty must be one of the town's."""
    return bool(Organization.objects.visible_to(user, CLOSE).filter(parent__isnull=True).exists())


def is_over(year: int, month: int) -> bool:
    """Say whether the last day of the month has passed."""
    return date(year, month, monthrange(year, month)[1]) < today()


def months_to_close() -> list[Month]:
    """Return the months that wait to be closed, the oldest first.

    They are over, not closed, and have vouchers or were opened again.
    """
    months = set(Voucher.objects.order_by().values_list("year", "date__month").distinct())
    stored = {(one.year, one.month): one.is_closed for one in Period.objects.all()}
    waiting = {month for month in months | set(stored) if not stored.get(month, False)}
    return sorted(month for month in waiting if is_over(*month))


def close_period(*, actor: User, year: int, month: int) -> Period:
    """Close a month and return it; a closed one stays as it is.

    Raises ValidationError when the actor may not, the month is not over, or an earlier one with vouchers is open.
    """
    with told_in_words():
        _require(actor)
        _check_month(year, month)
        if month == 1:  # no voucher of the December before may come in meanwhile
            _lock_year(year - 1)
        _lock_year(year)
        period = _locked(year, month)
        if period.pk and period.is_closed:
            return period
        earlier = [one for one in months_to_close() if one < (year, month)]
        if earlier:
            raise PeriodRefused(f"请先结 {named(*earlier[0])}：结账要按月份顺序办理。")
        period.is_closed, period.closed_by, period.closed_at = True, actor, timezone.now()
        period.asked_by, period.reason, period.reopened_by = None, "", None
        _store(period)
    return period


@transaction.atomic
def close_months(*, actor: User, year: int, month: int) -> list[Period]:
    """Close all months that wait for it up to and with this one, in their order; return them. As ``close_period``."""
    earlier = [one for one in months_to_close() if one < (year, month)]
    return [close_period(actor=actor, year=one[0], month=one[1]) for one in (*earlier, (year, month))]


def ask_reopening(*, actor: User, period: Period, reason: str) -> Period:
    """Note that ``actor`` asks to open a closed month again, and why; another person has to agree.

    Who asked may write the reason anew. Raises ValidationError.
    """
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": "请写明为什么反结账。"})
    if len(reason) > LIMIT:
        raise ValidationError({"reason": f"理由最多 {LIMIT} 个字，请写短些。"})
    with told_in_words():
        _require(actor)
        locked = _closed(period)
        if locked.asked_by is not None and locked.asked_by_id != actor.pk:
            raise PeriodRefused(f"{locked.asked_by.name}已经申请反结账，请办理那份申请。")
        locked.asked_by, locked.reason = actor, reason
        _store(locked)
    return locked


def decline_reopening(*, actor: User, period: Period) -> Period:
    """Drop what was asked: by who asked, or by whoever does not agree. The month stays closed."""
    with told_in_words():
        _require(actor)
        locked = _closed(period)
        locked.asked_by, locked.reason = None, ""
        _store(locked)
    return locked


def reopen_period(*, actor: User, period: Period) -> Period:
    """Agree to what another person asked, and open the month. Raises ValidationError.

    Both must hold the duty today. Twice changes nothing.
    """
    with told_in_words():
        _require(actor)
        _lock_year(period.year)
        locked = _locked(period.year, period.month)
        if not locked.is_closed and locked.reopened_by_id == actor.pk:
            return locked
        locked = _closed(period)
        if locked.asked_by is None:
            raise PeriodRefused("还没有人申请反结账。请先写明理由申请，再由另一位同事同意。")
        if locked.asked_by_id == actor.pk:
            raise PeriodRefused("反结账要由两个人办理：您已经申请，请另一位同事同意。")
        if not may_close(locked.asked_by):
            raise PeriodRefused(f"{locked.asked_by.name}现在已不管结账，申请失效。请不同意这份申请，再重新申请。")
        locked.is_closed, locked.reopened_by = False, actor
        _store(locked)
    return locked


def named(year: int, month: int) -> str:
    """Return the month as people say it."""
    return f"{year}年{month}月"


def _require(actor: User) -> None:
    if not may_close(actor):
        raise PeriodRefused("您没有结账的权限。")


def _check_month(year: int, month: int) -> None:
    if not (1 <= month <= MONTHS and FIRST_YEAR <= year <= today().year):
        raise ValidationError({"month": "请选择一个已经结束的月份。"})
    if not is_over(year, month):
        raise ValidationError({"month": f"{named(year, month)}还没有结束，到下个月才能结账。"})


def _lock_year(year: int) -> None:
    FiscalYear.objects.get_or_create(year=year)
    FiscalYear.objects.select_for_update().get(year=year)


def _locked(year: int, month: int) -> Period:
    """Lock the month's row and return it, or a new one."""
    stored: Period | None = Period.objects.select_for_update().filter(year=year, month=month).first()
    return stored or Period(year=year, month=month)


def _closed(period: Period) -> Period:
    locked = _locked(period.year, period.month)
    if locked.pk is None or not locked.is_closed:
        raise PeriodRefused(f"{named(period.year, period.month)}现在没有结账，不用反结账。请刷新页面看最新情况。")
    return locked


def _store(period: Period) -> None:
    period.full_clean()
    period.save()
