"""The figures ``discipline.*`` on the day, the day after, and with a row that must not count."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from chishang.core.figures import Question, compute, find_figure
from discipline.enums import CriticismForm, EducationKind, IssueLevel, ListKind, PetitionOrigin
from discipline.models import (
    Case,
    Criticism,
    FeedbackCategory,
    FeedbackIssue,
    InspectionRound,
    IntegrityEvent,
    PowerList,
    ResponsibilityList,
    Sanction,
    StyleInspection,
)
from tests.discipline.records import make_case, make_criticism, make_person, make_petition, make_sanction
from tests.factories import Town

DAY = date(2017, 5, 5)
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)


def value(name: str, day: date) -> int:
    figure = find_figure(f"discipline.{name}")
    assert figure is not None
    found: int = compute(Question(as_of=day), [figure])[figure.key]
    return found


def make_issues(town: Town) -> None:
    """Two issues of one category fed back on the day, one of them rectified the day after; one fed back later."""
    category = FeedbackCategory.objects.first()
    for number, (feedback_on, rectified_on) in enumerate(((DAY, AFTER), (DAY, None), (AFTER, AFTER)), 1):
        round_, _ = InspectionRound.objects.get_or_create(feedback_on=feedback_on)
        fields = {"round": round_, "category": category, "level": IssueLevel.TOWN, "unit": "民政办"}
        more = {"text": "记录不全", "responsible": "房长亮", "deadline": date(2017, 10, 31)}
        FeedbackIssue.objects.create(number=f"XC-{number}", rectified_on=rectified_on, **fields, **more)


def make_petitions(town: Town) -> None:
    """One handed over on the day and closed the day after, one open, and a letter, which is none of them."""
    make_petition(received_on=DAY, closed_on=AFTER, result="属实")
    make_petition("XF-2", received_on=AFTER)
    make_petition("XF-3", origin=PetitionOrigin.LETTER, received_on=DAY, closed_on=DAY, result="属实")


def make_cases(town: Town) -> None:
    """One case of two persons, closed the day after, and one filed later about one of them."""
    shared = make_person("方某")
    make_case(shared, make_person("乔某"), filed_on=DAY, closed_on=AFTER)
    make_case(shared, number="池纪立〔2017〕2号", filed_on=AFTER)


def make_powers(town: Town) -> None:
    """One list of the day, one of which only the next month is known, and one that is not settled."""
    PowerList.objects.create(village=town.own, item_count=26, settled_on=DAY)
    PowerList.objects.create(village=town.foreign, item_count=26)


def make_lists(town: Town) -> None:
    for kind, day in ((ListKind.COMMITTEE, DAY), (ListKind.SUPERVISION, AFTER)):
        ResponsibilityList.objects.create(kind=kind, bearer="镇党委", issued_on=day)


def make_lessons(town: Town) -> None:
    """A talk of the day, a lesson of the next, and one of the year before."""
    kinds = ((EducationKind.TALK, DAY), (EducationKind.LESSON, AFTER), (EducationKind.LESSON, date(2016, 12, 31)))
    for kind, day in kinds:
        IntegrityEvent.objects.create(kind=kind, held_on=day, topic="家风", audience="干部", attendees=1)


def make_inspections(town: Town) -> None:
    for day in (DAY, AFTER, date(2016, 12, 31)):
        StyleInspection.objects.create(inspected_on=day, unit="民政办", inspectors="史慧")


@pytest.mark.parametrize(
    ("name", "lay", "counts"),
    [
        ("responsibility_lists", make_lists, (0, 1, 2)),
        ("integrity_lessons", make_lessons, (0, 1, 2)),
        ("style_inspections", make_inspections, (0, 1, 2)),
        ("micro_power_villages", make_powers, (0, 1, 1)),
        ("petitions_received", make_petitions, (0, 1, 2)),
        ("petitions_closed", make_petitions, (0, 0, 1)),
        ("feedback_categories", make_issues, (0, 1, 1)),
        ("feedback_issues", make_issues, (0, 2, 3)),
        ("feedback_rectified", make_issues, (0, 0, 2)),
        ("cases", make_cases, (0, 1, 2)),
        ("cases_closed", make_cases, (0, 0, 1)),
    ],
)
def test_figure_counts_from_its_day_on(
    town: Town, name: str, lay: Callable[[Town], Any], counts: tuple[int, int, int]
) -> None:
    lay(town)
    assert tuple(value(name, day) for day in (BEFORE, DAY, AFTER)) == counts


def test_list_of_powers_of_a_month_counts_from_its_first_day(town: Town) -> None:
    PowerList.objects.create(village=town.own, item_count=26, settled_on=date(2017, 6, 1), settled_precision="month")
    assert [value("micro_power_villages", day) for day in (date(2017, 5, 31), date(2017, 6, 1))] == [0, 1]


def test_lessons_and_inspections_begin_anew_with_the_year(town: Town) -> None:
    make_lessons(town)
    make_inspections(town)
    for name in ("integrity_lessons", "style_inspections"):
        assert [value(name, day) for day in (date(2016, 12, 31), date(2017, 1, 1))] == [1, 0]


def test_person_with_two_sanctions_is_one_and_an_involved_one_without_is_none(town: Town) -> None:
    person = make_person("方某")
    for number, day in ((1, DAY), (2, AFTER)):
        case = make_case(person, number=f"池纪立〔2017〕{number}号")
        make_sanction(case, decided_on=day, effective_on=day, impact_until=day + timedelta(days=364))
    make_case(make_person("乔某"), number="池纪立〔2017〕3号")
    assert [value("members_sanctioned", day) for day in (BEFORE, DAY, AFTER)] == [0, 1, 1]
    assert (value("cases", AFTER), Case.objects.count(), Sanction.objects.count()) == (3, 3, 2)


def test_person_criticised_twice_is_one_and_a_namesake_elsewhere_another(town: Town) -> None:
    person = make_person("方某某")
    make_criticism(person, occurred_on=DAY)
    make_criticism(person, occurred_on=DAY, form=CriticismForm.ADMONITION)
    make_criticism(make_person("方某某", unit="外村"), occurred_on=AFTER)
    make_case(make_person("乔某"), filed_on=DAY)
    assert [value("criticised", day) for day in (BEFORE, DAY, AFTER)] == [0, 1, 2]
    assert Criticism.objects.count() == 3
