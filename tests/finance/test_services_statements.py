"""Disclosure: what a statement says, who draws it up, checks, releases and withdraws it."""

from copy import deepcopy
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finance.enums import StatementState, SubjectCode
from finance.models import Statement, Voucher
from finance.models.statements import digest, quarter_bounds
from finance.selectors.statement_content import (
    NUMBER_LEFT_OUT,
    PAYEE_LEFT_OUT,
    check_public,
    statement_content,
    title_of,
)
from finance.selectors.statements import fault_of
from finance.services import (
    check_statement,
    draft_reversal,
    post_request,
    submit_request,
)
from organizations.enums import DutyCode as D
from tests.factories import Town
from tests.finance.disclosure import (
    DAY,
    QUARTER,
    YEAR,
    fill_ledger,
    make_checked,
    make_draft,
    releaser,
)
from tests.finance.money import YUAN, import_voucher, make_budget, make_voucher, seal_both

S = StatementState
STATEMENT_QUERIES = 4
"""Budgets, what was paid of them, vouchers, entries."""


def content_of(town: Town, year: int = YEAR, quarter: int = QUARTER) -> dict[str, Any]:
    return statement_content(town.own, year, quarter)


def add(rows: list[dict[str, Any]], name: str) -> Decimal:
    return sum((YUAN(row[name]) for row in rows), YUAN("0.00"))


def test_statement_says_plan_and_payments_of_its_quarter(town: Town) -> None:
    budget = make_budget(town.own.branch, "1000.00", year=YEAR)
    other = make_budget(town.foreign.branch, "9000.00", year=YEAR)
    for day, amount in ((date(2017, 3, 31), "100.10"), (date(2017, 4, 1), "50.00"), (date(2017, 7, 1), "7.00")):
        import_voucher(town.own.branch, day, amount, budget=budget, summary=f"拨付{amount}")
    import_voucher(town.foreign.branch, date(2017, 4, 2), "999.00", budget=other, summary="外村的摘要")

    content = make_draft(town, quarter=2).content

    assert content["subjects"] == [
        {
            "name": "村级组织运转经费",
            "plan_year": 2017,
            "plan": "1000.00",
            "paid_before": "100.10",
            "paid_in": "50.00",
            "paid": "150.10",
            "waiting": "849.90",
        }
    ]
    assert [(one["date"], one["amount"], one["summary"]) for one in content["vouchers"]] == [
        ("2017-04-01", "50.00", "拨付50.00")
    ]
    assert [
        (one["code"], one["opening_debit"], one["debit"], one["closing_debit"]) for one in content["accounts"]
    ] == [
        ("102", "100.10", "50.00", "150.10"),
        ("503", "0.00", "0.00", "0.00"),
    ]
    assert content["accounts"][1]["closing_credit"] == "150.10"
    assert "外村" not in str(content)
    assert title_of(content) == "池上镇本村 2017年第二季度村级经费收支公开表"


def test_statement_counts_an_adjustment_from_its_day(town: Town) -> None:
    budget = make_budget(town.own.branch, "1000.00", year=YEAR)
    budget.adjustments.create(amount=YUAN("1.00"), decided_on=date(2017, 4, 1), reason="追加", decided_by="镇政府")

    assert [content_of(town, quarter=one)["subjects"][0]["plan"] for one in (1, 2)] == ["1000.00", "1001.00"]


def test_statement_shows_an_older_budget_that_was_still_paid(town: Town) -> None:
    old = make_budget(town.own.branch, "500.00", year=2016)
    import_voucher(town.own.branch, date(2016, 12, 1), "200.00", budget=old)
    import_voucher(town.own.branch, date(2017, 1, 5), "300.00", budget=old)
    make_budget(town.own.branch, "800.00", year=YEAR)

    rows = content_of(town)["subjects"]

    assert [(row["plan_year"], row["paid_before"], row["paid_in"], row["waiting"]) for row in rows] == [
        (2017, "0.00", "0.00", "800.00"),
        (2016, "200.00", "300.00", "0.00"),
    ]
    assert [row["plan_year"] for row in content_of(town, quarter=2)["subjects"]] == [2017]


def test_statement_shows_a_payment_without_a_plan(town: Town) -> None:
    import_voucher(town.own.branch, DAY, "30.00", subject=SubjectCode.SECRETARY_PAY)

    [row] = content_of(town)["subjects"]

    assert (row["name"], row["plan"], row["paid_in"], row["waiting"]) == (
        "村党组织书记报酬",
        "0.00",
        "30.00",
        "-30.00",
    )


def test_statement_shows_a_reversal_and_what_it_reverses(town: Town) -> None:
    voucher = make_voucher(town, make_budget(town.own.branch), "20.00")
    year, quarter = voucher.date.year, (voucher.date.month + 2) // 3
    reverse(town, voucher)

    rows = content_of(town, year, quarter)["vouchers"]

    assert [(row["amount"], row["reverses"]) for row in rows] == [("20.00", ""), ("-20.00", voucher.code)]
    assert content_of(town, year, quarter)["subjects_total"]["paid_in"] == "0.00"


