"""Statements in the office and the village: the list with what is overdue, drawing up, check, release, withdrawal."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chishang.core.dates import today
from finance.enums import StatementState
from finance.models import DisclosureRule, Statement
from finance.models.statements import quarter_bounds
from finance.selectors.statements import (
    due_on,
    last_ended_quarter,
    newest_due_quarter,
    overdue_villages,
    statements_to_release,
)
from organizations.enums import DutyCode as D
from tests.factories import Town, VillageFactory
from tests.finance.disclosure import (
    DAY,
    fill_ledger,
    make_checked,
    make_draft,
    make_released,
    releaser,
    tamper,
)
from tests.finance.money import import_voucher

S = StatementState
LIST, DRAFT = "/finance/statements/", "/finance/statements/draft/"
OF_2017 = {"year": 2017, "quarter": 1}
LIST_QUERIES = 17
"""Session, account, its appointments and rights; first years, villages, rules, statements; the transaction's ends."""


@pytest.fixture
def accountant(client: Client, town: Town) -> Client:
    client.force_login(town.people[D.ACCOUNTANT])
    return client


@pytest.fixture
def agent(client: Client, town: Town) -> Client:
    client.force_login(town.people[D.VILLAGE_AGENT])
    return client


def page_of(statement: Statement) -> str:
    return reverse("finance:statement", args=[statement.pk])


def press(client: Client, statement: Statement, step: str, **data: str) -> Any:
    return client.post(reverse(f"finance:statement_{step}", args=[statement.pk]), data)


def draft_address(town: Town, village: Any = None, quarter: int = 1) -> str:
    return f"{DRAFT}?village={(village or town.own).pk}&year=2017&quarter={quarter}"


def test_list_shows_each_village_with_its_state(accountant: Client, town: Town) -> None:
    fill_ledger(town.own)
    released, draft = make_released(town), make_draft(town, town.foreign)
    VillageFactory(name="后来的村", founded_on=date(2017, 4, 1))

    response = accountant.get(LIST, OF_2017)

    assert [(row.village, row.released, row.under_way, row.is_overdue) for row in response.context["slots"]] == [
        (town.own, released, None, False),
        (town.foreign, None, draft, True),
    ]
    assert page_of(draft) in response.text
    assert "后来的村" not in response.text


def test_list_shows_the_overdue_alone(accountant: Client, town: Town) -> None:
    fill_ledger(town.own)
    make_released(town)

    response = accountant.get(LIST, {**OF_2017, "show": "overdue"})

    assert [row.village for row in response.context["slots"]] == [town.foreign]
    assert response.context["tabs"] == [("all", "全部", 2), ("overdue", "逾期未公开", 1), ("under_way", "正在办理", 0)]
    assert draft_address(town, town.foreign).replace("&", "&amp;") in response.text


def test_list_shows_the_whole_year_of_the_only_village(agent: Client, town: Town) -> None:
    fill_ledger(town.own)
    make_draft(town, town.foreign)

    response = agent.get(LIST, {"year": 2017, "quarter": 0})

    assert [(row.village, row.quarter) for row in response.context["slots"]] == [
        (town.own, one) for one in (4, 3, 2, 1)
    ]
    assert town.foreign.name not in response.text
    year, quarter = last_ended_quarter(today())
    assert [row.quarter for row in agent.get(LIST).context["slots"]] == list(range(quarter, 0, -1))
    assert agent.get(LIST).context["slots"][0].year == year


def test_list_refuses_a_period_that_does_not_exist(accountant: Client) -> None:
    for period in ({"year": "1800"}, {"year": "x"}, {"quarter": "5"}):
        assert accountant.get(LIST, period).status_code == 422


def test_list_offers_no_drafting_to_who_only_reads(client: Client, town: Town) -> None:
    fill_ledger(town.own)
    client.force_login(town.people[D.BRANCH_SECRETARY])

    response = client.get(LIST, OF_2017)

    assert response.status_code == 200
    assert DRAFT not in response.text


