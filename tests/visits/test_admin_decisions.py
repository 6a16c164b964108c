"""The pages on which the office decides: whatever a phone wrote is shown, and every reason says what it is about."""

from typing import Any

import pytest
from django.test import Client

from organizations.enums import DutyCode
from tests.api import api_client
from tests.factories import Town
from tests.visits.api.test_phones import operation, send, visit_payload
from tests.visits.test_admin import sign_in
from tests.visits.test_admin_operations import REGISTER, held, page, sent


@pytest.fixture
def phone(town: Town) -> Client:
    return api_client(town.people[DutyCode.BRANCH_SECRETARY])


@pytest.fixture
def office(client: Client, town: Town) -> Client:
    return sign_in(client, town, DutyCode.OFFICE_CLERK)


NONSENSE: list[Any] = [None, True, 1 << 80, "x", [["x"]], {"x": 1}]
FIELDS = {
    "visit": ("household_id", "visitor_id", "campaign_id", "visited_on", "content", "issues", "photos"),
    "feedback": ("issue_id", "satisfaction", "note", "seen"),
    "resubmit": ("issue_id", "note", "seen"),
}


def nonsense(town: Town, phone: Client, kind: str, payload: dict[str, Any]) -> str:
    """The address of what a phone sends that makes no sense."""
    body = operation(town, payload, kind)
    assert send(phone, body).status_code == 202, payload
    return f"{REGISTER}{body['op_id']}/"


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in FIELDS.items() for name in names])
def test_page_of_nonsense_shows_what_came(town: Town, phone: Client, office: Client, kind: str, name: str) -> None:
    issue = town.record(town.own_household, "道路塌方").issues.get()
    answer = {"issue_id": issue.pk, "note": "x", "satisfaction": "satisfied"}
    whole = visit_payload(town, household_id=999_999) if kind == "visit" else answer
    for value in NONSENSE:
        assert page(office, f"{nonsense(town, phone, kind, whole | {name: value})}change/"), value


@pytest.mark.parametrize("kind", FIELDS)
def test_steps_and_list_show_nonsense(town: Town, phone: Client, office: Client, kind: str) -> None:
    for value in NONSENSE:
        address = nonsense(town, phone, kind, dict.fromkeys(FIELDS[kind], value))
        for step in ("apply", "dismiss"):
            assert page(office, f"{address}{step}/"), value
    assert page(office, REGISTER)


@pytest.mark.parametrize("payload", [{"issues": "x"}, {"issues": [1]}, {"household_id": "1"}, {"visited_on": 5}])
def test_nonsense_cannot_be_taken_in_as_it_is(town: Town, phone: Client, office: Client, payload: Any) -> None:
    one = sent(town, phone, **payload)
    text = page(office, f"{REGISTER}{one.pk}/change/")
    assert "现在照原样仍不能入库" in text
    assert f'action="{REGISTER}{one.pk}/apply/"' not in text


def test_reason_is_shown_as_what_the_sender_was_told(town: Town, phone: Client, office: Client) -> None:
    one = held(town, phone)
    told = "当时答复提交人的话：这一户现在不归提交人负责，或门户里没有这一户，由镇党建办核对。"
    assert told in page(office, f"{REGISTER}{one.pk}/change/")
    assert told in page(office, f"{REGISTER}{one.pk}/dismiss/")
    office.post(f"{REGISTER}{one.pk}/apply/")
    assert told in page(office, f"{REGISTER}{one.pk}/change/")


def test_step_names_the_field_that_its_form_has_not(town: Town, phone: Client, office: Client) -> None:
    one = held(town, phone, content="长" * 2001)
    answer = office.post(f"{REGISTER}{one.pk}/apply/")
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors()[0].startswith("谈话内容：")
    assert "谈话内容：" in page(office, f"{REGISTER}{one.pk}/change/")
