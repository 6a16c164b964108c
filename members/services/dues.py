"""Party dues (中组发〔2008〕3号): each member's standard, reductions, payments and their reversal. Yuan and fen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from chishang.core.dates import Precision, in_words, today
from members.enums import DuesMethod, DuesPayer
from members.models import DuesBracket, DuesExemption, DuesPayment, DuesStandard, Member
from members.selectors.dues import NOTHING, Account, accounts_of, month_number
from members.services.locking import lock_members
from organizations.models import User

CENT = Decimal("0.01")
LARGE_EXTRA = Decimal("1000.00")
"""A voluntary payment of so much or more is 大额党费: it goes wholly to the centre, with the member's details."""


@dataclass(frozen=True)
class PaymentFacts:
    """What payments made together have in common."""

    paid_on: date
    method: str = DuesMethod.CASH
    receipt_no: str = ""


def monthly_due(payer: str, base: Decimal, day: date) -> Decimal:
    """Return the monthly due of ``base`` by the brackets in force on ``day``: the whole base at one rate.

    A bracket includes its upper bound. Raises ValidationError by field when there is no bracket, the base is negative,
    or such a payer pays a fixed amount.
    """
    if base < 0:
        raise ValidationError({"base": "计算基数不能是负数。"})
    brackets = _brackets(payer, day)
    if brackets[0].percent is None:
        raise ValidationError({"payer": f"“{DuesPayer(payer).label}”不按比例交纳，请填写每月应交金额。"})
    for bracket in brackets:
        above = bracket.over < base or bracket.over == base == 0
        if above and (bracket.up_to is None or base <= bracket.up_to):
            return (base * (bracket.percent or 0) / 100).quantize(CENT, ROUND_HALF_UP)
    raise ValidationError({"base": f"党费标准里没有每月 {base} 元这一档，请先补登这一档。"})


def work_out(standard: DuesStandard) -> None:
    """Fill in the amount of a standard from its base, or check one that is chosen within bounds.

    Raises ValidationError by field. Nothing is stored.
    """
    brackets = _brackets(standard.payer, standard.valid_from)
    if brackets[0].percent is not None:
        if standard.base is None:
            raise ValidationError({"base": "请填写计算基数（每月收入），应交金额由系统计算。"})
        standard.amount = monthly_due(standard.payer, standard.base, standard.valid_from)
        return
    least, most = brackets[0].least or NOTHING, brackets[0].most or NOTHING
    standard.base = None
    if standard.amount is None and least == most:
        standard.amount = least
    if standard.amount is None or not least <= standard.amount <= most:
        bounds = f"{least} 元" if least == most else f"{least} 元到 {most} 元之间"
        label = DuesPayer(standard.payer).label
        raise ValidationError({"amount": f"“{label}”每月应交 {bounds}，请改正金额。"})


def _brackets(payer: str, day: date) -> list[DuesBracket]:
    """Return the brackets of a payer in force on the day, the newest first; at least one."""
    brackets = list(DuesBracket.objects.in_force(day).filter(payer=payer).order_by("-valid_from", "over"))
    if not brackets:
        label = dict(DuesPayer.choices).get(payer, payer)
        raise ValidationError({"payer": f"{in_words(day)}没有“{label}”的党费标准，请先在党费标准里登记。"})
    return brackets


@transaction.atomic
def set_standard(*, actor: User | None, standard: DuesStandard) -> DuesStandard:
    """Store what a member owes from a month (its first day) on; raise ValidationError by field.

    For payers at a rate the amount is worked out from ``base``; farmers and people on relief have an amount of their
    own within the bounds.
    """
    lock_members([standard.member])
    work_out(standard)
    standard.full_clean()
    standard.save()
    return standard


@transaction.atomic
def grant_exemption(*, actor: User | None, exemption: DuesExemption) -> DuesExemption:
    """Store a reduction or exemption that was decided; raise ValidationError by field.

    Two reductions of one member do not overlap, and a reduced amount lies below the standard.
    """
    lock_members([exemption.member])
    check_exemption(exemption)
    exemption.full_clean()
    exemption.save()
    return exemption


def check_exemption(exemption: DuesExemption) -> None:
    """Refuse a reduction that overlaps another, is none, or was decided after today (ValidationError by field)."""
    if exemption.decided_on > today():
        raise ValidationError({"decided_on": "批准日期不能晚于今天。"})
    others = DuesExemption.objects.filter(member=exemption.member_id).exclude(pk=exemption.pk)
    other = others.filter(from_month__lte=exemption.until_month, until_month__gte=exemption.from_month).first()
    if other:
        months = f"{_month(other.from_month)}至{_month(other.until_month)}"
        raise ValidationError({"from_month": f"该党员{months}已有减免，请改那一条，或另选月份。"})
    standard = (
        DuesStandard.objects.filter(member=exemption.member_id, valid_from__lte=exemption.from_month)
        .order_by("-valid_from")
        .first()
    )
    if standard and exemption.amount >= standard.amount > 0:
        raise ValidationError({"amount": f"减免后的金额要低于每月应交的 {standard.amount} 元，全免请填 0。"})


def is_large_extra(payment: DuesPayment) -> bool:
    """Say whether a payment is 大额党费, to be handed on wholly and reported with the member's details."""
    return payment.month is None and payment.amount >= LARGE_EXTRA