def reverse(town: Town, voucher: Voucher) -> None:
    agent = town.people[D.VILLAGE_AGENT]
    request, _ = draft_reversal(actor=agent, op_id=uuid4(), voucher=voucher, reason="写错")
    request = seal_both(town, submit_request(actor=agent, request=request))
    post_request(actor=town.people[D.ACCOUNTANT], request=request)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    payments=st.lists(
        st.tuples(
            st.dates(date(2016, 1, 1), date(2017, 12, 31)),
            st.integers(1, 99_999),
            st.sampled_from((SubjectCode.OPERATION, SubjectCode.SECRETARY_PAY, None)),
        ),
        max_size=12,
    ),
    quarter=st.integers(1, 4),
)
def test_statement_adds_up_whatever_was_paid(town: Town, payments: list[Any], quarter: int) -> None:
    with transaction.atomic():
        budgets = {
            (year, code): make_budget(town.own.branch, "20000.00", code, year=year)
            for year in (2016, 2017)
            for code in (SubjectCode.OPERATION, SubjectCode.SECRETARY_PAY)
        }
        for day, cents, code in payments:
            options = {"subject": code, "budget": budgets[day.year, code]} if code else {}
            import_voucher(town.own.branch, day, str(Decimal(cents) / 100), **options)
        content = content_of(town, quarter=quarter)
        transaction.set_rollback(True)

    first, last = quarter_bounds(YEAR, quarter)
    inside = sum(cents for day, cents, _ in payments if first <= day <= last)
    in_year = sum(cents for day, cents, _ in payments if day.year == YEAR and day <= last)
    total = content["subjects_total"]
    check_public(content)
    assert YUAN(content["vouchers_total"]) == YUAN(total["paid_in"]) == Decimal(inside) / 100
    assert YUAN(total["paid"]) == Decimal(in_year) / 100
    for row in (*content["subjects"], total):
        assert YUAN(row["paid_before"]) + YUAN(row["paid_in"]) == YUAN(row["paid"])
        assert YUAN(row["plan"]) - YUAN(row["paid"]) == YUAN(row["waiting"])
    for name in total:
        assert add(content["subjects"], name) == YUAN(total[name])
    assert add(content["vouchers"], "amount") == YUAN(content["vouchers_total"])
    sums = content["accounts_total"]
    for name in sums:
        assert add(content["accounts"], name) == YUAN(sums[name])
    for when in ("opening_", "", "closing_"):
        assert sums[f"{when}debit"] == sums[f"{when}credit"]
    assert YUAN(sums["debit"]) == YUAN(content["vouchers_total"])


@pytest.mark.parametrize("vouchers", [1, 3])
def test_statement_is_read_with_the_same_number_of_queries(
    town: Town, django_assert_num_queries: Any, vouchers: int
) -> None:
    budget = make_budget(town.own.branch, "1000.00", year=YEAR)
    for _ in range(vouchers):
        import_voucher(town.own.branch, DAY, "10.00", budget=budget)

    with django_assert_num_queries(STATEMENT_QUERIES):
        content_of(town)


def test_statement_has_no_payee_and_no_number_of_a_person(town: Town) -> None:
    summary = "付王小明误工费，电话15400001234，卡 6222 0202 0011 2233 445，证370399198001011234"
    fill_ledger(town.own, payee="王小明", summary=summary)

    content = make_draft(town).content

    assert content["vouchers"][0]["summary"] == (
        f"付{PAYEE_LEFT_OUT}误工费，电话{NUMBER_LEFT_OUT}，卡 {NUMBER_LEFT_OUT}，证{NUMBER_LEFT_OUT}"
    )
    assert "王小明" not in str(content)


def test_statement_names_the_village_as_payee_and_a_voucher_of_a_long_number(town: Town) -> None:
    fill_ledger(town.own, payee="本村村委会", summary="拨本村村委会经费，冲销记-201702-10001")

    assert content_of(town)["vouchers"][0]["summary"] == "拨本村村委会经费，冲销记-201702-10001"
    check_public(content_of(town))


@pytest.mark.parametrize(
    ("payee", "summary", "public"),
    [
        ("本村王五", "付本村王五误工费", "付本村（收款人略）误工费"),
        ("王五、李六", "付王五误工费", "付（收款人略）误工费"),
        ("王五（电工）", "付王五电费", "付（收款人略）电费"),
        ("王五", "付王　五修路", "付（收款人略）修路"),
        ("", "电话 154.1234.5678", "电话 （号码略）"),
        ("", "补记-15412345678", "补记-（号码略）"),
        ("", "电话154－1234－5678", "电话（号码略）"),
        ("本村股份经济合作社", "拨本村股份经济合作社", "拨本村股份经济合作社"),
    ],
)
def test_names_and_numbers_do_not_reach_the_public(town: Town, payee: str, summary: str, public: str) -> None:
    fill_ledger(town.own, payee=payee, summary=summary)

    assert content_of(town)["vouchers"][0]["summary"] == public
    check_public(content_of(town))


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        ("vouchers", "payee", "王小明"),
        ("vouchers", "id_number", "370399198001011234"),
        ("vouchers", "discipline", "警告"),
        ("vouchers", "summary", "证370399198001011234"),
        ("vouchers", "amount", 300.0),
        ("subjects", "note", ""),
        ("accounts", "debit", "一百元"),
        ("", "beneficiaries", []),
    ],
)
def test_smuggled_column_fails_the_allow_list(town: Town, place: str, name: str, value: object) -> None:
    fill_ledger(town.own)
    statement = make_checked(town)
    content = deepcopy(statement.content)
    (content[place][0] if place else content)[name] = value
    row = Statement.objects.create(
        village=town.own, year=YEAR, quarter=2, content=content, sha256=digest(content), drafted_by=releaser(town)
    )

    with pytest.raises(ValueError, match=f"{place}.*" if place else name):
        check_public(content)
    with pytest.raises(ValidationError, match="公开"):
        check_statement(actor=town.people[D.VILLAGE_AGENT], statement=row, checkers="孙北华")
    assert fault_of(row)
    assert not fault_of(statement)
