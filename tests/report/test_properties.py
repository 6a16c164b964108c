"""Changing, adding or taking away one row changes exactly the figures it should."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chishang.core.figures import Question, all_figures, compute
from organizations.enums import DutyCode
from organizations.models import Organization
from tests.factories import UserFactory, appoint
from tests.layers import BUILDERS
from tests.report.additions import ADDITIONS, lay_additions, post
from tests.report.additions import DAY as LAST_DAY
from tests.report.additions import VOUCHERS as POSTED
from tests.report.facts import Rows, after
from tests.report.moves import MOVES, VOUCHERS
from visits.enums import IssueState, MoveCode
from visits.models import Issue
from visits.services import MoveFacts, move_issue

EXPLAINED = 5
DAYS = (date(2017, 3, 31), date(2017, 6, 30), date(2017, 9, 30), date(2017, 12, 31))
FIGURES = {one.key: one for one in all_figures()}

Content = dict[str, dict[int, Any]]
"""Key of a figure → key of a row → what the row adds to it."""


def read(day: date) -> Content:
    """Every figure's rows, each with what it adds: 1 to a count, its column to a sum."""
    question, found = Question(as_of=day), {}
    for key, figure in FIGURES.items():
        rows = figure.rows(question).order_by()
        if not figure.exists(question):
            found[key] = {}
        elif figure.total:
            found[key] = dict(rows.values_list("pk", figure.total))
        else:
            found[key] = dict.fromkeys(rows.values_list("pk", flat=True), 1)
    return found


def explain_some() -> Callable[[date], Content]:
    """Let some of the issues be explained; return what reads the rows of a day once."""
    clerk = UserFactory()
    appoint(clerk, DutyCode.OFFICE_CLERK, Organization.objects.get(parent__isnull=True))
    for issue in Issue.objects.filter(state=IssueState.ESCALATED).order_by("raised_on")[:EXPLAINED]:
        facts = MoveFacts(note="线路不经过本村", occurred_on=issue.escalated_on)
        move_issue(actor=clerk, issue=issue, move=MoveCode.EXPLAIN, facts=facts)
    return lru_cache(read)


BUILDERS["laid_explained"] = lambda _: explain_some()


@pytest.fixture
def laid_explained(whole_township: None, laid: dict[str, Any]) -> Callable[[date], Content]:
    return laid["laid_explained"]


@pytest.fixture
def at_first(laid_explained: Callable[[date], Content]) -> Callable[[date], Content]:
    """The rows of each figure before anything is moved, read once for each day; some of the issues are explained."""
    return laid_explained


@contextmanager
def undoing() -> Iterator[None]:
    """Take back what the block did to the township."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def assert_told(day: date, expected: Content) -> None:
    """The figures have the expected rows, and what is computed is their number or sum."""
    found, values = read(day), compute(Question(as_of=day))
    for key, figure in FIGURES.items():
        assert found[key] == expected[key], key
        assert values[key] == sum(expected[key].values()) or not figure.exists(Question(as_of=day)), key


def without(content: Content, going: Rows, coming: Rows) -> Content:
    """What is expected after a move; what comes is looked up, since only the figure knows what it adds."""
    left = {
        key: {pk: one for pk, one in rows.items() if pk not in going.get(key, ())} for key, rows in content.items()
    }
    for key, rows in coming.items():
        left[key] |= dict.fromkeys(rows, 1)
    return left


def test_every_figure_has_a_move() -> None:
    assert set(MOVES) | set(VOUCHERS) == set(FIGURES)
    assert not set(MOVES) & set(VOUCHERS)


@pytest.mark.parametrize("key", MOVES)
@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_row_dated_past_the_day_goes_and_nothing_else_changes(
    at_first: Callable[[date], Content], key: str, data: st.DataObject
) -> None:
    day = data.draw(st.sampled_from([day for day in DAYS if at_first(day)[key]]))
    row = data.draw(st.sampled_from(sorted(at_first(day)[key])))
    move = MOVES[key]
    with undoing():
        going, coming = move.goes(row, day), move.comes(row, day)
        assert row in going[key]
        move.make(row, day)
        assert_told(day, without(at_first(day), going, coming))


def changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {key: value - before[key] for key, value in after.items() if value != before[key]}


@pytest.mark.parametrize("name", ADDITIONS)
def test_row_more_changes_exactly_its_figures_and_without_it_all_is_as_before(whole_township: None, name: str) -> None:
    add, expected = ADDITIONS[name]
    ground, question = lay_additions(), Question(as_of=LAST_DAY)
    before = compute(question)

    row = add(ground)

    assert changed(before, compute(question)) == expected
    row.delete()
    assert compute(question) == before


@pytest.mark.parametrize("subject", POSTED)
def test_voucher_counts_from_its_day(whole_township: None, subject: str) -> None:
    ground, question = lay_additions(), Question(as_of=LAST_DAY)
    before = compute(question)
    with undoing():
        post(ground, subject, LAST_DAY)
        assert changed(before, compute(question)) == POSTED[subject]
    post(ground, subject, after(LAST_DAY))
    assert compute(question) == before


def test_every_figure_has_an_addition() -> None:
    changing = {key for _, expected in ADDITIONS.values() for key in expected}
    changing |= {key for expected in POSTED.values() for key in expected}
    assert set(FIGURES) - changing == {
        *("org.population", "issues.categories", "org.branches.agency", "org.branches.institution"),
        "org.branches.village",
    }
