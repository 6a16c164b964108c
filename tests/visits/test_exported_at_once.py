"""An exported file that comes in twice at the same moment, or while its phone sends the same records."""

from threading import Event
from time import sleep
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.api import api_client
from tests.factories import Town, build_town
from tests.racing import race
from tests.visits.api.test_phones import send, visit_payload
from tests.visits.test_exported import CLERK, SECRETARY, exported, record, sendable, tell
from visits.models import Device, Operation, Visit
from visits.services import operations
from visits.services.exported import Outcome, Taken, read_exported, take_in

DEVICE = "5f0e1a52-6f0c-4d8e-9a55-3b7a1c2d4e6f"
RECORDS = 6
A_WHILE = 0.5
"""Seconds for which an import goes on with what it has stored."""


@pytest.fixture
def town(transactional_db: None) -> Town:
    return build_town()


@pytest.fixture
def records(town: Town) -> list[dict[str, Any]]:
    return [record(town, visit_payload(town, content=f"第{number}户")) for number in range(RECORDS)]


def imported(town: Town, content: bytes) -> list[Taken]:
    return take_in(actor=town.people[CLERK], file=read_exported(content))


@pytest.mark.parametrize("is_known", [True, False])
def test_import_pressed_twice_stores_once_and_leaves_nothing_waiting(
    town: Town, records: list[dict[str, Any]], is_known: bool
) -> None:
    if is_known:
        tell(api_client(town.people[SECRETARY]), DEVICE, waiting=RECORDS)
    content = exported(*records, device_id=DEVICE, waiting=RECORDS)
    answers = race(*[lambda: imported(town, content)] * 3)
    outcomes = sorted({str(one.outcome) for one in answer} for answer in answers)
    assert sorted(map(sorted, outcomes)) == [[Outcome.KNOWN], [Outcome.KNOWN], [Outcome.STORED]]
    assert (Visit.objects.count(), Operation.objects.count(), Device.objects.get().waiting) == (RECORDS, RECORDS, 0)


def test_import_while_the_phone_sends_the_same_records(town: Town, records: list[dict[str, Any]]) -> None:
    phone: Client = api_client(town.people[SECRETARY])
    tell(phone, DEVICE, waiting=RECORDS)
    content = exported(*records, device_id=DEVICE, waiting=RECORDS)
    told = {"device_id": DEVICE, "waiting": 0}

    def sending() -> set[int]:
        return {send(phone, sendable(one) | {"phone": told}).status_code for one in reversed(records)}

    found, statuses = race(lambda: imported(town, content), sending)
    assert {one.outcome for one in found} <= {Outcome.STORED, Outcome.KNOWN}
    assert statuses == {201}
    assert (Visit.objects.count(), Operation.objects.count(), Device.objects.get().waiting) == (RECORDS, RECORDS, 0)


def beside_an_import(town: Town, content: bytes, call: Any) -> tuple[list[Taken], Any]:
    """What an import found, and what a call gave that was made when it had stored everything and not yet ended."""
    stored = Event()

    def importing() -> list[Taken]:
        with transaction.atomic():
            found = imported(town, content)
            stored.set()
            sleep(A_WHILE)
        return found

    def beside() -> Any:
        stored.wait(10)
        return call()

    found, answer = race(importing, beside)
    return found, answer


def test_second_press_waits_for_the_first_one(
    town: Town, records: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "WAIT", "20ms")
    tell(api_client(town.people[SECRETARY]), DEVICE, waiting=RECORDS)
    content = exported(*records, device_id=DEVICE, waiting=RECORDS)
    _, again = beside_an_import(town, content, lambda: imported(town, content))
    assert {one.outcome for one in again} == {Outcome.KNOWN}
    assert Device.objects.get().waiting == 0


def test_phone_sends_while_an_import_is_about_to_end(town: Town, records: list[dict[str, Any]]) -> None:
    phone: Client = api_client(town.people[SECRETARY])
    tell(phone, DEVICE, waiting=RECORDS)
    other = record(town, visit_payload(town, content="另一户"))
    told = {"phone": {"device_id": DEVICE, "waiting": 1}}

    def sending() -> list[int]:
        return [send(phone, sendable(one) | told).status_code for one in (other, records[-1])]

    _, statuses = beside_an_import(town, exported(*records, device_id=DEVICE), sending)
    assert statuses == [201, 201]
    assert (Visit.objects.count(), Device.objects.get().waiting) == (RECORDS + 1, 1)  # the phone's own word


def test_record_that_is_being_sent_is_not_taken_for_one_that_waits(
    town: Town, records: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "WAIT", "20ms")
    phone = api_client(town.people[SECRETARY])
    tell(phone, DEVICE, waiting=2)
    content = exported(*records[:2], device_id=DEVICE)
    with transaction.atomic():
        send(phone, sendable(records[0]))
        ((first, second),) = race(lambda: imported(town, content))
    assert (first.outcome, second.outcome) == (Outcome.BUSY, Outcome.STORED)
    assert first.needs_a_look
    assert Device.objects.get().waiting == 0
