"""Keyset pages: nothing lost, nothing doubled."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from chishang.core.dates import today
from organizations.enums import DutyCode
from tests.api import api_client, keys_of
from tests.factories import HouseholdFactory, Town, VisitFactory
from visits.models import Household, Visit


@pytest.fixture
def client(town: Town) -> Client:
    return api_client(town.people[DutyCode.OFFICE_CLERK])


@pytest.mark.parametrize("ordering", ["id", "-id", "visited_on", "-visited_on", "recorded_at", "-recorded_at"])
@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_of_equal_keys_hold_every_row_once_in_order(
    town: Town, client: Client, ordering: str, limit: int
) -> None:
    for number in range(7):
        VisitFactory(household=town.own_household, visited_on=today() - timedelta(days=number // 3))
    expected = list(
        Visit.objects.order_by(ordering, "-id" if ordering[0] == "-" else "id").values_list("id", flat=True)
    )

    assert keys_of(client, f"/api/v1/visits/?limit={limit}&ordering={ordering}") == expected


def test_rows_that_come_in_between_pages_neither_lose_nor_double_others(town: Town, client: Client) -> None:
    for number in range(6):
        HouseholdFactory(village=town.own, code=f"M-{number}", name="王家")
    before = set(Household.objects.filter(name="王家").values_list("id", flat=True))
    seen: list[int] = []
    following = "/api/v1/households/?ordering=name&limit=2"
    number = 0
    while following:
        body = client.get(following).json()
        seen += [row["id"] for row in body["results"]]
        following = body["next"]
        number += 1
        if number < 4:  # before and after the place that was read
            HouseholdFactory(village=town.own, code=f"A-{number}", name="丁家")
            HouseholdFactory(village=town.own, code=f"Z-{number}", name="郑家")

    assert len(seen) == len(set(seen))
    assert before <= set(seen)


def test_next_page_is_named_in_body_and_link_header(town: Town, client: Client) -> None:
    response = client.get("/api/v1/households/?limit=1")

    assert response.json()["next"].startswith("http://testserver/api/v1/households/?cursor=")
    assert response.headers["Link"] == f'<{response.json()["next"]}>; rel="next"'
    last = client.get(response.json()["next"])
    assert (last.json()["next"], "Link" in last.headers) == (None, False)


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "abc", "1.5", "", "9" * 5000, "١", "1e2", "\x00"])
def test_limit_out_of_bounds_is_refused(client: Client, limit: str) -> None:
    response = client.get("/api/v1/households/", {"limit": limit})

    assert (response.status_code, list(response.json()["errors"])) == (400, ["limit"])


@pytest.mark.parametrize("ordering", ["phone", "--id", "pinyin", "-", "village__branch__phone", "id,name", "?"])
def test_ordering_outside_the_list_is_refused(client: Client, ordering: str) -> None:
    response = client.get("/api/v1/households/", {"ordering": ordering})

    assert (response.status_code, list(response.json()["errors"])) == (400, ["ordering"])


def test_cursor_that_was_changed_or_is_of_another_list_is_refused(town: Town, client: Client) -> None:
    following = client.get("/api/v1/households/?limit=1").json()["next"]
    cursor = parse_qs(urlsplit(following).query)["cursor"][0]

    for address, wrong in [
        ("/api/v1/households/", cursor[:-1] + ("A" if cursor[-1] != "A" else "B")),
        ("/api/v1/households/", "x" + cursor),
        ("/api/v1/households/", "\x00"),
        ("/api/v1/households/?ordering=name", cursor),
        ("/api/v1/visits/", cursor),
    ]:
        response = client.get(address, {"cursor": wrong} | ({"ordering": "name"} if "?" in address else {}))
        assert (response.status_code, list(response.json()["errors"])) == (400, ["cursor"])
