"""Meetings, training, talents and honours in the admin."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from members.enums import Presence, TalentKind, TrainingKind
from members.models import (
    Honour,
    Meeting,
    MeetingAttendance,
    MeetingKind,
    Talent,
    Training,
    TrainingAttendance,
)
from organizations.enums import DutyCode
from tests.factories import Town, VillageFactory
from tests.members.life import kind, make_meeting, make_member
from tests.organizations.test_admin import sign_in

LISTS = "/admin/members/"
CLERK, LEADER = DutyCode.OFFICE_CLERK, DutyCode.AREA_LEADER
DAY = date(2017, 3, 5)


def meeting_form(town: Town, **values: Any) -> dict[str, Any]:
    return {
        "organization": town.own.branch_id,
        "held_on": DAY.isoformat(),
        "kind": kind("theme_day").pk,
        "also_kind": "",
        "topic": "学习党章",
        "due": 2,
        "present": 1,
        "excused": 0,
        **values,
    }


def listed(*rows: dict[str, Any], initial: int = 0) -> dict[str, Any]:
    """Rows of the attendance as the page sends them."""
    data: dict[str, Any] = {"attendances-TOTAL_FORMS": len(rows), "attendances-INITIAL_FORMS": initial}
    for number, row in enumerate(rows):
        data |= {f"attendances-{number}-{name}": value for name, value in ({"reason": ""} | row).items()}
    return data


@pytest.fixture
def clerk(client: Client, town: Town) -> Client:
    return sign_in(client, town, CLERK)


@pytest.fixture
def meeting(town: Town) -> Meeting:
    return make_meeting(town.own.branch, DAY, due=2, present=1)


def errors_of(answer: Any) -> str:
    """What the page says is wrong: at the fields, and above the lists."""
    assert answer.status_code == 200, answer.headers
    form = answer.context["adminform"].form
    inlines = [one.formset for one in answer.context["inline_admin_formsets"]]
    return f"{form.errors} {[one.non_form_errors() for one in inlines]} {[one.errors for one in inlines]}"


def test_meeting_is_added_by_the_office(clerk: Client, town: Town) -> None:
    assert clerk.post(f"{LISTS}meeting/add/", meeting_form(town)).status_code == 302
    stored = Meeting.objects.get()
    assert (stored.topic, stored.recorded_by) == ("学习党章", town.people[CLERK])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"present": 3}, "实到人数不能多于应到人数"),
        ({"excused": 2}, "实到和请假的人数加起来不能多于应到人数"),
        ({"held_on": "2099-01-01"}, "日期不能晚于今天"),
        ({"held_on": "1950-01-01"}, "没有这个党支部"),
    ],
)
def test_wrong_meeting_is_told_and_not_stored(clerk: Client, town: Town, values: dict[str, Any], message: str) -> None:
    assert message in errors_of(clerk.post(f"{LISTS}meeting/add/", meeting_form(town, **values)))
    assert not Meeting.objects.exists()


def test_meeting_is_not_stored_twice(clerk: Client, town: Town) -> None:
    clerk.post(f"{LISTS}meeting/add/", meeting_form(town))
    assert "这次活动已经登记" in errors_of(clerk.post(f"{LISTS}meeting/add/", meeting_form(town)))


def test_meeting_is_not_moved_past_the_day_of_its_record(clerk: Client, town: Town, meeting: Meeting) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(recorded_at="2017-03-06T08:00:00+08:00")
    data = meeting_form(town, held_on="2017-03-07") | listed()
    assert "日期不能晚于录入那天" in errors_of(clerk.post(f"{LISTS}meeting/{meeting.pk}/change/", data))


def test_kind_out_of_use_is_not_offered_for_a_new_meeting(clerk: Client, town: Town, meeting: Meeting) -> None:
    MeetingKind.objects.filter(pk=meeting.kind_id).update(is_active=False)
    name = f">{meeting.kind.name}</option>"
    assert name not in clerk.get(f"{LISTS}meeting/add/").content.decode()
    assert name in clerk.get(f"{LISTS}meeting/{meeting.pk}/change/").content.decode()


def test_list_offers_members_of_the_branch_only(clerk: Client, town: Town, meeting: Meeting) -> None:
    here, there = make_member(town.own.branch, "赵东"), make_member(town.foreign.branch, "钱西")
    page = clerk.get(f"{LISTS}meeting/{meeting.pk}/change/").content.decode()
    assert f'<option value="{here.pk}">赵东</option>' in page
    assert f'<option value="{there.pk}">钱西' not in page


def test_list_is_stored_when_it_agrees(clerk: Client, town: Town, meeting: Meeting) -> None:
    here, ill = make_member(town.own.branch, "赵东"), make_member(town.own.branch, "赵南")
    rows = listed(
        {"member": here.pk, "presence": Presence.PRESENT},
        {"member": ill.pk, "presence": Presence.EXCUSED, "reason": "住院"},
    )
    answer = clerk.post(f"{LISTS}meeting/{meeting.pk}/change/", meeting_form(town, excused=1) | rows)
    assert answer.status_code == 302
    assert meeting.attendances.get(member=ill).reason == "住院"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"present": 2}, "实到 2 人，名单里是 1 人"),
        ({"due": 5}, "应到 5 人，名单里是 2 人"),
        ({"excused": 1}, "请假 1 人，名单里是 0 人"),
    ],
)
def test_numbers_that_differ_from_the_list_are_refused(
    clerk: Client, town: Town, meeting: Meeting, values: dict[str, Any], message: str
) -> None:
    here, away = make_member(town.own.branch, "赵东"), make_member(town.own.branch, "赵南")
    rows = listed({"member": here.pk, "presence": Presence.PRESENT}, {"member": away.pk, "presence": Presence.ABSENT})
    answer = clerk.post(f"{LISTS}meeting/{meeting.pk}/change/", meeting_form(town, **values) | rows)
    assert message in errors_of(answer)
    assert not MeetingAttendance.objects.exists()


def test_member_of_another_branch_is_refused_without_a_name(clerk: Client, town: Town, meeting: Meeting) -> None:
    there = make_member(town.foreign.branch, "钱西")
    rows = listed({"member": there.pk, "presence": Presence.PRESENT})
    answer = clerk.post(f"{LISTS}meeting/{meeting.pk}/change/", meeting_form(town, due=1) | rows)
    assert "名单里有 1 人在2017年3月5日不是本支部党员" in errors_of(answer)
    assert not MeetingAttendance.objects.exists()


def test_numbers_of_a_listed_meeting_stay_with_the_list(clerk: Client, town: Town, meeting: Meeting) -> None:
    row = MeetingAttendance.objects.create(
        meeting=meeting, member=make_member(town.own.branch, "赵东"), presence=Presence.PRESENT
    )
    stored = {"id": row.pk, "meeting": meeting.pk, "member": row.member_id, "presence": "present"}
    rows = listed(stored, initial=1)
    address = f"{LISTS}meeting/{meeting.pk}/change/"
    assert "应到 2 人，名单里是 1 人" in errors_of(clerk.post(address, meeting_form(town) | rows))
    assert clerk.post(address, meeting_form(town, due=1, topic="学习党史") | rows).status_code == 302


@pytest.mark.parametrize("count", [1, 3])
def test_page_of_a_meeting_takes_the_same_queries_for_one_row_and_three(
    clerk: Client, town: Town, meeting: Meeting, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        member = make_member(town.own.branch, f"赵{'东南西'[number]}")
        MeetingAttendance.objects.create(meeting=meeting, member=member, presence=Presence.PRESENT)
    address = f"{LISTS}meeting/{meeting.pk}/change/"
    clerk.get(address)
    with django_assert_num_queries(25):
        clerk.get(address)


def make_training(town: Town, **values: Any) -> Training:
    days = {"started_on": DAY, "ended_on": DAY}
    row = {"name": "党员轮训班", "kind": TrainingKind.ROTATION, "organizer": town.root, **days, **values}
    return Training.objects.create(**row)


def make_talent(town: Town, **values: Any) -> Talent:
    row = {"name": "吴圣霞", "kind": TalentKind.ROLE_MODEL, "village": town.own, "recorded_on": DAY, **values}
    return Talent.objects.create(**row)


def make_honour(talent: Talent, **values: Any) -> Honour:
    row = {"title": "齐鲁乡村之星", "level": "province", "granted_by": "省委组织部", "granted_on": DAY, **values}
    return Honour.objects.create(talent=talent, **row)


@pytest.mark.parametrize(
    ("register", "expected"),
    [
        ("meeting", 16),
        ("meetingkind", 12),
        ("meetingrule", 13),
        ("training", 14),
        ("trainingattendance", 14),
        ("talent", 14),
        ("honour", 14),
    ],
)
def test_list_takes_the_same_queries_for_one_row_and_three(
    clerk: Client, town: Town, register: str, expected: int, django_assert_num_queries: Any
) -> None:
    def add(number: int) -> None:
        village = VillageFactory(branch__parent=town.root)
        make_meeting(village.branch, DAY, topic=f"主题{number}")
        training = make_training(town, name=f"培训{number}")
        TrainingAttendance.objects.create(training=training, branch=village.branch, name="赵东")
        make_honour(make_talent(town, village=village))

    add(1)
    clerk.get(f"{LISTS}{register}/")
    with django_assert_num_queries(expected):
        clerk.get(f"{LISTS}{register}/")
    add(2)
    add(3)
    with django_assert_num_queries(expected):
        clerk.get(f"{LISTS}{register}/")


@pytest.fixture
def everywhere(town: Town) -> dict[str, tuple[Any, Any]]:
    """A row of the own and one of the foreign village, for each register."""
    found: dict[str, tuple[Any, Any]] = {}
    talents = []
    for village, name in ((town.own, "本村的事"), (town.foreign, "外村的事")):
        meeting = make_meeting(village.branch, DAY, topic=name)
        training = make_training(town, name=name)
        attendance = TrainingAttendance.objects.create(training=training, branch=village.branch, name=name)
        talent = make_talent(town, village=village, name=name)
        talents.append(talent)
        rows = {"meeting": meeting, "training": training, "trainingattendance": attendance, "talent": talent}
        for register, row in (rows | {"honour": make_honour(talent, title=name)}).items():
            found[register] = (*found.get(register, ()), row)  # type: ignore[assignment]
    return found


@pytest.mark.parametrize("register", ["meeting", "training", "trainingattendance", "talent", "honour"])
def test_area_leader_sees_the_own_area_and_changes_nothing(
    client: Client, town: Town, everywhere: dict[str, tuple[Any, Any]], register: str
) -> None:
    sign_in(client, town, LEADER)
    own, foreign = everywhere[register]
    page = client.get(f"{LISTS}{register}/").content.decode()
    assert "本村的事" in page
    assert "外村的事" not in page
    for path in ("change", "history"):
        assert client.get(f"{LISTS}{register}/{own.pk}/{path}/").status_code == 200
        assert client.get(f"{LISTS}{register}/{foreign.pk}/{path}/").status_code == 404
    assert client.post(f"{LISTS}{register}/{own.pk}/change/", {}).status_code == 403
    for path in ("import/", "export/"):
        assert client.get(f"{LISTS}{register}/{path}").status_code == 403


@pytest.mark.parametrize("register", ["meeting", "meetingkind", "meetingrule", "training", "talent", "honour"])
def test_office_imports_exports_and_reads_the_history(
    clerk: Client, everywhere: dict[str, tuple[Any, Any]], register: str
) -> None:
    for path in ("import/", "export/", "add/"):
        assert clerk.get(f"{LISTS}{register}/{path}").status_code == 200


def attendees(*rows: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {"attendances-TOTAL_FORMS": len(rows), "attendances-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        data |= {f"attendances-{number}-{name}": value for name, value in row.items()}
    return data


def training_form(town: Town, **values: Any) -> dict[str, Any]:
    days = {"started_on": DAY.isoformat(), "ended_on": DAY.isoformat()}
    return {"name": "轮训班", "kind": "rotation", "organizer": town.root.pk, **days, "place": "镇党校", **values}


def test_attendee_is_linked_to_the_member_of_branch_and_name(clerk: Client, town: Town) -> None:
    member = make_member(town.own.branch, "赵东")
    make_member(town.foreign.branch, "赵东")
    data = training_form(town) | attendees({"branch": town.own.branch_id, "name": "赵东"})
    assert clerk.post(f"{LISTS}training/add/", data).status_code == 302
    assert TrainingAttendance.objects.get().member == member


def test_cadre_who_is_no_member_is_stored_by_name(clerk: Client, town: Town) -> None:
    data = training_form(town, kind="cadres") | attendees({"branch": town.own.branch_id, "name": "孙强"})
    assert clerk.post(f"{LISTS}training/add/", data).status_code == 302
    assert TrainingAttendance.objects.get().member is None


def test_rotation_takes_members_only(clerk: Client, town: Town) -> None:
    data = training_form(town) | attendees({"branch": town.own.branch_id, "name": "孙强"})
    assert "该党支部没有党员“孙强”" in errors_of(clerk.post(f"{LISTS}training/add/", data))
    assert not Training.objects.exists()


def test_two_of_one_name_are_told_apart_in_the_register(clerk: Client, town: Town) -> None:
    first = make_member(town.own.branch, "赵东")
    second = make_member(town.own.branch, "赵东", joined_on=date(2009, 5, 10))
    data = training_form(town) | attendees({"branch": town.own.branch_id, "name": "赵东"})
    assert "有多位“赵东”" in errors_of(clerk.post(f"{LISTS}training/add/", data))
    training = make_training(town)
    for member in (first, second):
        row = {"training": training.pk, "branch": town.own.branch_id, "name": "赵东", "member": member.pk}
        assert clerk.post(f"{LISTS}trainingattendance/add/", row).status_code == 302
    assert training.attendances.count() == 2


@pytest.mark.parametrize(
    ("branch", "name", "message"), [("foreign", "赵东", "不属于这个党支部"), ("own", "赵西", "与姓名“赵西”不一致")]
)
def test_chosen_member_agrees_with_branch_and_name(
    clerk: Client, town: Town, branch: str, name: str, message: str
) -> None:
    member = make_member(town.own.branch, "赵东")
    data = {"training": make_training(town).pk, "branch": getattr(town, branch).branch_id, "name": name}
    answer = clerk.post(f"{LISTS}trainingattendance/add/", data | {"member": member.pk})
    assert message in errors_of(answer)
    assert not TrainingAttendance.objects.exists()


def test_area_leader_counts_and_sees_the_own_attendees_of_a_town_s_training(client: Client, town: Town) -> None:
    training = make_training(town)
    for village, name in ((town.own, "赵东"), (town.foreign, "钱西")):
        TrainingAttendance.objects.create(training=training, branch=village.branch, name=name)
    sign_in(client, town, LEADER)
    page = client.get(f"{LISTS}training/{training.pk}/change/").content.decode()
    assert "赵东" in page
    assert "钱西" not in page
    row = client.get(f"{LISTS}training/").context["cl"].result_list[0]
    assert row.attendances_here == 1


def test_page_of_a_training_takes_the_same_queries_with_more_rows(
    clerk: Client, town: Town, django_assert_num_queries: Any
) -> None:
    training = make_training(town)
    address = f"{LISTS}training/{training.pk}/change/"
    TrainingAttendance.objects.create(training=training, branch=town.own.branch, name="赵一")
    clerk.get(address)
    with django_assert_num_queries(23):
        clerk.get(address)
    for name in ("赵二", "赵三"):
        TrainingAttendance.objects.create(training=training, branch=town.own.branch, name=name)
    with django_assert_num_queries(23):
        clerk.get(address)


def test_history_says_who_changed_what(clerk: Client, town: Town, meeting: Meeting) -> None:
    clerk.post(f"{LISTS}meeting/{meeting.pk}/change/", meeting_form(town, topic="学习党史") | listed())
    page = clerk.get(f"{LISTS}meeting/{meeting.pk}/history/").content.decode()
    assert "党建办干事甲" in page
    assert "→ 学习党史" in page


def test_code_of_a_kind_stays(clerk: Client, town: Town) -> None:
    row = kind("theme_day")
    data = {"name": row.name, "code": "other", "counts_as": "", "sort_no": 5, "is_active": "on"}
    assert clerk.post(f"{LISTS}meetingkind/{row.pk}/change/", data).status_code == 302
    row.refresh_from_db()
    assert (row.code, row.sort_no) == ("theme_day", 5)
