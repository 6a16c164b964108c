"""Figures of organizations at the edges of their definitions."""

from datetime import date
from typing import Any

import pytest

from chishang.core.figures import Question, compute, find_figure
from chishang.core.scoping import Scope
from organizations.models import Directive, DirectiveReceipt, Organization
from tests.factories import Town

DAY = date(2017, 6, 30)
BEFORE, AFTER = date(2017, 6, 29), date(2017, 7, 1)
PLAN = "关于推进“两学一做”学习教育常态化制度化的实施方案"


def recipients(as_of: date = DAY, **question: Any) -> Any:
    """The figure, after checking that it is the number of its rows."""
    figure = find_figure("org.directive_recipients")
    assert figure is not None
    asked = Question(as_of=as_of, **question)
    found = compute(asked, [figure])[figure.key]
    assert found == len(figure.rows(asked))
    return found


def sign(number: str, *places: Organization, title: str = PLAN, on: date | None = DAY) -> list[DirectiveReceipt]:
    """The document of that number, signed by each of the places on the day."""
    document, _ = Directive.objects.get_or_create(number=number, defaults={"title": title, "issued_on": BEFORE})
    return [
        DirectiveReceipt.objects.create(directive=document, organization=place, issued_on=BEFORE, signed_on=on)
        for place in places
    ]


def test_branch_counts_from_the_day_of_signing(town: Town) -> None:
    sign("测〔2017〕4号", town.own.branch)
    sign("测〔2017〕4号", town.foreign.branch, on=None)
    assert [recipients(day) for day in (BEFORE, DAY, AFTER)] == [0, 1, 1]
    assert recipients(scope=Scope(organization_ids=frozenset({town.foreign.branch_id}))) == 0


@pytest.mark.parametrize(
    "title",
    [
        "“两学一做”学习教育实施方案",
        "学习教育常态化制度化的实施方案",
        "关于“两学一做”学习教育常态化制度化实施方案的通知",
    ],
)
def test_other_document_does_not_count(town: Town, title: str) -> None:
    sign("测〔2016〕9号", town.own.branch, title=title)
    assert recipients() == 0


def test_branch_that_signed_two_such_plans_counts_once(town: Town) -> None:
    sign("测〔2017〕9号", town.own.branch, on=AFTER)
    (first,) = sign("测〔2017〕4号", town.own.branch)
    sign("测〔2017〕5号", town.own.branch, town.foreign.branch)
    assert [recipients(day) for day in (BEFORE, DAY, AFTER)] == [0, 2, 2]
    figure = find_figure("org.directive_recipients")
    assert figure is not None
    assert first in figure.rows(Question(as_of=AFTER)), "the first that it signed"


def test_committee_is_no_branch(town: Town) -> None:
    sign("测〔2017〕4号", town.root, town.own.branch)
    assert recipients() == 1
