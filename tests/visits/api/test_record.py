"""POST /api/v1/visits/: one transaction, once for ever under its op_id."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import Client

from chishang.core.dates import today
from organizations.enums import DutyCode
from tests.api import api_client, key_headers
from tests.factories import CampaignFactory, HouseholdFactory, Town, UnitFactory, UserFactory, appoint, build_town
from visits.enums import IssueState, MoveCode, Source
from visits.models import Issue, IssueCategory, Operation, Visit
from visits.services import MoveFacts, move_issue

ADDRESS = "/api/v1/visits/"


@pytest.fixture
def client(town: Town) -> Client:
    return api_client(town.people[DutyCode.BRANCH_SECRETARY])


@pytest.fixture
def entry(town: Town) -> dict[str, Any]:
    category = IssueCategory.objects.get(name="村民用水")
    return {
        "op_id": str(uuid4()),
        "household": town.own_household.pk,
        "visited_on": today().isoformat(),
        "content": "问了用水",
        "issues": [
            {"category": category.pk, "description": "自来水浑浊"},
            {"category": category.pk, "description": "水压不足", "urgency": "urgent"},
        ],
    }


def post(client: Client, entry: Any) -> HttpResponse:
    return client.post(ADDRESS, entry, content_type="application/json")


def test_visit_is_recorded_with_its_issues(town: Town, client: Client, entry: dict[str, Any]) -> None:
    response = post(client, entry)

    visit = Visit.objects.get()
    secretary = town.people[DutyCode.BRANCH_SECRETARY]
    first, second = visit.issues.order_by("pk")
    body = response.json()
    assert response.status_code == 201
    assert response.headers["Location"] == body["url"] == f"{ADDRESS}{visit.pk}/"
    assert "Idempotency-Replayed" not in response.headers
    assert (visit.source, visit.visitor, visit.entered_by) == (Source.API, secretary, secretary)
    assert body.pop("recorded_at")
    assert body == {
        "op_id": entry["op_id"],
        "id": visit.pk,
        "url": f"{ADDRESS}{visit.pk}/",
        "household": town.own_household.pk,
        "visited_on": entry["visited_on"],
        "visitor": secretary.pk,
        "content": "问了用水",
        "companions": "",
        "remark": "",
        "issues": [
            {
                "id": first.pk,
                "category": first.category_id,
                "description": "自来水浑浊",
                "urgency": "normal",
                "state": "registered",
            },
            {
                "id": second.pk,
                "category": first.category_id,
                "description": "水压不足",
                "urgency": "urgent",
                "state": "registered",
            },
        ],
    }
    assert [issue["id"] for issue in client.get(body["url"]).json()["issues"]] == [first.pk, second.pk]


def test_same_body_again_gets_the_same_answer_for_ever(town: Town, client: Client, entry: dict[str, Any]) -> None:
    first = post(client, entry)
    clerk = town.people[DutyCode.OFFICE_CLERK]
    issue = Issue.objects.order_by("pk").first()
    move_issue(actor=clerk, issue=issue, move=MoveCode.ACCEPT, facts=MoveFacts())
    facts = MoveFacts(unit=UnitFactory(), due_on=today())
    move_issue(actor=clerk, issue=issue, move=MoveCode.ASSIGN, facts=facts)
    Visit.objects.update(content="更正后的内容")

    again = post(client, entry)

    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert again.content == first.content
    assert (Visit.objects.count(), Issue.objects.count()) == (1, 2)


def test_body_that_means_the_same_is_the_same(client: Client, entry: dict[str, Any]) -> None:
    first = post(client, entry)
    entry |= {"op_id": entry["op_id"].upper(), "content": " 问了用水\n", "remark": "", "campaign": None}
    entry["issues"][0]["urgency"] = "normal"

    assert post(client, entry).content == first.content
    assert Visit.objects.count() == 1


@pytest.mark.parametrize(
    "change", [{"content": "另一次"}, {"issues": []}, {"remark": "补充"}, {"visited_on": "2017-03-05"}]
)
def test_same_key_with_another_body_is_422_and_changes_nothing(
    client: Client, entry: dict[str, Any], change: dict[str, Any]
) -> None:
    post(client, entry)

    response = post(client, entry | change)

    assert (response.status_code, response.json()["type"]) == (422, "urn:chishang:problem:key-reused")
    assert (Visit.objects.count(), Issue.objects.count(), Visit.objects.get().content) == (1, 2, "问了用水")


def test_key_of_another_account_is_422_and_shows_nothing(town: Town, client: Client, entry: dict[str, Any]) -> None:
    post(client, entry)

    response = post(api_client(town.people[DutyCode.FIRST_SECRETARY]), entry)

    assert (response.status_code, Visit.objects.count()) == (422, 1)
    assert "问了用水" not in response.content.decode()


def test_refused_key_may_be_used_again_for_the_corrected_visit(client: Client, entry: dict[str, Any]) -> None:
    assert post(client, entry | {"visited_on": (today() + timedelta(days=1)).isoformat()}).status_code == 400
    assert Operation.objects.count() == 0

    assert post(client, entry).status_code == 201


def test_foreign_household_is_refused_like_one_that_does_not_exist(
    town: Town, client: Client, entry: dict[str, Any]
) -> None:
    answers = [post(client, entry | {"household": key}) for key in (town.foreign_household.pk, 10**9, 2**63 - 1)]

    assert {(answer.status_code, answer.content) for answer in answers} == {(400, answers[0].content)}
    assert list(answers[0].json()["errors"]) == ["household"]
    assert Visit.objects.count() == 0


def test_household_of_the_next_village_with_an_ended_appointment_is_refused(
    town: Town, client: Client, entry: dict[str, Any]
) -> None:
    secretary = town.people[DutyCode.BRANCH_SECRETARY]
    appoint(secretary, DutyCode.BRANCH_SECRETARY, town.foreign.branch, ended_on=today() - timedelta(days=1))

    assert post(client, entry | {"household": town.foreign_household.pk}).status_code == 400


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"op_id": "1"}, "op_id"),
        ({"op_id": None}, "op_id"),
        ({"household": "abc"}, "household"),
        ({"household": None}, "household"),
        ({"household": 2**63}, "household"),
        ({"household": True}, "household"),
        ({"visited_on": (today() + timedelta(days=1)).isoformat()}, "visited_on"),
        ({"visited_on": "2017-02-30"}, "visited_on"),
        ({"visited_on": "5.3.2017"}, "visited_on"),
        ({"visited_on": "1999-01-01"}, "visited_on"),  # no campaign was running
        ({"content": "谈" * 2001}, "content"),
        ({"content": "a\x00b"}, "content"),
        ({"content": "\ud800"}, "content"),
        ({"content": {}}, "content"),
        ({"companions": "王" * 101}, "companions"),
        ({"remark": "备" * 201}, "remark"),
        ({"visitor": 10**9}, "visitor"),
        ({"campaign": 10**9}, "campaign"),
        ({"issues": {}}, "issues"),
        ({"issues": "用水"}, "issues"),
        ({"isues": []}, "isues"),
    ],
)
def test_wrong_field_is_named_and_nothing_stored(
    client: Client, entry: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    response = post(client, entry | change)

    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert list(response.json()["errors"]) == [field]
    assert (Visit.objects.count(), Issue.objects.count(), Operation.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"category": 10**9}, "issues[1].category"),
        ({"category": None}, "issues[1].category"),
        ({"description": ""}, "issues[1].description"),
        ({"description": "  "}, "issues[1].description"),
        ({"description": "水" * 501}, "issues[1].description"),
        ({"urgency": "very"}, "issues[1].urgency"),
        ({"note": "x"}, "issues[1].note"),
    ],
)
def test_wrong_field_of_an_issue_is_named_with_its_place(
    client: Client, entry: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    entry["issues"][1] |= change

    response = post(client, entry)

    assert (response.status_code, list(response.json()["errors"])) == (400, [field])
    assert (Visit.objects.count(), Issue.objects.count()) == (0, 0)


def test_category_out_of_use_is_refused(client: Client, entry: dict[str, Any]) -> None:
    IssueCategory.objects.filter(pk=entry["issues"][0]["category"]).update(is_active=False)

    assert list(post(client, entry).json()["errors"]) == ["issues[0].category"]


def test_visit_is_entered_for_a_colleague_of_the_village_only(
    town: Town, client: Client, entry: dict[str, Any]
) -> None:
    colleague, stranger = town.people[DutyCode.FIRST_SECRETARY], UserFactory()
    appoint(stranger, DutyCode.BRANCH_SECRETARY, town.foreign.branch)

    assert list(post(client, entry | {"visitor": stranger.pk}).json()["errors"]) == ["visitor"]
    assert post(client, entry | {"visitor": colleague.pk}).json()["visitor"] == colleague.pk
    visit = Visit.objects.get()
    assert (visit.visitor, visit.entered_by) == (colleague, town.people[DutyCode.BRANCH_SECRETARY])


@pytest.mark.parametrize("duty", [DutyCode.DISTRICT_CLIENT, DutyCode.TOWN_SECRETARY, DutyCode.ACCOUNTANT])
def test_duty_that_does_not_visit_is_403(town: Town, entry: dict[str, Any], duty: DutyCode) -> None:
    assert post(api_client(town.people[duty]), entry).status_code == 403
    assert Visit.objects.count() == 0


def test_key_writes_without_csrf_and_history_names_its_account(town: Town, entry: dict[str, Any]) -> None:
    secretary = town.people[DutyCode.BRANCH_SECRETARY]
    client = Client(enforce_csrf_checks=True)

    response = client.post(ADDRESS, entry, content_type="application/json", headers=key_headers(secretary))

    assert response.status_code == 201
    context = Visit.objects.get().history.get().pgh_context
    assert context.metadata["user"] == secretary.pk
    assert Issue.objects.first().history.get().pgh_context.metadata["user"] == secretary.pk


@pytest.fixture
def committed_town(transactional_db: None) -> Town:
    """The township as other connections see it."""
    return build_town()


def test_one_visit_comes_of_eight_simultaneous_sendings(committed_town: Town) -> None:
    category = IssueCategory.objects.get(name="村民用水").pk
    entry = {
        "op_id": str(uuid4()),
        "household": committed_town.own_household.pk,
        "visited_on": today().isoformat(),
        "issues": [
            {"category": category, "description": "自来水浑浊"},
            {"category": category, "description": "水压不足"},
        ],
    }
    headers = key_headers(committed_town.people[DutyCode.BRANCH_SECRETARY])

    def send(_number: int) -> HttpResponse:
        try:
            return Client().post(ADDRESS, entry, content_type="application/json", headers=headers)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))

    assert [answer.status_code for answer in answers] == [201] * 8
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 7
    assert (Visit.objects.count(), Issue.objects.count()) == (1, 2)
    assert set(Issue.objects.values_list("state", flat=True)) == {IssueState.REGISTERED}


def test_campaign_is_the_newest_running_one_unless_named(town: Town, client: Client, entry: dict[str, Any]) -> None:
    newer = CampaignFactory(started_on=today() - timedelta(days=1))
    household = HouseholdFactory(village=town.own)

    post(client, entry)
    post(client, entry | {"op_id": str(uuid4()), "campaign": town.campaign.pk, "household": household.pk})

    assert [visit.campaign for visit in Visit.objects.order_by("pk")] == [newer, town.campaign]
