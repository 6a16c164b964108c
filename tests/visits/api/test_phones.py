"""What phones send: stored first, judged afterwards, once for ever; the roll-call; photos without metadata."""

import hashlib
import json
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from chishang.core.dates import today
from organizations.enums import DutyCode
from tests.api import api_client
from tests.factories import HouseholdFactory, Town, UnitFactory
from visits.enums import IssueState, MoveCode, OperationState, Source
from visits.models import Device, Issue, IssueCategory, Operation, Photo, Visit
from visits.services import (
    IssueDraft,
    MoveFacts,
    VisitDraft,
    apply_held,
    dismiss_held,
    move_issue,
    record_visit,
)
from visits.services.drafts import digest_of


@pytest.fixture
def client(town: Town) -> Client:
    return api_client(town.people[DutyCode.BRANCH_SECRETARY])


def visit_payload(town: Town, **changed: Any) -> dict[str, Any]:
    category = IssueCategory.objects.get(name="村民用水")
    issues = [IssueDraft(category_id=category.pk, description="自来水浑浊")]
    draft = VisitDraft(household_id=town.own_household.pk, visited_on=today(), content="问了用水", issues=issues)
    return draft.as_payload() | changed


def operation(town: Town, payload: dict[str, Any], kind: str = "visit", **changed: Any) -> dict[str, Any]:
    user = town.people[DutyCode.BRANCH_SECRETARY]
    sent = {"op_id": str(uuid4()), "user": user.pk, "kind": kind, "payload": payload, "sha256": digest_of(payload)}
    return sent | changed


def send(client: Client, sent: Any) -> HttpResponse:
    return client.post("/visits/ops/", sent, content_type="application/json")


def test_visit_is_taken_in_and_the_receipt_repeats_id_and_digest(town: Town, client: Client) -> None:
    sent = operation(town, visit_payload(town), made_at="2026-01-02T03:04:05+08:00")
    answer = send(client, sent)
    visit, stored = Visit.objects.get(), Operation.objects.get()
    assert answer.status_code == 201
    receipt = answer.json()
    assert (receipt["op_id"], receipt["payload_sha256"]) == (sent["op_id"], sent["sha256"])
    assert (receipt["state"], receipt["visit"]) == ("applied", visit.pk)
    assert (visit.source, visit.visitor, visit.content) == (Source.PHONE, stored.user, "问了用水")
    assert visit.issues.get().description == "自来水浑浊"
    assert stored.organization == town.own.branch


def test_the_same_again_gets_the_stored_receipt(town: Town, client: Client) -> None:
    sent = operation(town, visit_payload(town))
    first = send(client, sent)
    shuffled = {key: sent["payload"][key] for key in reversed(sent["payload"])}
    again = send(client, sent | {"payload": shuffled})
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert again.content == first.content
    assert "Idempotency-Replayed" not in first.headers
    assert Visit.objects.count() == 1


def test_the_same_id_with_another_text_is_422_and_changes_nothing(town: Town, client: Client) -> None:
    sent = operation(town, visit_payload(town))
    send(client, sent)
    other = visit_payload(town, content="问了用电")
    answer = send(client, sent | {"payload": other, "sha256": digest_of(other)})
    assert answer.status_code == 422
    assert Visit.objects.get().content == "问了用水"


def test_content_that_is_not_that_of_its_digest_is_not_stored(town: Town, client: Client) -> None:
    sent = operation(town, visit_payload(town)) | {"payload": visit_payload(town, content="问了用")}
    assert send(client, sent).status_code == 400
    assert not Operation.objects.exists()


