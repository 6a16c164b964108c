"""How often a key may call: the real rates, in sliding windows."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chishang.settings.api import API_CALL_RATES, API_EXPORT_RATES
from organizations.enums import DutyCode
from organizations.models import ApiCall, ApiKey
from tests.api import api_client, key_headers
from tests.factories import Town

ADDRESS, REPORT = "/api/v1/areas/", "/api/v1/report/"


@pytest.fixture(autouse=True)
def _real_rates(settings: Any) -> None:
    settings.API_CALL_RATES, settings.API_EXPORT_RATES = API_CALL_RATES, API_EXPORT_RATES


@pytest.fixture
def headers(town: Town) -> dict[str, str]:
    return key_headers(town.people[DutyCode.DISTRICT_CLIENT])


def called(times: int, called_at: datetime, **fields: Any) -> None:
    """The key has called so often."""
    key = ApiKey.objects.latest("pk")
    ApiCall.objects.bulk_create(
        ApiCall(key=key, called_at=called_at, address=ADDRESS, status=200, **fields) for _ in range(times)
    )


def ago(**span: float) -> datetime:
    return timezone.now() - timedelta(**span)


def test_sixtieth_call_of_a_minute_passes_and_the_next_is_told_when(headers: dict[str, str]) -> None:
    client = Client()
    called(59, ago(seconds=10))
    assert client.get(ADDRESS, headers=headers).status_code == 200
    refused = client.get(ADDRESS, headers=headers)
    assert (refused.status_code, refused.headers["Content-Type"]) == (429, "application/problem+json")
    seconds = int(refused.headers["Retry-After"])
    assert 45 <= seconds <= 50
    assert refused.json() == {
        "type": "urn:chishang:problem:too-many-requests",
        "title": "请求太多，请稍后再试",
        "status": 429,
        "detail": f"调用次数已到上限，请过 {seconds} 秒再试。",
    }


def test_call_passes_when_the_first_has_left_the_window(headers: dict[str, str]) -> None:
    called(1, ago(seconds=61))
    called(59, ago(seconds=5))
    assert Client().get(ADDRESS, headers=headers).status_code == 200


def test_time_to_wait_is_never_zero(headers: dict[str, str]) -> None:
    called(60, ago(seconds=59.5))
    refused = Client().get(ADDRESS, headers=headers)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")


def test_refused_calls_do_not_count(headers: dict[str, str]) -> None:
    called(60, ago(seconds=30))
    for _ in range(3):
        assert Client().get(ADDRESS, headers=headers).status_code == 429
    assert ApiCall.objects.count() == 60


def test_day_has_its_limit(headers: dict[str, str]) -> None:
    called(5000, ago(hours=20))
    refused = Client().get(ADDRESS, headers=headers)
    assert refused.status_code == 429
    assert 3.9 * 3600 < int(refused.headers["Retry-After"]) <= 4 * 3600


def test_tenth_file_of_an_hour_passes_and_the_next_not_while_json_does(headers: dict[str, str]) -> None:
    client = Client()
    called(9, ago(minutes=50), is_export=True)
    assert client.get(REPORT, {"format": "csv"}, headers=headers).status_code == 200
    for file_format in ("csv", "xlsx", "docx"):
        refused = client.get(REPORT, {"format": file_format}, headers=headers)
        assert (refused.status_code, refused.headers["Content-Type"]) == (429, "application/problem+json")
        assert 590 <= int(refused.headers["Retry-After"]) <= 600
    assert client.get(REPORT, headers=headers).status_code == 200


def test_limit_is_of_the_key_and_not_of_others(town: Town, headers: dict[str, str]) -> None:
    called(60, ago(seconds=5))
    other = key_headers(town.people[DutyCode.DISTRICT_CLIENT])
    assert Client().get(ADDRESS, headers=other).status_code == 200
    assert Client().get(ADDRESS, headers=headers).status_code == 429


def test_people_who_are_signed_in_are_not_counted(town: Town, settings: Any) -> None:
    settings.API_CALL_RATES = [(0, 60)]
    client = api_client(town.people[DutyCode.OFFICE_CLERK])
    assert {client.get(ADDRESS).status_code for _ in range(3)} == {200}
    assert not ApiCall.objects.exists()


def test_call_passes_when_calls_cannot_be_counted_or_recorded(
    headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    called(60, ago(seconds=5))

    def out_of_order(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "organizations_apicall" in sql:
            raise DatabaseError("the table is locked")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(out_of_order):
        assert Client().get(ADDRESS, headers=headers).status_code == 200
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]
    assert ApiCall.objects.count() == 60


def test_many_calls_take_no_more_queries_than_few(headers: dict[str, str]) -> None:
    found = []
    for times in (1, 40):
        called(times, ago(seconds=5))
        with CaptureQueriesContext(connection) as queries:
            assert Client().get(ADDRESS, headers=headers).status_code == 200
        found.append(len(queries))
    assert found[0] == found[1]
