"""The tables that the page draws equal the figures, at every date."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chishang.core.figures import Question, compute
from chishang.core.scoping import Scope
from chishang.report.sections import SECTIONS
from chishang.report.tables import Table, find_table
from members.models import Member, MemberChange
from organizations.enums import DutyCode
from organizations.models import Village
from tests.factories import Town
from tests.township import TRUTH
from visits.enums import IssueState, MoveCode
from visits.models import Issue, IssueEvent

TRUE_FIGURES = json.loads(TRUTH.read_text())["as_of"]
KEYS = [key for section in SECTIONS for key in section.tables]
LAST_DAY = date(2017, 12, 31)


def column(table: Table, title: str) -> list[Any]:
    place = [one.title for one in table.columns].index(title)
    return [row[place] for row in table.rows]


@pytest.mark.parametrize("as_of", TRUE_FIGURES)
def test_columns_with_a_figure_add_up_to_it(township: None, as_of: str) -> None:
    question = Question(date.fromisoformat(as_of))
    values = compute(question)
    told = 0
    for key in KEYS:
        found = find_table(key, question)
        for one, total in zip(found.columns, found.totals, strict=True):
            if one.figure:
                told += 1
                assert total == values[one.figure], (key, one.title)
    assert told == 9


@pytest.mark.parametrize("as_of", TRUE_FIGURES)
def test_states_of_a_category_are_a_partition(township: None, as_of: str) -> None:
    rows = find_table("issues.by_category", Question(date.fromisoformat(as_of))).rows
    assert len(rows) == TRUE_FIGURES[as_of]["issues.categories"]
    for _, raised, resolved, pending, escalated, explained, rest in rows:
        assert (raised, pending) == (resolved + pending, escalated + explained + rest)


def test_months_end_with_that_of_the_day(township: None) -> None:
    table = find_table("issues.by_month", Question(date(2017, 9, 30)))
    assert column(table, "月份") == [f"{month}月" for month in range(1, 10)]


def test_older_issues_stand_in_one_row(township: None) -> None:
    rows = find_table("issues.by_month", Question(date(2018, 2, 1))).rows
    assert [row[0] for row in rows] == ["以前年度", "1月", "2月"]
    assert rows[0][1] == TRUE_FIGURES["2017-12-31"]["issues.raised"]


def test_village_without_issues_has_a_row_of_zeros(township: None) -> None:
    village = Village.objects.first()
    assert village is not None
    before = dict(find_table("issues.villages_by_category", Question(date(2017, 1, 1))).rows)
    assert before == dict.fromkeys(Village.objects.values_list("name", flat=True), 0)


def test_funds_of_the_subjects_are_those_of_the_figures(township: None) -> None:
    for as_of, truth in TRUE_FIGURES.items():
        rows = {row[0]: row[1:] for row in find_table("finance.by_subject", Question(date.fromisoformat(as_of))).rows}
        villages = [rows["村级组织运转经费"], rows["村党组织书记报酬"]]
        assert sum(row[1] for row in villages) == Decimal(truth["finance.village_disbursed"])
        assert sum(row[2] for row in villages) == Decimal(truth["finance.village_undisbursed"])
        assert rows["镇党建工作专项经费"][1] == Decimal(truth["finance.special_party_fund"])
        assert all(planned == paid + left for planned, paid, left in villages)
        assert rows["镇党建工作专项经费"][0] is None  # the ledger has no budget for it


def test_age_is_that_of_the_day(township: None) -> None:
    birthday = date(2016, 6, 15)
    Member.objects.filter(born_on__month=6, born_on__day=15).update(born_on=date(1940, 1, 1))
    someone = MemberChange.objects.counted_on(birthday).filter(occurred_on__lt=date(2010, 1, 1)).first()
    Member.objects.filter(pk=someone.member_id).update(born_on=date(1980, 6, 15), joined_on=date(2008, 1, 1))
    before, after = (
        {row[0]: row[1] for row in find_table("members.by_age", Question(day)).rows}
        for day in (birthday - timedelta(days=1), birthday)
    )
    assert before["31至35岁"] - after["31至35岁"] == 1
    assert after["36至40岁"] - before["36至40岁"] == 1


def test_unknown_birth_date_has_a_row_of_its_own(township: None) -> None:
    someone = MemberChange.objects.counted_on(LAST_DAY).first()
    Member.objects.filter(pk=someone.member_id).update(born_on=None)
    rows = {row[0]: row[1] for row in find_table("members.by_age", Question(LAST_DAY)).rows}
    assert rows["出生日期不详"] == 1


def test_resolution_that_was_taken_back_does_not_count(town: Town) -> None:
    visit = town.record(town.own_household, "路不平", visited_on=date(2017, 3, 1))
    issue = visit.issues.get()
    states = (
        (date(2017, 4, 1), MoveCode.RECORD, IssueState.REGISTERED, IssueState.RESOLVED),
        (date(2017, 5, 1), MoveCode.REOPEN, IssueState.RESOLVED, IssueState.REOPENED),
    )
    for day, move, before, after in states:
        IssueEvent.objects.create(issue=issue, move=move, from_state=before, to_state=after, occurred_on=day)
    resolved = [
        sum(column(find_table("issues.by_month", Question(day)), "解决"))
        for day in (date(2017, 3, 31), date(2017, 4, 1), date(2017, 5, 1))
    ]
    assert resolved == [0, 1, 0]


def test_tables_of_a_village_have_its_rows_only(town: Town) -> None:
    for household in (town.own_household, town.foreign_household):
        town.record(household, "路不平")
    secretary = town.people[DutyCode.BRANCH_SECRETARY]
    day = Issue.objects.latest("raised_on").raised_on
    rows = find_table("issues.villages_by_category", Question(day, user=secretary)).rows
    assert [row[0] for row in rows] == [town.own.name]
    everywhere = find_table("issues.villages_by_category", Question(day)).rows
    assert {row[0] for row in everywhere} >= {town.own.name, town.foreign.name}


@pytest.mark.parametrize("key", KEYS)
def test_table_takes_two_queries_at_most(township: None, key: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        find_table(key, Question(LAST_DAY))
    assert len(queries) <= 2


@pytest.mark.parametrize("key", KEYS)
def test_whoever_may_see_nothing_gets_no_rows_of_numbers(township: None, key: str) -> None:
    table = find_table(key, Question(LAST_DAY, Scope()))
    assert not any(total for total in table.totals)
