"""T10: an answer that was written before the issue changed again does not count for the new state by itself."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from chishang.core.dates import today
from organizations.enums import DutyCode
from tests.api import api_client
from tests.factories import Town, UnitFactory
from visits.enums import IssueState, MoveCode, OperationState
from visits.models import Issue, Operation
from visits.services import (
    MoveFacts,
    SentOperation,
    answer_issue,
    apply_held,
    feedback_as_move,
    move_issue,
    receive_operation,
    record_feedback,
)
from visits.services.drafts import digest_of

SECRETARY, COLLEAGUE, CLERK = DutyCode.BRANCH_SECRETARY, DutyCode.FIRST_SECRETARY, DutyCode.OFFICE_CLERK
CHANGED = "您填写之后，这个问题又有变化，请镇党建办核对。"


def resolve(town: Town, issue: Issue) -> Issue:
    """The office handles the issue to its end."""
    for move, facts in (
        (MoveCode.ASSIGN, MoveFacts(unit=UnitFactory(), due_on=today())),
        (MoveCode.RESOLVE, MoveFacts(note="修好了")),
    ):
        issue = move_issue(actor=town.people[CLERK], issue=issue, move=move, facts=facts)
    return issue


def send_back(town: Town, issue: Issue) -> Issue:
    """The office asks for what is missing."""
    return move_issue(actor=town.people[CLERK], issue=issue, move=MoveCode.RETURN, facts=MoveFacts(note="哪一段"))


@pytest.fixture
def issue(town: Town) -> Issue:
    """A resolved one."""
    issue = town.record(None, "自来水浑浊").issues.get()
    return resolve(town, move_issue(actor=town.people[CLERK], issue=issue, move=MoveCode.ACCEPT, facts=MoveFacts()))


def last_event(issue: Issue) -> int:
    return issue.events.latest("pk").pk


def answer(
    town: Town, issue: Issue, satisfaction: str = "satisfied", made_at: datetime | None = None, **more: Any
) -> Operation:
    payload = {"issue_id": issue.pk, "satisfaction": satisfaction, "note": "", **more}
    sent = SentOperation(uuid4(), "feedback", payload, digest_of(payload), made_at)
    return receive_operation(user=town.people[SECRETARY], sent=sent)[0]


def resolve_again(town: Town, issue: Issue) -> Issue:
    """A colleague's household is not satisfied; the office resolves it a second time."""
    issue = record_feedback(actor=town.people[COLLEAGUE], issue=issue, satisfaction="unsatisfied")
    return resolve(town, issue)


def test_an_answer_to_the_first_result_is_held_when_there_is_a_second(town: Town, issue: Issue) -> None:
    seen = last_event(issue)
    issue = resolve_again(town, issue)
    one = answer(town, issue, seen=seen)
    assert (one.state, one.reason, one.event) == (OperationState.HELD, CHANGED, None)
    assert answer(town, issue, seen=last_event(issue)).state == OperationState.APPLIED


def test_the_office_takes_an_old_answer_in_all_the_same(town: Town, issue: Issue) -> None:
    seen = last_event(issue)
    issue = resolve_again(town, issue)
    apply_held(actor=town.people[CLERK], operation=answer(town, issue, seen=seen))
    issue.refresh_from_db()
    assert issue.state == IssueState.CONFIRMED


def test_what_the_sender_has_done_himself_is_nothing_new_to_him(town: Town, issue: Issue) -> None:
    seen, an_hour_ago = last_event(issue), timezone.now() - timedelta(hours=1)
    assert answer(town, issue, seen=seen).state == OperationState.APPLIED
    assert answer(town, issue, "unsatisfied", seen=seen, made_at=an_hour_ago).state == OperationState.APPLIED
    issue.refresh_from_db()
    assert issue.state == IssueState.REOPENED


@pytest.mark.parametrize(
    ("minutes", "state"), [(None, OperationState.APPLIED), (9, OperationState.APPLIED), (11, OperationState.HELD)]
)
@pytest.mark.parametrize("said", [{}, {"seen": None}])
def test_a_phone_that_does_not_say_what_it_knew_is_judged_by_its_clock(
    town: Town, issue: Issue, minutes: int | None, state: OperationState, said: dict[str, Any]
) -> None:
    made_at = timezone.now() - timedelta(minutes=minutes) if minutes else None
    assert answer(town, issue, made_at=made_at, **said).state == state


def test_a_returned_issue_that_was_returned_again_is_looked_at(town: Town) -> None:
    issue, clerk = town.record(None, "自来水浑浊").issues.get(), town.people[CLERK]
    issue = move_issue(actor=clerk, issue=issue, move=MoveCode.RETURN, facts=MoveFacts(note="哪一段"))
    payload = {"issue_id": issue.pk, "note": "村头", "seen": last_event(issue)}
    facts = MoveFacts(note="村尾")
    issue = move_issue(actor=town.people[COLLEAGUE], issue=issue, move=MoveCode.RESUBMIT, facts=facts)
    move_issue(actor=clerk, issue=issue, move=MoveCode.RETURN, facts=MoveFacts(note="多深"))
    sent = SentOperation(uuid4(), "resubmit", payload, digest_of(payload))
    assert receive_operation(user=town.people[SECRETARY], sent=sent)[0].reason == CHANGED


