"""Around what a phone sends: whose duty has ended, what makes no sense, bodies that are too long or none."""

import hashlib
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client

from chishang.core.dates import today
from organizations.enums import DutyCode
from tests.api import api_client
from tests.factories import Town, UserFactory, appoint
from tests.visits.api.test_phones import operation, picture, put, send, visit_payload
from visits.api.phones import PhotoParser
from visits.models import Device, Operation, Photo, Visit
from visits.services import apply_held
from visits.services.photos import MOST_BYTES

SECRETARY, CLERK = DutyCode.BRANCH_SECRETARY, DutyCode.OFFICE_CLERK


@pytest.fixture
def client(town: Town) -> Client:
    return api_client(town.people[SECRETARY])


def call(client: Client, phone: Any, *ops: list[str]) -> HttpResponse:
    return client.post("/visits/rollcall/", {"phone": phone, "ops": list(ops)}, content_type="application/json")


def detail(answer: HttpResponse) -> str:
    return str(answer.json()["detail"])


# Whose duty has ended


def test_records_of_somebody_whose_duty_has_ended_are_held(town: Town, client: Client) -> None:
    secretary, content = town.people[SECRETARY], picture()
    name = hashlib.sha256(content).hexdigest()
    secretary.appointments.update(ended_on=today() - timedelta(days=1))
    assert client.get("/visits/session/").json()["user"] == secretary.pk
    sent = operation(town, visit_payload(town, photos=[name]))
    answer = send(client, sent)
    assert answer.status_code == 202
    assert answer.json()["reason"] == "提交人现在没有记录走访的职务，由镇党建办核对后决定。"
    assert (put(client, content).status_code, Photo.objects.count()) == (201, 1)
    roll = call(client, {"device_id": str(uuid4())}, [sent["op_id"], sent["sha256"]]).json()
    assert roll["held"] == [sent["op_id"]]
    assert client.get("/visits/reference/").status_code == 403
    assert not Visit.objects.exists()
    apply_held(actor=town.people[CLERK], operation=Operation.objects.get())
    assert Visit.objects.get().visitor == secretary


@pytest.mark.parametrize(
    ("duty", "starts_in", "status"), [(DutyCode.ACCOUNTANT, -9, 403), (SECRETARY, 9, 403), (SECRETARY, 0, 200)]
)
def test_only_who_once_had_to_record_visits_is_let_in(town: Town, duty: DutyCode, starts_in: int, status: int) -> None:
    user, first = UserFactory(), today() + timedelta(days=starts_in)
    place = town.root if duty == DutyCode.ACCOUNTANT else town.own.branch
    appoint(user, duty, place, started_on=first)
    assert api_client(user).get("/visits/session/").status_code == status


def test_a_record_of_another_account_is_told_to_be_one(town: Town, client: Client) -> None:
    answer = send(client, operation(town, visit_payload(town), user=town.people[CLERK].pk))
    assert answer.status_code == 403
    assert "由本人登录后上报" in detail(answer)


# What makes no sense


@pytest.mark.parametrize(
    "made_at",
    ["9999-12-31T23:59:59.000Z", "1970-01-01T00:00:00.000Z", "2100-01-01T00:00:00+08:00", "0001-01-01T00:00:00Z", "x"],
)
def test_a_clock_that_was_never_set_does_not_keep_a_record_out(town: Town, client: Client, made_at: str) -> None:
    phone = {"device_id": str(uuid4()), "waiting": 1, "oldest_waiting_at": made_at}
    assert send(client, operation(town, visit_payload(town), made_at=made_at, phone=phone)).status_code == 201
    assert Operation.objects.get().made_at is None
    assert (Device.objects.get().waiting, Device.objects.get().oldest_waiting_at) == (1, None)


@pytest.mark.parametrize("phone", [{"battery": 3}, {"waiting": -1}, {"device_id": "x"}, "x"])
def test_a_fault_in_what_the_phone_says_of_itself_does_not_keep_a_record_out(
    town: Town, client: Client, phone: Any
) -> None:
    told = {"device_id": str(uuid4()), **phone} if isinstance(phone, dict) else phone
    sent = operation(town, visit_payload(town), phone=told)
    assert send(client, sent).status_code == 201
    assert call(client, told, [sent["op_id"], sent["sha256"]]).json()["known"] == [sent["op_id"]]
    assert not Device.objects.exists()


@pytest.mark.parametrize("changed", [{"household_id": True}, {"visitor_id": True}, {"campaign_id": False}])
def test_a_truth_value_is_no_key(town: Town, client: Client, changed: dict[str, Any]) -> None:
    answer = send(client, operation(town, visit_payload(town, **changed)))
    assert answer.status_code == 202
    assert "格式不对" in answer.json()["reason"]


# Bodies of photos


def test_no_more_is_read_than_shows_that_a_photo_is_too_large() -> None:
    body = BytesIO(b"x" * (MOST_BYTES + 1000))
    assert len(PhotoParser().parse(body)) == MOST_BYTES + 1
    assert body.tell() == MOST_BYTES + 1


def test_an_empty_photo_has_not_arrived_whole(town: Town, client: Client) -> None:
    name = hashlib.sha256(picture()).hexdigest()
    send(client, operation(town, visit_payload(town, photos=[name])))
    answer = put(client, b"", name)
    assert answer.status_code == 400
    assert "没有收全" in answer.content.decode()


def test_a_photo_that_comes_before_its_record_is_asked_to_come_again(client: Client) -> None:
    answer = put(client, picture())
    assert (answer.status_code, answer.headers["Retry-After"]) == (409, "5")
    assert "请先发走访" in detail(answer)
