"""``manage.py ledger_check``: add up the whole ledger again, in SQL and in Python, and check what must always hold."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from chishang.core.money import ZERO
from finance.models import Voucher
from finance.selectors.balance import AccountSum, trial_balance_python, trial_balance_sql
from finance.selectors.checks import INVARIANTS

SHOWN = 50
"""Findings told of each invariant."""


class Command(BaseCommand):
    """Tells each invariant with ✓ or with what was found; exits with 1 when anything was."""

    help = "核对全部账目：逐项检查，并用数据库和程序各算一遍试算平衡。发现问题时退出码为 1。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Check and tell; the ledger may go on moving meanwhile."""
        with snapshot():
            sound = self._tell_invariants()
            sound = self._tell_balance(trial_balance_sql(), trial_balance_python()) and sound
        if not sound:
            self.stderr.write("账目有问题。请不要自行改动数据，先备份，再查明原因。")
            sys.exit(1)
        self.stdout.write(self.style.SUCCESS("账目全部相符。"))

    def _tell_invariants(self) -> bool:
        sound = True
        for number, (title, check) in enumerate(INVARIANTS, 1):
            found = check()
            self.stdout.write(f"{'✗' if found else '✓'} {number:2} {title}")
            for finding in found[:SHOWN]:
                self.stdout.write(f"     {finding}")
            if len(found) > SHOWN:
                self.stdout.write(f"     ……共 {len(found)} 处")
            sound = sound and not found
        return sound

    def _tell_balance(self, first: list[AccountSum], second: list[AccountSum]) -> bool:
        debits = sum((one.debits for one in first), start=ZERO)
        credits_ = sum((one.credits for one in first), start=ZERO)
        sound = first == second and debits == credits_
        self.stdout.write(f"{'✓' if sound else '✗'}    试算平衡：数据库与程序各算一遍")
        told = f"{Voucher.objects.count()} 张凭证，借方合计 {debits:.2f} 元，贷方合计 {credits_:.2f} 元"
        self.stdout.write(f"     {told}")
        for one in sorted(set(first) ^ set(second), key=lambda one: one.code):
            whose = "数据库" if one in first else "程序"
            self.stdout.write(f"     科目 {one.code}：{whose}算得借方 {one.debits:.2f}，贷方 {one.credits:.2f}")
        return sound


@contextmanager
def snapshot() -> Iterator[None]:
    """See all tables as they stood at one moment, so that a posting meanwhile is in all of them or in none.

    Inside another transaction it is that one's to decide.
    """
    inside = connection.in_atomic_block
    with transaction.atomic():
        if not inside:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
