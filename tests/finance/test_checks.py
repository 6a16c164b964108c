"""Each invariant is broken on purpose, past all guards, as only somebody with the database's own rights could."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from chishang.core.guards import check_deferred
from finance.enums import SealKind
from finance.models import DividendScheme, Voucher
from finance.models.statements import digest
from finance.selectors import checks
from finance.selectors.balance import trial_balance_python, trial_balance_sql
from finance.services import close_period, draft_reversal, post_request, submit_request
from organizations.enums import DutyCode as D
from tests.factories import Town
from tests.finance.disclosure import make_released
from tests.finance.money import YUAN, import_voucher, make_budget, make_submitted, make_voucher, seal_both

DAY = timezone.localdate().replace(year=2017, month=6, day=30)


def force(statement: str, *values: Any) -> None:
    """Run a statement with triggers and foreign keys switched off; the test's transaction is rolled back."""
    check_deferred()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = DEFAULT")


def drop(constraint: str, table: str) -> None:
    """Take a constraint away; the test's transaction brings it back."""
    check_deferred()
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")


def told(check: Callable[[], list[checks.Finding]]) -> list[str]:
    """What the check says. No other invariant is asked."""
    return [str(finding) for finding in check()]


def reverse(town: Town, voucher: Voucher) -> Voucher:
    clerk = town.people[D.ACCOUNTANT]
    request, _ = draft_reversal(actor=clerk, op_id=uuid4(), voucher=voucher, reason="重复")
    submit_request(actor=clerk, request=request)
    return post_request(actor=clerk, request=seal_both(town, request))


@pytest.fixture
def voucher(town: Town) -> Voucher:
    """A posted voucher of the own village, beside one of the foreign village and one that waits for a seal."""
    other = make_budget(town.foreign.branch)
    import_voucher(town.foreign.branch, DAY, "7.00", budget=make_budget(town.foreign.branch, year=2017))
    make_submitted(town, other, "5.00", actor=town.people[D.ACCOUNTANT])
    return make_voucher(town, make_budget(town.own.branch, "1000.00"), "100.00")


def test_sound_ledger_has_no_findings(town: Town, voucher: Voucher) -> None:
    reverse(town, voucher)
    make_released(town)
    close_period(actor=town.people[D.ACCOUNTANT], year=2017, month=6)
    assert checks.all_findings() == []
    assert trial_balance_sql() == trial_balance_python()
    assert len(checks.INVARIANTS) == 12


def test_empty_ledger_has_no_findings(db: None) -> None:
    assert checks.all_findings() == []
    assert trial_balance_sql() == trial_balance_python() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE finance_voucher SET amount = amount + 0.01 WHERE id = %s",
        "UPDATE finance_voucherline SET debit = debit + 0.01 WHERE voucher_id = %s AND number = 1",
        "UPDATE finance_voucherline SET credit = credit - 0.01 WHERE voucher_id = %s AND number = 2",
        "DELETE FROM finance_voucherline WHERE voucher_id = %s",
    ],
)
def test_unbalanced_voucher_is_found(voucher: Voucher, statement: str) -> None:
    force(statement, voucher.pk)
    (text,) = told(checks.check_balance)
    assert text.startswith(voucher.code)
    assert "三者不等" in text


def test_missing_added_and_stray_entries_are_found(voucher: Voucher) -> None:
    force("UPDATE finance_voucher SET line_count = 3 WHERE id = %s", voucher.pk)
    assert told(checks.check_lines) == [f"{voucher.code}：应有 3 条分录，实有 2 条。"]
    force("DELETE FROM finance_voucher WHERE id = %s", voucher.pk)
    assert told(checks.check_lines) == [f"凭证编号 {voucher.pk}：有分录而没有凭证。"]


def test_voucher_with_one_entry_is_found_though_its_head_says_so(voucher: Voucher) -> None:
    drop("voucher_has_two_sides", "finance_voucher")
    force("DELETE FROM finance_voucherline WHERE voucher_id = %s AND number = 2", voucher.pk)
    force("UPDATE finance_voucher SET line_count = 1 WHERE id = %s", voucher.pk)
    assert told(checks.check_lines) == [f"{voucher.code}：应有 1 条分录，实有 1 条。"]


