"""Workbook 05: meetings, training, talents; what is refused, and that loading twice changes nothing."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chishang.core.ledgers import Options, Report, Status, load_ledgers
from members.enums import ChangeKind, HonourLevel, Presence, TalentKind, TrainingKind
from members.life_ledger import People, level_of
from members.models import (
    Honour,
    Meeting,
    MeetingAttendance,
    Member,
    Talent,
    Training,
    TrainingAttendance,
    Transfer,
)
from members.services import receive_transfer, record_change, start_transfer
from organizations.enums import DutyCode
from tests.factories import Town
from tests.members.books import MEETINGS, TALENTS, TRAININGS, book
from tests.members.life import make_member
from tests.township import load

FILE = "05组织生活台账"


def take(sheet: str, columns: tuple[str, ...], *rows: dict[str, object]) -> Report:
    (report,) = load_ledgers(book(FILE, sheet, columns, *rows), Options())
    return report


def faults(report: Report) -> list[tuple[str, str]]:
    return [(fault.column, fault.message) for fault in report.faults]


def test_loading_twice_changes_nothing(township: None) -> None:
    models = (Meeting, Training, TrainingAttendance, Talent, Honour)
    before = [list(model.objects.order_by("pk").values_list()) for model in models]
    (report,) = [report for report in load() if report.file.startswith("05")]
    assert all((count.new, count.changed) == (0, 0) for count in report.counts.values())
    assert report.reason == ""
    assert [list(model.objects.order_by("pk").values_list()) for model in models] == before


def test_township_has_the_rows_of_the_ledger(township: None) -> None:
    assert (Meeting.objects.count(), TrainingAttendance.objects.count()) == (1813, 1915)
    assert not TrainingAttendance.objects.filter(member__isnull=True).exists()
    woman = Talent.objects.get(name="邵晓琴")
    assert woman.recorded_on == date(2016, 12, 8)
    assert sorted(woman.honours.values_list("level", flat=True)) == [HonourLevel.NATIONAL, HonourLevel.PROVINCE]


def meeting(town: Town, **values: object) -> dict[str, object]:
    return {
        "日期": "2017-03-05",
        "党支部或单位": town.own.branch.name,
        "活动类型": "主题党日",
        "主题": "学习党章",
        "应到人数": 20,
        "实到人数": "１８",
        **values,
    }


def test_one_event_may_be_of_two_kinds(town: Town) -> None:
    assert take("活动", MEETINGS, meeting(town, 活动类型="主题党日、党课")).status == Status.LOADED
    stored = Meeting.objects.get()
    assert (stored.kind.name, stored.also_kind.name, stored.present) == ("主题党日", "党课", 18)
    assert Meeting.objects.of_kinds("party_lesson").count() == 1


@pytest.mark.parametrize(
    ("values", "column", "words"),
    [
        ({"实到人数": 21}, "实到人数", "多于应到"),
        ({"活动类型": "茶话会"}, "活动类型", "没有“茶话会”"),
        ({"活动类型": "党课、党课"}, "活动类型", "两个不同的类型"),
        ({"日期": "2099-01-01"}, "日期", "不能晚于今天"),
        ({"主题": None}, "主题", "没有填写"),
    ],
)
def test_wrong_meeting_is_named_and_nothing_stored(
    town: Town, values: dict[str, object], column: str, words: str
) -> None:
    report = take("活动", MEETINGS, meeting(town), meeting(town, **{"主题": "另一次", **values}))
    ((named, message),) = faults(report)
    assert named == column
    assert words in message
    assert not Meeting.objects.exists()


def test_same_meeting_twice_is_named(town: Town) -> None:
    ((column, message),) = faults(take("活动", MEETINGS, meeting(town), meeting(town, 日期="2017年3月5日")))
    assert (column, message) == ("主题", "与第 4 行是同一次活动")


def test_ledger_does_not_contradict_a_meeting_listed_person_by_person(town: Town) -> None:
    take("活动", MEETINGS, meeting(town))
    Meeting.objects.update(excused=2)
    ((column, message),) = faults(take("活动", MEETINGS, meeting(town, 实到人数=20)))
    assert column == "实到人数"
    assert "实到 18 人" in message
    assert take("活动", MEETINGS, meeting(town)).status == Status.LOADED


def test_ledger_that_leaves_no_room_for_those_excused_is_named(town: Town) -> None:
    take("活动", MEETINGS, meeting(town))
    Meeting.objects.update(excused=2)
    ((column, message),) = faults(take("活动", MEETINGS, meeting(town, 应到人数=19)))
    assert column == "应到人数"
    assert "应到 20 人" in message
    assert (Meeting.objects.get().due, Meeting.objects.get().present) == (20, 18)


def test_ledger_does_not_contradict_a_list_without_excused(town: Town, member: Member) -> None:
    take("活动", MEETINGS, meeting(town, 应到人数=1, 实到人数=1))
    other = meeting(town, 主题="没有名单", 应到人数=1, 实到人数=1)
    take("活动", MEETINGS, other)
    stored = Meeting.objects.get(topic="学习党章")
    MeetingAttendance.objects.create(meeting=stored, member=member, presence=Presence.PRESENT)
    found = faults(take("活动", MEETINGS, meeting(town, 应到人数=3, 实到人数=2)))
    assert [column for column, _ in found] == ["应到人数", "实到人数"]
    assert take("活动", MEETINGS, other | {"应到人数": 3}).status == Status.LOADED, "numbers alone may be put right"


def test_empty_cell_of_a_meeting_leaves_what_the_portal_has(town: Town) -> None:
    take("活动", MEETINGS, meeting(town, 地点="村委会", 主持人="赵东强", 活动类型="主题党日、党课"))
    report = take("活动", MEETINGS, meeting(town))
    assert (report.counts["组织生活"].changed, report.counts["组织生活"].unchanged) == (0, 1)
    stored = Meeting.objects.get()
    assert (stored.place, stored.host, stored.also_kind.name) == ("村委会", "赵东强", "党课")


def training(town: Town, **values: object) -> dict[str, object]:
    return {
        "日期": "2017-03-05",
        "培训名称": "春季轮训",
        "类别": "党员轮训",
        "党支部": town.own.branch.name,
        "参训人": "赵东强",
        "地点": "镇党校",
        **values,
    }


@pytest.fixture
def member(town: Town) -> Member:
    joined = {"joined_on": date(1995, 6, 1), "full_member_on": date(1996, 6, 1)}
    return Member.objects.create(name="赵东强", sex="1", branch=town.own.branch, **joined)


def test_attendance_is_linked_to_the_member(town: Town, member: Member) -> None:
    assert take("培训", TRAININGS, training(town)).status == Status.LOADED
    attendance = TrainingAttendance.objects.get()
    assert (attendance.member, attendance.training.kind) == (member, TrainingKind.ROTATION)


def test_rotation_training_is_for_members_and_a_cadre_need_not_be_one(town: Town, member: Member) -> None:
    ((column, message),) = faults(take("培训", TRAININGS, training(town, 参训人="孙不是党员")))
    assert column == "参训人"
    assert "没有党员“孙不是党员”" in message
    assert take("培训", TRAININGS, training(town, 参训人="孙不是党员", 类别="村干部培训")).status == Status.LOADED
    assert TrainingAttendance.objects.get().member is None


def test_member_of_another_branch_is_not_taken_for_one_of_this(town: Town, member: Member) -> None:
    report = take("培训", TRAININGS, training(town, 党支部=town.foreign.branch.name))
    assert [column for column, _ in faults(report)] == ["参训人"]


def test_cadre_who_became_a_member_is_linked_later(town: Town) -> None:
    row = training(town, 类别="村干部培训")
    take("培训", TRAININGS, row)
    Member.objects.create(name="赵东强", sex="1", branch=town.own.branch, joined_on=date(2018, 6, 1))
    report = take("培训", TRAININGS, row)
    assert (report.counts["参训人员"].new, report.counts["参训人员"].changed) == (0, 1)


def move(member: Member, town: Town, day: date = date(2018, 3, 1)) -> None:
    """Transfer a member of the own branch to the foreign branch."""
    actor = town.people[DutyCode.OFFICE_CLERK]
    transfer = start_transfer(
        actor=actor, transfer=Transfer(member=member, to_branch=town.foreign.branch, started_on=day)
    )
    receive_transfer(actor=actor, transfer=transfer, received_on=day)
    assert Member.objects.get(pk=member.pk).branch == town.foreign.branch


def test_member_who_moved_since_is_found_where_the_training_was(town: Town) -> None:
    member = make_member(town.own.branch)
    move(member, town)
    namesake = make_member(town.own.branch, joined_on=date(2018, 4, 1), full_member_on=None)
    assert take("培训", TRAININGS, training(town)).status == Status.LOADED
    assert TrainingAttendance.objects.get().member == member
    assert take("培训", TRAININGS, training(town, 日期="2018-04-01")).status == Status.LOADED
    assert TrainingAttendance.objects.get(training__started_on=date(2018, 4, 1)).member == namesake


@pytest.mark.parametrize(("day", "found"), [("2018-02-28", "own"), ("2018-03-01", "foreign")])
def test_member_belongs_to_the_new_branch_from_the_day_of_the_transfer(town: Town, day: str, found: str) -> None:
    member, namesake = make_member(town.own.branch), make_member(town.own.branch, joined_on=date(2009, 1, 1))
    move(member, town)
    record_change(actor=None, member=namesake, kind=ChangeKind.DIED, occurred_on=date(2018, 2, 1))
    row = training(town, 日期=day, 党支部=getattr(town, found).branch.name)
    assert take("培训", TRAININGS, row).status == Status.LOADED
    assert TrainingAttendance.objects.get().member == member


def test_withdrawn_change_moves_nobody(town: Town) -> None:
    member = make_member(town.own.branch)
    move(member, town)
    member.changes.filter(branch=town.foreign.branch).update(voided_at=timezone.now(), void_reason="误登")
    member.changes.filter(kind=ChangeKind.TRANSFERRED_OUT).update(voided_at=timezone.now(), void_reason="误登")
    Member.objects.update(branch=town.own.branch)
    report = take("培训", TRAININGS, training(town, 日期="2018-05-01", 党支部=town.foreign.branch.name))
    assert [column for column, _ in faults(report)] == ["参训人"]


def test_ledger_is_loaded_again_after_a_transfer(town: Town) -> None:
    member = make_member(town.own.branch)
    row = training(town)
    take("培训", TRAININGS, row)
    move(member, town)
    report = take("培训", TRAININGS, row)
    assert (report.status, report.counts["参训人员"].changed) == (Status.LOADED, 0)
    assert TrainingAttendance.objects.get().member == member


def test_link_made_by_hand_stays(town: Town, member: Member) -> None:
    take("培训", TRAININGS, training(town))
    other = Member.objects.create(name="赵东强", sex="1", branch=town.own.branch, joined_on=date(2001, 6, 1))
    TrainingAttendance.objects.update(member=other)
    assert take("培训", TRAININGS, training(town)).status == Status.LOADED
    assert TrainingAttendance.objects.get().member == other
    new = training(town, 参训人="赵东强", 培训名称="秋季轮训")
    assert [column for column, _ in faults(take("培训", TRAININGS, new))] == ["参训人"], "there is no link yet"


def test_stored_training_keeps_organizer_and_last_day(town: Town, member: Member) -> None:
    take("培训", TRAININGS, training(town))
    stored = Training.objects.get()
    assert (stored.organizer, stored.ended_on) == (town.root, date(2017, 3, 5))
    Training.objects.update(organizer=town.own.branch, ended_on=date(2017, 3, 7), hours=24)
    report = take("培训", TRAININGS, training(town), training(town, 培训名称="秋季轮训"))
    assert (report.counts["培训"].new, report.counts["培训"].changed) == (1, 0)
    stored.refresh_from_db()
    assert (stored.organizer, stored.ended_on, stored.hours) == (town.own.branch, date(2017, 3, 7), 24)
    new = Training.objects.get(name="秋季轮训")
    assert (new.organizer, new.ended_on) == (town.root, date(2017, 3, 5))


def test_people_are_read_with_as_many_queries_however_many_there_are(town: Town, member: Member) -> None:
    with CaptureQueriesContext(connection) as one:
        assert People().find(town.own.branch_id, "赵东强", date(2017, 3, 5)) == [member.pk]
    make_member(town.own.branch, "孙北国"), make_member(town.foreign.branch, "钱西明")
    with CaptureQueriesContext(connection) as three:
        People()
    assert len(one) == len(three) == 1


def test_two_of_one_name_cannot_be_told_apart(town: Town, member: Member) -> None:
    Member.objects.create(name="赵东强", sex="1", branch=town.own.branch, joined_on=date(2001, 6, 1))
    ((_, message),) = faults(take("培训", TRAININGS, training(town)))
    assert "有多位" in message


def talent(town: Town, **values: object) -> dict[str, object]:
    return {
        "姓名": "吴领头",
        "类别": "返乡创业青年",
        "所在村": town.own.name,
        "日期": "2017.11",
        **values,
    }


def test_talent_who_moved_keeps_the_link(town: Town) -> None:
    member = make_member(town.own.branch, "吴领头")
    take("荣誉人才", TALENTS, talent(town))
    assert Talent.objects.get().member == member
    move(member, town)
    report = take("荣誉人才", TALENTS, talent(town), talent(town, 日期="2017.10"))
    assert report.counts["人才"].changed == 1
    assert (Talent.objects.get().member, Talent.objects.get().recorded_on) == (member, date(2017, 10, 1))


def test_talent_who_became_a_member_is_linked_later(town: Town) -> None:
    take("荣誉人才", TALENTS, talent(town))
    member = make_member(town.own.branch, "吴领头")
    take("荣誉人才", TALENTS, talent(town))
    assert Talent.objects.get().member == member


def test_person_without_a_title_is_no_honour(town: Town) -> None:
    assert take("荣誉人才", TALENTS, talent(town)).status == Status.LOADED
    person = Talent.objects.get()
    assert (person.kind, person.recorded_on, person.recorded_precision) == (
        TalentKind.YOUNG_RETURNEE,
        date(2017, 11, 1),
        "month",
    )
    assert not Honour.objects.exists()


def test_title_without_a_body_is_named(town: Town) -> None:
    ((column, _),) = faults(take("荣誉人才", TALENTS, talent(town, 荣誉称号="创业之星")))
    assert column == "授予单位"


def test_somebody_named_twice_was_recorded_on_the_first_day(town: Town) -> None:
    rows = [
        talent(town, 荣誉称号="乙", 授予单位="博山区人民政府", 日期="2017-05-01"),
        talent(town, 荣誉称号="甲", 授予单位="中共池上镇委员会", 日期="2016-05-01"),
    ]
    take("荣誉人才", TALENTS, *rows)
    take("荣誉人才", TALENTS, rows[0])
    person = Talent.objects.get()
    assert (person.recorded_on, person.honours.count()) == (date(2016, 5, 1), 2)


@pytest.mark.parametrize(
    ("body", "level"),
    [
        ("全国妇女联合会", HonourLevel.NATIONAL),
        ("省委组织部", HonourLevel.PROVINCE),
        ("淄博市人民政府", HonourLevel.CITY),
        ("中共博山区委员会", HonourLevel.DISTRICT),
        ("中共池上镇委员会", HonourLevel.TOWN),
        ("某协会", HonourLevel.OTHER),
    ],
)
def test_level_follows_the_granting_body(body: str, level: HonourLevel) -> None:
    assert level_of(body) == level
