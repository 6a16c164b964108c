"""Which quarters have their lesson."""

from datetime import date
from typing import Any

import pytest

from discipline.enums import EducationKind
from discipline.models import IntegrityEvent
from discipline.selectors.education import lessons_by_quarter
from organizations.enums import DutyCode as D
from organizations.models import User
from tests.factories import Town


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[D.DISCIPLINE_CLERK]


def hold(day: date, kind: EducationKind = EducationKind.LESSON, **fields: Any) -> IntegrityEvent:
    values = {"topic": "严守换届纪律", "audience": "镇村干部", "attendees": 60, **fields}
    event: IntegrityEvent = IntegrityEvent.objects.create(held_on=day, kind=kind, **values)
    return event


def told(user: User, day: date, year: int = 2017) -> list[str]:
    return [one.told for one in lessons_by_quarter(user, year, day)]


def test_quarter_that_has_ended_without_a_lesson_is_missing(clerk: User) -> None:
    hold(date(2017, 3, 31))
    assert told(clerk, date(2017, 6, 30)) == ["已开展 1 次", "本季还未开展", "未到", "未到"]
    assert told(clerk, date(2017, 7, 1)) == ["已开展 1 次", "缺课", "本季还未开展", "未到"]


def test_first_and_last_day_of_a_quarter_count(clerk: User) -> None:
    for day in (date(2017, 4, 1), date(2017, 6, 30), date(2017, 7, 1), date(2017, 12, 31)):
        hold(day)
    assert told(clerk, date(2017, 12, 31)) == ["缺课", "已开展 2 次", "已开展 1 次", "已开展 1 次"]
    assert told(clerk, date(2018, 1, 1), 2018) == ["本季还未开展", "未到", "未到", "未到"]


def test_micro_lesson_and_talk_are_no_lesson_of_the_quarter(clerk: User) -> None:
    hold(date(2017, 1, 5), EducationKind.MICRO_LESSON)
    hold(date(2017, 1, 6), EducationKind.TALK)
    assert told(clerk, date(2017, 4, 1))[0] == "缺课"


def test_lesson_after_the_day_does_not_count(clerk: User) -> None:
    hold(date(2017, 2, 2))
    assert told(clerk, date(2017, 2, 1))[0] == "本季还未开展"


def test_others_see_no_lesson(town: Town) -> None:
    hold(date(2017, 1, 5))
    assert told(town.people[D.OFFICE_HEAD], date(2017, 4, 1))[0] == "缺课"


def test_days_of_a_quarter(clerk: User) -> None:
    first, *_, last = lessons_by_quarter(clerk, 2016, date(2017, 1, 1))
    assert (first.first, first.last, last.last) == (date(2016, 1, 1), date(2016, 3, 31), date(2016, 12, 31))
    assert last.label == "2016年第4季度"


def test_quarters_take_few_queries(clerk: User, django_assert_num_queries: Any) -> None:
    lessons_by_quarter(clerk, 2017)
    hold(date(2017, 1, 5))
    with django_assert_num_queries(1):
        lessons_by_quarter(clerk, 2017)
