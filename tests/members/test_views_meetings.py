"""Meetings on the phone: what is missing, the page of one, the calendar of duties."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chishang.core.dates import in_words, today
from members.enums import Presence
from members.models import MeetingRule
from members.services import record_meeting
from organizations.enums import DutyCode
from tests.factories import OrganizationFactory, Town
from tests.members.life import draft, kind, make_meeting, make_member, took_part

SECRETARY, CLERK = DutyCode.BRANCH_SECRETARY, DutyCode.OFFICE_CLERK
LIST, RECORD, CALENDAR = "/members/meetings/", "/members/meetings/record/", "/members/calendar/"


@pytest.fixture
def secretary(client: Client, town: Town) -> Client:
    client.force_login(town.people[SECRETARY])
    return client


def test_meetings_are_listed_newest_first_of_the_own_branch_only(secretary: Client, town: Town) -> None:
    old, new = (make_meeting(town.own.branch, day) for day in (date(2017, 1, 5), date(2017, 2, 5)))
    make_meeting(town.foreign.branch, today(), topic="外村的会")

    response = secretary.get(LIST)

    assert list(response.context["page"]) == [new, old]
    assert "外村的会" not in response.text


def test_meetings_say_what_is_missing_and_lead_to_recording_it(secretary: Client, town: Town) -> None:
    MeetingRule.objects.exclude(kind=kind()).delete()
    past = max(today().month - 1, 0)

    before = secretary.get(LIST).text
    make_meeting(town.own.branch, today())
    after = secretary.get(LIST).text

    assert f"<strong>主题党日</strong>，{today().month}月" in before
    assert f'href="{RECORD}?kind={kind().pk}"' in before
    assert "这一期还没开" not in after
    assert (f"还缺 {past} 次" in after) == bool(past)


def test_meetings_say_when_nothing_is_missing(secretary: Client, town: Town) -> None:
    MeetingRule.objects.all().delete()

    assert "该开的都开了" in secretary.get(LIST).text


def test_meetings_of_several_branches_say_how_many_lack_something(client: Client, town: Town) -> None:
    MeetingRule.objects.exclude(kind=kind()).delete()
    for month in range(1, today().month):
        make_meeting(town.own.branch, date(today().year, month, 1))
    client.force_login(town.people[CLERK])

    response = client.get(LIST)

    lacking = 0 if today().month == 1 else 1
    assert response.context["branches_lacking"] == lacking
    assert ("1 个党支部今年有缺" in response.text) == bool(lacking)
    assert town.own.branch.name in response.text or not lacking


def test_area_leader_reads_and_records_nothing(client: Client, town: Town) -> None:
    meeting = make_meeting(town.own.branch, today())
    client.force_login(town.people[DutyCode.AREA_LEADER])

    pages = [client.get(address).text for address in (LIST, reverse("members:meeting", args=[meeting.pk]), CALENDAR)]

    assert all(RECORD not in page for page in pages)


def test_meeting_of_another_branch_looks_like_one_that_does_not_exist(secretary: Client, town: Town) -> None:
    foreign = make_meeting(town.foreign.branch, today())

    answers = [secretary.get(reverse("members:meeting", args=[key])) for key in (foreign.pk, 987654321, 10**30)]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert answers[0].content == answers[1].content == answers[2].content


@pytest.mark.parametrize("address", [LIST, CALENDAR])
def test_lists_are_forbidden_without_the_right_to_see_meetings(client: Client, town: Town, address: str) -> None:
    client.force_login(town.people[DutyCode.ACCOUNTANT])
    assert client.get(address).status_code == 403
    client.logout()
    assert client.get(address).url == f"{reverse('login')}?next={address}"


def test_calendar_of_one_branch_shows_each_period(secretary: Client, town: Town) -> None:
    make_meeting(town.own.branch, date(2017, 1, 5))
    make_meeting(town.foreign.branch, date(2017, 2, 5))

    response = secretary.get(CALENDAR, {"year": "2017"})

    (theme,) = [duty for duty in response.context["own"].duties if duty.rule.kind == kind()]
    assert [slot.state for slot in theme.slots] == ["done", *["missing"] * 11]
    assert "2017年组织生活日历" in response.text
    assert response.text.count("period--done") == 1


@pytest.mark.parametrize(
    ("year", "shown"),
    [("2017", 2017), ("1949", 1949), ("1948", None), ("9999", None), ("x", None), ("²⁰¹⁷", None), ("1" * 99, None)],
)
def test_calendar_bears_any_year(secretary: Client, year: str, shown: int | None) -> None:
    response = secretary.get(CALENDAR, {"year": year})

    assert (response.status_code, response.context["year"]) == (200, shown or today().year)


def test_calendar_of_several_branches_lists_what_each_lacks_and_leads_to_one(client: Client, town: Town) -> None:
    MeetingRule.objects.exclude(kind=kind()).delete()
    for month in range(1, 13):
        make_meeting(town.own.branch, date(2017, month, 1))
        if month != 5:
            make_meeting(town.foreign.branch, date(2017, month, 1))
    client.force_login(town.people[CLERK])

    several = client.get(CALENDAR, {"year": "2017"})
    one = client.get(CALENDAR, {"year": "2017", "branch": town.foreign.branch.pk})

    assert "主题党日：5月" in several.text
    assert several.text.count("缺 1 次") == several.text.count("不缺") == 1
    assert one.context["own"].branch == town.foreign.branch


def test_calendar_of_another_branch_does_not_exist(secretary: Client, town: Town) -> None:
    for branch in (town.foreign.branch.pk, "x", "987654321"):
        assert secretary.get(CALENDAR, {"branch": branch}).status_code == 404


def test_attendance_names_the_excused_with_their_reason(secretary: Client, town: Town) -> None:
    member = make_member(town.own.branch)
    meeting, _ = record_meeting(
        actor=town.people[CLERK],
        draft=draft(town.own.branch, date(2017, 1, 5), attendance=took_part(member, presence=Presence.EXCUSED)),
    )
    meeting.attendances.update(reason="住院")

    text = secretary.get(reverse("members:meeting", args=[meeting.pk])).text

    for shown in ("赵东强", "请假", "住院", in_words(date(2017, 1, 5)), town.people[CLERK].name):
        assert shown in text


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("address", "queries"), [(LIST, 16), (CALENDAR, 14)])
def test_lists_take_as_many_queries_for_three_branches_as_for_one(
    client: Client, town: Town, django_assert_num_queries: Any, rows: int, address: str, queries: int
) -> None:
    for branch in [town.own.branch, *OrganizationFactory.create_batch(rows - 1, parent=town.root)]:
        make_member(branch)
        make_meeting(branch, today())
    client.force_login(town.people[CLERK])

    with django_assert_num_queries(queries):
        client.get(address)


@pytest.mark.parametrize("rows", [1, 3])
def test_meeting_takes_as_many_queries_for_three_members_as_for_one(
    secretary: Client, town: Town, django_assert_num_queries: Any, rows: int
) -> None:
    people = took_part(*(make_member(town.own.branch, f"赵{number}") for number in range(rows)))
    meeting, _ = record_meeting(
        actor=town.people[CLERK], draft=draft(town.own.branch, date(2017, 1, 5), attendance=people)
    )

    with django_assert_num_queries(12):
        secretary.get(reverse("members:meeting", args=[meeting.pk]))
