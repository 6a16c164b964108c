"""The home page of each duty, and the pages of errors."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views import defaults

from chishang.core.dates import today
from chishang.workbench.views import waiting_tiles
from organizations.enums import DutyCode
from organizations.models import Appointment
from tests.factories import Town, UnitFactory, UserFactory
from visits.enums import MoveCode
from visits.models import Issue
from visits.services import MoveFacts, move_issue

CLERK = DutyCode.OFFICE_CLERK
STAFF = [
    DutyCode.TOWN_SECRETARY,
    DutyCode.OFFICE_HEAD,
    CLERK,
    DutyCode.DISCIPLINE_HEAD,
    DutyCode.ACCOUNTANT,
    DutyCode.AREA_LEADER,
    DutyCode.SYSTEM_ADMINISTRATOR,
]


@pytest.mark.parametrize("duty", STAFF)
def test_home_of_office_staff_is_the_workbench(client: Client, town: Town, duty: DutyCode) -> None:
    client.force_login(town.people[duty])

    response = client.get(reverse("home"))

    assert response.status_code == 200
    assert reverse("admin:index") in response.text


@pytest.mark.parametrize("duty", [DutyCode.BRANCH_SECRETARY, DutyCode.FIRST_SECRETARY, DutyCode.VILLAGE_INSTRUCTOR])
def test_home_of_those_who_visit_is_the_visits(client: Client, town: Town, duty: DutyCode) -> None:
    client.force_login(town.people[duty])

    assert client.get(reverse("home")).url == reverse("visits:home")


def test_home_of_a_machine_account_names_the_documentation(client: Client, town: Town) -> None:
    client.force_login(town.people[DutyCode.DISTRICT_CLIENT])

    response = client.get(reverse("home"))

    assert "/api/v1/docs/" in response.text
    assert "接口账号" in response.text


def test_home_of_one_whose_term_ended_says_whom_to_ask(client: Client, town: Town) -> None:
    user = town.people[DutyCode.BRANCH_SECRETARY]
    Appointment.objects.filter(user=user).update(ended_on=today() - timedelta(days=1))
    client.force_login(user)

    response = client.get(reverse("home"))

    assert response.status_code == 200
    assert "现在没有您的工作页面" in response.text


def test_home_asks_the_anonymous_to_sign_in(client: Client, town: Town) -> None:
    assert client.get("/").url == f"{reverse('login')}?next=/"


@pytest.mark.parametrize(
    ("duty", "links"),
    [(CLERK, (True, True)), (DutyCode.AREA_LEADER, (True, False)), (DutyCode.ACCOUNTANT, (False, False))],
)
def test_links_follow_the_rights(client: Client, town: Town, duty: DutyCode, links: tuple[bool, bool]) -> None:
    client.force_login(town.people[duty])

    response = client.get(reverse("home"))

    assert (reverse("visits:home") in response.text, "admin/ledgers/" in response.text) == links


def go(town: Town, issue: Issue, move: MoveCode, **facts: object) -> Issue:
    return move_issue(actor=town.people[CLERK], issue=issue, move=move, facts=MoveFacts(**facts))


def fill(town: Town) -> None:
    """One issue new, one late, one returned in the own village; a new one and a late one in the foreign one."""
    for household in (town.own_household, town.foreign_household):
        _new, late = town.record(household, "新问题", "旧问题").issues.order_by("pk")
        go(town, late, MoveCode.ACCEPT)
        go(town, late, MoveCode.ASSIGN, unit=UnitFactory(), due_on=today())
        Issue.objects.filter(pk=late.pk).update(due_on=today() - timedelta(days=1))
    go(town, town.record(None, "退回").issues.get(), MoveCode.RETURN, note="请补充")


@pytest.mark.parametrize(
    ("duty", "counts"),
    [
        (CLERK, [2, 2, 1, 0, 0]),
        (DutyCode.AREA_LEADER, [1, 1, 1, 0, 0]),
        (DutyCode.ACCOUNTANT, []),
    ],
)
def test_tiles_count_what_one_may_see(town: Town, duty: DutyCode, counts: list[int]) -> None:
    fill(town)

    assert [tile.count for tile in waiting_tiles(town.people[duty])] == counts


def test_tiles_lead_to_the_lists_that_they_count(town: Town) -> None:
    addresses = [tile.address for tile in waiting_tiles(town.people[CLERK])]

    assert addresses[0] == "/admin/visits/issue/?state__exact=registered"
    assert f"due_on__lt={today().isoformat()}" in addresses[1]


@pytest.mark.parametrize("rows", [1, 3])
def test_workbench_takes_as_many_queries_for_three_rows_as_for_one(
    client: Client, town: Town, django_assert_num_queries: Any, rows: int
) -> None:
    for _ in range(rows):
        town.record(None, "新问题")
    client.force_login(town.people[CLERK])

    with django_assert_num_queries(11):
        client.get(reverse("home"))


@pytest.mark.parametrize("code", [400, 403, 404, 500])
def test_error_page_is_chinese_and_says_what_to_do(code: int) -> None:
    view = {
        400: defaults.bad_request,
        403: defaults.permission_denied,
        404: defaults.page_not_found,
        500: defaults.server_error,
    }[code]
    arguments = [] if code == 500 else [Exception("secret detail")]

    response = view(RequestFactory().get("/x/"), *arguments)

    assert response.status_code == code
    assert 'lang="zh-Hans"' in response.text
    assert "回到首页" in response.text
    assert "secret detail" not in response.text


def test_unknown_address_is_not_found_for_all(client: Client, town: Town) -> None:
    assert client.get("/no/such/page/").status_code == 404
    client.force_login(UserFactory())
    assert client.get("/no/such/page/").status_code == 404


def test_stale_form_says_that_nothing_was_stored(town: Town) -> None:
    response = Client(enforce_csrf_checks=True).post(reverse("login"), {"username": "x", "password": "y"})

    assert response.status_code == 403
    for words in ("没有保存", "复制", "刷新页面"):
        assert words in response.text
