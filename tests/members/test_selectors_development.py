"""What is due in development files: which step, from when, until when."""

from datetime import date
from typing import Any

import pytest

from chishang.core.dates import add_months
from members.models import DevelopmentFile
from members.selectors import course_of, steps_due, timeline
from members.selectors.development import DueState, StepState
from members.services import stop_file
from organizations.enums import DutyCode
from organizations.models import User
from tests.factories import Town
from tests.members.course import begin, id_number, take, walk

READY, SOON, OVERDUE, LATER = DueState.READY, DueState.SOON, DueState.OVERDUE, DueState.LATER


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[DutyCode.OFFICE_CLERK]


@pytest.fixture
def file(clerk: User, town: Town) -> DevelopmentFile:
    return begin(clerk, town.own.branch)


@pytest.mark.parametrize(
    ("until", "day", "code", "state", "due"),
    [
        # Applied on 5 January 2015: to be talked with within a month.
        (None, date(2015, 1, 5), "talk", READY, date(2015, 2, 5)),
        (None, date(2015, 1, 6), "talk", SOON, date(2015, 2, 5)),
        (None, date(2015, 2, 5), "talk", SOON, date(2015, 2, 5)),
        (None, date(2015, 2, 6), "talk", OVERDUE, date(2015, 2, 5)),
        ("talk", date(2018, 1, 1), "activist", READY, None),
        # Activist on 1 March 2015: examined every six months, a year before he may be chosen.
        ("contacts", date(2015, 4, 1), "education", READY, date(2015, 9, 1)),
        ("contacts", date(2015, 9, 2), "education", OVERDUE, date(2015, 9, 1)),
        ("education", date(2015, 10, 1), "education", READY, date(2016, 3, 1)),
        ("education", date(2016, 2, 29), "education", SOON, date(2016, 3, 1)),
        ("education", date(2016, 3, 1), "candidate", READY, None),
        # Voted on 1 June 2016: approved within three months; probation until 1 June 2017.
        ("admission_vote", date(2016, 6, 15), "admission_talk", READY, date(2016, 9, 1)),
        ("admission_talk", date(2016, 8, 2), "admission_approval", SOON, date(2016, 9, 1)),
        ("admission_talk", date(2016, 9, 2), "admission_approval", OVERDUE, date(2016, 9, 1)),
        ("oath", date(2016, 8, 1), "probation", READY, date(2016, 12, 1)),
        ("probation", date(2017, 3, 1), "probation", READY, date(2017, 6, 1)),
        ("probation", date(2017, 5, 1), "probation", READY, date(2017, 6, 1)),
        ("probation", date(2017, 5, 2), "confirmation_request", SOON, date(2017, 6, 1)),
        ("confirmation_request", date(2017, 5, 26), "confirmation_vote", SOON, date(2017, 6, 1)),
        ("confirmation_request", date(2017, 6, 2), "confirmation_vote", OVERDUE, date(2017, 6, 1)),
        ("confirmation_vote", date(2017, 7, 1), "confirmation_approval", READY, date(2017, 9, 1)),
        ("confirmation_approval", date(2017, 7, 2), "archive", READY, None),
    ],
    ids=str,
)
def test_steps_due_names_step_state_and_day(
    clerk: User, file: DevelopmentFile, until: str | None, day: date, code: str, state: DueState, due: date | None
) -> None:
    if until:
        walk(clerk, file, until)
    (task,) = steps_due(clerk, day)
    assert (task.step.code, task.state, task.due) == (code, state, due)


def test_candidate_waits_when_the_examinations_are_done(clerk: User, file: DevelopmentFile) -> None:
    walk(clerk, file, "education")
    take(clerk, file, "education", date(2016, 2, 1))
    (task,) = steps_due(clerk, date(2016, 2, 10))
    assert (task.step.code, task.state, task.earliest) == ("candidate", LATER, date(2016, 3, 1))


@pytest.mark.parametrize(("day", "again"), [(date(2016, 12, 1), False), (date(2016, 12, 2), True)])
def test_approval_six_months_after_the_vote_asks_for_a_new_vote(
    clerk: User, file: DevelopmentFile, day: date, again: bool
) -> None:
    walk(clerk, file, "admission_talk")
    assert steps_due(clerk, day)[0].must_vote_again is again
    assert [step.code for step in course_of(file).open_steps] == ["admission_approval", "admission_vote"]


def test_steps_due_are_those_of_files_under_way_in_the_own_branch(clerk: User, town: Town) -> None:
    own = begin(clerk, town.own.branch)
    stopped = begin(clerk, town.own.branch, number=id_number(sequence=13))
    stop_file(actor=clerk, file=stopped, stopped_on=date(2015, 2, 1), reason="本人撤回")
    done = begin(clerk, town.own.branch, number=id_number(sequence=15))
    walk(clerk, done, "archive")
    begin(clerk, town.foreign.branch, number=id_number(sequence=17))
    assert [task.file for task in steps_due(town.people[DutyCode.BRANCH_SECRETARY])] == [own]
    assert len(steps_due(clerk)) == 2
    assert steps_due(town.people[DutyCode.ACCOUNTANT]) == []


def test_steps_due_are_sorted_by_urgency(clerk: User, town: Town) -> None:
    ready = walk(clerk, begin(clerk, town.own.branch), "talk")
    overdue = begin(clerk, town.own.branch, number=id_number(sequence=13))
    assert [task.file for task in steps_due(clerk, date(2015, 3, 1))] == [overdue, ready]


def test_steps_due_take_the_same_queries_for_one_file_and_three(
    clerk: User, town: Town, django_assert_num_queries: Any
) -> None:
    walk(clerk, begin(clerk, town.own.branch), "admission_approval")
    steps_due(clerk)
    with django_assert_num_queries(3):
        steps_due(clerk)
    for number in (13, 15):
        walk(clerk, begin(clerk, town.foreign.branch, number=id_number(sequence=number)), "admission_approval")
    with django_assert_num_queries(3):
        steps_due(clerk)


def test_timeline_groups_25_steps_by_five_stages(clerk: User, file: DevelopmentFile) -> None:
    walk(clerk, file, "education")
    stages = timeline(course_of(file), add_months(date(2015, 3, 1), 9))
    assert [len(lines) for _, lines in stages] == [2, 4, 5, 7, 7]
    lines = {line.step.code: line for _, found in stages for line in found}
    assert [lines[code].state for code in ("talk", "candidate", "training")] == [
        *(StepState.DONE, StepState.NEXT, StepState.LATER),
    ]
    assert lines["candidate"].earliest == date(2016, 3, 1)
    assert (lines["education"].due, lines["education"].due_state) == (date(2016, 3, 1), READY)
    assert lines["talk"].due_state is None