@transaction.atomic
def record_payment(*, actor: User, payment: DuesPayment) -> DuesPayment:
    """Store an unsaved payment for one month, or (without a month) a voluntary extra; raise ValidationError by field.

    A month takes no more than what is open in it; what somebody gives beyond that is an extra of its own.
    """
    lock_members([payment.member])
    check_payment(payment)
    payment.recorded_by = actor
    payment.receipt_no = _receipt_no(payment)
    payment.full_clean()
    payment.save()
    return payment


def check_payment(payment: DuesPayment) -> None:
    """Refuse a payment in the future, or for a month in which less is open (ValidationError by field)."""
    _check_day(payment.paid_on)
    if payment.month is None:
        return
    account = accounts_of(Member.objects.filter(pk=payment.member_id))[0]
    month = month_number(payment.month)
    if account.standard_in(month) is None:
        advice = "请先登记党费标准，或核对月份；自愿多交的月份留空"
        raise ValidationError({"month": f"该党员{_month(payment.month)}没有应交的党费：{advice}。"})
    left = account.open_in(month)
    if payment.amount > left:
        advice = f"还应交 {left} 元，多交的部分请另记一笔，月份留空（自愿多交）" if left else "已经交清，请核对月份"
        raise ValidationError({"amount": f"该党员{_month(payment.month)}{advice}。"})


@transaction.atomic
def record_payments(
    *, actor: User, members: Sequence[Member], months: Sequence[date], facts: PaymentFacts
) -> list[DuesPayment]:
    """Store for each of ``members`` what is open in each of ``months`` (first days); return the payments.

    Raises ValidationError when one of them has nothing open there (perhaps somebody recorded it already), with his
    name; then nothing is stored.
    """
    _check_day(facts.paid_on)
    lock_members(members)
    accounts = accounts_of(Member.objects.filter(pk__in=[member.pk for member in members]))
    payments, settled = [], []
    for account in accounts:
        own = _payments_of(account, months, facts, actor)
        payments += own
        if not own:
            settled.append(account.member.name)
    if settled:
        raise ValidationError(f"{'、'.join(settled)}在所选月份没有要交的党费（可能已经登记过），请去掉后再保存。")
    if not payments:
        raise ValidationError("请至少选一名党员。")
    for payment in payments:
        payment.clean_fields(exclude=["member", "recorded_by", "reverses"])
    return list(DuesPayment.objects.bulk_create(payments))


def _payments_of(account: Account, months: Sequence[date], facts: PaymentFacts, actor: User) -> list[DuesPayment]:
    payments = []
    for month in months:
        amount = account.open_in(month_number(month))
        if amount:
            payment = DuesPayment(
                member=account.member,
                month=month,
                amount=amount,
                paid_on=facts.paid_on,
                method=facts.method,
                receipt_no=facts.receipt_no.strip(),
                recorded_by=actor,
            )
            payment.receipt_no = _receipt_no(payment) if month_number(month) in account.paid else payment.receipt_no
            payments.append(payment)
    return payments


@transaction.atomic
def reverse_payment(*, actor: User, payment: DuesPayment, reason: str) -> DuesPayment:
    """Take back a payment that was recorded by mistake, by a second row of the negative amount; return that row.

    Both stay. Raises ValidationError for one that was reversed already, or is a reversal itself, and without a reason.
    """
    if not reason.strip():
        raise ValidationError({"reason": "请写明冲销的理由。"})
    lock_members([payment.member])
    locked = DuesPayment.objects.select_for_update(no_key=True).get(pk=payment.pk)
    if locked.reverses_id is not None:
        raise ValidationError("这一笔本身就是冲销，不能再冲销；需要时请重新登记交纳。")
    if DuesPayment.objects.filter(reverses=locked).exists():
        raise ValidationError("这一笔已经冲销过。")
    reversal = DuesPayment(
        member_id=locked.member_id,
        month=locked.month,
        amount=-locked.amount,
        paid_on=today(),
        method=locked.method,
        receipt_no=locked.receipt_no,
        note=reason.strip(),
        reverses=locked,
        recorded_by=actor,
    )
    reversal.full_clean()
    reversal.save()
    return reversal


def _receipt_no(payment: DuesPayment) -> str:
    """Return the receipt's number; with 更正 where the same payment was recorded and reversed before.

    Member, month, day and receipt number make a payment the same one, and the reversed row stays. Raises
    ValidationError when the same one stands unreversed.
    """
    number, count = payment.receipt_no.strip(), 0
    same = DuesPayment.objects.filter(
        member=payment.member_id, month=payment.month, paid_on=payment.paid_on, reverses__isnull=True
    )
    stands = dict(same.values_list("receipt_no", "reversed_by"))
    wanted = number
    while wanted in stands:
        if stands[wanted] is None:
            raise ValidationError({"receipt_no": "同一党员、同一月份、同一天已登记过一笔，请填写另一个收据号。"})
        count += 1
        wanted = f"{number}更正{count}"
    return wanted


def _check_day(day: date) -> None:
    if day > today():
        raise ValidationError({"paid_on": "交纳日期不能晚于今天。"})


def _month(day: date) -> str:
    return in_words(day, Precision.MONTH)
