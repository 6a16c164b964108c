"""API keys: in force or refused."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chishang.core.dates import today
from organizations.enums import DutyCode
from organizations.models import ApiKey, User
from organizations.services import revoke_api_key
from tests.api import key_headers
from tests.factories import Town, appoint

ADDRESS = "/api/v1/organizations/"


@pytest.fixture
def district(town: Town) -> User:
    return town.people[DutyCode.DISTRICT_CLIENT]


def test_key_in_force_acts_as_its_account_and_its_use_is_noted(town: Town, district: User) -> None:
    response = Client().get(ADDRESS, headers=key_headers(district))

    assert {row["code"] for row in response.json()["results"]} == {
        "T-W00",
        town.own.branch.code,
        town.foreign.branch.code,
    }
    assert district.api_keys.get().last_used_at is not None


def test_key_of_a_secretary_gives_the_branch_only(town: Town) -> None:
    response = Client().get(ADDRESS, headers=key_headers(town.people[DutyCode.BRANCH_SECRETARY]))

    assert [row["code"] for row in response.json()["results"]] == [town.own.branch.code]


def test_key_that_is_wrong_or_malformed_is_401(district: User) -> None:
    good = key_headers(district)["Authorization"]
    for wrong in [
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        good.rsplit(".", 1)[0],
        "Api-Key",
        "Api-Key a b",
        "Api-Key .",
        "Api-Key nobody.secret",
        "Api-Key \x00.x",
        "Api-Key é.x",
        good + " x",
    ]:
        response = Client().get(ADDRESS, headers={"Authorization": wrong})
        assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Api-Key"), wrong


@pytest.mark.parametrize("scheme", ["Bearer", "Basic", "Token"])
def test_other_schemes_are_401(district: User, scheme: str) -> None:
    header = key_headers(district)["Authorization"].replace("Api-Key", scheme)

    assert Client().get(ADDRESS, headers={"Authorization": header}).status_code == 401


def test_key_that_expired_or_was_revoked_is_401(district: User) -> None:
    headers = key_headers(district)
    key = district.api_keys.get()
    assert Client().get(ADDRESS, headers=headers).status_code == 200

    revoke_api_key(actor=district, key=key)
    assert Client().get(ADDRESS, headers=headers).status_code == 401

    now = timezone.now()
    ApiKey.objects.filter(pk=key.pk).update(
        revoked_at=None, created_at=now - timedelta(days=2), expires_at=now - timedelta(seconds=1)
    )
    assert Client().get(ADDRESS, headers=headers).status_code == 401


def test_key_of_an_inactive_account_is_401(district: User) -> None:
    headers = key_headers(district)
    User.objects.filter(pk=district.pk).update(is_active=False)

    assert Client().get(ADDRESS, headers=headers).status_code == 401


def test_key_outlives_the_appointment_but_opens_nothing(district: User) -> None:
    headers = key_headers(district)
    district.appointments.update(ended_on=today() - timedelta(days=1))

    assert Client().get(ADDRESS, headers=headers).status_code == 403


def test_session_of_an_appointment_that_ended_yesterday_sees_nothing(town: Town) -> None:
    secretary = town.people[DutyCode.BRANCH_SECRETARY]
    client = Client()
    client.force_login(secretary)
    assert client.get(ADDRESS).status_code == 200

    secretary.appointments.update(ended_on=today() - timedelta(days=1))
    assert client.get(ADDRESS).status_code == 403

    appoint(secretary, DutyCode.BRANCH_SECRETARY, town.foreign.branch, started_on=today())
    assert [row["code"] for row in client.get(ADDRESS).json()["results"]] == [town.foreign.branch.code]


def test_bad_key_is_refused_even_beside_a_good_session(town: Town) -> None:
    client = Client()
    client.force_login(town.people[DutyCode.OFFICE_CLERK])

    assert client.get(ADDRESS, headers={"Authorization": "Api-Key nobody.secret"}).status_code == 401
