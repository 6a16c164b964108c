"""The change feed over REST."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chishang.core.dates import today
from chishang.report.feed import TYPES, renew_feed
from organizations.enums import DutyCode
from organizations.models import User
from tests.api import api_client
from tests.factories import Town, VisitFactory, make_issue
from tests.finance.money import make_budget, make_request, make_voucher
from tests.report.feeding import ADDRESS, Copy, let_read_feed, reader_of, settle

CHECKSUM = f"{ADDRESS}checksum/"
EVERYTHING = ["visit", "issue", "issue_event", "disbursement", "voucher"]


@pytest.fixture
def reader(town: Town) -> Client:
    """The district's program."""
    return reader_of(town.people[DutyCode.DISTRICT_CLIENT])


@pytest.fixture
def copy(reader: Client) -> Copy:
    """What it holds when the test begins."""
    held = Copy()
    held.follow(reader)
    return held


def data_of(events: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The data of the last event of a type."""
    return [event for event in events if event["type"] == name][-1]["data"]


def test_visit_and_issue_as_the_district_gets_them(town: Town, reader: Client, copy: Copy) -> None:
    visit = town.record(None, "路不平")
    issue = visit.issues.get()
    settle()

    events = copy.follow(reader)

    head, village = town.people[DutyCode.OFFICE_HEAD].pk, town.own.code
    row = TYPES[0].history.objects.get(pgh_obj=visit)
    assert events[0] == {
        "event_id": f"visit-{row.pk}",
        "type": "visit",
        "action": "created",
        "id": visit.pk,
        "sequence": row.pk,
        "recorded_at": events[0]["recorded_at"],
        "data": {
            "campaign_id": town.campaign.pk,
            "campaign": town.campaign.name,
            "household_id": town.own_household.pk,
            "household_code": "TV01-0001",
            "village_code": village,
            "visited_on": today().isoformat(),
            "visitor_id": head,
            "companions": "",
            "entered_by_id": head,
            "content": "谈了用水",
            "remark": "",
            "source": "page",
            "recorded_at": events[0]["data"]["recorded_at"],
        },
    }
    assert events[0]["recorded_at"].endswith("+08:00")
    assert events[1]["data"] == {
        "visit_id": visit.pk,
        "household_code": "TV01-0001",
        "village_code": village,
        "raised_on": today().isoformat(),
        "category_id": issue.category_id,
        "category": "村民用水",
        "description": "路不平",
        "urgency": "normal",
        "state": "registered",
        **dict.fromkeys(("unit_id", "unit", "assignee_id", "due_on", "resolved_on", "resolved_by_id")),
        **dict.fromkeys(("closed_by_id", "escalated_on", "merged_into_id")),
        **dict.fromkeys(("escalation_level", "escalated_to", "project", "satisfaction"), ""),
    }
    assert events[2]["data"] == {
        "issue_id": issue.pk,
        "move": "register",
        "from_state": "",
        "to_state": "registered",
        "occurred_on": today().isoformat(),
        "recorded_at": events[2]["data"]["recorded_at"],
        "actor_id": head,
        "note": "",
    }


def test_money_is_text_and_payees_are_not_told(town: Town, reader: Client, copy: Copy) -> None:
    voucher = make_voucher(town, amount="100.50")
    settle()

    events = copy.follow(reader)

    row, request = data_of(events, "voucher"), data_of(events, "disbursement")
    assert (row["code"], row["amount"], row["organization_code"], row["village_code"], row["subject_code"]) == (
        *(voucher.code, "100.50", town.own.branch.code, town.own.code),
        voucher.subject.code,
    )
    assert (request["amount"], request["state"], row["disbursement_id"]) == (
        "100.50",
        "posted",
        voucher.disbursement_id,
    )
    assert "payee" not in row | request
    assert voucher.payee not in str(events)


def test_no_telephone_numbers(town: Town, reader: Client, copy: Copy) -> None:
    town.record(None, "路不平")
    settle()

    text = str(copy.follow(reader))

    phones = [town.own_household.phone, *User.objects.values_list("phone", flat=True)]
    assert not [phone for phone in phones if phone and phone in text]


def test_deleted_row_has_no_data_and_what_named_it_no_code(town: Town, reader: Client, copy: Copy) -> None:
    visit = VisitFactory(household=town.own_household)
    issue = make_issue(visit)
    event = issue.events.get()
    for row in (event, issue, visit):
        key = row.pk
        row.delete()
        row.pk = key
    settle()

    events = copy.follow(reader)

    assert [(one["type"], one["id"], one["data"]) for one in events if one["action"] == "deleted"] == [
        ("visit", visit.pk, None),
        ("issue", issue.pk, None),
        ("issue_event", event.pk, None),
    ]
    told = next(one["data"] for one in events if (one["type"], one["action"]) == ("issue", "created"))
    assert (told["visit_id"], told["household_code"], told["village_code"]) == (visit.pk, None, None)
    assert not copy.alive("visit")


def test_older_event_that_comes_later_changes_nothing(town: Town, reader: Client, copy: Copy) -> None:
    """A transaction that began first may change a row last: its number is smaller, its event the later one."""
    visit = town.record()
    settle()
    visit.remark = "后改"
    visit.save()
    settle()
    history = TYPES[0].history
    first, second = history.objects.filter(pgh_obj=visit).order_by("pgh_id").values_list("pgh_xid", flat=True)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            f"UPDATE {history._meta.db_table} SET pgh_xid = %s - pgh_xid WHERE pgh_obj_id = %s",
            [first + second, visit.pk],
        )
        cursor.execute("SET session_replication_role = DEFAULT")

    events = copy.follow(reader)

    assert [event["action"] for event in events] == ["updated", "created"]
    assert copy.alive("visit")[visit.pk]["remark"] == "后改"
    assert copy.checksums() == reader.get(CHECKSUM, {"cursor": copy.cursor}).json()["checksums"]


def test_pages_go_on_by_the_address_in_the_body_and_in_the_header(town: Town, reader: Client, copy: Copy) -> None:
    town.record(None, "路不平", "灯不亮")
    settle()

    first = reader.get(ADDRESS, {"limit": 4, "type": "visit,issue", "cursor": ""})
    body = first.json()
    second = reader.get(body["next"])

    assert first.headers["Link"] == f'<{body["next"]}>; rel="next"'
    assert ("limit=4" in body["next"], body["types"]) == (True, ["visit", "issue"])
    assert (len(body["events"]), body["more"], second.json()["events"], second.json()["more"]) == (3, False, [], False)
    assert second.json()["cursor"] == body["cursor"]


def test_nothing_new_costs_no_page(town: Town, reader: Client, copy: Copy) -> None:
    first = reader.get(ADDRESS, {"cursor": copy.cursor})
    unchanged = {"If-None-Match": first.headers["ETag"]}
    assert reader.get(ADDRESS, {"cursor": copy.cursor}, headers=unchanged).status_code == 304

    town.record()
    settle()

    assert reader.get(ADDRESS, {"cursor": copy.cursor}, headers=unchanged).status_code == 200


def test_reading_by_ones_gives_the_same_as_all_at_once(town: Town, reader: Client) -> None:
    make_voucher(town)
    town.record(None, "路不平", "灯不亮")
    one, all_at_once = Copy(), Copy()
    one.follow(reader, limit=1)
    all_at_once.follow(reader, limit=1000)

    assert one.events == all_at_once.events != []
    assert len({event["event_id"] for event in one.events}) == len(one.events)


def test_checksum_is_that_of_the_copy_at_every_cursor(town: Town, reader: Client, copy: Copy) -> None:
    for household in (town.own_household, town.foreign_household):
        town.record(household, "路不平")
    budget = make_budget(town.own.branch)
    make_request(town, budget)
    VisitFactory(household=town.own_household).delete()
    settle()
    make_voucher(town, budget)
    settle()

    steps = 0
    while True:
        body = reader.get(CHECKSUM, {"cursor": copy.cursor}).json()
        assert (body["checksums"], body["cursor"]) == (copy.checksums(), copy.cursor)
        page = reader.get(ADDRESS, {"cursor": copy.cursor, "limit": 3}).json()
        if not page["events"]:
            break
        copy.take(page)
        steps += 1

    assert steps > 4
    assert min(one["count"] for one in body["checksums"].values()) > 0


def test_cursor_of_an_ended_feed_is_gone(town: Town, reader: Client, copy: Copy) -> None:
    town.record()
    renew_feed()

    for address in (ADDRESS, CHECKSUM):
        answer = reader.get(address, {"cursor": copy.cursor})
        assert (answer.status_code, answer.headers["Content-Type"]) == (410, "application/problem+json")
        assert answer.json()["type"] == "urn:chishang:problem:gone"
        assert "从头读取" in answer.json()["detail"]
    anew = Copy()
    anew.follow(reader)
    assert len(anew.alive("visit")) == 1


@pytest.mark.parametrize(
    "query",
    [
        "cursor=x",
        "cursor=%00",
        "limit=0",
        "limit=1001",
        "limit=x",
        "type=member",
        "type=visit,",
        "types=visit",
        "as_of=1",
    ],
)
def test_malformed_query_is_refused(reader: Client, query: str) -> None:
    answer = reader.get(f"{ADDRESS}?{query}")

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [query.partition("=")[0]])


def test_cursor_of_other_types_is_refused(reader: Client, copy: Copy) -> None:
    for address in (ADDRESS, CHECKSUM):
        answer = reader.get(address, {"cursor": copy.cursor, "type": "visit"})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["cursor"])


@pytest.mark.parametrize("address", [ADDRESS, CHECKSUM])
def test_feed_needs_its_right(town: Town, address: str) -> None:
    assert Client().get(address).status_code == 401
    allowed = [duty for duty in DutyCode if api_client(town.people[duty]).get(address).status_code == 200]
    assert allowed == [DutyCode.DISTRICT_CLIENT]
    assert reader_of(town.people[DutyCode.DISTRICT_CLIENT]).post(address).status_code == 405


def test_types_are_those_that_the_account_may_see(town: Town, reader: Client) -> None:
    let_read_feed(DutyCode.ACCOUNTANT)
    accountant = reader_of(town.people[DutyCode.ACCOUNTANT])

    assert reader.get(ADDRESS).json()["types"] == EVERYTHING
    assert accountant.get(ADDRESS).json()["types"] == ["disbursement", "voucher"]
    assert accountant.get(ADDRESS, {"type": "visit"}).json()["types"] == []


def test_key_of_a_village_gets_its_own_rows_only(town: Town) -> None:
    let_read_feed(DutyCode.BRANCH_SECRETARY)
    for household in (town.own_household, town.foreign_household):
        town.record(household, "路不平")
    village = Copy()
    secretary = reader_of(town.people[DutyCode.BRANCH_SECRETARY])

    village.follow(secretary)

    codes = {event["data"]["village_code"] for event in village.events if event["type"] in {"visit", "issue"}}
    assert codes == {"TV01"}
    assert "TV02" not in str(village.events)
    assert village.checksums() == {
        **{name: Copy().checksums()[name] for name in EVERYTHING},
        **secretary.get(CHECKSUM, {"cursor": village.cursor}).json()["checksums"],
    }


def test_queries_do_not_grow_with_the_events(town: Town) -> None:
    client, budget = api_client(town.people[DutyCode.DISTRICT_CLIENT]), make_budget(town.own.branch)
    held, counts = Copy(), []
    town.record()
    held.follow(client)
    for rows in (1, 3):
        for _ in range(rows):
            town.record(None, "路不平")
            make_voucher(town, budget)
        settle()
        with CaptureQueriesContext(connection) as queries:
            events = held.follow(client)
        assert [event["type"] for event in events].count("voucher") == rows
        counts.append(len(queries))

    assert counts[0] == counts[1]
