"""Several at once: twins of a record, a phone whose record is being stored, two officers, the same photo twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections, transaction
from django.http import HttpResponse
from django.test import Client

from organizations.enums import DutyCode
from tests.api import api_client
from tests.factories import Town, build_town
from tests.racing import messages, race
from tests.visits.api.test_phones import operation, send, visit_payload
from tests.visits.test_services_phones import picture
from visits.enums import OperationState
from visits.models import Device, Issue, Operation, Photo, Visit
from visits.services import PhoneReport, SentOperation, apply_held, dismiss_held, note_phone, receive_operation
from visits.services import operations as service
from visits.services.photos import store_photo

SECRETARY, CLERK, HEAD = DutyCode.BRANCH_SECRETARY, DutyCode.OFFICE_CLERK, DutyCode.OFFICE_HEAD
ROUNDS = 3


@pytest.fixture
def town(transactional_db: None) -> Town:
    return build_town()


def test_twenty_simultaneous_twins_are_one_visit(town: Town) -> None:
    sent = operation(town, visit_payload(town), phone={"device_id": str(uuid4()), "waiting": 1})
    clients = [api_client(town.people[SECRETARY]) for _ in range(20)]

    def once(client: Client) -> HttpResponse:
        try:
            return send(client, sent)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(once, clients))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert (Visit.objects.count(), Issue.objects.count(), Operation.objects.count()) == (1, 1, 1)
    assert Device.objects.get().waiting == 1


@pytest.mark.parametrize("is_known", [True, False])
def test_a_phone_whose_record_is_being_stored_is_asked_to_come_again(
    town: Town, monkeypatch: pytest.MonkeyPatch, is_known: bool
) -> None:
    monkeypatch.setattr(service, "WAIT", "200ms")
    user, phone = town.people[SECRETARY], PhoneReport(uuid4())
    body = operation(town, visit_payload(town), phone={"device_id": str(phone.device_id)})
    if is_known:
        note_phone(user, phone)
    with transaction.atomic():  # its file is being imported
        sent = SentOperation(body["op_id"], "visit", body["payload"], body["sha256"])
        receive_operation(user=user, sent=sent)
        note_phone(user, phone)
        (answer,) = race(lambda: send(api_client(user), body))
    assert (answer.status_code, answer.headers["Retry-After"]) == (409, "5")
    answer = send(api_client(user), body)
    assert (answer.status_code, answer.headers["Idempotency-Replayed"]) == (201, "true")


def held(town: Town) -> Operation:
    """A visit that waits for the office."""
    body = operation(town, visit_payload(town, household_id=town.foreign_household.pk, content=str(uuid4())))
    sent = SentOperation(body["op_id"], "visit", body["payload"], body["sha256"])
    return receive_operation(user=town.people[SECRETARY], sent=sent)[0]


def applying(town: Town, duty: DutyCode, one: Operation) -> Callable[[], Any]:
    return lambda: apply_held(actor=town.people[duty], operation=one)


def test_two_officers_who_take_it_in_make_one_visit(town: Town) -> None:
    for number in range(1, ROUNDS + 1):
        one = held(town)
        answers = race(applying(town, CLERK, one), applying(town, HEAD, one))
        assert messages(answers) == ["这份上报已经是“已入库”，不用再处理。"]
        assert Visit.objects.count() == number


def test_of_taking_in_and_dismissing_one_counts(town: Town) -> None:
    for _ in range(ROUNDS):
        one, before = held(town), Visit.objects.count()
        dismissing = lambda one=one: dismiss_held(actor=town.people[HEAD], operation=one, decision="重复")  # noqa: E731
        answers = race(applying(town, CLERK, one), dismissing)
        one.refresh_from_db()
        assert messages(answers) == [f"这份上报已经是“{one.get_state_display()}”，不用再处理。"]
        assert Visit.objects.count() - before == (one.state == OperationState.APPLIED)


def test_the_same_photo_twice_at_once_is_stored_once(town: Town) -> None:
    user = town.people[SECRETARY]
    for color in ("red", "green", "blue"):
        content, name = picture(color)
        send(api_client(user), operation(town, visit_payload(town, photos=[name])))
        answers = race(*[lambda c=content, n=name: store_photo(user=user, sha256=n, content=c)] * 3)
        assert messages(answers) == []
        assert any(answers)
        assert Photo.objects.filter(sha256=name).count() == 1
