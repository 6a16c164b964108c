"""T10, T11: three phones answer to four issues; what they send arrives in any order, late and several times.

The reference is the table of moves itself: of what arrives, each answer that the issue's state allows is taken in, and
any other one is held. Where the answers to an issue commute, it ends as if they had come in order.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chishang.core.dates import today
from organizations.enums import DutyCode
from organizations.models import User
from tests.factories import Town, UnitFactory, UserFactory, appoint
from visits.enums import MOVES, IssueState, MoveCode, OperationState
from visits.models import Issue, IssueEvent, Operation, Visit
from visits.services import IssueDraft, MoveFacts, SentOperation, VisitDraft, move_issue, receive_operation
from visits.services.drafts import digest_of
from visits.services.rehearsal import rehearsal

MOVE_OF = {"satisfied": MoveCode.CONFIRM, "unsatisfied": MoveCode.REOPEN, "resubmit": MoveCode.RESUBMIT}
RESOLVED, RETURNED = IssueState.RESOLVED, IssueState.RETURNED
STARTS = (RESOLVED, RESOLVED, RETURNED, RETURNED)
FEW = 4


@dataclass(frozen=True)
class Sent:
    """What a phone has to send: a visit, or an answer to one of the issues."""

    phone: int
    what: str
    issue: int


@dataclass(frozen=True)
class Delivery:
    """What was sent, and the order in which it arrives; a number twice arrives twice."""

    sent: list[Sent]
    order: list[int]


@st.composite
def deliveries(draw: Any) -> Delivery:
    one = st.builds(Sent, st.integers(0, 2), st.sampled_from(["visit", *MOVE_OF]), st.integers(0, 3))
    sent = draw(st.lists(one, min_size=1, max_size=8))
    numbers = list(range(len(sent)))
    again = draw(st.lists(st.sampled_from(numbers), max_size=4))
    return Delivery(sent, draw(st.permutations(numbers + again)))


def end_of(start: IssueState, answers: list[str]) -> tuple[IssueState, list[bool]]:
    """The state in which an issue ends, and which of the answers, in the order in which they come, are taken in."""
    state, taken = start, []
    for answer in answers:
        move = MOVES[MOVE_OF[answer]]
        taken.append(state in move.sources)
        if taken[-1]:
            state = move.target or state
    return state, taken


def commute(start: IssueState, answers: list[str]) -> bool:
    """Whether the answers end alike in every order."""
    return len({end_of(start, list(order))[0] for order in set(permutations(answers))}) == 1


@pytest.fixture
def phones(town: Town) -> list[User]:
    third = UserFactory()
    appoint(third, DutyCode.BRANCH_SECRETARY, town.own.branch)
    return [town.people[DutyCode.BRANCH_SECRETARY], town.people[DutyCode.FIRST_SECRETARY], third]


@pytest.fixture
def issues(town: Town) -> list[Issue]:
    """Two resolved issues, two that were returned."""
    clerk, found = town.people[DutyCode.OFFICE_CLERK], []
    yesterday = today() - timedelta(days=1)
    to_resolve = (
        (MoveCode.ACCEPT, MoveFacts()),
        (MoveCode.ASSIGN, MoveFacts(unit=UnitFactory(), due_on=today())),
        (MoveCode.RESOLVE, MoveFacts(note="修好了")),
    )
    steps = {RESOLVED: to_resolve, RETURNED: ((MoveCode.RETURN, MoveFacts(note="请写明")),)}
    for start in STARTS:
        issue = town.record(None, "自来水浑浊", visited_on=yesterday).issues.get()
        for move, facts in steps[start]:
            issue = move_issue(actor=clerk, issue=issue, move=move, facts=facts)
        found.append(issue)
    return found


def as_operation(number: int, one: Sent, town: Town, issues: list[Issue]) -> SentOperation:
    issue = issues[one.issue]
    if one.what == "visit":
        raised = [IssueDraft(issue.category_id, f"第 {number} 件")]
        payload = VisitDraft(town.own_household.pk, today(), content=f"第 {number} 次", issues=raised).as_payload()
    elif one.what == "resubmit":
        payload = {"issue_id": issue.pk, "note": f"补充 {number}"}
    else:
        payload = {"issue_id": issue.pk, "satisfaction": one.what, "note": f"意见 {number}"}
    kind = {"visit": "visit", "resubmit": "resubmit"}.get(one.what, "feedback")
    return SentOperation(UUID(int=number + 1), kind, payload, digest_of(payload))


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(delivery=deliveries())
def test_whatever_the_order_each_arrives_once_and_the_issues_end_as_the_table_says(
    town: Town, phones: list[User], issues: list[Issue], delivery: Delivery
) -> None:
    with rehearsal():
        events, visits = IssueEvent.objects.count(), Visit.objects.count()
        receipts: dict[int, Any] = {}
        for number in delivery.order:
            one = delivery.sent[number]
            sent = as_operation(number, one, town, issues)
            operation, replayed = receive_operation(user=phones[one.phone], sent=sent)
            assert replayed == (number in receipts)
            assert receipts.setdefault(number, operation.receipt) == operation.receipt
        arrived = list(receipts)
        raised = sum(one.what == "visit" for one in delivery.sent)
        taken: Counter[str] = Counter({OperationState.APPLIED: raised})
        for at, issue in enumerate(issues):
            numbers = [number for number in arrived if delivery.sent[number].issue == at]
            answers = {n: delivery.sent[n].what for n in numbers if delivery.sent[n].what != "visit"}
            state, decided = end_of(STARTS[at], list(answers.values()))
            states = [OperationState.APPLIED if yes else OperationState.HELD for yes in decided]
            assert [receipts[number]["state"] for number in answers] == states
            assert Issue.objects.get(pk=issue.pk).state == state
            in_order = [answers[number] for number in sorted(answers)]
            if len(in_order) <= FEW and commute(STARTS[at], in_order):
                assert state == end_of(STARTS[at], in_order)[0]
            taken.update(states)
        keys = [UUID(int=number + 1) for number in arrived]
        assert Counter(Operation.objects.filter(pk__in=keys).values_list("state", flat=True)) == +taken
        assert Visit.objects.count() == visits + raised
        assert IssueEvent.objects.count() == events + taken[OperationState.APPLIED]


def test_the_reference_itself_knows_what_commutes() -> None:
    assert end_of(RESOLVED, ["satisfied", "unsatisfied"]) == (IssueState.REOPENED, [True, True])
    assert end_of(RESOLVED, ["unsatisfied", "satisfied"]) == (IssueState.REOPENED, [True, False])
    assert end_of(RETURNED, ["resubmit", "resubmit"]) == (IssueState.REGISTERED, [True, False])
