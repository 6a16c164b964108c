"""The course of an issue."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from chishang.core.dates import today
from organizations.enums import DutyCode
from tests.factories import Town, UnitFactory
from visits.enums import IssueState, MoveCode, Satisfaction
from visits.models import Issue
from visits.services import MoveFacts, MoveRefused, move_issue, moves_open_to, record_feedback


@pytest.fixture
def issue(town: Town) -> Issue:
    return town.record(None, "自来水浑浊", visited_on=today() - timedelta(days=20)).issues.get()


def go(town: Town, issue: Issue, move: MoveCode, by: DutyCode = DutyCode.OFFICE_CLERK, **facts: object) -> Issue:
    return move_issue(actor=town.people[by], issue=issue, move=move, facts=MoveFacts(**facts))


def test_course_from_registered_to_closed_writes_an_event_for_every_move(town: Town, issue: Issue) -> None:
    unit = UnitFactory()
    go(town, issue, MoveCode.ACCEPT)
    go(town, issue, MoveCode.ASSIGN, unit=unit, due_on=today() + timedelta(days=15))
    go(town, issue, MoveCode.START)
    go(town, issue, MoveCode.RESOLVE, note="换了水泵", occurred_on=today() - timedelta(days=1))
    go(town, issue, MoveCode.CONFIRM, by=DutyCode.BRANCH_SECRETARY, satisfaction=Satisfaction.SATISFIED)
    issue = go(town, issue, MoveCode.CLOSE, by=DutyCode.OFFICE_HEAD)

    assert issue.state == IssueState.CLOSED
    assert issue.resolved_on == today() - timedelta(days=1)
    assert list(issue.events.values_list("move", flat=True)) == [
        "register",
        "accept",
        "assign",
        "start",
        "resolve",
        "confirm",
        "close",
    ]


def test_illegal_move_is_refused_with_the_reason_and_changes_nothing(town: Town, issue: Issue) -> None:
    with pytest.raises(MoveRefused, match="问题现在是“已登记”，不能“办结”"):
        go(town, issue, MoveCode.RESOLVE, note="好了")

    issue.refresh_from_db()
    assert (issue.state, issue.events.count()) == (IssueState.REGISTERED, 1)


def test_one_who_resolved_does_not_strike_off(town: Town, issue: Issue) -> None:
    go(town, issue, MoveCode.ACCEPT)
    go(town, issue, MoveCode.ASSIGN, unit=UnitFactory(), due_on=today())
    go(town, issue, MoveCode.RESOLVE, note="好了")
    issue = record_feedback(
        actor=town.people[DutyCode.BRANCH_SECRETARY], issue=issue, satisfaction=Satisfaction.SATISFIED
    )

    assert MoveCode.CLOSE not in [move.code for move in moves_open_to(town.people[DutyCode.OFFICE_CLERK], issue)]
    with pytest.raises(Exception, match="办结人不能自己销号"):
        go(town, issue, MoveCode.CLOSE)


def test_unsatisfied_household_gets_the_issue_reopened(town: Town, issue: Issue) -> None:
    go(town, issue, MoveCode.ACCEPT)
    go(town, issue, MoveCode.ASSIGN, unit=UnitFactory(), due_on=today())
    go(town, issue, MoveCode.RESOLVE, note="好了", occurred_on=today() - timedelta(days=5))
    issue = record_feedback(
        actor=town.people[DutyCode.BRANCH_SECRETARY], issue=issue, satisfaction=Satisfaction.UNSATISFIED
    )

    assert (issue.state, issue.resolved_on) == (IssueState.REOPENED, None)
    assert Issue.objects.resolved_on_date(today() - timedelta(days=1)).count() == 1
    assert Issue.objects.resolved_on_date(today()).count() == 0


@pytest.mark.parametrize("days", [21, -1])
def test_resolution_before_the_visit_or_in_the_future_is_refused(town: Town, issue: Issue, days: int) -> None:
    go(town, issue, MoveCode.ACCEPT)
    go(town, issue, MoveCode.ASSIGN, unit=UnitFactory(), due_on=today())

    with pytest.raises(MoveRefused, match="日期不能"):
        go(town, issue, MoveCode.RESOLVE, note="好了", occurred_on=today() - timedelta(days=days))


def test_text_beyond_the_limit_is_refused_by_the_service_too(town: Town, issue: Issue) -> None:
    with pytest.raises(ValidationError, match="500"):
        town.record(None, "长" * 501)
    with pytest.raises(ValidationError, match="1000"):
        go(town, issue, MoveCode.ACCEPT, note="长" * 1001)
    issue.refresh_from_db()
    assert (Issue.objects.count(), issue.state) == (1, IssueState.REGISTERED)


def test_merge_goes_into_another_issue_of_the_same_village(town: Town, issue: Issue) -> None:
    foreign = town.record(town.foreign_household, "外村也浑").issues.get()
    twin = town.record(None, "还是浑").issues.get()
    for target in (issue, foreign):
        with pytest.raises(MoveRefused, match="问题"):
            go(town, issue, MoveCode.MERGE, merged_into=target)
    issue = go(town, issue, MoveCode.MERGE, merged_into=twin)
    assert (issue.state, issue.merged_into) == (IssueState.MERGED, twin)
    assert Issue.objects.pending_on(today()).count() == 3
