"""The trial balance (试算平衡), computed twice without anything in common: by the database, and row by row here."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import Count, Sum

from chishang.core.money import ZERO
from finance.models import Account, VoucherLine

CHUNK = 5000
"""Entries read at a time."""


@dataclass(frozen=True)
class AccountSum:
    """What moved on one account, in yuan."""

    code: str
    debits: Decimal
    credits: Decimal


def trial_balance_sql() -> list[AccountSum]:
    """Return the sums by account in the order of their codes, as PostgreSQL adds them."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT coalesce(account.code, '—'), sum(line.debit), sum(line.credit)
            FROM finance_voucherline line LEFT JOIN finance_account account ON account.id = line.account_id
            GROUP BY account.code
        """)
        return sorted((AccountSum(*row) for row in cursor.fetchall()), key=lambda one: one.code)


def trial_balance_python() -> list[AccountSum]:
    """Return the same, each entry of each voucher added here."""
    codes = dict(Account.objects.values_list("pk", "code"))
    debits: dict[str, Decimal] = defaultdict(lambda: ZERO)
    credits_: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for line in VoucherLine.objects.order_by("pk").iterator(CHUNK):
        code = codes.get(line.account_id, "—")
        debits[code] += line.debit
        credits_[code] += line.credit
    return [AccountSum(code, debits[code], credits_[code]) for code in sorted(debits)]


def sums_of_lines() -> dict[int, tuple[Decimal, Decimal, int]]:
    """Return debits, credits (yuan) and the number of entries by the key of the voucher."""
    rows = VoucherLine.objects.order_by().values("voucher")
    sums = rows.annotate(debits=Sum("debit"), credits=Sum("credit"), entries=Count("pk"))
    return {row["voucher"]: (row["debits"], row["credits"], row["entries"]) for row in sums}