@pytest.mark.parametrize("body", [b"", b"{", b'{"op_id": "1"}', b"[]", b'"x"'])
def test_partial_body_stores_nothing(town: Town, client: Client, body: bytes) -> None:
    answer = client.post("/visits/ops/", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not Operation.objects.exists()


def test_record_of_somebody_else_is_not_taken_under_the_wrong_name(town: Town, client: Client) -> None:
    sent = operation(town, visit_payload(town), user=town.people[DutyCode.OFFICE_CLERK].pk)
    answer = send(client, sent)
    assert (answer.status_code, Operation.objects.count()) == (403, 0)
    other = api_client(town.people[DutyCode.FIRST_SECRETARY])
    sent = operation(town, visit_payload(town))
    send(client, sent)
    answer = send(other, sent | {"user": town.people[DutyCode.FIRST_SECRETARY].pk})
    assert answer.status_code == 422


HELD = {
    "a foreign household": lambda town: {"household_id": town.foreign_household.pk},
    "an unknown household": lambda town: {"household_id": 999_999},
    "a wrong clock": lambda town: {"visited_on": (today() + timedelta(days=3)).isoformat()},
    "no running campaign": lambda town: {"visited_on": "1950-01-01"},
    "a wrong category": lambda town: {"issues": [{"category_id": 999_999, "description": "路", "urgency": "normal"}]},
    "an old page": lambda town: {"household": 1},
    "nonsense": lambda town: {"issues": "x"},
    "numbers as text": lambda town: {"household_id": "1"},
    "too many photos": lambda town: {"photos": ["a", "b", "c", "d"]},
    "a text beyond the limit": lambda town: {"content": "长" * 2001},
}


@pytest.mark.parametrize("why", HELD)
def test_what_a_rule_forbids_is_kept_for_the_office(town: Town, client: Client, why: str) -> None:
    payload = visit_payload(town) | HELD[why](town)
    sent = operation(town, payload)
    answer = send(client, sent)
    stored = Operation.objects.get()
    assert (answer.status_code, answer.json()["state"]) == (202, "held"), why
    assert answer.json()["reason"] == stored.reason != ""
    assert stored.payload == payload
    assert not Visit.objects.exists()
    assert not Issue.objects.exists()
    again = send(client, sent)
    assert (again.status_code, again.content) == (202, answer.content)


def test_office_takes_a_held_visit_in_for_its_sender(town: Town, client: Client) -> None:
    clerk, secretary = town.people[DutyCode.OFFICE_CLERK], town.people[DutyCode.BRANCH_SECRETARY]
    send(client, operation(town, visit_payload(town, household_id=town.foreign_household.pk)))
    held = Operation.objects.get()
    done = apply_held(actor=clerk, operation=held)
    visit = Visit.objects.get()
    assert (visit.household, visit.visitor, visit.entered_by) == (town.foreign_household, secretary, secretary)
    assert (done.state, done.decided_by, done.visit) == (OperationState.APPLIED, clerk, visit)
    with pytest.raises(Exception, match="不用再处理"):
        apply_held(actor=clerk, operation=held)
    assert Visit.objects.count() == 1


def test_office_takes_a_held_visit_in_for_another_household_and_day(town: Town, client: Client) -> None:
    late = (today() + timedelta(days=3)).isoformat()
    send(client, operation(town, visit_payload(town, household_id=999_999, visited_on=late)))
    other = HouseholdFactory(village=town.own)
    held = Operation.objects.get()
    clerk = town.people[DutyCode.OFFICE_CLERK]
    with pytest.raises(Exception, match="不能晚于今天"):
        apply_held(actor=clerk, operation=held, household_id=other.pk)
    apply_held(actor=clerk, operation=held, household_id=other.pk, visited_on=today())
    assert (Visit.objects.get().household, Visit.objects.get().visited_on) == (other, today())
    assert Operation.objects.get().payload["visited_on"] == late


def test_office_dismisses_with_a_reason_and_nothing_is_lost(town: Town, client: Client) -> None:
    payload = visit_payload(town, household_id=999_999)
    send(client, operation(town, payload))
    held, clerk = Operation.objects.get(), town.people[DutyCode.OFFICE_CLERK]
    with pytest.raises(Exception, match="写明"):
        dismiss_held(actor=clerk, operation=held, decision=" ")
    with pytest.raises(Exception, match="权限"):
        dismiss_held(actor=town.people[DutyCode.BRANCH_SECRETARY], operation=held, decision="重复")
    dismiss_held(actor=clerk, operation=held, decision="与纸质台账重复")
    stored = Operation.objects.get()
    assert (stored.state, stored.payload) == (OperationState.DISMISSED, payload)


def _resolved_issue(town: Town, client: Client) -> Issue:
    send(client, operation(town, visit_payload(town)))
    issue, clerk = Issue.objects.get(), town.people[DutyCode.OFFICE_CLERK]
    for move, facts in (
        (MoveCode.ACCEPT, MoveFacts()),
        (MoveCode.ASSIGN, MoveFacts(unit=UnitFactory(), due_on=today())),
        (MoveCode.RESOLVE, MoveFacts(note="修好了")),
    ):
        move_issue(actor=clerk, issue=issue, move=move, facts=facts)
    return issue


def test_feedback_is_a_move_and_an_illegal_one_is_held(town: Town, client: Client) -> None:
    issue = _resolved_issue(town, client)
    payload = {"issue_id": issue.pk, "satisfaction": "satisfied", "note": "很好"}
    sent = operation(town, payload, "feedback")
    answer = send(client, sent)
    issue.refresh_from_db()
    assert (answer.status_code, issue.state) == (201, IssueState.CONFIRMED)
    answer = send(client, operation(town, payload | {"note": "再说一遍"}, "feedback"))
    assert (answer.status_code, answer.json()["state"]) == (202, "held")
    answer = send(client, operation(town, {"issue_id": issue.pk, "note": "补充"}, "resubmit"))
    assert (answer.status_code, answer.json()["state"]) == (202, "held")
    assert issue.events.filter(move=MoveCode.CONFIRM).count() == 1


def test_fault_of_ours_stores_nothing_and_the_phone_comes_again(
    town: Town, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = operation(town, visit_payload(town))
    client.raise_request_exception = False
    with connection.cursor() as cursor:  # a fault that no rule foresees: the table of events refuses
        cursor.execute("ALTER TABLE visits_issueevent ADD CONSTRAINT broken CHECK (note = 'x') NOT VALID")
        answer = send(client, sent)
        assert answer.status_code == 500
        assert not Operation.objects.exists()
        cursor.execute("ALTER TABLE visits_issueevent DROP CONSTRAINT broken")
    assert send(client, sent).status_code == 201


def test_page_and_phone_share_one_operation(town: Town, client: Client) -> None:
    payload = visit_payload(town)
    sent = operation(town, payload)
    secretary = town.people[DutyCode.BRANCH_SECRETARY]
    draft = VisitDraft(
        household_id=payload["household_id"],
        visited_on=today(),
        content=payload["content"],
        issues=[IssueDraft(**one) for one in payload["issues"]],
    )
    record_visit(actor=secretary, op_id=sent["op_id"], draft=draft, source=Source.PAGE)
    answer = send(client, sent)
    assert answer.headers["Idempotency-Replayed"] == "true"
    assert Visit.objects.count() == 1


def test_roll_call_names_what_is_here_and_what_is_not(town: Town, client: Client) -> None:
    known, held = operation(town, visit_payload(town)), operation(town, visit_payload(town, household_id=999_999))
    for sent in (known, held):
        send(client, sent)
    lost, device = str(uuid4()), str(uuid4())
    call = {
        "phone": {
            "device_id": device,
            "waiting": 2,
            "oldest_waiting_at": "2026-11-20T08:00:00+08:00",
            "sent_total": 7,
        },
        "ops": [[known["op_id"], known["sha256"]], [held["op_id"], held["sha256"]], [lost, "0" * 64]],
    }
    answer = client.post("/visits/rollcall/", call, content_type="application/json").json()
    assert answer == {
        "known": [known["op_id"]],
        "held": [held["op_id"]],
        "unknown": [lost],
        "dismissed": [],
        "mismatch": [],
        "photos": [],
        "reasons": {held["op_id"]: Operation.objects.held().get().reason},
    }
    phone = Device.objects.get()
    assert (str(phone.device_id), phone.waiting, phone.sent_total) == (device, 2, 7)
    other = api_client(town.people[DutyCode.FIRST_SECRETARY])
    call["ops"] = [[known["op_id"], known["sha256"]]]
    assert other.post("/visits/rollcall/", call, content_type="application/json").json()["unknown"] == [known["op_id"]]
    call["ops"] = [[known["op_id"], "0" * 64]]
    answer = client.post("/visits/rollcall/", call, content_type="application/json").json()
    assert answer["mismatch"] == [known["op_id"]]


def test_roll_call_takes_the_same_queries_for_three_operations_as_for_one(town: Town, client: Client) -> None:
    counts = []
    for number in (1, 3):
        ops = [[str(uuid4()), "0" * 64] for _ in range(number)]
        for _ in range(number):
            for changed in ({}, {"household_id": 999_999}):
                sent = operation(town, visit_payload(town, photos=["a" * 64], content=str(uuid4()), **changed))
                send(client, sent)
                ops.append([sent["op_id"], sent["sha256"]])
        call = {"phone": {"device_id": str(uuid4())}, "ops": ops}
        with CaptureQueriesContext(connection) as queries:
            answer = client.post("/visits/rollcall/", call, content_type="application/json").json()
        assert [len(answer[name]) for name in ("known", "held", "unknown", "photos")] == [number] * 3 + [1]
        counts.append(len(queries))
    assert counts[0] == counts[1]


def picture(size: tuple[int, int] = (640, 480)) -> bytes:
    """A JPEG as a camera makes it: with the place where it was taken."""
    image, file = Image.new("RGB", size, "green"), BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SomePhone"
    exif.get_ifd(0x8825)[1] = "N"
    image.save(file, "JPEG", exif=exif)
    return file.getvalue()


def put(client: Client, content: bytes, name: str = "") -> HttpResponse:
    name = name or hashlib.sha256(content).hexdigest()
    return client.put(f"/visits/photos/{name}/", content, content_type="image/jpeg")


def test_photo_is_stored_once_and_without_metadata(town: Town, client: Client) -> None:
    content = picture()
    name = hashlib.sha256(content).hexdigest()
    assert put(client, content).status_code == 409  # its visit is not here yet
    send(client, operation(town, visit_payload(town, photos=[name])))
    assert [put(client, content).status_code, put(client, content).status_code] == [201, 200]
    stored = Photo.objects.get()
    with Image.open(BytesIO(bytes(stored.content))) as image:
        assert image.size == (640, 480)
        assert not image.getexif()
    assert b"SomePhone" in content
    assert b"SomePhone" not in bytes(stored.content)


def test_photo_must_be_whole_small_and_expected(town: Town, client: Client) -> None:
    content = picture()
    name = hashlib.sha256(content).hexdigest()
    junk = b"not a picture"
    send(client, operation(town, visit_payload(town, photos=[name, hashlib.sha256(junk).hexdigest()])))
    assert put(client, content[:-10], name).status_code == 400
    assert put(client, junk).status_code == 400
    assert put(client, b"x" * (300 * 1024 + 1)).status_code == 413
    assert client.put(f"/visits/photos/{name}/", b"{}", content_type="application/json").status_code == 415
    other = api_client(town.people[DutyCode.FIRST_SECRETARY])
    assert put(other, content).status_code == 409
    assert not Photo.objects.exists()


def test_large_picture_is_stored_small(town: Town, client: Client) -> None:
    file = BytesIO()
    Image.effect_noise((2400, 1800), 12).save(file, "WEBP", quality=1)
    content = file.getvalue()
    assert len(content) < 300 * 1024
    send(client, operation(town, visit_payload(town, photos=[hashlib.sha256(content).hexdigest()])))
    assert put(client, content).status_code == 201
    assert len(bytes(Photo.objects.get().content)) <= 300 * 1024


def test_session_names_the_account_and_reference_what_the_phone_keeps(town: Town, client: Client) -> None:
    secretary = town.people[DutyCode.BRANCH_SECRETARY]
    session = client.get("/visits/session/").json()
    assert (session["user"], session["name"]) == (secretary.pk, str(secretary))
    assert session["csrf"]
    kept = client.get("/visits/reference/").json()
    assert [one["id"] for one in kept["households"]] == [town.own_household.pk]
    text = json.dumps(kept)
    assert town.foreign_household.name not in text
    assert "phone" not in text
    assert len(kept["categories"]) == 7


def test_session_gives_a_new_cookie_and_never_an_old_one_again(client: Client) -> None:
    first = client.get("/visits/session/")
    assert settings.CSRF_COOKIE_NAME in first.cookies
    again = client.get("/visits/session/")
    assert again.json()["csrf"]
    assert settings.CSRF_COOKIE_NAME not in again.cookies


def test_reference_takes_the_same_queries_for_three_households_as_for_one(town: Town, client: Client) -> None:
    counts = []
    for more in (0, 2):
        HouseholdFactory.create_batch(more, village=town.own)
        with CaptureQueriesContext(connection) as queries:
            client.get("/visits/reference/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("address", ["ops/", "rollcall/", "session/", "reference/", "photos/0/"])
def test_phone_addresses_need_the_right_to_record_visits(town: Town, address: str) -> None:
    method = {"session/": "get", "reference/": "get", "photos/0/": "put"}.get(address, "post")
    accountant = api_client(town.people[DutyCode.ACCOUNTANT])
    assert getattr(accountant, method)(f"/visits/{address}").status_code == 403
    assert getattr(Client(), method)(f"/visits/{address}").status_code == 401
