"""Reading visits, issues and households: rows, filters, scope, and the number of queries."""

from datetime import date, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from chishang.core.dates import today
from organizations.enums import DutyCode
from organizations.models import Duty
from tests.api import api_client, keys_of
from tests.factories import HouseholdFactory, Town, UnitFactory, make_issue
from visits.enums import HouseholdKind, IssueState, MoveCode
from visits.models import Issue, IssueCategory, Unit, Visit
from visits.services import MoveFacts, move_issue

BASE = "/api/v1"


@pytest.fixture
def office(town: Town) -> Client:
    return api_client(town.people[DutyCode.OFFICE_CLERK])


@pytest.fixture
def secretary(town: Town) -> Client:
    return api_client(town.people[DutyCode.BRANCH_SECRETARY])


@pytest.fixture
def rows(town: Town) -> Town:
    """A visit with an issue in the own village, and one in the foreign one."""
    town.record(town.own_household, "自来水浑浊", visited_on=date(2017, 3, 5))
    town.record(town.foreign_household, "路灯不亮", visited_on=date(2017, 6, 5))
    return town


def test_issue_shows_where_it_came_from_and_its_course(rows: Town, secretary: Client) -> None:
    issue = Issue.objects.get(visit__household=rows.own_household)
    clerk = rows.people[DutyCode.OFFICE_CLERK]
    move_issue(actor=clerk, issue=issue, move=MoveCode.ACCEPT, facts=MoveFacts(note="情况属实"))

    body = secretary.get(f"{BASE}/issues/{issue.pk}/").json()

    assert body["household"] == {"id": rows.own_household.pk, "code": "TV01-0001", "name": "赵东强"}
    assert body["village"] == {"id": rows.own.pk, "name": "本村"}
    assert body["branch"] == {"id": rows.own.branch_id, "name": rows.own.branch.name}
    assert (body["state"], body["unit"], body["is_overdue"]) == ("accepted", None, False)
    assert [(event["move"], event["from_state"], event["to_state"]) for event in body["events"]] == [
        ("register", "", "registered"),
        ("accept", "registered", "accepted"),
    ]
    assert body["events"][1]["actor"] == {"id": clerk.pk, "name": clerk.name}
    assert body["events"][1]["note"] == "情况属实"


@pytest.mark.parametrize("kind", ["households", "visits", "issues"])
def test_foreign_rows_are_404_and_not_listed(rows: Town, secretary: Client, office: Client, kind: str) -> None:
    everything = keys_of(office, f"{BASE}/{kind}/")
    own = keys_of(secretary, f"{BASE}/{kind}/")

    assert (len(everything), len(own)) == (2, 1)
    (foreign,) = set(everything) - set(own)
    assert secretary.get(f"{BASE}/{kind}/{own[0]}/").status_code == 200
    assert secretary.get(f"{BASE}/{kind}/{foreign}/").status_code == 404
    assert office.get(f"{BASE}/{kind}/{foreign}/").status_code == 200


@pytest.mark.parametrize("right", ["view_issueevent", "view_issue"])
def test_nested_rows_need_their_own_permission(rows: Town, right: str) -> None:
    Duty.objects.get(code=DutyCode.BRANCH_SECRETARY).group.permissions.filter(codename=right).delete()
    client = api_client(rows.people[DutyCode.BRANCH_SECRETARY])

    if right == "view_issue":
        assert client.get(f"{BASE}/issues/").status_code == 403
        assert client.get(f"{BASE}/visits/").json()["results"][0]["issues"] == []
    else:
        assert client.get(f"{BASE}/issues/").json()["results"][0]["events"] == []


@pytest.mark.parametrize("person", [DutyCode.BRANCH_SECRETARY, DutyCode.OFFICE_HEAD, DutyCode.DISTRICT_CLIENT])
def test_phone_is_masked_for_everybody(town: Town, person: DutyCode) -> None:
    client = api_client(town.people[person])
    phone = town.own_household.phone

    response = client.get(f"{BASE}/households/{town.own_household.pk}/")

    assert response.json()["phone"] == f"{phone[:3]}****{phone[-4:]}"
    assert phone not in response.content.decode()


