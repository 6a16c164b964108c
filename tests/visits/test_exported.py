"""The file that a phone exports: taken in under the same ids and names, as if the phone had sent it."""

import base64
import hashlib
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from chishang.core.dates import today
from chishang.core.figures import Question
from chishang.core.scoping import Scope
from organizations.enums import DutyCode
from organizations.models import Appointment, User
from tests.api import api_client
from tests.factories import Town, UserFactory, appoint
from tests.visits.api.test_phones import operation, picture, put, send, visit_payload
from tests.visits.test_admin import sign_in
from visits.enums import OperationState
from visits.models import Device, Operation, Photo, Visit
from visits.selectors import waiting_on_phones
from visits.services import apply_held
from visits.services.drafts import digest_of
from visits.services.exported import ExportedFile, Outcome, Taken, read_exported, take_in

SECRETARY, CLERK = DutyCode.BRANCH_SECRETARY, DutyCode.OFFICE_CLERK
PAGE = "/admin/visits/operation/exported/"


@pytest.fixture
def phone(town: Town) -> Client:
    return api_client(town.people[SECRETARY])


def record(town: Town, payload: dict[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
    """A record as the phone keeps it."""
    user = town.people[SECRETARY]
    sent = operation(town, payload or visit_payload(town), made_at="2026-01-02T03:04:05+08:00")
    return {**sent, "user_name": user.name, "photos": {}, **changed}


def exported(*records: Any, **changed: Any) -> bytes:
    """The file with these records."""
    head = {"format": "chishang-outbox", "version": 1, "device_id": str(uuid4())}
    head |= {"exported_at": timezone.now().isoformat(), "records": list(records)}
    return json.dumps(head | changed, ensure_ascii=False).encode()


def taken(town: Town, *records: Any, **changed: Any) -> list[Taken]:
    return take_in(actor=town.people[CLERK], file=read_exported(exported(*records, **changed)))


def outcomes(found: list[Taken]) -> list[str]:
    return [one.outcome for one in found]


def sendable(kept: dict[str, Any]) -> dict[str, Any]:
    """The record as the phone sends it by itself."""
    return {key: value for key, value in kept.items() if key not in {"user_name", "photos"}}


def test_record_goes_in_as_its_writer_s_own(town: Town) -> None:
    (one,) = taken(town, record(town))
    visit, stored = Visit.objects.get(), Operation.objects.get()
    assert (one.outcome, one.operation) == (Outcome.STORED, stored)
    assert (visit.visitor, visit.entered_by, stored.user) == (town.people[SECRETARY],) * 3
    assert stored.made_at is not None


def test_twice_or_also_by_the_phone_changes_nothing(town: Town, phone: Client) -> None:
    first, second = record(town), record(town, visit_payload(town, content="问了用电"))
    answer = send(phone, sendable(first))
    assert outcomes(taken(town, first, second)) == [Outcome.KNOWN, Outcome.STORED]
    assert outcomes(taken(town, first, second)) == [Outcome.KNOWN] * 2
    assert send(phone, sendable(second)).headers["Idempotency-Replayed"] == "true"
    assert send(phone, sendable(first)).content == answer.content
    assert (Visit.objects.count(), Operation.objects.count()) == (2, 2)


def test_same_record_twice_in_one_file_is_stored_once(town: Town) -> None:
    one = record(town)
    assert outcomes(taken(town, one, one)) == [Outcome.STORED, Outcome.KNOWN]
    assert Visit.objects.count() == 1


def test_second_text_under_an_id_is_held_beside_the_first_one_and_once(town: Town, phone: Client) -> None:
    one, photo = record(town), picture()
    send(phone, sendable(one))
    name = hashlib.sha256(photo).hexdigest()
    other = visit_payload(town, content="问了用电", photos=[name])
    second = one | {"payload": other, "sha256": digest_of(other), "photos": {name: base64.b64encode(photo).decode()}}
    (found,) = taken(town, second)
    assert (found.outcome, found.photos, Visit.objects.get().content) == (Outcome.DIFFERENT, 1, "问了用水")
    assert outcomes(taken(town, second, one)) == [Outcome.KNOWN] * 2
    held = Operation.objects.get(state=OperationState.HELD)
    assert (held, held.payload, Operation.objects.count()) == (found.operation, other, 2)
    assert "另一份内容" in held.reason
    assert {row.content for row in _after_taking_in(town, held)} == {"问了用水", "问了用电"}


def _after_taking_in(town: Town, held: Operation) -> list[Visit]:
    apply_held(actor=town.people[CLERK], operation=held)
    return list(Visit.objects.all())


def test_text_under_the_id_of_somebody_else_is_held_in_its_writer_s_name(town: Town, phone: Client) -> None:
    one, other = record(town), town.people[DutyCode.FIRST_SECRETARY]
    send(phone, sendable(one))
    (found,) = taken(town, one | {"user": other.pk, "user_name": other.name})
    assert found.outcome == Outcome.DIFFERENT
    assert Operation.objects.get(state=OperationState.HELD).user == other
    assert Visit.objects.count() == 1


def test_what_a_rule_forbids_is_held_with_its_reason(town: Town) -> None:
    (found,) = taken(town, record(town, visit_payload(town, household_id=town.foreign_household.pk)))
    assert (found.outcome, found.reason) == (Outcome.HELD, Operation.objects.get().reason)
    assert not Visit.objects.exists()


def _leaves(user: User) -> None:
    Appointment.objects.filter(user=user).update(ended_on=today() - timedelta(days=1))


def _is_locked(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def _is_renamed(user: User) -> None:
    User.objects.filter(pk=user.pk).update(name="王五")


@pytest.mark.parametrize(
    ("meanwhile", "reason"), [(_leaves, "没有记录走访的职务"), (_is_locked, "已经停用"), (_is_renamed, "现在是“王五”")]
)
def test_doubt_about_the_writer_is_for_a_person_to_decide(town: Town, meanwhile: Any, reason: str) -> None:
    one = record(town)
    meanwhile(town.people[SECRETARY])
    (found,) = taken(town, one)
    assert found.outcome == Outcome.HELD
    assert reason in found.reason
    assert (Operation.objects.get().state, Visit.objects.count()) == (OperationState.HELD, 0)


def test_record_without_its_writer_s_name_is_for_a_person_to_decide(town: Town) -> None:
    (found,) = taken(town, record(town, user_name=""))
    assert (found.outcome, Visit.objects.count()) == (Outcome.HELD, 0)
    assert "没有写提交人的姓名" in found.reason


FAULTY = {
    "an unknown account": {"user": 999_999},
    "another content than its digest": {"sha256": "0" * 64},
    "a NUL": {"payload": {"content": "a\0b"}, "sha256": digest_of({"content": "a\0b"})},
    "half a character": {"payload": {"content": "\ud83d"}, "sha256": digest_of({"content": "\ud83d"})},
}


@pytest.mark.parametrize("why", FAULTY)
def test_one_faulty_record_does_not_stop_the_others(town: Town, why: str) -> None:
    head = {"format": "chishang-outbox", "version": 1, "device_id": str(uuid4()), "exported_at": "2026-01-02T00:00Z"}
    content = json.dumps(head | {"records": [record(town) | FAULTY[why], record(town)]}).encode()
    found = take_in(actor=town.people[CLERK], file=read_exported(content))
    assert outcomes(found) == [Outcome.REFUSED, Outcome.STORED], why
    assert found[0].reason
    assert Operation.objects.count() == 1


@pytest.mark.parametrize("text", ["a\0b", "\ud83d"])
def test_phone_is_told_that_a_text_cannot_be_stored(town: Town, phone: Client, text: str) -> None:
    payload = visit_payload(town, content=text)
    body = json.dumps(operation(town, payload))
    answer = phone.post("/visits/ops/", body, content_type="application/json")
    assert answer.status_code == 400
    assert "不能保存的字符" in answer.content.decode()


@pytest.mark.parametrize(
    "broken",
    [
        *("text", None, [], {}, {"op_id": "1"}, {"kind": "visit-x"}, {"payload": []}, {"user": "12"}, {"photos": []}),
        {"user": True},
    ],
)
def test_what_is_no_record_is_counted(town: Town, broken: Any) -> None:
    broken = record(town) | broken if isinstance(broken, dict) and broken else broken
    file = read_exported(exported(broken, record(town)))
    assert ([number for number, _ in file.faulty], len(file.records)) == ([1], 1)


NO_FILES = {
    "empty": b"",
    "cut off": exported({"op_id": "x"})[:-5],
    "a picture": picture(),
    "another JSON": b'{"records": []}',
    "a list": b"[]",
    "a number": b"1",
    "too deep": b"[" * 100_000,
    "not a number": exported(1).replace(b"[1]", b"[NaN]"),
    "without records": exported(),
    "records that are none": exported(records={"a": 1}),
    "too many": exported(*range(5001)),
    "a newer version": exported({}, version=2),
    "no device": exported({}, device_id="x"),
    "a device that is a number": exported({}, device_id=7),
    "no time": exported({}, exported_at="gestern"),
    "a time without zone": exported({}, exported_at="2026-01-02T08:00:00"),
}


@pytest.mark.parametrize("name", NO_FILES)
def test_what_is_no_such_file_is_told_in_words(name: str) -> None:
    with pytest.raises(ValidationError, match=r"[\u4e00-\u9fff]"):
        read_exported(NO_FILES[name])


def with_photo(town: Town, content: bytes) -> dict[str, Any]:
    name = hashlib.sha256(content).hexdigest()
    return record(town, visit_payload(town, photos=[name]), photos={name: base64.b64encode(content).decode()})


def test_photos_come_with_their_record_and_once(town: Town, phone: Client) -> None:
    content = picture()
    one = with_photo(town, content)
    assert [found.photos for found in taken(town, one)] == [1]
    assert put(phone, content).status_code == 200
    assert [found.photos for found in taken(town, one)] == [1]
    assert Photo.objects.count() == 1


def test_photos_that_the_phone_still_owed_are_filled_in(town: Town, phone: Client) -> None:
    one = with_photo(town, picture())
    send(phone, sendable(one))
    (found,) = taken(town, one)
    assert (found.outcome, found.photos, Photo.objects.count()) == (Outcome.KNOWN, 1, 1)


@pytest.mark.parametrize("text", ["", "***", 5, base64.b64encode(b"no picture").decode()])
def test_broken_photo_is_told_and_its_record_stored(town: Town, text: Any) -> None:
    one = with_photo(town, picture())
    (name,) = one["photos"]
    (found,) = taken(town, one | {"photos": {name: text}})
    assert (found.outcome, found.photos, Photo.objects.count()) == (Outcome.STORED, 0, 0)
    assert "有一张照片没有存入" in found.reason


def test_phone_that_never_reached_the_portal_is_known_afterwards(town: Town) -> None:
    (found,) = taken(town, record(town))
    device = Device.objects.get()
    assert found.operation is not None
    assert (found.operation.device, device.user, device.waiting) == (device, town.people[SECRETARY], 0)


def tell(phone: Client, device: str, **told: Any) -> None:
    """The phone says of itself what it holds."""
    call = {"phone": {"device_id": device, **told}, "ops": []}
    assert phone.post("/visits/rollcall/", call, content_type="application/json").status_code == 200


def waits(device: str) -> tuple[int, str | None]:
    """How many records wait on the phone, and since which day."""
    found = Device.objects.get(device_id=device)
    since = found.oldest_waiting_at
    return found.waiting, timezone.localtime(since).date().isoformat() if since else None


def later(**time: float) -> str:
    return (timezone.now() + timedelta(**time)).isoformat()


def test_phone_that_told_something_newer_keeps_it(town: Town, phone: Client) -> None:
    device, one = str(uuid4()), record(town)
    tell(phone, device, waiting=5)
    taken(town, one, device_id=device, exported_at=later(hours=-1))
    assert waits(device) == (5, None)
    taken(town, one, device_id=device, exported_at=later(hours=1))  # its clock is fast: who knows when that was
    assert waits(device) == (5, None)
    taken(town, one, record(town, user=999_999), device_id=device)
    assert waits(device) == (1, "2026-01-02")  # what is not here yet


def test_clock_that_is_fast_tells_of_a_phone_that_was_never_heard_of(town: Town) -> None:
    device = str(uuid4())
    reset, unknown = record(town, user=999_999, made_at="1970-01-01T00:00:00Z"), record(town, user=999_999)
    taken(town, record(town), reset, unknown, device_id=device, exported_at=later(days=3))
    assert waits(device) == (2, "2026-01-02")
    assert Device.objects.get().last_contact_at <= timezone.now()


def test_what_others_wrote_on_a_shared_phone_still_waits(town: Town, phone: Client) -> None:
    device, one, second = str(uuid4()), record(town), record(town)
    tell(phone, device, waiting=5, oldest_waiting_at="2026-01-01T08:00:00+08:00")
    send(phone, sendable(one))
    for _ in range(2):
        taken(town, one, second, device_id=device, waiting=5)
        assert waits(device) == (3, "2026-01-01")
    taken(town, one, second, device_id=device, waiting=2)
    assert waits(device) == (0, None)


@pytest.mark.parametrize("waiting", [None, "3", True, -1, 10**12, 1.5])
def test_number_that_makes_no_sense_is_as_if_it_was_not_told(town: Town, waiting: Any) -> None:
    assert read_exported(exported(record(town), waiting=waiting)).waiting is None


def test_office_decides_within_its_place_only(town: Town) -> None:
    one, far, near = record(town), UserFactory(), UserFactory()
    appoint(far, CLERK, town.foreign.branch)
    appoint(near, CLERK, town.own.branch)
    for stranger in (far, town.people[DutyCode.AREA_LEADER]):  # one decides elsewhere, the other nowhere
        found = take_in(actor=stranger, file=read_exported(exported(one)))
        assert (outcomes(found), Operation.objects.count(), Device.objects.count()) == ([Outcome.REFUSED], 0, 0)
    assert outcomes(take_in(actor=near, file=read_exported(exported(one)))) == [Outcome.STORED]


# The pages


@pytest.fixture
def office(client: Client, town: Town) -> Client:
    return sign_in(client, town, CLERK)


def upload(client: Client, content: bytes) -> Any:
    return client.post(PAGE, {"file": SimpleUploadedFile("未上报.json", content)})


def test_pages_show_what_would_happen_and_then_do_it(town: Town, office: Client) -> None:
    held = record(town, visit_payload(town, household_id=999_999))
    address = upload(office, exported(record(town), held, "x")).headers["Location"]
    text = office.get(address).content.decode()
    assert "还没有存入" in text
    assert "由镇党建办核对" in text
    assert "读不出来" in text
    assert (Operation.objects.count(), Device.objects.count()) == (0, 0)
    assert "已导入" in office.post(address).content.decode()
    assert set(Operation.objects.values_list("state", flat=True)) == {"applied", "held"}
    text = office.post(address).content.decode()  # pressed again, or reloaded
    assert text.count("早已收到") >= 2
    assert Operation.objects.count() == 2


def test_history_says_who_imported(town: Town, office: Client) -> None:
    office.post(upload(office, exported(record(town))).headers["Location"])
    key = Operation.objects.get().pk
    assert town.people[CLERK].name in office.get(f"/admin/visits/operation/{key}/history/").content.decode()


def test_bad_file_is_an_error_at_its_field_and_stores_nothing(town: Town, office: Client) -> None:
    for content in (b"PK", exported(), b""):
        answer = upload(office, content)
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["file"])
    assert office.post(PAGE).status_code == 422
    assert not Operation.objects.exists()


def test_file_is_known_to_its_own_session_only(town: Town, office: Client) -> None:
    address = upload(office, exported(record(town))).headers["Location"]
    assert sign_in(Client(), town, DutyCode.OFFICE_HEAD).get(address).status_code == 404
    assert sign_in(Client(), town, DutyCode.TOWN_SECRETARY).get(address).status_code == 403
    assert sign_in(Client(), town, DutyCode.TOWN_SECRETARY).post(PAGE).status_code == 403


# What still waits on phones


def test_report_counts_what_waits_on_the_phones_of_its_place(town: Town, phone: Client) -> None:
    for waiting, since in ((2, "2026-01-02T08:00:00+08:00"), (3, "2026-01-01T08:00:00+08:00"), (0, None)):
        said = {"device_id": str(uuid4()), "waiting": waiting, "oldest_waiting_at": since}
        phone.post("/visits/rollcall/", {"phone": said, "ops": []}, content_type="application/json")
    clerk = town.people[CLERK]
    found = waiting_on_phones(Question(today(), user=clerk))
    assert found is not None
    assert (found.records, found.phones) == (5, 2)
    assert timezone.localtime(found.oldest_at).date().isoformat() == "2026-01-01"
    assert found.told_at == Device.objects.filter(waiting__gt=0).latest("last_contact_at").last_contact_at
    elsewhere = waiting_on_phones(
        Question(today(), scope=Scope(organization_ids=frozenset({town.foreign.branch_id})), user=clerk)
    )
    assert elsewhere is not None
    assert (elsewhere.records, elsewhere.phones, elsewhere.oldest_at) == (0, 0, None)
    assert waiting_on_phones(Question(today())) == found
    assert waiting_on_phones(Question(today(), user=town.people[DutyCode.AREA_LEADER])) is None


def test_reading_gives_the_records_as_they_are(town: Town) -> None:
    one = record(town)
    file = read_exported(b"\xef\xbb\xbf" + exported(one))
    assert isinstance(file, ExportedFile)
    assert str(file.records[0].sent.op_id) == one["op_id"]
    assert file.records[0].sent.payload == one["payload"]
