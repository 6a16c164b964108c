"""The page of deadlines: for the office alone, numbers and no names, in a constant number of queries."""

from typing import Any

import pytest
from django.test import Client

from discipline.models import Case
from organizations.enums import DutyCode
from organizations.models import CalendarDay
from tests.discipline.records import make_case, make_person, make_petition, make_sanction, name_on
from tests.factories import Town

ADDRESS = "/admin/discipline/deadlines/"
OFFICE = {DutyCode.DISCIPLINE_HEAD, DutyCode.DISCIPLINE_CLERK}


def sign_in(client: Client, town: Town, duty: DutyCode) -> None:
    client.force_login(town.people[duty], backend="organizations.backends.AppointmentBackend")


def lay(town: Town, number: int) -> Case:
    """A signed petition, and a case with a sanction that the clerk is named on."""
    make_petition(f"XF-2017-{number:02}", is_signed=True)
    case = make_case(make_person(f"欧阳守信{number}"), number=f"池纪立〔2017〕{number}号")
    name_on(case, town.people[DutyCode.DISCIPLINE_CLERK], days=7)
    make_sanction(case)
    return case


def test_page_groups_numbers_without_a_name(client: Client, town: Town) -> None:
    case = lay(town, 1)
    sign_in(client, town, DutyCode.DISCIPLINE_CLERK)
    page = client.get(ADDRESS)
    assert page.status_code == 200
    assert "欧阳" not in page.text
    assert f'href="/admin/discipline/case/{case.pk}/change/"' in page.text
    groups = {urgency.name: [line.kind for line in lines] for urgency, lines in page.context["groups"]}
    assert {"信访件告知受理", "信访件办结", "宣布处分决定"} <= set(groups["OVERDUE"])
    assert "查阅授权到期" in groups["SOON"]
    assert "中国共产党纪律处分条例" in page.text


def test_one_kind_is_shown_alone_and_an_unknown_one_is_all(client: Client, town: Town) -> None:
    lay(town, 1)
    sign_in(client, town, DutyCode.DISCIPLINE_CLERK)
    page = client.get(ADDRESS, {"kind": "信访件办结"})
    assert {line.kind for _, lines in page.context["groups"] for line in lines} == {"信访件办结"}
    assert len({line.kind for _, lines in client.get(ADDRESS, {"kind": "x"}).context["groups"] for line in lines}) > 1


def test_calendar_that_lacks_a_year_is_told(client: Client, town: Town) -> None:
    lay(town, 1)
    sign_in(client, town, DutyCode.DISCIPLINE_CLERK)
    CalendarDay.objects.filter(day__year=2017).delete()
    assert "工作日历还没有2017 年的节假日" in client.get(ADDRESS).text


def test_reader_sees_the_own_cases_only(client: Client, town: Town) -> None:
    lay(town, 1)
    sign_in(client, town, DutyCode.DISCIPLINE_HEAD)
    kinds = {line.kind for _, lines in client.get(ADDRESS).context["groups"] for line in lines}
    assert "宣布处分决定" not in kinds
    assert "查阅授权到期" in kinds


@pytest.mark.parametrize("duty", [one for one in DutyCode if one not in OFFICE])
def test_page_does_not_exist_for_others(client: Client, town: Town, duty: DutyCode) -> None:
    lay(town, 1)
    sign_in(client, town, duty)
    answer, unknown = client.get(ADDRESS), client.get("/admin/discipline/nothing/")
    assert answer.status_code == unknown.status_code
    assert "XF-2017" not in answer.text


@pytest.mark.parametrize("rows", [1, 3])
def test_page_takes_as_many_queries_for_three_rows_as_for_one(
    client: Client, town: Town, django_assert_num_queries: Any, rows: int
) -> None:
    for number in range(rows):
        lay(town, number + 1)
    sign_in(client, town, DutyCode.DISCIPLINE_CLERK)
    with django_assert_num_queries(23):
        client.get(ADDRESS)
