"""What the office decides about held operations: what only it may take in, in whose name, and what stays for ever."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from chishang.core.dates import today
from chishang.core.guards import told_in_words
from organizations.enums import DutyCode
from organizations.models import User
from tests.api import api_client
from tests.factories import HouseholdFactory, Town, UserFactory, VisitFactory, appoint
from tests.visits.api.test_phones import operation, send, visit_payload
from visits.enums import IssueState, OperationState, Source
from visits.models import Issue, IssueCategory, Operation, Visit
from visits.services import (
    NotTakenIn,
    SentOperation,
    VisitDraft,
    apply_held,
    dismiss_held,
    receive_operation,
    record_visit,
)

SECRETARY, COLLEAGUE, CLERK = DutyCode.BRANCH_SECRETARY, DutyCode.FIRST_SECRETARY, DutyCode.OFFICE_CLERK


@pytest.fixture
def phone(town: Town) -> Client:
    return api_client(town.people[SECRETARY])


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[CLERK]


def sent(town: Town, phone: Client, **changed: Any) -> Operation:
    """A visit that the secretary's phone sends."""
    body = operation(town, visit_payload(town, **changed))
    send(phone, body)
    return Operation.objects.get(op_id=body["op_id"])


def held(town: Town, phone: Client, **changed: Any) -> Operation:
    """A visit to a household that is no longer the secretary's."""
    return sent(town, phone, **{"household_id": town.foreign_household.pk} | changed)


# What the office takes in


def test_office_takes_in_what_was_entered_for_a_colleague_of_another_place(
    town: Town, phone: Client, clerk: User
) -> None:
    one = held(town, phone, visitor_id=town.people[COLLEAGUE].pk)
    assert one.state == OperationState.HELD
    town.people[COLLEAGUE].appointments.update(ended_on=today() - timedelta(days=1))
    visit = apply_held(actor=clerk, operation=one).visit
    assert visit is not None
    assert (visit.visitor, visit.entered_by) == (town.people[COLLEAGUE], town.people[SECRETARY])
    with pytest.raises(ValidationError, match="走访人应是"):
        apply_held(actor=clerk, operation=held(town, phone, visitor_id=999_999))


def test_office_takes_in_an_issue_of_a_category_that_is_no_longer_in_use(
    town: Town, phone: Client, clerk: User
) -> None:
    payload = visit_payload(town)
    IssueCategory.objects.filter(pk=payload["issues"][0]["category_id"]).update(is_active=False)
    one = sent(town, phone)
    assert (one.state, one.reason) == (OperationState.HELD, "第 1 个问题：请选择问题类别。")
    apply_held(actor=clerk, operation=one)
    assert Issue.objects.get().category_id == payload["issues"][0]["category_id"]


def test_what_is_taken_in_belongs_to_the_place_of_its_household(town: Town, phone: Client, clerk: User) -> None:
    one = held(town, phone)
    assert one.organization == town.foreign.branch
    apply_held(actor=clerk, operation=one, household_id=HouseholdFactory(village=town.own).pk)
    one.refresh_from_db()
    assert one.organization == town.own.branch


def test_an_answer_that_the_office_takes_in_is_its_senders_deed(town: Town, phone: Client, clerk: User) -> None:
    issue = town.record(None, "自来水浑浊").issues.get()
    issue.state, issue.resolved_on = IssueState.RESOLVED, today()
    issue.save()
    town.people[SECRETARY].appointments.update(ended_on=today() - timedelta(days=1))
    send(phone, operation(town, {"issue_id": issue.pk, "satisfaction": "satisfied", "note": ""}, "feedback"))
    one = Operation.objects.get(kind="feedback")
    assert one.state == OperationState.HELD
    done = apply_held(actor=clerk, operation=one)
    assert done.event is not None
    assert (done.event.actor, done.decided_by) == (town.people[SECRETARY], clerk)
    assert done.organization == town.own.branch


def test_office_of_a_place_decides_within_it_only(town: Town, phone: Client) -> None:
    officer = UserFactory()
    appoint(officer, CLERK, town.own.branch)
    elsewhere, here = held(town, phone), sent(town, phone, visited_on=(today() + timedelta(days=1)).isoformat())
    for decide in (apply_held, lambda **what: dismiss_held(decision="重复", **what)):
        with pytest.raises(ValidationError, match="没有处理这份上报的权限"):
            decide(actor=officer, operation=elsewhere)
    dismiss_held(actor=officer, operation=here, decision="日期不对")
    assert list(Operation.objects.held()) == [elsewhere]
    assert not Visit.objects.exists()


# Reasons


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"content": "长" * 2001}, "谈话内容："),
        ({"issues": [{"category_id": 1, "description": "长" * 501, "urgency": "normal"}]}, "第 1 个问题的反映问题："),
    ],
)
def test_reasons_name_the_field(town: Town, phone: Client, changed: dict[str, Any], named: str) -> None:
    assert sent(town, phone, **changed).reason.startswith(named)


def test_a_form_that_waits_or_was_dismissed_says_so(town: Town, clerk: User) -> None:
    user, op_id = town.people[SECRETARY], uuid4()
    draft = VisitDraft(town.own_household.pk, today(), content="问了收成")
    by_phone = SentOperation(op_id, "visit", draft.as_payload(), draft.sha256)
    one, _ = receive_operation(user=user, sent=by_phone, doubt="请核对")
    for told in ("已经收到，等镇党建办处理", "已经收到，镇党建办没有采用：重复"):
        with pytest.raises(NotTakenIn, match=told):
            record_visit(actor=user, op_id=op_id, draft=draft, source=Source.PAGE)
        if one.state == OperationState.HELD:
            one = dismiss_held(actor=clerk, operation=one, decision="重复")
    assert not Visit.objects.exists()


# What stays


def refused(one: Operation, **change: Any) -> str:
    """What the database says to a change of the row."""
    with pytest.raises(ValidationError) as refusal, told_in_words():
        Operation.objects.filter(pk=one.pk).update(**change)
    return "".join(refusal.value.messages)


def test_receipt_result_and_decision_stay_once_they_are_there(town: Town, phone: Client, clerk: User) -> None:
    one = held(town, phone)
    assert refused(one, receipt=one.receipt | {"state": "applied"}) == "上报的内容和回执不能修改。"
    apply_held(actor=clerk, operation=one)
    later: list[dict[str, Any]] = [
        *({"visit": VisitFactory()}, {"visit": None}, {"decision": "x"}, {"decided_by": town.people[SECRETARY]}),
        *({"decided_at": None}, {"state": OperationState.HELD}),
    ]
    assert {refused(one, **change) for change in later} == {"这份上报已经处理过。"}


def test_a_visit_stands_with_what_was_taken_in_and_with_nothing_else(town: Town, phone: Client) -> None:
    one = held(town, phone)
    assert refused(one, visit=VisitFactory()) == "没有入库的上报不能有走访或办理过程。"
    assert refused(one, state=OperationState.APPLIED) == "已入库的走访上报必须有走访。"
