"""Headers, and whose address counts."""

import pytest
from django.test import Client, RequestFactory

from chishang.core.middleware import client_address
from organizations.enums import DutyCode
from tests.factories import Town


@pytest.mark.parametrize(
    ("production", "remote", "forwarded", "address"),
    [
        (True, "127.0.0.1", "10.1.2.3", "10.1.2.3"),
        (True, "127.0.0.1", "1.1.1.1, 10.1.2.3", "10.1.2.3"),
        (True, "10.9.9.9", "1.1.1.1", "10.9.9.9"),
        (False, "127.0.0.1", "1.1.1.1", "127.0.0.1"),
        (True, "127.0.0.1", "", "127.0.0.1"),
    ],
)
def test_forwarded_address_counts_only_from_our_own_proxy(
    settings: object, production: bool, remote: str, forwarded: str, address: str
) -> None:
    settings.PRODUCTION = production  # type: ignore[attr-defined]
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers)) == address


def test_pages_have_a_strict_policy_and_the_admin_its_own(client: Client, town: Town) -> None:
    policy = client.get("/accounts/login/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    client.force_login(town.people[DutyCode.OFFICE_CLERK], backend="organizations.backends.AppointmentBackend")
    assert "unsafe" not in client.get("/").headers["Content-Security-Policy"]
    admin = client.get("/admin/").headers["Content-Security-Policy"]
    assert "'unsafe-eval'" in admin
    assert "frame-ancestors 'none'" in admin


def test_signed_in_pages_are_not_stored(client: Client, town: Town) -> None:
    client.force_login(town.people[DutyCode.OFFICE_CLERK], backend="organizations.backends.AppointmentBackend")
    for path in ("/", "/admin/", "/visits/", "/api/v1/villages/"):
        assert "no-store" in client.get(path).headers["Cache-Control"], path


@pytest.mark.parametrize(
    "address",
    [
        *("/members/?q=%00", "/visits/?q=%00", "/admin/members/member/?standing=%00", "/report/members/?until=%00"),
        "/admin/members/memberchange/?occurred_on__year=9999999999999999999999999",
    ],
)
def test_address_that_no_browser_makes_is_a_bad_request(client: Client, town: Town, address: str) -> None:
    client.force_login(town.people[DutyCode.OFFICE_CLERK], backend="organizations.backends.AppointmentBackend")
    answer = client.get(address)
    assert answer.status_code == 400
    assert "池上镇党建" in answer.content.decode()


@pytest.mark.parametrize("query", ["until=0001-01-01", "since=0001-01-01", "until=9999-12-31"])
def test_years_that_were_mistyped_are_told(client: Client, town: Town, query: str) -> None:
    client.force_login(town.people[DutyCode.OFFICE_CLERK], backend="organizations.backends.AppointmentBackend")
    answer = client.get(f"/report/members/?{query}")
    assert answer.status_code == 422
    assert "年份不对" in answer.content.decode()
