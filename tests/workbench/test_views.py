"""The home page of each duty, and the pages of errors."""

from datetime import timedelta

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views import defaults

from chishang.core.dates import today
from organizations.enums import DutyCode
from organizations.models import Appointment
from tests.factories import Town, UserFactory

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
    [(CLERK, (True, True)), (DutyCode.AREA_LEADER, (True, False)), (DutyCode.ACCOUNTANT, (False, True))],
)
def test_links_follow_the_rights(client: Client, town: Town, duty: DutyCode, links: tuple[bool, bool]) -> None:
    client.force_login(town.people[duty])

    response = client.get(reverse("home"))

    assert (reverse("visits:home") in response.text, "admin/ledgers/" in response.text) == links


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