def test_mask_cannot_be_undone_by_searching_digit_by_digit(town: Town, office: Client) -> None:
    household = HouseholdFactory(village=town.own, phone="15477778888")

    assert keys_of(office, f"{BASE}/households/?q=15477778888") == [household.pk]
    for length in range(5, 11):
        assert keys_of(office, f"{BASE}/households/?q={'15477778888'[:length]}") == []


@pytest.mark.parametrize(
    ("q", "found"), [("赵东", 1), ("zdq", 1), ("1", 2), ("TV01-0001", 1), ("不存在", 0), ("'--", 0)]
)
def test_households_are_found_by_name_pinyin_and_number(town: Town, office: Client, q: str, found: int) -> None:
    assert len(office.get(f"{BASE}/households/", {"q": q}).json()["results"]) == found


def test_household_filters_narrow_the_list(town: Town, office: Client) -> None:
    firm = HouseholdFactory(village=town.foreign, kind=HouseholdKind.ENTERPRISE, persons=None)

    assert keys_of(office, f"{BASE}/households/?kind=enterprise") == [firm.pk]
    assert keys_of(office, f"{BASE}/households/?village={town.own.pk}") == [town.own_household.pk]
    assert keys_of(office, f"{BASE}/households/?area={town.own.area_id}&kind=household") == [town.own_household.pk]


def test_visit_filters_narrow_the_list(rows: Town, office: Client) -> None:
    own = Visit.objects.get(household=rows.own_household)
    foreign = Visit.objects.get(household=rows.foreign_household)
    head = rows.people[DutyCode.OFFICE_HEAD]

    for query, expected in [
        (f"village={rows.own.pk}", [own.pk]),
        (f"area={rows.foreign.area_id}", [foreign.pk]),
        (f"household={rows.own_household.pk}", [own.pk]),
        ("visited_after=2017-03-06", [foreign.pk]),
        ("visited_after=2017-03-05&visited_before=2017-06-04", [own.pk]),
        ("visited_before=2017-03-04", []),
        (f"visitor={head.pk}", [own.pk, foreign.pk]),
        (f"campaign={rows.campaign.pk}", [own.pk, foreign.pk]),
        ("visited_after=", [own.pk, foreign.pk]),
    ]:
        assert keys_of(office, f"{BASE}/visits/?{query}") == expected, query