def test_gap_in_own_numbers_is_found(town: Town, voucher: Voucher) -> None:
    make_voucher(town, voucher.budget, "1.00")
    force("DELETE FROM finance_voucher WHERE id = %s", voucher.pk)
    assert told(checks.check_numbers) == [f"{voucher.year}年第 1 号：凭证缺号，请立即查明。"]


def test_missing_last_voucher_is_found(voucher: Voucher) -> None:
    force("DELETE FROM finance_voucher WHERE id = %s", voucher.pk)
    assert told(checks.check_numbers) == [f"{voucher.year}年：最后的凭证是第 0 号，编号却已到第 1 号。"]


def test_gap_among_imported_numbers_is_told_as_such(town: Town, voucher: Voucher) -> None:
    import_voucher(town.own.branch, DAY, "1.00", number=5)
    assert told(checks.check_numbers) == ["2017年第 2 至 4 号：台账转入的凭证缺号，请对照原台账。"]


def test_number_used_twice_and_missing_counter_are_found(town: Town, voucher: Voucher) -> None:
    make_voucher(town, voucher.budget, "1.00")
    drop("voucher_number_once", "finance_voucher")
    force("UPDATE finance_voucher SET number = 1 WHERE year = %s", voucher.year)
    force("DELETE FROM finance_fiscalyear WHERE year = %s", voucher.year)
    assert told(checks.check_numbers) == [
        f"{voucher.year}年第 1 号：有两张凭证用了这个号。",
        f"{voucher.year}年：有凭证，没有编号记录。",
    ]


def test_date_outside_the_year_and_other_code_are_found(voucher: Voucher) -> None:
    drop("voucher_in_its_year", "finance_voucher")
    moved = voucher.date - timedelta(days=366)
    force("UPDATE finance_voucher SET date = %s WHERE id = %s", moved, voucher.pk)
    assert told(checks.check_dates) == [
        f"{voucher.code}：日期 {moved} 不在 {voucher.year} 年度。",
        f"{voucher.code}：凭证号与日期、序号不符，应为 记-{moved:%Y%m}-0001。",
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE finance_budget SET amount = 99.99 WHERE id = %s",
        "UPDATE finance_budget SET held = 900.01 WHERE id = %s",
        "UPDATE finance_voucher SET amount = 1000.01 WHERE budget_id = %s",
    ],
)
def test_overdrawn_pool_is_found(voucher: Voucher, statement: str) -> None:
    force(statement, voucher.budget_id)
    (text,) = told(checks.check_pools)
    assert "超出可用的金额" in text
    assert "已拨付" in text


def test_request_counts_in_the_pool_and_a_draft_does_not(town: Town, voucher: Voucher) -> None:
    make_submitted(town, voucher.budget, "900.00")
    force("UPDATE finance_budget SET amount = 999.99 WHERE id = %s", voucher.budget_id)
    assert "已申请 900.00" in told(checks.check_pools)[0]
    force("UPDATE finance_disbursement SET state = 'draft' WHERE amount = 900")
    assert told(checks.check_pools) == []


def test_negative_part_of_a_pool_is_found(town: Town, voucher: Voucher) -> None:
    facts = {"assessed_on": DAY, "result": "优秀", "decided_by": "镇党委"}
    budget: Any = voucher.budget
    budget.held = YUAN("10.00")
    budget.save()
    budget.assessments.create(released=YUAN("10.00"), **facts)
    force("UPDATE finance_assessment SET released = 10.01 WHERE budget_id = %s", budget.pk)
    assert told(checks.check_pools) == [f"{budget}：待考核 -0.01 元，是负数。"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("amount = amount + 1", "金额"),
        ("organization_id = (SELECT parent_id FROM organizations_organization WHERE id = organization_id)", "单位"),
        ("subject_id = (SELECT max(id) FROM finance_subject)", "科目"),
        ("budget_id = (SELECT max(id) FROM finance_budget WHERE id <> budget_id)", "预算"),
        ("maker_id = checker_id, checker_id = maker_id", "经办人"),
    ],
)
def test_voucher_that_differs_from_its_request_is_found(voucher: Voucher, change: str, words: str) -> None:
    force(f"UPDATE finance_voucher SET {change} WHERE id = %s", voucher.pk)
    assert told(checks.check_posted) == [f"{voucher.code}：{words}与拨付申请不同。"]


