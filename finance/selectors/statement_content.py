"""What a statement says: drawn from posted vouchers, and held to a list of what may be public.

The content is JSON: days as ``2017-03-31``, money in yuan as text with two decimals. It has no payee and no person.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from chishang.core.dates import in_words
from chishang.core.money import CENT, ZERO
from chishang.core.text import clean_name
from finance.models import Budget, Voucher, VoucherLine
from finance.models.budgets import signed_amount
from finance.models.statements import quarter_bounds
from organizations.models import Village

FORM = 1
"""Number of the form below; a later form gets another, so that old statements stay readable."""
QUARTERS = "一二三四"
TEXT, NUMBER = re.compile(r".*", re.DOTALL), int
DAY, MONEY = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"-?\d+\.\d\d")
PLAN = {"plan": MONEY, "paid_before": MONEY, "paid_in": MONEY, "paid": MONEY, "waiting": MONEY}
SUMS = dict.fromkeys(("opening_debit", "opening_credit", "debit", "credit", "closing_debit", "closing_credit"), MONEY)
PUBLIC_CONTENT: dict[str, Any] = {
    "form": NUMBER,
    "village": {"code": TEXT, "name": TEXT},
    "year": NUMBER,
    "quarter": NUMBER,
    "first": DAY,
    "last": DAY,
    "subjects": [{"name": TEXT, "plan_year": NUMBER, **PLAN}],
    "subjects_total": PLAN,
    "vouchers": [{"date": DAY, "code": TEXT, "subject": TEXT, "summary": TEXT, "amount": MONEY, "reverses": TEXT}],
    "vouchers_total": MONEY,
    "accounts": [{"code": TEXT, "name": TEXT, **SUMS}],
    "accounts_total": SUMS,
}
"""Everything that may stand in a statement. Whatever is not written here is not public."""

GAP = r"[\s.\-－–—·]{0,2}"
VOUCHER_CODE = r"(?<=记-)\d{6}-\d{4,8}(?!\d)"
PERSONAL_NUMBER = re.compile(rf"(?!{VOUCHER_CODE})(?<!记-\d{{6}}-)(?<!\d)\d(?:{GAP}\d){{10,}}[Xx]?")
"""Eleven digits or more: a telephone, an ID number or a bank card. A voucher number (记-201703-0001) is none."""
NUMBER_LEFT_OUT, PAYEE_LEFT_OUT = "（号码略）", "（收款人略）"
SHORTEST_NAME = 2
BODIES = ("村", "村委会", "村民委员会", "合作社", "党支部", "居委会")
"""Ends of the names of a village's own bodies, which may be named as payee."""
BETWEEN_NAMES = re.compile(r"[、，,；;（）()\s和与及]+")


def title_of(content: Mapping[str, Any]) -> str:
    """Return the title of the office's form."""
    quarter = QUARTERS[content["quarter"] - 1]
    return f"池上镇{content['village']['name']} {content['year']}年第{quarter}季度村级经费收支公开表"


def check_public(content: Any) -> None:
    """Raise ValueError, naming the place, when ``content`` has anything but what may be public."""
    _check_part(content, PUBLIC_CONTENT, "")


def _check_part(part: Any, allowed: Any, place: str) -> None:
    if isinstance(allowed, dict):
        if not isinstance(part, dict) or set(part) != set(allowed):
            names = set(part) ^ set(allowed) if isinstance(part, dict) else set(allowed)
            raise ValueError(f"公开表的栏目不对：{place or '整张表'}（{'、'.join(sorted(map(str, names)))}）")
        for name, rule in allowed.items():
            _check_part(part[name], rule, f"{place}.{name}".lstrip("."))
    elif isinstance(allowed, list):
        if not isinstance(part, list):
            raise ValueError(f"公开表的栏目不对：{place}")
        for row in part:
            _check_part(row, allowed[0], place)
    elif not _is_allowed(part, allowed):
        raise ValueError(f"公开表里有不能公开的内容：{place}")


def _is_allowed(value: Any, rule: Any) -> bool:
    if rule is NUMBER:
        return isinstance(value, int) and not isinstance(value, bool)
    if not isinstance(value, str) or not rule.fullmatch(value):
        return False
    return rule is not TEXT or not PERSONAL_NUMBER.search(value)


def statement_content(village: Village, year: int, quarter: int) -> dict[str, Any]:
    """Return what the ledger says today of the village's quarter, with a constant number of queries."""
    first, last = quarter_bounds(year, quarter)
    vouchers = Voucher.objects.filter(organization=village.branch_id, date__lte=last)
    subjects = _subjects(vouchers, village, year, (first, last))
    listed = list(
        vouchers.filter(date__gte=first).signed().select_related("subject", "reverses").order_by("year", "number")
    )
    accounts = _accounts(village, first, last)
    return {
        "form": FORM,
        "village": {"code": village.code, "name": village.name},
        "year": year,
        "quarter": quarter,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "subjects": [_written(row) for row in subjects],
        "subjects_total": _total(subjects, PLAN),
        "vouchers": [_voucher(one, village) for one in listed],
        "vouchers_total": _yuan(sum((one.effect for one in listed), ZERO)),
        "accounts": [_written(row) for row in accounts],
        "accounts_total": _total(accounts, SUMS),
    }