def test_issue_filters_narrow_the_list(rows: Town, office: Client) -> None:
    own = Issue.objects.get(visit__household=rows.own_household)
    foreign = Issue.objects.get(visit__household=rows.foreign_household)
    clerk, unit = rows.people[DutyCode.OFFICE_CLERK], UnitFactory()
    move_issue(actor=clerk, issue=own, move=MoveCode.ACCEPT, facts=MoveFacts())
    move_issue(actor=clerk, issue=own, move=MoveCode.ASSIGN, facts=MoveFacts(unit=unit, due_on=today()))
    yesterday = today() - timedelta(days=1)
    Issue.objects.filter(pk=own.pk).update(due_on=yesterday)

    for query, expected in [
        ("state=assigned", [own.pk]),
        ("state=assigned&state=registered", [own.pk, foreign.pk]),
        (f"unit={unit.pk}", [own.pk]),
        (f"village={rows.foreign.pk}", [foreign.pk]),
        (f"area={rows.own.area_id}", [own.pk]),
        (f"category={own.category_id}", [own.pk, foreign.pk]),
        (f"category={IssueCategory.objects.get(name='其他').pk}", []),
        ("raised_after=2017-03-06", [foreign.pk]),
        ("raised_before=2017-03-05", [own.pk]),
        (f"due_before={yesterday}", [own.pk]),
        (f"due_before={yesterday - timedelta(days=1)}", []),
        ("overdue=true", [own.pk]),
        ("overdue=false", [foreign.pk]),
        ("q=路灯", [foreign.pk]),
        ("q=赵东强", [own.pk]),
        (f"visit={own.visit_id}&household={rows.own_household.pk}&urgency=normal", [own.pk]),
    ]:
        assert keys_of(office, f"{BASE}/issues/?{query}") == expected, query


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        ("issues", "state=unknown"),
        ("issues", "overdue=maybe"),
        ("issues", "raised_after=2017-02-30"),
        ("issues", "raised_after=17-12-31"),
        ("issues", "due_before=31.12.2017"),
        ("issues", "q=%00"),
        ("issues", "category=999999"),
        ("issues", "status=registered"),
        ("issues", "resolved_after=0000-00-00"),
        ("visits", "visited_after=tomorrow"),
        ("visits", "visitor=abc"),
        ("visits", "household__phone=154"),
        ("households", "kind=tent"),
        ("households", "q=" + "x" * 51),
        ("households", "phone=15400000000"),
    ],
)
def test_unknown_filter_or_value_is_refused(rows: Town, office: Client, kind: str, query: str) -> None:
    response = office.get(f"{BASE}/{kind}/?{query}")

    assert (response.status_code, list(response.json()["errors"])) == (400, [query.partition("=")[0]])


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("issues", "village"), ("issues", "area"), ("issues", "household"), ("issues", "visit"),
        ("visits", "village"), ("visits", "area"), ("visits", "household"), ("visits", "visitor"),
        ("households", "village"), ("households", "area"),
    ],
)  # fmt: skip
def test_foreign_key_in_a_filter_is_answered_like_one_that_does_not_exist(
    rows: Town, secretary: Client, kind: str, name: str
) -> None:
    head, foreign = rows.people[DutyCode.OFFICE_HEAD], Visit.objects.get(household=rows.foreign_household)
    Visit.objects.filter(household=rows.own_household).update(visitor=rows.people[DutyCode.BRANCH_SECRETARY])
    keys = {
        "village": rows.foreign.pk, "area": rows.foreign.area_id, "household": rows.foreign_household.pk,
        "visit": foreign.pk, "visitor": head.pk,
    }  # fmt: skip

    answers = [secretary.get(f"{BASE}/{kind}/", {name: key}) for key in (keys[name], 10**6, 10**30)]

    assert {answer.status_code for answer in answers} == {400}
    assert len({answer.content for answer in answers}) == 1


def test_lists_of_words_are_open_to_all_who_work_with_visits(town: Town, secretary: Client) -> None:
    UnitFactory()

    assert len(keys_of(secretary, f"{BASE}/categories/")) == 7
    assert keys_of(secretary, f"{BASE}/campaigns/") == [town.campaign.pk]
    assert keys_of(secretary, f"{BASE}/units/") == list(Unit.objects.values_list("pk", flat=True))


@pytest.mark.parametrize(("kind", "queries"), [("households", 11), ("visits", 12), ("issues", 12)])
@pytest.mark.parametrize("more", [0, 2])
def test_lists_take_the_same_number_of_queries_for_more_rows(
    town: Town, kind: str, queries: int, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(1 + more):
        household = HouseholdFactory(village=town.own) if number else town.own_household
        issue = make_issue(town.record(household, "路不平"))
        clerk, unit = town.people[DutyCode.OFFICE_CLERK], UnitFactory()
        move_issue(actor=clerk, issue=issue, move=MoveCode.ACCEPT, facts=MoveFacts())
        facts = MoveFacts(unit=unit, assignee=clerk, due_on=today())
        move_issue(actor=clerk, issue=issue, move=MoveCode.ASSIGN, facts=facts)
    client = api_client(town.people[DutyCode.BRANCH_SECRETARY])

    with django_assert_num_queries(queries):
        response = client.get(f"{BASE}/{kind}/")

    assert len(response.json()["results"]) == (1 + more) * (2 if kind == "issues" else 1)
    assert Issue.objects.filter(state=IssueState.ASSIGNED).count() == 1 + more
