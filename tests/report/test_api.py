"""The report over REST: the figures, and the rows behind them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from chishang.core.api.serializers import serializer_of
from chishang.core.dates import today
from chishang.core.figures import Question, all_figures
from organizations.enums import DutyCode
from organizations.models import AreaProject, Directive, DirectiveReceipt, VillageStatistic
from tests.api import api_client, key_headers, keys_of
from tests.factories import Town, UnitFactory
from tests.finance.money import fill_money
from visits.enums import EscalationLevel, MoveCode
from visits.models import Issue
from visits.services import MoveFacts, move_issue

ADDRESS = "/api/v1/report/"
FIGURES = [figure.key for figure in all_figures()]
OPEN = [one.key for one in all_figures() if not one.confidential]
"""Figures whose rows may be seen; those of the others are 404 (tests/discipline/test_figures_secrecy.py)."""


def go(town: Town, issue: Issue, move: MoveCode, **facts: object) -> None:
    move_issue(actor=town.people[DutyCode.OFFICE_CLERK], issue=issue, move=move, facts=MoveFacts(**facts))


@pytest.fixture
def busy(town: Town) -> Town:
    """Rows behind every figure, in the own village and in the foreign one."""
    for village, household in ((town.own, town.own_household), (town.foreign, town.foreign_household)):
        visit = town.record(household, "自来水浑浊", "路不平", "路灯不亮", visited_on=today() - timedelta(days=9))
        resolved, escalated, explained = visit.issues.order_by("pk")
        for issue in (resolved, escalated, explained):
            go(town, issue, MoveCode.ACCEPT)
        go(town, resolved, MoveCode.ASSIGN, unit=UnitFactory(), due_on=today())
        go(town, resolved, MoveCode.RESOLVE, note="换了水泵", occurred_on=today() - timedelta(days=2))
        level = EscalationLevel.BUREAU
        go(town, escalated, MoveCode.ESCALATE, escalation_level=level, escalated_to="区交通局")
        go(town, explained, MoveCode.EXPLAIN, note="线路不经过本村")
        VillageStatistic.objects.create(village=village, year=2017, households=100, population=300)
        AreaProject.objects.create(area=village.area, name="修桥", completed_on=date(2017, 5, 1))
    directive = Directive.objects.create(
        number="测〔2017〕4号", title="关于“两学一做”学习教育常态化制度化的实施方案", issued_on=date(2017, 4, 1)
    )
    for village in (town.own, town.foreign):
        DirectiveReceipt.objects.create(
            directive=directive, organization=village.branch, issued_on=date(2017, 4, 1), signed_on=date(2017, 4, 2)
        )
    return town


def test_report_gives_every_figure_with_its_meaning(busy: Town) -> None:
    body = Client().get(ADDRESS, headers=key_headers(busy.people[DutyCode.DISTRICT_CLIENT])).json()

    assert body["as_of"] == today().isoformat()
    assert body["organization"] == {"code": "T-W00", "name": "中共测试镇委员会"}
    assert list(body["figures"]) == FIGURES
    assert {key: one["value"] for key, one in body["figures"].items() if key.startswith("issues.")} == {
        "issues.categories": 1,
        "issues.raised": 6,
        "issues.resolved": 2,
        "issues.pending": 4,
        "issues.escalated": 2,
        "issues.explained": 2,
    }
    assert body["figures"]["issues.resolved"] == {
        "label": "已解决问题",
        "value": 2,
        "value_wan": None,
        "unit": "条",
        "definition": "解决日期在截至日或以前、截至日未重新办理的问题。",
        "version": 1,
        "share_of": "issues.raised",
    }


def test_report_of_a_past_day_leaves_out_what_came_later(busy: Town) -> None:
    client = api_client(busy.people[DutyCode.OFFICE_CLERK])

    def values(day: date) -> list[int]:
        figures = client.get(ADDRESS, {"as_of": day.isoformat()}).json()["figures"]
        return [figures[key]["value"] for key in ("issues.raised", "issues.resolved", "org.population")]

    assert values(today() - timedelta(days=3)) == [6, 0, 600]
    assert values(today() - timedelta(days=10)) == [0, 0, 600]
    assert values(date(2016, 12, 31)) == [0, 0, None]


@pytest.mark.parametrize("key", OPEN)
def test_rows_are_as_many_as_the_count_or_add_up_to_the_sum(busy: Town, key: str) -> None:
    client = api_client(busy.people[DutyCode.OFFICE_CLERK])
    (figure,) = (one for one in all_figures() if one.key == key)
    value = client.get(ADDRESS).json()["figures"][key]["value"]

    rows, following = [], f"{ADDRESS}{key}/rows/?limit=1"
    while following:
        body = client.get(following).json()
        rows += body["results"]
        following = body["next"]

    assert len({row["id"] for row in rows}) == len(rows)
    total = sum(Decimal(row[figure.total]) for row in rows) if figure.total else len(rows)
    assert total == Decimal(value or 0)


@pytest.mark.parametrize("key", OPEN)
def test_every_figure_has_a_serializer_for_its_rows(key: str) -> None:
    (figure,) = (one for one in all_figures() if one.key == key)

    assert serializer_of(figure.rows(Question(as_of=today())).model)


def test_figure_that_does_not_exist_yet_has_no_rows(busy: Town) -> None:
    client = api_client(busy.people[DutyCode.OFFICE_CLERK])

    assert keys_of(client, f"{ADDRESS}org.population/rows/?as_of=2016-12-31") == []


def test_secretary_counts_and_sees_the_own_village_only(busy: Town) -> None:
    client = api_client(busy.people[DutyCode.BRANCH_SECRETARY])

    assert client.get(ADDRESS).json()["figures"]["issues.raised"]["value"] == 3
    own = set(Issue.objects.filter(visit__household=busy.own_household).values_list("pk", flat=True))
    assert set(keys_of(client, f"{ADDRESS}issues.raised/rows/")) == own


def test_report_of_one_branch(busy: Town) -> None:
    client = api_client(busy.people[DutyCode.OFFICE_CLERK])

    body = client.get(ADDRESS, {"organization": busy.foreign.branch.code}).json()

    assert body["organization"]["code"] == busy.foreign.branch.code
    assert (body["figures"]["org.branches"]["value"], body["figures"]["issues.raised"]["value"]) == (1, 3)
    address = f"{ADDRESS}issues.raised/rows/?organization={busy.foreign.branch.code}"
    foreign = set(Issue.objects.filter(visit__household=busy.foreign_household).values_list("pk", flat=True))
    assert set(keys_of(client, address)) == foreign


@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}issues.raised/rows/"])
def test_foreign_organization_is_404_like_one_that_does_not_exist(busy: Town, address: str) -> None:
    client = api_client(busy.people[DutyCode.BRANCH_SECRETARY])

    answers = [client.get(address, {"organization": code}) for code in (busy.foreign.branch.code, "T-W00", "NONE")]

    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}


@pytest.mark.parametrize("key", ["nothing", "issues", "issues.resolved.x", "%00", "..", "issues.resolved%0a"])
def test_unknown_figure_is_404(town: Town, key: str) -> None:
    response = api_client(town.people[DutyCode.OFFICE_CLERK]).get(f"{ADDRESS}{key}/rows/")

    assert (response.status_code, response.headers["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("path", ["", "issues.raised/rows/"])
@pytest.mark.parametrize(
    "query",
    [
        "as_of=31.12.2017",
        "as_of=2017-02-30",
        "as_of=",
        "as_of=%00",
        "organization=%00",
        "organization=" + "x" * 21,
        "asof=1",
    ],
)
def test_malformed_query_is_refused(town: Town, path: str, query: str) -> None:
    response = api_client(town.people[DutyCode.OFFICE_CLERK]).get(f"{ADDRESS}{path}?{query}")

    assert (response.status_code, list(response.json()["errors"])) == (400, [query.partition("=")[0]])


def test_rows_need_the_permission_on_them(busy: Town) -> None:
    client = api_client(busy.people[DutyCode.ACCOUNTANT])

    assert client.get(ADDRESS).status_code == 200
    assert client.get(f"{ADDRESS}issues.raised/rows/").status_code == 403
    assert client.get(f"{ADDRESS}org.branches/rows/").status_code == 200


def test_report_needs_an_appointment(town: Town) -> None:
    clerk = town.people[DutyCode.OFFICE_CLERK]
    clerk.appointments.update(ended_on=today() - timedelta(days=1))

    assert api_client(clerk).get(ADDRESS).status_code == 403
    assert Client().get(ADDRESS).status_code == 401


def test_money_is_a_decimal_string_in_yuan_and_wan(town: Town) -> None:
    fill_money(town.own, town.people[DutyCode.OFFICE_CLERK])
    figures = api_client(town.people[DutyCode.OFFICE_CLERK]).get(ADDRESS, {"as_of": "2017-12-31"}).json()["figures"]
    money = figures["finance.dividend_amount"]

    assert (money["value"], money["value_wan"]) == ("80.00", "0.01")
    assert figures["org.villages"]["value_wan"] is None


@pytest.mark.parametrize("more", [0, 2])
def test_rows_take_the_same_number_of_queries_for_more_rows(
    town: Town, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(1 + more):
        town.record(town.own_household, "路不平")
    client = api_client(town.people[DutyCode.OFFICE_CLERK])

    with django_assert_num_queries(14):
        response = client.get(f"{ADDRESS}issues.raised/rows/")

    assert len(response.json()["results"]) == 1 + more
