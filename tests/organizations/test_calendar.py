"""The calendar of working days: its edges, and its register."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from organizations.enums import DutyCode as D
from organizations.models import CalendarDay
from organizations.resources import CalendarDayResource
from organizations.selectors import WorkCalendar
from tests.core.test_resources import sheet
from tests.factories import Town
from tests.organizations.test_admin import sign_in

REGISTER = "/admin/organizations/calendarday/"
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("start", "days", "last"),
    [
        # Over the year's end: 30 Dec to 1 Jan are off; then the weeks of January.
        (date(2017, 12, 29), 1, date(2018, 1, 2)),
        (date(2017, 12, 29), 15, date(2018, 1, 22)),
        # Spring Festival 2018: Sunday 11 and Saturday 24 February are worked, 15 to 21 are off.
        (date(2018, 2, 9), 1, date(2018, 2, 11)),
        (date(2018, 2, 14), 1, date(2018, 2, 22)),
        (date(2018, 2, 14), 3, date(2018, 2, 24)),
        (date(2018, 2, 9), 15, date(2018, 3, 7)),
        # National Day 2017: Saturday 30 September is worked, 1 to 8 October are off.
        (date(2017, 9, 29), 1, date(2017, 9, 30)),
        (date(2017, 9, 30), 1, date(2017, 10, 9)),
        # What begins on a holiday or at a weekend counts from the next working day.
        (date(2017, 10, 3), 1, date(2017, 10, 9)),
        (date(2017, 10, 3), 5, date(2017, 10, 13)),
        (date(2017, 8, 12), 1, date(2017, 8, 14)),
        (date(2017, 8, 11), 0, date(2017, 8, 11)),
    ],
)
def test_working_days_over_holidays_and_worked_weekends(start: date, days: int, last: date) -> None:
    assert WorkCalendar.load().after(start, days) == last


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2017, 9, 30), True),
        (date(2017, 10, 8), False),
        (date(2018, 2, 24), True),
        (date(2018, 2, 25), False),
        (date(2017, 10, 9), True),
        (date(2019, 10, 1), True),  # a Tuesday of a year that the calendar does not have
    ],
)
def test_working_day_is_what_the_calendar_says_before_the_weekday(day: date, worked: bool) -> None:
    assert WorkCalendar.load().is_workday(day) is worked


def test_calendar_says_which_years_it_does_not_have() -> None:
    calendar = WorkCalendar.load()
    assert calendar.knows(date(2017, 12, 29), date(2018, 1, 22))
    assert not calendar.knows(date(2018, 12, 28), date(2019, 1, 22))
    assert not calendar.knows(date(2019, 3, 1), date(2019, 3, 22))
    CalendarDay.objects.create(day=date(2019, 1, 1), is_workday=False, note="元旦")
    assert WorkCalendar.load().knows(date(2018, 12, 28), date(2019, 1, 22))


def test_corrected_day_is_counted_at_once(client: Client, town: Town) -> None:
    sign_in(client, town, D.OFFICE_CLERK)
    row = CalendarDay.objects.get(day=date(2017, 9, 30))
    assert client.post(f"{REGISTER}{row.pk}/change/", {"day": "2017-09-30", "note": "不上班"}).status_code == 302
    assert WorkCalendar.load().after(date(2017, 9, 29), 1) == date(2017, 10, 9)


def test_day_registered_twice_is_an_error_of_the_form(client: Client, town: Town) -> None:
    sign_in(client, town, D.DISCIPLINE_CLERK)
    page = client.post(f"{REGISTER}add/", {"day": "2017-10-01", "note": "国庆节"}).content.decode()
    assert "这一天已经登记" in page


def test_office_looks_at_the_calendar_by_year_and_others_may_not_change_it(client: Client, town: Town) -> None:
    sign_in(client, town, D.OFFICE_HEAD)
    page: Any = client.get(f"{REGISTER}?in_year=2018")
    assert {row.day.year for row in page.context["cl"].result_list} == {2018}
    everything: Any = client.get(f"{REGISTER}?in_year=abc")
    assert everything.context["cl"].result_count == CalendarDay.objects.count()
    sign_in(client, town, D.TOWN_SECRETARY)
    assert client.get(REGISTER).status_code == 200
    assert client.get(f"{REGISTER}add/").status_code == 403


def test_branch_secretary_has_no_calendar(client: Client, town: Town) -> None:
    answer = sign_in(client, town, D.BRANCH_SECRETARY).get(REGISTER)
    assert (answer.status_code, answer.content) == (302, b"")  # has no place in the administration


def test_list_takes_a_constant_number_of_queries(client: Client, town: Town, django_assert_num_queries: Any) -> None:
    sign_in(client, town, D.OFFICE_HEAD)
    client.get(REGISTER)
    for keep in (1, 3):
        kept = CalendarDay.objects.order_by("day").values("pk")[:keep]
        page = f"{REGISTER}?pk__in=" + ",".join(str(row["pk"]) for row in kept)
        with django_assert_num_queries(13):
            assert len(client.get(page).context["cl"].result_list) == keep


def test_year_comes_in_by_a_sheet_and_twice_changes_nothing(town: Town) -> None:
    resource = CalendarDayResource(user=town.people[D.OFFICE_CLERK])
    rows = [
        {"日期": "2019年1月1日", "上班": "否", "说明": "元旦"},
        {"日期": "2019-02-02", "上班": "是", "说明": "春节调休"},
    ]
    assert resource.import_data(sheet(*rows)).totals["new"] == 2
    assert resource.import_data(sheet(*rows)).totals["skip"] == 2
    assert WorkCalendar.load().after(date(2019, 2, 1), 1) == date(2019, 2, 2)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"日期": "2019-02-30"}, "不是存在的日期"),
        ({"上班": "也许"}, "应为“是”或“否”"),
        ({"日期": "2019-02"}, "缺少日"),
    ],
)
def test_wrong_cell_is_told_and_nothing_is_stored(town: Town, values: dict[str, str], words: str) -> None:
    row = {"日期": "2019-01-01", "上班": "否", "说明": "元旦", **values}
    before = CalendarDay.objects.count()
    result = CalendarDayResource(user=town.people[D.OFFICE_CLERK]).import_data(sheet(row))
    told = str([one.error for one in result.invalid_rows] + [one for _, one in result.row_errors()])
    assert words in told
    assert CalendarDay.objects.count() == before