@pytest.mark.parametrize("villages", [1, 3])
def test_list_has_the_same_number_of_queries(
    accountant: Client, town: Town, django_assert_num_queries: Any, villages: int
) -> None:
    for _ in range(villages):
        make_draft(town, VillageFactory(branch__parent=town.root))
    with django_assert_num_queries(LIST_QUERIES):
        accountant.get(LIST, OF_2017)


def test_overdue_starts_the_day_after_the_last_day(town: Town) -> None:
    rules = list(DisclosureRule.objects.all())
    last = due_on(rules, 2017, 1)
    assert last == date(2017, 4, 30)
    assert newest_due_quarter(last) == (2016, 4)
    assert newest_due_quarter(last + timedelta(days=1)) == (2017, 1)
    assert due_on(rules, 2009, 1) is None
    assert newest_due_quarter(date(2010, 1, 1)) is None


def test_overdue_villages_are_those_without_a_public_statement_in_the_own_scope(town: Town) -> None:
    fill_ledger(town.own)
    day = date(2017, 5, 1)
    head, agent = releaser(town), town.people[D.VILLAGE_AGENT]
    make_checked(town)
    make_draft(town, town.foreign)
    assert set(overdue_villages(head, day)) == {town.own, town.foreign}
    assert list(statements_to_release(head)) == [Statement.objects.get(village=town.own)]
    assert list(statements_to_release(agent)) == []
    assert list(overdue_villages(agent, day)) == [town.own]
    Statement.objects.filter(village=town.own).update(
        state=S.RELEASED, released_by=head, released_at="2017-04-20T00:00:00Z"
    )
    assert list(overdue_villages(head, day)) == [town.foreign]
    assert list(overdue_villages(agent, day)) == []


def test_agent_draws_up_a_statement(agent: Client, town: Town) -> None:
    fill_ledger(town.own)

    preview = agent.get(draft_address(town))
    response = agent.post(draft_address(town), follow=True)

    statement = Statement.objects.get()
    assert "300.00" in preview.text
    assert "更正了什么" not in preview.text
    assert (statement.drafted_by, statement.state) == (town.people[D.VILLAGE_AGENT], S.DRAFT)
    assert response.redirect_chain == [(page_of(statement), 302)]
    assert "已制表" in response.text


def test_correction_without_a_reason_is_refused_and_keeps_the_page(accountant: Client, town: Town) -> None:
    fill_ledger(town.own)
    make_released(town)
    import_voucher(town.own.branch, DAY, "1.00")

    refused = accountant.post(draft_address(town), {"reason": " "})
    personal = accountant.post(draft_address(town), {"reason": "电话15400001234的那笔"})

    assert (refused.status_code, personal.status_code) == (422, 422)
    assert "请写明这一版更正了什么" in refused.text
    assert "请去掉电话" in personal.text
    assert Statement.objects.count() == 1
    assert accountant.post(draft_address(town), {"reason": "补记一笔"}).status_code == 302


