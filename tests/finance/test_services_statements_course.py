"""Disclosure: what a statement says, who draws it up, checks, releases and withdraws it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from chishang.core.dates import today
from finance.enums import StatementState
from finance.models import Statement
from finance.models.statements import digest
from finance.selectors.statement_content import (
    statement_content,
)
from finance.selectors.statements import last_ended_quarter, ledger_differs
from finance.services import (
    check_statement,
    draft_statement,
    release_statement,
    withdraw_statement,
)
from organizations.enums import DutyCode as D
from tests.factories import Town, appoint
from tests.finance.disclosure import (
    DAY,
    QUARTER,
    YEAR,
    fill_ledger,
    make_checked,
    make_draft,
    make_released,
    releaser,
    tamper,
)
from tests.finance.money import YUAN, import_voucher

S = StatementState
STATEMENT_QUERIES = 4
"""Budgets, what was paid of them, vouchers, entries."""


def content_of(town: Town, year: int = YEAR, quarter: int = QUARTER) -> dict[str, Any]:
    return statement_content(town.own, year, quarter)


def add(rows: list[dict[str, Any]], name: str) -> Decimal:
    return sum((YUAN(row[name]) for row in rows), YUAN("0.00"))


def test_statement_goes_from_draft_to_public(town: Town) -> None:
    fill_ledger(town.own)
    draft = make_draft(town)
    assert (draft.state, draft.version, draft.sha256) == (S.DRAFT, 1, digest(draft.content))

    checked = check_statement(actor=town.people[D.VILLAGE_AGENT], statement=draft, checkers="孙北华, 李南国 孙北华")
    assert (checked.state, checked.checkers) == (S.CHECKED, "孙北华、李南国")
    released = release_statement(actor=releaser(town), statement=checked)

    released.refresh_from_db()
    assert (released.state, released.released_by) == (S.RELEASED, releaser(town))
    assert released.is_intact
    assert list(Statement.objects.released()) == [released]


def test_steps_pressed_twice_change_nothing(town: Town) -> None:
    fill_ledger(town.own)
    agent = town.people[D.VILLAGE_AGENT]
    first, again = make_draft(town), make_draft(town)
    assert (again.pk, Statement.objects.count()) == (first.pk, 1)
    checked = check_statement(actor=agent, statement=first, checkers="孙北华")
    assert check_statement(actor=agent, statement=first, checkers="孙北华").checked_at == checked.checked_at
    released = release_statement(actor=releaser(town), statement=first)
    assert release_statement(actor=releaser(town), statement=first).released_at == released.released_at


def test_withdrawing_twice_keeps_the_first_reason(town: Town) -> None:
    draft = make_draft(town)
    for reason in ("摘要写错", "再按一次"):
        withdrawn = withdraw_statement(actor=town.people[D.ACCOUNTANT], statement=draft, reason=reason)
    assert (withdrawn.state, withdrawn.reason) == (S.WITHDRAWN, "作废：摘要写错")


def test_draft_needs_a_quarter_that_is_over(town: Town) -> None:
    year, quarter = last_ended_quarter(today())
    make_draft(town, year=year, quarter=quarter)
    running = (today().year, (today().month + 2) // 3)
    for at in (running, (today().year + 1, 1), (2017, 0), (2017, 5), (1948, 1)):
        with pytest.raises(ValidationError, match="季度"):
            make_draft(town, year=at[0], quarter=at[1])
    assert Statement.objects.count() == 1


def test_draft_needs_a_village_of_that_time(town: Town) -> None:
    town.own.founded_on = date(2017, 4, 1)
    town.own.save()
    with pytest.raises(ValidationError, match="没有这个村"):
        make_draft(town, quarter=1)
    make_draft(town, quarter=2)


@pytest.mark.parametrize("duty", [D.BRANCH_SECRETARY, D.TOWN_SECRETARY, D.AREA_LEADER, D.DISCIPLINE_HEAD])
def test_draft_needs_the_right(town: Town, duty: D) -> None:
    with pytest.raises(ValidationError, match="权限"):
        draft_statement(actor=town.people[duty], village=town.own, year=YEAR, quarter=QUARTER)


def test_steps_need_the_right_at_the_village(town: Town) -> None:
    agent = town.people[D.VILLAGE_AGENT]
    with pytest.raises(ValidationError, match="权限"):
        draft_statement(actor=agent, village=town.foreign, year=YEAR, quarter=QUARTER)
    foreign = make_draft(town, town.foreign)
    for step in (
        lambda: check_statement(actor=agent, statement=foreign, checkers="孙北华"),
        lambda: release_statement(actor=agent, statement=foreign),
        lambda: withdraw_statement(actor=agent, statement=foreign, reason="写错"),
        lambda: check_statement(actor=releaser(town), statement=foreign, checkers="孙北华"),
    ):
        with pytest.raises(ValidationError, match="权限"):
            step()
    foreign.refresh_from_db()
    assert foreign.state == S.DRAFT


def test_who_recorded_the_check_cannot_release(town: Town) -> None:
    secretary = town.people[D.BRANCH_SECRETARY]
    appoint(secretary, D.ACCOUNTANT, town.root)
    fill_ledger(town.own)
    checked = make_checked(town)
    fresh = type(secretary).objects.get(pk=secretary.pk)
    with pytest.raises(ValidationError, match="另一位同事公开"):
        release_statement(actor=fresh, statement=checked)
    checked.refresh_from_db()
    assert checked.state == S.CHECKED
    assert release_statement(actor=releaser(town), statement=checked).state == S.RELEASED


def test_release_is_refused_before_the_check(town: Town) -> None:
    with pytest.raises(ValidationError, match="待审核"):
        release_statement(actor=releaser(town), statement=make_draft(town))


def test_check_needs_names(town: Town) -> None:
    for names in ("", " ", "、，"):
        with pytest.raises(ValidationError, match="姓名"):
            check_statement(actor=town.people[D.VILLAGE_AGENT], statement=make_draft(town), checkers=names)


def test_release_is_refused_when_the_ledger_has_changed(town: Town) -> None:
    fill_ledger(town.own)
    statement = make_checked(town)
    import_voucher(town.own.branch, DAY + timedelta(days=1), "0.01")
    assert ledger_differs(statement)
    with pytest.raises(ValidationError, match="请作废后重新制表"):
        release_statement(actor=releaser(town), statement=statement)

    withdraw_statement(actor=town.people[D.ACCOUNTANT], statement=statement, reason="补记一笔")
    second = make_released(town, reason="补记一笔")
    assert (second.version, second.content["vouchers_total"]) == (2, "300.01")


def test_release_is_not_hindered_by_another_village_or_a_later_quarter(town: Town) -> None:
    fill_ledger(town.own)
    statement = make_checked(town)
    import_voucher(town.foreign.branch, DAY, "5.00")
    import_voucher(town.own.branch, date(2017, 4, 1), "5.00")
    assert release_statement(actor=releaser(town), statement=statement).state == S.RELEASED


def test_changed_content_is_neither_checked_nor_released(town: Town) -> None:
    fill_ledger(town.own)
    checked = make_checked(town)
    other = make_draft(town, town.foreign)
    tamper(checked)
    tamper(other)
    with pytest.raises(ValidationError, match="校验码"):
        release_statement(actor=releaser(town), statement=checked)
    secretary = town.people[D.BRANCH_SECRETARY]
    appoint(secretary, D.VILLAGE_AGENT, town.foreign)
    fresh = type(secretary).objects.get(pk=secretary.pk)
    with pytest.raises(ValidationError, match="校验码"):
        check_statement(actor=fresh, statement=other, checkers="孙北华")


def test_released_statement_is_replaced_by_a_version_with_a_reason(town: Town) -> None:
    fill_ledger(town.own)
    first = make_released(town)
    with pytest.raises(ValidationError, match="不用更正"):
        make_draft(town, reason="再来一份")
    import_voucher(town.own.branch, DAY, "1.00")
    with pytest.raises(ValidationError, match="更正了什么"):
        make_draft(town)
    with pytest.raises(ValidationError, match="已公开"):
        withdraw_statement(actor=town.people[D.ACCOUNTANT], statement=first, reason="不要了")

    second = make_released(town, reason="补记一笔")

    first.refresh_from_db()
    assert (first.state, first.version, second.version) == (S.RELEASED, 1, 2)
    assert list(Statement.objects.in_force()) == [second]


def test_second_draft_is_refused_while_one_is_under_way(town: Town) -> None:
    make_checked(town)
    with pytest.raises(ValidationError, match="正在办理"):
        make_draft(town)


def test_reasons_are_short(town: Town) -> None:
    draft = make_draft(town)
    with pytest.raises(ValidationError, match="请写明"):
        withdraw_statement(actor=town.people[D.ACCOUNTANT], statement=draft, reason=" ")
    with pytest.raises(ValidationError, match="最多 200 个字"):
        withdraw_statement(actor=town.people[D.ACCOUNTANT], statement=draft, reason="错" * 198)


def test_database_refuses_any_change_of_a_released_statement(town: Town) -> None:
    fill_ledger(town.own)
    released = make_released(town)
    for values in ({"content": {}}, {"sha256": "0" * 64}, {"state": S.DRAFT}, {"released_at": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Statement.objects.filter(pk=released.pk).update(**values)
    released.refresh_from_db()
    assert released.is_intact


def test_statement_with_a_long_reason_can_be_withdrawn(town: Town) -> None:
    make_released(town)
    import_voucher(town.own.branch, DAY, "1.00")
    long = "更正" * 99
    statement = make_draft(town, reason=long)

    withdrawn = withdraw_statement(actor=statement.drafted_by, statement=statement, reason="账又变了")

    assert withdrawn.reason.endswith("；作废：账又变了")
    assert len(withdrawn.reason) <= 200