def test_posted_request_without_voucher_is_found(voucher: Voucher) -> None:
    force("DELETE FROM finance_voucher WHERE id = %s", voucher.pk)
    assert told(checks.check_posted) == [f"拨付申请 {voucher.disbursement_id}：已入账的申请应有一张凭证，实有 0 张。"]


def test_voucher_without_posted_request_is_found(voucher: Voucher) -> None:
    force("UPDATE finance_disbursement SET state = 'approved' WHERE id = %s", voucher.disbursement_id)
    assert told(checks.check_posted) == [f"{voucher.code}：拨付申请不是“已入账”。"]


def test_voucher_without_request_is_found(voucher: Voucher) -> None:
    drop("voucher_by_three_people", "finance_voucher")
    force("UPDATE finance_voucher SET disbursement_id = NULL WHERE id = %s", voucher.pk)
    assert f"{voucher.code}：不是台账转入，也没有拨付申请。" in told(checks.check_posted)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM finance_seal WHERE disbursement_id = %s AND kind = 'approve'", "没有复核、批准各一枚印鉴。"),
        ("UPDATE finance_seal SET amount = 99.99 WHERE disbursement_id = %s", "印鉴所盖的内容与申请不同。"),
        ("UPDATE finance_seal SET payee = '别人' WHERE disbursement_id = %s", "印鉴所盖的内容与申请不同。"),
        ("UPDATE finance_seal SET purpose = '别的' WHERE disbursement_id = %s", "印鉴所盖的内容与申请不同。"),
        ("UPDATE finance_disbursement SET payee = '别人' WHERE id = %s", "印鉴所盖的内容与申请不同。"),
    ],
)
def test_request_without_right_seals_is_found(voucher: Voucher, statement: str, words: str) -> None:
    force(statement, voucher.disbursement_id)
    assert told(checks.check_seals) == [f"拨付申请 {voucher.disbursement_id}：{words}"]


def test_seals_by_one_person_and_by_the_maker_are_found(voucher: Voucher) -> None:
    drop("seal_by_two_people", "finance_seal")
    drop("seal_not_by_maker", "finance_seal")
    key = voucher.disbursement_id
    force("UPDATE finance_seal SET signer_id = %s WHERE disbursement_id = %s", voucher.checker_id, key)
    assert told(checks.check_seals) == [f"拨付申请 {key}：两枚印鉴是同一个人盖的。"]
    force(
        "UPDATE finance_seal SET signer_id = maker_id WHERE disbursement_id = %s AND kind = %s", key, SealKind.APPROVE
    )
    assert told(checks.check_seals) == [f"拨付申请 {key}：有经办人自己盖的印鉴。"]


@pytest.mark.parametrize("state", ["approved", "posted"])
def test_seals_are_asked_of_approved_and_posted_requests(town: Town, state: str) -> None:
    request, waiting = (
        make_submitted(town),
        make_submitted(town, make_budget(town.foreign.branch, year=2017), "1.00", actor=town.people[D.ACCOUNTANT]),
    )
    force("UPDATE finance_disbursement SET state = %s WHERE id = %s", state, request.pk)
    assert waiting.state == "submitted"
    assert told(checks.check_seals) == [f"拨付申请 {request.pk}：没有复核、批准各一枚印鉴。"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE finance_voucher SET amount = 1 WHERE id = %s",
        "UPDATE finance_voucherline SET debit = credit, credit = debit WHERE voucher_id = %s",
        "UPDATE finance_voucherline SET account_id = (SELECT max(id) FROM finance_account) WHERE voucher_id = %s",
        "DELETE FROM finance_voucherline WHERE voucher_id = %s AND number = 2",
    ],
)
def test_reversal_that_is_no_mirror_is_found(town: Town, voucher: Voucher, statement: str) -> None:
    reversal = reverse(town, voucher)
    force(statement, reversal.pk)
    assert told(checks.check_reversals) == [f"{reversal.code}：与所冲销的 {voucher.code} 不是借贷相反的同一笔。"]


