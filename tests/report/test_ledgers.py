"""Tables kept as ledgers: what stays in them, and what one may not see."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chishang.core.dates import today
from chishang.core.figures import Question
from chishang.report.tables import find_table
from organizations.enums import DutyCode
from organizations.models import Appointment, Duty
from tests.factories import HouseholdFactory, Town, VillageFactory


def row_of(key: str, question: Question, name: str) -> dict[str, Any]:
    """Title → value of the row that has ``name`` in one of its columns."""
    table = find_table(key, question)
    (row,) = (one for one in table.rows if name in one)
    return dict(zip((column.title for column in table.columns), row, strict=True))


def test_village_counts_its_own_visits(town: Town) -> None:
    town.record(town.own_household, "路不平", "灯不亮", visited_on=today() - timedelta(days=2))
    own = row_of("visits.by_village", Question(as_of=today()), "本村")
    assert (own["登记户数"], own["走访户数"], own["走访次数"], own["反映问题"], own["未解决"]) == (1, 1, 1, 2, 2)
    assert row_of("visits.by_village", Question(as_of=today()), "外村")["反映问题"] == 0
    assert row_of("visits.by_village", Question(as_of=today() - timedelta(days=3)), "本村")["走访户数"] == 0


def test_abolished_village_stays_while_something_of_it_counts(town: Town) -> None:
    town.record(town.foreign_household, "路不平")
    HouseholdFactory(village=town.own, code="TV01-0002")
    town.foreign.abolished_on = today()
    town.foreign.save()
    empty = VillageFactory(branch__parent=town.root, name="空村", abolished_on=today() - timedelta(days=9))
    names = [row[1] for row in find_table("visits.by_village", Question(as_of=today())).rows]
    assert "外村" in names
    assert empty.name not in names


def test_what_one_may_not_see_is_null_and_not_zero(town: Town) -> None:
    question = Question(as_of=today(), user=town.people[DutyCode.ACCOUNTANT])
    own = row_of("visits.by_village", question, "本村")
    assert {own[title] for title in ("反映问题", "已解决", "未解决")} == {None}


def test_secretary_sees_the_own_village_only(town: Town) -> None:
    question = Question(as_of=today(), user=town.people[DutyCode.BRANCH_SECRETARY])
    assert [row[1] for row in find_table("visits.by_village", question).rows] == ["本村"]
    assert [row[1] for row in find_table("org.branches_list", question).rows] == [town.own.branch.name]


def test_branch_has_the_secretary_of_the_day(town: Town) -> None:
    Appointment.objects.filter(duty__code=DutyCode.BRANCH_SECRETARY).update(started_on=date(2017, 5, 1))
    duty, user = Duty.objects.get(code=DutyCode.BRANCH_SECRETARY), town.people[DutyCode.OFFICE_CLERK]
    past = {"started_on": date(2015, 1, 1), "ended_on": date(2017, 4, 30)}
    Appointment.objects.create(user=user, duty=duty, organization=town.own.branch, **past)
    found = [
        row_of("org.branches_list", Question(as_of=day), town.own.branch.name)["书记"]
        for day in (date(2017, 4, 30), date(2017, 5, 1), date(2014, 1, 1))
    ]
    assert found == [user.name, town.people[DutyCode.BRANCH_SECRETARY].name, None]


def test_income_is_unknown_before_the_year_is_over(rows: dict[str, Any], town: Town) -> None:
    open_year = row_of("finance.income", Question(as_of=date(2017, 12, 30)), "本村")
    assert {open_year["合计"], open_year["计入集体收入"], open_year["超过3万元（是为1）"]} == {None}
    assert row_of("finance.income", Question(as_of=date(2017, 12, 31)), "本村")["合计"] is not None


@pytest.mark.parametrize("more", [0, 2])
def test_more_villages_take_no_more_queries(town: Town, more: int) -> None:
    for _ in range(more):
        VillageFactory(branch__parent=town.root)
    with CaptureQueriesContext(connection) as queries:
        table = find_table("visits.by_village", Question(as_of=today()))
    assert (len(queries), len(table.rows)) == (1, 2 + more)
