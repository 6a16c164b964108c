"""The sheet of a visit, as far as the pages' own tests do not reach it."""

from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from chishang.core.dates import today
from chishang.core.forms import show_errors
from organizations.enums import DutyCode
from tests.factories import Town
from visits.enums import Urgency
from visits.forms import FeedbackForm, VisitSheet
from visits.models import IssueCategory
from visits.services import MoveRefused


@pytest.fixture
def words(town: Town) -> dict[str, str]:
    category = IssueCategory.objects.get(name="道路通行").pk
    return {
        "op_id": str(uuid4()),
        "visited_on": today().isoformat(),
        "content": "问了收成",
        "issue1-category": str(category),
        "issue1-description": " 路不好走 ",
        "issue1-urgent": "on",
    }


def sheet_of(town: Town, words: dict[str, str]) -> VisitSheet:
    user = town.people[DutyCode.BRANCH_SECRETARY]
    return VisitSheet(user=user, household=town.own_household, op_id=uuid4(), data=words)


def test_draft_has_the_filled_blocks_only_without_outer_spaces(town: Town, words: dict[str, str]) -> None:
    sheet = sheet_of(town, words)

    assert sheet.is_valid()
    [issue] = sheet.draft().issues
    assert (issue.description, issue.urgency) == ("路不好走", Urgency.URGENT)
    assert (sheet.draft().household_id, sheet.draft().visitor_id) == (town.own_household.pk, None)


def test_same_words_have_the_same_digest(town: Town, words: dict[str, str]) -> None:
    first, second = sheet_of(town, words), sheet_of(town, {**words, "content": " 问了收成 "})

    assert first.is_valid()
    assert second.is_valid()
    assert first.draft().sha256 == second.draft().sha256


def test_refusal_of_an_issue_is_shown_in_the_block_that_was_filled(town: Town, words: dict[str, str]) -> None:
    sheet = sheet_of(town, words)
    assert sheet.is_valid()

    sheet.add_errors(ValidationError({"issues.0.category": ["类别已停用"], "campaign": ["没有活动"]}))

    assert sheet.issues[1].errors == {"category": ["类别已停用"]}
    assert sheet.visit.non_field_errors() == ["没有活动"]
    assert sheet.has_errors


def test_refusal_of_a_move_is_shown_at_its_field_or_above_the_form() -> None:
    form = FeedbackForm({"satisfaction": "satisfied"})
    assert form.is_valid()

    show_errors(form, MoveRefused({"note": "请写明原因", "occurred_on": "日期不对"}))
    show_errors(form, MoveRefused("问题已销号"))

    assert form.errors["note"] == ["请写明原因"]
    assert form.non_field_errors() == ["日期不对", "问题已销号"]