def readable(content: Any) -> Any:
    """Return checked content as people read it: ``1,000.00`` and ``2017年3月31日``; the rest as it is."""
    if isinstance(content, dict):
        return {name: readable(value) for name, value in content.items()}
    if isinstance(content, list):
        return [readable(row) for row in content]
    if isinstance(content, str) and MONEY.fullmatch(content):
        return f"{Decimal(content):,.2f}"
    if isinstance(content, str) and DAY.fullmatch(content):
        return in_words(date.fromisoformat(content))
    return content


def _subjects(vouchers: Any, village: Village, year: int, bounds: tuple[date, date]) -> list[dict[str, Any]]:
    """Return one row a subject: those planned for the year, and older budgets that were still paid in the quarter."""
    first, last = bounds
    inside = Q(date__gte=first)
    still_paid = vouchers.filter(inside).values("budget")
    budgets = Budget.objects.filter(Q(year=year) | Q(pk__in=still_paid), organization=village.branch_id)
    rows = {
        (budget.year, budget.subject_id): _row(budget.subject, budget.year, budget.planned)
        for budget in budgets.planned_on(last).select_related("subject").order_by("-year", "subject__sort_no", "pk")
    }
    paid = vouchers.filter(Q(budget__in=budgets) | Q(budget=None, year=year)).order_by("subject__sort_no", "subject")
    paid = paid.values("budget__year", "subject", "subject__name").annotate(
        before=Sum(signed_amount(), filter=~inside), inside=Sum(signed_amount(), filter=inside)
    )
    for one in paid:
        plan_year = one["budget__year"] or year
        key = (plan_year, one["subject"])
        row = rows.setdefault(key, _row(one["subject__name"], plan_year, ZERO))
        row["paid_before"] += one["before"] or ZERO
        row["paid_in"] += one["inside"] or ZERO
    for row in rows.values():
        row["paid"] = row["paid_before"] + row["paid_in"]
        row["waiting"] = row["plan"] - row["paid"]
    return list(rows.values())


def _row(subject: object, plan_year: int, plan: Decimal) -> dict[str, Any]:
    return {"name": str(subject), "plan_year": plan_year, **dict.fromkeys(PLAN, ZERO), "plan": plan}


def _voucher(voucher: Voucher, village: Village) -> dict[str, str]:
    return {
        "date": voucher.date.isoformat(),
        "code": voucher.code,
        "subject": voucher.subject.name,
        "summary": public_summary(voucher, village),
        "amount": _yuan(voucher.effect),  # type: ignore[attr-defined]  # annotated by signed()
        "reverses": voucher.reverses.code if voucher.reverses else "",
    }


def public_summary(voucher: Voucher, village: Village) -> str:
    """Return the summary without numbers of persons and without the payee, unless that is a body of the village."""
    payee, text = voucher.payee.strip(), voucher.summary
    if village.name not in payee or not payee.endswith(BODIES):
        names = (name.removeprefix(village.name) for name in (payee, *BETWEEN_NAMES.split(payee)))
        for name in sorted({one for one in names if len(one) >= SHORTEST_NAME}, key=len, reverse=True):
            text = re.sub(r"\s*".join(map(re.escape, clean_name(name))), PAYEE_LEFT_OUT, text)
    return PERSONAL_NUMBER.sub(NUMBER_LEFT_OUT, text)


def _accounts(village: Village, first: date, last: date) -> list[dict[str, Any]]:
    """Return the sums of each account: what stood before the quarter, what moved in it, what stands at its end."""
    before, inside = Q(voucher__date__lt=first), Q(voucher__date__gte=first)
    lines = VoucherLine.objects.filter(voucher__organization=village.branch_id, voucher__date__lte=last)
    sums = lines.order_by("account__code").values("account__code", "account__name")
    sums = sums.annotate(
        debit_before=Sum("debit", filter=before, default=ZERO),
        credit_before=Sum("credit", filter=before, default=ZERO),
        debit_inside=Sum("debit", filter=inside, default=ZERO),
        credit_inside=Sum("credit", filter=inside, default=ZERO),
    )
    rows = []
    for one in sums:
        opening = one["debit_before"] - one["credit_before"]
        closing = opening + one["debit_inside"] - one["credit_inside"]
        rows.append(
            {
                "code": one["account__code"],
                "name": one["account__name"],
                "opening_debit": max(opening, ZERO),
                "opening_credit": max(-opening, ZERO),
                "debit": one["debit_inside"],
                "credit": one["credit_inside"],
                "closing_debit": max(closing, ZERO),
                "closing_credit": max(-closing, ZERO),
            }
        )
    return rows


def _yuan(amount: Decimal) -> str:
    return str(amount.quantize(CENT))


def _written(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _yuan(value) if isinstance(value, Decimal) else value for name, value in row.items()}


def _total(rows: list[dict[str, Any]], names: Mapping[str, Any]) -> dict[str, str]:
    return {name: _yuan(sum((row[name] for row in rows), ZERO)) for name in names}
