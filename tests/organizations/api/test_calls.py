"""The record of calls: one row each, whatever became of it."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from chishang.core.figures import all_figures
from organizations.enums import DutyCode
from organizations.models import ApiCall, Area
from organizations.services import revoke_api_key
from tests.api import api_client, key_headers
from tests.factories import Town

ADDRESS, REPORT = "/api/v1/organizations/", "/api/v1/report/"


@pytest.fixture
def headers(town: Town) -> dict[str, str]:
    return key_headers(town.people[DutyCode.DISTRICT_CLIENT])


def recorded() -> list[tuple[Any, ...]]:
    return list(ApiCall.objects.order_by("pk").values_list("address", "format", "status", "rows", "is_export"))


def test_call_is_recorded_with_what_it_gave(town: Town, headers: dict[str, str]) -> None:
    client, figures = Client(), len(all_figures())
    client.get(ADDRESS, {"limit": "2"}, headers=headers)
    client.get(REPORT, headers=headers)
    client.get(REPORT, {"format": "csv"}, headers=headers)
    client.get(f"{REPORT}org.branches/rows/?format=xlsx", headers=headers)
    assert recorded() == [
        (f"{ADDRESS}?limit=2", "json", 200, 2, False),
        (REPORT, "json", 200, figures, False),
        (f"{REPORT}?format=csv", "csv", 200, figures, True),
        (f"{REPORT}org.branches/rows/?format=xlsx", "xlsx", 200, 2, True),
    ]
    assert {call.key.user for call in ApiCall.objects.all()} == {town.people[DutyCode.DISTRICT_CLIENT]}


def test_refused_calls_are_recorded_too(headers: dict[str, str]) -> None:
    client = Client()
    client.get(ADDRESS, {"nothing": "1"}, headers=headers)
    client.get("/api/v1/dues-payments/", headers=headers)
    client.get("/api/v1/nothing/", headers=headers)
    client.get(ADDRESS, {"format": "csv"}, headers=headers)
    client.delete(ADDRESS, headers=headers)
    assert [(row[2], row[3], row[4]) for row in recorded()] == [
        (status, None, False) for status in (400, 403, 404, 406, 405)
    ]


def test_answer_without_change_is_recorded_without_rows(headers: dict[str, str]) -> None:
    client = Client()
    tag = client.get(REPORT, {"format": "csv"}, headers=headers).headers["ETag"]
    client.get(REPORT, {"format": "csv"}, headers=headers | {"If-None-Match": tag})
    assert recorded()[1] == (f"{REPORT}?format=csv", "csv", 304, None, False)


def test_fault_is_recorded_though_the_view_was_rolled_back(headers: dict[str, str]) -> None:
    def broken(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found = execute(sql, params, many, context)
        if 'FROM "organizations_area"' in sql:
            connection.set_rollback(True)
            raise ValueError("broken")
        return found

    client = Client(raise_request_exception=False)
    with connection.execute_wrapper(broken):
        answer = client.get("/api/v1/areas/", headers=headers)
    assert answer.status_code == 500
    assert [row[2] for row in recorded()] == [500]
    assert Area.objects.exists()


def test_long_address_is_cut_and_holds_no_secret(headers: dict[str, str]) -> None:
    Client().get(ADDRESS, {"nothing": "x" * 900}, headers=headers)
    ((address, *_),) = recorded()
    assert len(address) == 500
    secret = headers["Authorization"].rpartition(".")[2]
    assert not any(secret in str(value) for row in ApiCall.objects.values_list() for value in row)


def test_nobody_else_is_recorded(town: Town, headers: dict[str, str]) -> None:
    Client().get(ADDRESS)
    Client().get(ADDRESS, headers={"Authorization": "Api-Key nobody.secret"})
    Client().get("/api/v1/nothing/", headers={"Authorization": "Api-Key nobody.secret"})
    api_client(town.people[DutyCode.OFFICE_CLERK]).get(ADDRESS)
    key = town.people[DutyCode.DISTRICT_CLIENT].api_keys.get()
    revoke_api_key(actor=town.people[DutyCode.SYSTEM_ADMINISTRATOR], key=key)
    Client().get(ADDRESS, headers=headers)
    assert recorded() == []


def test_administrator_reads_the_calls_and_nobody_changes_them(town: Town, headers: dict[str, str]) -> None:
    Client().get(ADDRESS, {"limit": "2"}, headers=headers)
    call, register = ApiCall.objects.get(), "/admin/organizations/apicall/"
    client = Client()
    client.force_login(town.people[DutyCode.SYSTEM_ADMINISTRATOR], backend="organizations.backends.AppointmentBackend")
    assert f"{ADDRESS}?limit=2" in client.get(register).content.decode()
    assert client.get(register, {"key__id__exact": call.key_id, "is_export__exact": "0"}).status_code == 200
    assert client.get(f"{register}{call.pk}/change/").status_code == 200
    assert client.post(f"{register}{call.pk}/change/", {"status": 1}).status_code == 403
    for path in ("add/", "import/", "export/", f"{call.pk}/delete/"):
        assert client.get(f"{register}{path}").status_code in {403, 404}, path
    other = Client()
    other.force_login(town.people[DutyCode.OFFICE_CLERK], backend="organizations.backends.AppointmentBackend")
    assert other.get(register).status_code == 403
