"""Recording a meeting: once for ever, counted from the list, refused with its reason."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from chishang.core.dates import today
from members.enums import ChangeKind, Presence
from members.models import Meeting, MeetingAttendance, MeetingKind
from members.services import MeetingDraft, check_attendance, record_change, record_meeting
from members.services.meetings import AttendanceDraft, Count
from organizations.enums import DutyCode
from organizations.models import User
from tests.factories import Town, build_town
from tests.members.life import draft, kind, make_meeting, make_member, took_part

SECRETARY = DutyCode.BRANCH_SECRETARY
DAY = date(2017, 3, 5)


@pytest.fixture
def secretary(town: Town) -> User:
    return town.people[SECRETARY]


def refuse(actor: User, wrong: MeetingDraft) -> dict[str, list[str]]:
    """The messages with which the draft is refused; nothing may be stored."""
    before = (Meeting.objects.count(), MeetingAttendance.objects.count())
    with pytest.raises(ValidationError) as caught:
        record_meeting(actor=actor, draft=wrong)
    assert (Meeting.objects.count(), MeetingAttendance.objects.count()) == before
    return caught.value.message_dict


def test_record_meeting_counts_due_present_and_excused_from_the_list(secretary: User, town: Town) -> None:
    here, ill, away, old = (make_member(town.own.branch, name) for name in ("赵东", "赵南", "赵西", "赵北"))
    people = (
        *took_part(here),
        AttendanceDraft(ill.pk, Presence.EXCUSED, "住院"),
        *took_part(away, presence=Presence.ABSENT),
        *took_part(old, presence=Presence.VISITED),
    )

    meeting, is_new = record_meeting(actor=secretary, draft=draft(town.own.branch, DAY, attendance=people))

    assert is_new
    assert (meeting.due, meeting.present, meeting.excused, meeting.recorded_by) == (3, 1, 1, secretary)
    assert meeting.attendances.get(member=ill).reason == "住院"


def test_record_meeting_takes_numbers_where_names_are_not_listed(secretary: User, town: Town) -> None:
    given = draft(town.own.branch, DAY, due=20, present=20, also_kind_id=kind("party_lesson").pk, topic=" 学习党章 ")

    meeting, _ = record_meeting(actor=secretary, draft=given)

    assert (meeting.due, meeting.present, meeting.excused, meeting.topic) == (20, 20, 0, "学习党章")
    assert meeting.also_kind == kind("party_lesson")


def test_record_meeting_gives_the_stored_one_when_sent_twice(secretary: User, town: Town) -> None:
    people = took_part(make_member(town.own.branch), make_member(town.own.branch, "赵南"))
    given = draft(town.own.branch, DAY, attendance=people)

    (first, was_new), (second, is_new) = (record_meeting(actor=secretary, draft=given) for _ in range(2))

    assert (first.pk, was_new, is_new) == (second.pk, True, False)
    assert (Meeting.objects.count(), MeetingAttendance.objects.count()) == (1, 2)


@pytest.mark.parametrize(
    "other", [{"present": 8}, {"place": "村委会"}, {"minutes": "记录"}, {"also_kind_id": 1}], ids=str
)
def test_record_meeting_refuses_the_same_meeting_with_other_content_and_names_it(
    secretary: User, town: Town, other: dict[str, Any]
) -> None:
    stored, _ = record_meeting(actor=secretary, draft=draft(town.own.branch, DAY))
    if "also_kind_id" in other:
        other = {"also_kind_id": kind("party_lesson").pk}

    messages = refuse(secretary, draft(town.own.branch, DAY, **other))

    assert "2017年3月5日的主题党日“学习党章”已经登记" in messages["topic"][0]
    assert f"编号 {stored.pk}，应到 10 人，实到 9 人" in messages["topic"][0]


def test_record_meeting_refuses_the_same_meeting_with_another_list(secretary: User, town: Town) -> None:
    member = make_member(town.own.branch)
    record_meeting(actor=secretary, draft=draft(town.own.branch, DAY, attendance=took_part(member)))

    messages = refuse(secretary, draft(town.own.branch, DAY, attendance=took_part(member, presence=Presence.ABSENT)))

    assert set(messages) == {"topic"}


def test_record_meeting_refuses_a_member_of_another_branch_without_telling_whom(secretary: User, town: Town) -> None:
    own, foreign = make_member(town.own.branch), make_member(town.foreign.branch, "钱西明")

    messages = refuse(secretary, draft(town.own.branch, DAY, attendance=took_part(own, foreign)))

    assert messages == {"attendance": ["名单里有 1 人在2017年3月5日不是本支部党员，请从名单里去掉后再登记。"]}


@pytest.mark.parametrize("number", [987654321, 10**30])
def test_record_meeting_refuses_a_member_that_does_not_exist(secretary: User, town: Town, number: int) -> None:
    assert set(refuse(secretary, draft(town.own.branch, DAY, attendance=(AttendanceDraft(number),)))) == {"attendance"}


def test_record_meeting_goes_by_the_members_of_that_day(secretary: User, town: Town) -> None:
    member = make_member(town.own.branch)
    record_change(actor=None, member=member, kind=ChangeKind.DIED, occurred_on=DAY)

    refuse(secretary, draft(town.own.branch, DAY, attendance=took_part(member)))
    before, _ = record_meeting(
        actor=secretary, draft=draft(town.own.branch, DAY - timedelta(days=1), attendance=took_part(member))
    )

    assert before.present == 1


def test_record_meeting_of_a_committee_takes_members_of_the_branches_below(town: Town) -> None:
    people = took_part(make_member(town.own.branch), make_member(town.foreign.branch))

    meeting, _ = record_meeting(
        actor=town.people[DutyCode.OFFICE_CLERK], draft=draft(town.root, DAY, attendance=people)
    )

    assert meeting.present == 2


BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "more present than due": ({"due": 9, "present": 10}, "present", "实到 10 人，多于应到 9 人，请核对。"),
    "too many excused": ({"excused": 2}, "excused", "实到和请假共 11 人，多于应到 10 人。"),
    "no numbers": ({"due": None, "present": None}, "present", "请填写实到人数。"),
    "negative": ({"due": -1, "present": -1}, "due", ""),
    "in the future": ({"held_on": today() + timedelta(days=1)}, "held_on", "日期不能晚于今天。"),
    "before the branch": ({"held_on": date(1980, 1, 1)}, "held_on", "没有这个党支部"),
    "no such kind": ({"kind_id": 987654}, "kind", "请选择活动类型。"),
    "no such second kind": ({"also_kind_id": 987654}, "also_kind", "没有这种活动类型"),
    "no topic": ({"topic": "  "}, "topic", ""),
    "topic too long": ({"topic": "长" * 201}, "topic", ""),
    "minutes too long": ({"minutes": "长" * 5001}, "minutes", ""),
}


@pytest.mark.parametrize("case", BAD)
def test_record_meeting_refuses_at_the_field_and_stores_nothing(secretary: User, town: Town, case: str) -> None:
    wrong, field, message = BAD[case]
    given = {"held_on": DAY, **wrong}

    messages = refuse(secretary, draft(town.own.branch, given.pop("held_on"), **given))

    assert message in messages[field][0]


def test_record_meeting_refuses_the_same_kind_twice_and_one_out_of_use(secretary: User, town: Town) -> None:
    assert "also_kind" in refuse(secretary, draft(town.own.branch, DAY, also_kind_id=kind().pk))
    MeetingKind.objects.filter(code="theme_day").update(is_active=False)
    assert "kind" in refuse(secretary, draft(town.own.branch, DAY))


def test_record_meeting_refuses_numbers_that_disagree_with_the_list(secretary: User, town: Town) -> None:
    people = took_part(make_member(town.own.branch))

    messages = refuse(secretary, draft(town.own.branch, DAY, attendance=people, due=2, present=1))

    assert messages == {"due": ["应到 2 人，名单里是 1 人，请核对。"]}


def test_record_meeting_refuses_somebody_listed_twice_or_in_no_known_way(secretary: User, town: Town) -> None:
    member = make_member(town.own.branch)

    assert (
        "重复" in refuse(secretary, draft(town.own.branch, DAY, attendance=took_part(member, member)))["attendance"][0]
    )
    assert "attendance" in refuse(
        secretary, draft(town.own.branch, DAY, attendance=took_part(member, presence="asleep"))
    )


@pytest.mark.parametrize(
    ("duty", "own_is_refused"),
    [(SECRETARY, False), (DutyCode.FIRST_SECRETARY, False), (DutyCode.AREA_LEADER, True), (DutyCode.ACCOUNTANT, True)],
)
def test_record_meeting_only_where_one_may(town: Town, duty: DutyCode, own_is_refused: bool) -> None:
    user = town.people[duty]

    assert set(refuse(user, draft(town.foreign.branch, DAY))) == {"organization"}
    if own_is_refused:
        assert set(refuse(user, draft(town.own.branch, DAY))) == {"organization"}
    else:
        assert record_meeting(actor=user, draft=draft(town.own.branch, DAY))[1]


def test_check_attendance_counts(town: Town) -> None:
    people = (
        *took_part(make_member(town.own.branch)),
        *took_part(make_member(town.own.branch, "赵南"), presence=Presence.ABSENT),
    )

    assert check_attendance(organization=town.own.branch, held_on=DAY, attendance=people) == Count(2, 1, 0)


def test_record_meeting_confirms_one_that_a_ledger_brought(secretary: User, town: Town) -> None:
    stored = make_meeting(town.own.branch, DAY)

    assert record_meeting(actor=secretary, draft=draft(town.own.branch, DAY)) == (stored, False)


@pytest.mark.django_db(transaction=True)
def test_record_meeting_pressed_twice_at_once_stores_one() -> None:
    town = build_town()
    given = draft(town.own.branch, DAY)

    def press(_: int) -> tuple[int, bool]:
        try:
            meeting, is_new = record_meeting(actor=town.people[SECRETARY], draft=given)
            return meeting.pk, is_new
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(press, range(2)))

    stored = Meeting.objects.get()
    assert sorted(answers) == [(stored.pk, False), (stored.pk, True)]