def test_second_reversal_and_reversal_of_a_reversal_are_found(town: Town, voucher: Voucher) -> None:
    first = reverse(town, voucher)
    second = reverse(town, make_voucher(town, voucher.budget, "100.00"))
    drop("finance_voucher_reverses_id_key", "finance_voucher")
    force("UPDATE finance_voucher SET reverses_id = %s WHERE id = %s", voucher.pk, second.pk)
    assert told(checks.check_reversals) == [
        f"{first.code}：{voucher.code} 冲销了 2 次。",
        f"{second.code}：{voucher.code} 冲销了 2 次。",
    ]
    force("UPDATE finance_voucher SET reverses_id = %s WHERE id = %s", first.pk, second.pk)
    assert f"{second.code}：冲销了冲销凭证 {first.code}。" in told(checks.check_reversals)


def test_dividend_whose_parts_are_not_the_whole_is_found(town: Town) -> None:
    scheme = DividendScheme.objects.create(village=town.own, enterprise="瑞禾公司", capital=YUAN("1000.00"))
    numbers = {"year": 2017, "households": 1, "persons": 2}
    dividend = scheme.dividends.create(amount=YUAN("80.00"), village_amount=YUAN("24.00"), **numbers)
    people = [dividend.beneficiaries.create(household_no=1, household="孙东", name=name) for name in ("孙东", "孙西")]
    dividend.beneficiaries.create(household_no=2, household="周中", name="周中", is_active=False, amount=YUAN("9.00"))
    assert told(checks.check_dividends) == []  # the list is there, the parts are not set yet

    dividend.beneficiaries.filter(pk=people[0].pk).update(amount=YUAN("28.00"))
    assert told(checks.check_dividends) == [
        f"{dividend}：名单上有 1 人没有分到金额。",
        f"{dividend}：村集体 24.00 加受益人 28.00，不等于总额 80.00（元）。",
    ]
    dividend.beneficiaries.filter(pk=people[1].pk).update(amount=YUAN("28.01"))
    assert told(checks.check_dividends) == [f"{dividend}：村集体 24.00 加受益人 56.01，不等于总额 80.00（元）。"]
    dividend.beneficiaries.filter(pk=people[1].pk).update(amount=YUAN("28.00"))
    assert told(checks.check_dividends) == []
    drop("dividend_share_within_whole", "finance_dividend")
    force("UPDATE finance_dividend SET village_amount = 80.01 WHERE id = %s", dividend.pk)
    assert told(checks.check_dividends)[0] == f"{dividend}：村集体所得 80.01 元不在 0 到分红总额 80.00 元之间。"


def test_changed_statement_is_found(town: Town, voucher: Voucher) -> None:
    released = make_released(town)
    make_released(town, town.foreign)
    force("UPDATE finance_statement SET content = '{\"form\": 9}' WHERE id = %s", released.pk)
    assert told(checks.check_statements) == [f"{released}第 1 版：内容与校验码不符，被改动过。"]
    force("UPDATE finance_statement SET sha256 = %s WHERE id = %s", digest({"form": 9}), released.pk)
    assert told(checks.check_statements) == []


def test_missing_version_of_a_statement_is_found(town: Town, voucher: Voucher) -> None:
    released = make_released(town)
    drop("statement_correction_says_why", "finance_statement")
    force("UPDATE finance_statement SET version = 2 WHERE id = %s", released.pk)
    assert told(checks.check_statements) == [f"{released}：公开表缺版本，现有第 2 版。"]


def test_entry_outside_the_chart_is_found(voucher: Voucher) -> None:
    line: Any = voucher.lines.first()
    force("DELETE FROM finance_account WHERE id = %s", line.account_id)
    codes = {text.partition("：")[0] for text in told(checks.check_accounts)}
    assert codes == {voucher.code, "记-201706-0001"}


def test_voucher_posted_after_the_closing_is_found(town: Town, voucher: Voucher) -> None:
    close_period(actor=town.people[D.ACCOUNTANT], year=2017, month=6)
    assert told(checks.check_periods) == []
    later = timezone.now() + timedelta(seconds=1)
    force("UPDATE finance_voucher SET posted_at = %s WHERE year = 2017", later)
    assert told(checks.check_periods) == ["记-201706-0001：2017年6月已经结账，这张凭证是结账后入账的。"]


def test_checks_do_not_ask_more_with_more_vouchers(
    town: Town, voucher: Voucher, django_assert_num_queries: Any
) -> None:
    reverse(town, voucher)
    with django_assert_num_queries(24):
        checks.all_findings()
    for _ in range(2):
        reverse(town, make_voucher(town, voucher.budget, "1.00"))
    with django_assert_num_queries(24):
        checks.all_findings()
