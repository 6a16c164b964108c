"""T5, T6: the same record from everywhere at once is one visit; the same id with another content is none."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from django.db import connection
from playwright.sync_api import Page

from chishang.core.dates import today
from organizations.enums import DutyCode
from tests.browser.faults.acts import OUTBOX, Answer, Caller, keep_visits, send_all, start_sending
from tests.browser.faults.conftest import Proof, Tell
from tests.browser.faults.line import SENDING, FaultyLine, repeated
from tests.browser.faults.server import portal_on
from tests.browser.oracle import examine
from tests.browser.phone import SECRETARY, states
from tests.factories import Town
from visits.enums import MoveCode
from visits.models import Operation, Visit
from visits.services import MoveFacts, VisitDraft, move_issue
from visits.services.drafts import digest_of

OPS = "/visits/ops/"
PHONE = str(uuid4())
TWINS, ROUNDS = 20, 25


def envelope(town: Town, number: int, **changed: Any) -> dict[str, Any]:
    draft = VisitDraft(household_id=town.own_household.pk, visited_on=today(), content=f"第 {number} 次")
    payload = draft.as_payload() | changed
    user = town.people[SECRETARY].pk
    sent = {"op_id": str(uuid4()), "user": user, "kind": "visit", "payload": payload, "sha256": digest_of(payload)}
    return sent | {"phone": {"device_id": PHONE, "waiting": 1}}


def send_twins(address: str, town: Town, rounds: int) -> tuple[list[str], list[list[Answer]]]:
    """Send one record after the other, each twenty times at once; give their ids and all answers."""
    caller = Caller(address, town.people[SECRETARY])
    shown, answers = [], []
    for number in range(rounds):
        sent = envelope(town, number)
        with ThreadPoolExecutor(TWINS) as pool:
            answers.append(list(pool.map(lambda _, sent=sent: caller.ask("POST", OPS, sent), range(TWINS))))
        shown.append(sent["op_id"])
    return shown, answers


def test_t5_twenty_twins_are_one_visit(town: Town, portal: str, tell: Tell) -> None:
    shown, rounds = send_twins(portal, town, ROUNDS)
    for answers in rounds:
        assert {answer.status for answer in answers} <= {201, 409}
        receipts = {answer.body for answer in answers if answer.status == 201}
        assert len(receipts) == 1
        assert sum("Idempotency-Replayed" not in one.headers for one in answers if one.status == 201) == 1
    assert Visit.objects.count() == Operation.objects.count() == ROUNDS
    tell(examine([], shown))


def test_t5_control_a_server_that_checks_before_it_inserts_is_found_out(town: Town) -> None:
    with portal_on(connection.settings_dict["NAME"], "check_then_insert") as faulty:
        shown, _ = send_twins(faulty, town, 3)  # the first of a new phone waits for the row of the phone
    assert examine([], shown).doubled


def test_t5_two_tabs_without_locks_send_one_outbox(town: Town, phone: Page, line: FaultyLine, prove: Proof) -> None:
    phone.context.add_init_script("Object.defineProperty(navigator, 'locks', { value: undefined })")
    phone.goto(OUTBOX)
    other = phone.context.new_page()
    other.goto(OUTBOX)
    shown = keep_visits(phone, town, 6)
    line.plan(SENDING, *[repeated(2) for _ in range(4)])
    start_sending(phone)
    start_sending(other)
    send_all(phone)
    assert set(states(phone)) <= {"acked", "confirmed"}
    assert Visit.objects.count() == 6
    prove(phone, shown)


def test_t6_the_same_id_with_another_content(town: Town, portal: str, tell: Tell) -> None:
    caller = Caller(portal, town.people[SECRETARY])
    sent = envelope(town, 1, photos=["a" * 64])
    first = caller.ask("POST", OPS, sent)
    shuffled = dict(reversed(sent["payload"].items()))
    again = caller.ask("POST", OPS, sent | {"payload": shuffled})
    assert (again.status, again.body) == (201, first.body)
    for changed in ({"content": "第 1 次。"}, {"photos": ["b" * 64]}):
        payload = sent["payload"] | changed
        assert caller.ask("POST", OPS, sent | {"payload": payload}).status == 400
        assert caller.ask("POST", OPS, sent | {"payload": payload, "sha256": digest_of(payload)}).status == 422
    other = Caller(portal, town.people[DutyCode.FIRST_SECRETARY])
    assert other.ask("POST", OPS, sent).status == 403
    assert other.ask("POST", OPS, sent | {"user": other.user.pk}).status == 422
    assert Operation.objects.get().payload == sent["payload"]
    tell(examine([], [sent["op_id"]]))


def test_t10_two_officers_answer_for_one_issue_at_once(town: Town, portal: str, tell: Tell) -> None:
    clerk = town.people[DutyCode.OFFICE_CLERK]
    issue = town.record(None, "路坑洼").issues.get()
    shown = [str(key) for key in Operation.objects.values_list("pk", flat=True)]
    move_issue(actor=clerk, issue=issue, move=MoveCode.RETURN, facts=MoveFacts(note="请写明哪一段"))
    callers = [Caller(portal, town.people[duty]) for duty in (SECRETARY, DutyCode.FIRST_SECRETARY)]
    entries = []
    for number, caller in enumerate(callers):
        payload = {"issue_id": issue.pk, "note": f"第 {number} 段"}
        sent = {"op_id": str(uuid4()), "user": caller.user.pk, "kind": "resubmit", "payload": payload}
        entries.append((caller, sent | {"sha256": digest_of(payload)}))
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda entry: entry[0].ask("POST", OPS, entry[1]), entries))
    assert sorted(answer.status for answer in answers) == [201, 202]
    assert sorted(answer.said["state"] for answer in answers) == ["applied", "held"]
    assert issue.events.filter(move=MoveCode.RESUBMIT).count() == 1
    kept = Operation.objects.filter(kind="resubmit").values_list("payload__note", flat=True)
    assert sorted(kept) == ["第 0 段", "第 1 段"]
    tell(examine([], shown + [sent["op_id"] for _, sent in entries]))