def test_draft_of_a_foreign_village_or_an_unknown_quarter_is_not_found(agent: Client, town: Town) -> None:
    year, quarter = (today().year, (today().month + 2) // 3)
    missing = [
        draft_address(town, town.foreign),
        draft_address(town, quarter=5),
        f"{DRAFT}?village={town.own.pk}&year={year}&quarter={quarter}",
        f"{DRAFT}?village={town.own.pk}&year=99999999999&quarter=1",
        f"{DRAFT}?village=x&year=2017&quarter=1",
        DRAFT,
    ]
    assert [agent.post(address).status_code for address in missing] == [404] * len(missing)
    assert Statement.objects.count() == 0


def test_draft_is_forbidden_to_who_only_reads(client: Client, town: Town) -> None:
    client.force_login(town.people[D.BRANCH_SECRETARY])
    assert client.get(draft_address(town)).status_code == 403
    assert client.post(draft_address(town, town.foreign)).status_code == 404
    assert client.post(draft_address(town)).status_code == 403


def test_statement_is_checked_by_the_village_and_released_by_the_office(agent: Client, town: Town) -> None:
    fill_ledger(town.own)
    statement = make_draft(town)
    empty = press(agent, statement, "check", checkers="")
    assert empty.status_code == 422
    assert "请填写民主理财小组审核人" in empty.text
    assert press(agent, statement, "check", checkers="孙北华").status_code == 302
    assert "孙北华" in agent.get(page_of(statement)).text

    agent.force_login(releaser(town))
    assert "公开这份收支表" in agent.get(page_of(statement)).text
    response = agent.post(reverse("finance:statement_release", args=[statement.pk]), follow=True)

    statement.refresh_from_db()
    assert statement.state == S.RELEASED
    assert "村民不用登录就能查看" in response.text
    assert reverse("finance:disclosure_version", args=["TV01", 2017, 1, 1]) in response.text


def test_release_refused_says_why_and_what_to_do(accountant: Client, town: Town) -> None:
    fill_ledger(town.own)
    statement = make_checked(town)
    import_voucher(town.own.branch, DAY, "1.00")

    response = press(accountant, statement, "release")

    assert response.status_code == 422
    assert "请作废后重新制表" in response.text
    assert "这一版以后账目有变化" in response.text
    assert press(accountant, statement, "withdraw").status_code == 422
    assert press(accountant, statement, "withdraw", **{"withdraw-reason": "补记一笔"}).status_code == 302
    statement.refresh_from_db()
    assert (statement.state, statement.reason) == (S.WITHDRAWN, "作废：补记一笔")


def test_second_press_of_a_step_does_no_harm(accountant: Client, town: Town) -> None:
    fill_ledger(town.own)
    statement = make_checked(town)
    assert [press(accountant, statement, "release").status_code for _ in range(2)] == [302, 302]
    late = press(accountant, statement, "withdraw", **{"withdraw-reason": "写错"})
    assert late.status_code == 422
    assert "已公开" in late.text


def test_released_statement_tells_that_the_ledger_differs_now(accountant: Client, town: Town) -> None:
    fill_ledger(town.own)
    statement = make_released(town)
    assert "账目有变化" not in accountant.get(page_of(statement)).text
    import_voucher(town.own.branch, DAY, "1.00")
    page = accountant.get(page_of(statement)).text
    assert "请制更正版" in page
    assert "另制一版" in page


def test_statement_that_was_changed_shows_no_figures(accountant: Client, town: Town) -> None:
    fill_ledger(town.own, "321.00")
    statement = tamper(make_draft(town))

    response = accountant.get(page_of(statement))

    assert "没有通过核对" in response.text
    assert "321.00" not in response.text


def test_who_checked_is_told_that_another_releases(client: Client, town: Town) -> None:
    fill_ledger(town.own)
    statement = make_checked(town)
    Statement.objects.filter(pk=statement.pk).update(checked_by=releaser(town))
    client.force_login(releaser(town))

    assert "请另一位同事公开" in client.get(page_of(statement)).text
    assert press(client, statement, "release").status_code == 422


@pytest.mark.parametrize("step", ["check", "release", "withdraw"])
def test_step_on_a_foreign_statement_is_not_found_and_on_a_visible_one_forbidden(
    client: Client, town: Town, step: str
) -> None:
    own, foreign = make_draft(town), make_draft(town, town.foreign)
    client.force_login(town.people[D.AREA_LEADER])

    assert client.get(page_of(own)).status_code == 200
    assert client.get(page_of(foreign)).status_code == 404
    assert press(client, own, step, checkers="甲").status_code == 403
    assert press(client, foreign, step, checkers="甲").status_code == 404
    assert client.get(reverse(f"finance:statement_{step}", args=[own.pk])).status_code == 405
    assert set(Statement.objects.values_list("state", flat=True)) == {S.DRAFT}


def test_pages_are_closed_to_who_may_not_see_statements(client: Client, town: Town) -> None:
    statement = make_draft(town)
    client.force_login(town.people[D.FIRST_SECRETARY])
    assert [client.get(one).status_code for one in (LIST, page_of(statement), draft_address(town))] == [403] * 3
    client.logout()
    assert client.get(LIST).status_code == 302


def test_quarter_ends_on_its_last_day() -> None:
    assert quarter_bounds(2017, 4) == (date(2017, 10, 1), date(2017, 12, 31))
    assert last_ended_quarter(date(2017, 12, 31)) == (2017, 3)
    assert last_ended_quarter(date(2018, 1, 1)) == (2017, 4)