@pytest.mark.parametrize("seen", ["1", True, [1], -1])
def test_nonsense_is_held(town: Town, issue: Issue, seen: Any) -> None:
    one = answer(town, issue, seen=seen)
    assert (one.state, one.event) == (OperationState.HELD, None)
    assert "格式不对" in one.reason


def test_phone_and_page_know_the_last_event(town: Town, issue: Issue) -> None:
    phone: Client = api_client(town.people[SECRETARY])
    (kept,) = phone.get("/visits/reference/").json()["issues"]
    assert kept == {
        "id": issue.pk,
        "text": "自来水浑浊",
        "state": "resolved",
        "of": town.own_household.name,
        "seen": last_event(issue),
    }
    page = phone.get(f"/visits/issues/{issue.pk}/").content.decode()
    assert f'<input type="hidden" name="seen" value="{last_event(issue)}">' in page


def page_of(issue: Issue, **words: str) -> tuple[str, dict[str, str]]:
    """The address and the fields of the form as the page shows it now."""
    kind = "resubmit" if issue.state == IssueState.RETURNED else "feedback"
    return f"/visits/issues/{issue.pk}/{kind}/", {"seen": str(last_event(issue)), **words}


def test_page_that_others_have_made_stale_is_shown_anew(town: Town, issue: Issue) -> None:
    phone = api_client(town.people[SECRETARY])
    address, words = page_of(issue, satisfaction="satisfied", note="水清了")
    issue = resolve_again(town, issue)

    refused = phone.post(address, words)
    assert (refused.status_code, Issue.objects.get().state) == (422, IssueState.RESOLVED)
    assert "这次填写的没有保存。请先看下面的办理过程。" in refused.text
    assert refused.text.count("水清了") == 1, "in the form that is open still"
    assert phone.post(*page_of(issue, satisfaction="satisfied")).status_code == 302


def test_words_typed_for_a_form_that_is_closed_meanwhile_stay_on_the_page(town: Town, issue: Issue) -> None:
    phone = api_client(town.people[SECRETARY])
    address, words = page_of(issue, satisfaction="unsatisfied", note="又浑了")
    record_feedback(actor=town.people[COLLEAGUE], issue=issue, satisfaction="satisfied")

    refused = phone.post(address, words)
    assert (refused.status_code, Issue.objects.get().state) == (422, IssueState.CONFIRMED)
    assert "还要反映情况，请告诉镇党建办。" in refused.text
    assert "您填写的：又浑了" in refused.text


def test_second_answer_that_says_something_else_is_not_taken_for_the_first(town: Town, issue: Issue) -> None:
    phone = api_client(town.people[SECRETARY])
    address, words = page_of(issue, satisfaction="unsatisfied", note="又浑了")
    assert phone.post(address, words).status_code == 302
    for other in ({"satisfaction": "satisfied"}, {"note": "还是浑"}):
        assert phone.post(address, words | other).status_code == 422
    assert phone.post(address, words).status_code == 302


def test_old_page_does_not_answer_for_the_next_return(town: Town) -> None:
    phone = api_client(town.people[SECRETARY])
    returned = send_back(town, town.record(None, "自来水浑浊").issues.get())
    address, words = page_of(returned, note="补照片")
    assert phone.post(address, words).status_code == 302
    send_back(town, Issue.objects.get())

    refused = phone.post(address, words | {"note": "补了地点"})
    assert (refused.status_code, Issue.objects.get().state) == (422, IssueState.RETURNED)
    assert "补了地点" in refused.text
    assert phone.post(address, words).status_code == 302, "the first answer, once more"
    assert Issue.objects.get().state == IssueState.RETURNED


def test_answer_that_comes_late_again_does_not_undo_what_its_sender_did_since(town: Town, issue: Issue) -> None:
    clerk, seen = town.people[CLERK], last_event(issue)
    move, facts = feedback_as_move("unsatisfied", "又浑了")
    answer_issue(actor=clerk, issue=issue, move=move, facts=facts, seen=seen)
    resolve(town, Issue.objects.get())
    answer_issue(actor=clerk, issue=issue, move=move, facts=facts, seen=seen)
    assert Issue.objects.get().state == IssueState.RESOLVED


@pytest.mark.parametrize("seen", ["0", "-1", "x", str(1 << 63)])
def test_page_that_names_no_event_is_refused(town: Town, issue: Issue, seen: str) -> None:
    phone = api_client(town.people[SECRETARY])
    answer = phone.post(f"/visits/issues/{issue.pk}/feedback/", {"satisfaction": "satisfied", "seen": seen})
    assert (answer.status_code, Issue.objects.get().state) == (422, "resolved")
    assert "这一页不完整，请重新打开后再填。" in answer.text
