"""``manage.py ledger_check``: what it tells, and how it ends."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connections, transaction

from finance.management.commands.ledger_check import snapshot
from finance.models import Voucher, VoucherLine
from tests.factories import Town, build_town
from tests.finance.money import import_voucher, make_budget, make_voucher
from tests.finance.test_checks import force


def run() -> tuple[int, str, str]:
    """Exit code, and what was told on both channels."""
    out, err = StringIO(), StringIO()
    try:
        call_command("ledger_check", stdout=out, stderr=err)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_sound_ledger_is_told_point_by_point(town: Town) -> None:
    make_voucher(town, make_budget(town.own.branch), "100.00")
    import_voucher(town.foreign.branch, date(2017, 6, 30), "7.50")
    code, out, err = run()
    assert (code, err) == (0, "")
    assert out.count("✓") == 13
    assert "✗" not in out
    assert "2 张凭证，借方合计 107.50 元，贷方合计 107.50 元" in out
    assert "账目全部相符" in out


def test_empty_ledger_is_sound(db: None) -> None:
    assert run()[0] == 0


def test_finding_is_told_with_its_row_and_ends_with_one(town: Town) -> None:
    voucher = make_voucher(town, make_budget(town.own.branch), "100.00")
    force("UPDATE finance_voucherline SET debit = 99.99 WHERE voucher_id = %s AND number = 1", voucher.pk)
    code, out, err = run()
    assert code == 1
    assert f"✗  1 每张凭证借方、贷方、金额相等\n     {voucher.code}：借方 99.99、贷方 100.00、凭证金额 100.00" in out
    assert "✗    试算平衡" in out
    assert "先备份，再查明原因" in err
    assert "账目全部相符" not in out


def test_many_findings_are_cut(town: Town) -> None:
    for day in range(1, 19):
        for _ in range(3):
            import_voucher(town.own.branch, date(2017, 6, day), "1.00")
    force("UPDATE finance_voucher SET amount = 2 WHERE year = %s", 2017)
    code, out, _ = run()
    assert code == 1
    assert "……共 54 处" in out
    assert out.count("三者不等") == 50


@pytest.mark.django_db(transaction=True)
def test_command_sees_one_moment_though_vouchers_are_posted_meanwhile() -> None:
    town = build_town()
    budget = make_budget(town.own.branch)
    make_voucher(town, budget, "100.00")

    def post() -> None:
        try:
            make_voucher(town, budget, "1.00")
        finally:
            connections.close_all()

    with snapshot():
        assert Voucher.objects.count() == 1
        with ThreadPoolExecutor(1) as pool:
            pool.submit(post).result()
        assert VoucherLine.objects.count() == 2
        with pytest.raises(DatabaseError), transaction.atomic():
            budget.save()
    assert (Voucher.objects.count(), VoucherLine.objects.count()) == (2, 4)
    assert run()[0] == 0
