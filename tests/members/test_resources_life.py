"""Import and export of meetings, training, talents and honours by natural key."""

from datetime import date
from typing import Any

import pytest

from chishang.core.dates import Precision
from members.enums import Presence
from members.models import Honour, Meeting, MeetingAttendance, MeetingRule, Talent, TrainingAttendance
from members.resources.life import (
    HonourResource,
    MeetingKindResource,
    MeetingResource,
    MeetingRuleResource,
    TalentResource,
    TrainingAttendanceResource,
    TrainingResource,
)
from organizations.enums import DutyCode
from organizations.models import User
from tests.core.test_resources import sheet
from tests.factories import Town, UserFactory, appoint
from tests.members.life import make_meeting, make_member
from tests.members.test_admin_life import make_honour, make_talent, make_training

CLERK = DutyCode.OFFICE_CLERK
DAY = date(2017, 3, 5)


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[CLERK]


@pytest.fixture
def own_office(town: Town) -> User:
    """An office clerk of the own branch only."""
    user = UserFactory()
    appoint(user, CLERK, town.own.branch)
    return user


def told(result: Any) -> str:
    """Every message of an import."""
    rows = [row.error for row in result.invalid_rows]
    return str([*rows, *(error.error for _, errors in result.row_errors() for error in errors), *result.base_errors])


def meeting(town: Town, **values: object) -> dict[str, object]:
    return {
        "日期": "2017年3月5日",
        "党支部或单位": town.own.branch.code,
        "活动类型": "主题党日",
        "同时也是": "党课",
        "主题": "学习党章",
        "地点": "村委会",
        "主持人": "赵东强",
        "应到人数": 20,
        "实到人数": 18,
        "请假人数": "",
        "会议记录": "",
        "备注": "",
        **values,
    }


def test_meetings_are_imported_by_day_branch_kind_and_topic(town: Town, clerk: User) -> None:
    resource = MeetingResource(user=clerk)
    assert resource.import_data(sheet(meeting(town), meeting(town, 主题="学习党史"))).totals["new"] == 2
    stored = Meeting.objects.get(topic="学习党章")
    assert (str(stored.also_kind), stored.excused, stored.recorded_by) == ("党课", 0, clerk)
    assert resource.import_data(sheet(meeting(town))).totals["skip"] == 1
    assert resource.import_data(sheet(meeting(town, 实到人数=19))).totals["update"] == 1
    assert Meeting.objects.count() == 2


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"实到人数": 21}, "实到人数不能多于应到人数"),
        ({"日期": "2099-01-01"}, "日期不能晚于今天"),
        ({"日期": "2017-02-30"}, "不是存在的日期"),
        ({"日期": "1950-01-01"}, "没有这个党支部"),
        ({"活动类型": "茶话会"}, "没有“茶话会”"),
        ({"同时也是": "主题党日"}, "要选另一种活动类型"),
        ({"党支部或单位": "TV99"}, "没有“TV99”"),
    ],
)
def test_wrong_meeting_is_named_and_not_stored(
    town: Town, clerk: User, values: dict[str, object], message: str
) -> None:
    result = MeetingResource(user=clerk).import_data(sheet(meeting(town, **values)))
    assert message in told(result)
    assert not Meeting.objects.exists()


def test_meeting_of_another_branch_is_not_overwritten(town: Town, own_office: User) -> None:
    row = make_meeting(town.foreign.branch, DAY, topic="外村的事")
    wrong = meeting(town, 党支部或单位=town.foreign.branch.code, 主题="外村的事", 备注="改了")
    result = MeetingResource(user=own_office).import_data(sheet(wrong))
    assert "请核对或先登记" in told(result)
    row.refresh_from_db()
    assert row.remark == ""
    assert Meeting.objects.count() == 1


def test_import_does_not_change_the_numbers_of_a_listed_meeting(town: Town, clerk: User) -> None:
    resource = MeetingResource(user=clerk)
    resource.import_data(sheet(meeting(town, 应到人数=1, 实到人数=1)))
    MeetingAttendance.objects.create(
        meeting=Meeting.objects.get(), member=make_member(town.own.branch, "赵东"), presence=Presence.PRESENT
    )
    result = resource.import_data(sheet(meeting(town, 应到人数=5, 实到人数=1)))
    assert "应到 5 人，名单里是 1 人" in told(result)
    assert resource.import_data(sheet(meeting(town, 应到人数=1, 实到人数=1, 备注="x"))).totals["update"] == 1


def attendee(town: Town, **values: object) -> dict[str, object]:
    return {
        "开始日期": "2017-03-05",
        "培训名称": "党员轮训班",
        "类别": "党员轮训",
        "地点": "",
        "党支部": town.own.branch.code,
        "参训人": "赵东",
        **values,
    }


def test_attendees_are_linked_to_the_member_of_branch_and_name(town: Town, clerk: User) -> None:
    make_training(town)
    member = make_member(town.own.branch, "赵东")
    make_member(town.foreign.branch, "赵东")
    resource = TrainingAttendanceResource(user=clerk)
    assert resource.import_data(sheet(attendee(town))).totals["new"] == 1
    assert TrainingAttendance.objects.get().member == member
    assert resource.import_data(sheet(attendee(town))).totals["skip"] == 1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"参训人": "孙强"}, "该党支部没有党员“孙强”"),
        ({"参训人": "赵南"}, "有多位“赵南”"),
        ({"培训名称": "另一个班"}, "没有2017-03-05开始的培训“另一个班”"),
        ({"开始日期": "三月"}, "不是日期"),
        ({"党支部": "TV99"}, "没有“TV99”"),
        ({"参训人": ""}, "请填写参训人姓名"),
        ({"类别": "夜校"}, "没有“夜校”"),
    ],
)
def test_wrong_attendee_is_named_and_not_stored(
    town: Town, clerk: User, values: dict[str, object], message: str
) -> None:
    make_training(town)
    make_member(town.own.branch, "赵东")
    for year in (2009, 2010):
        make_member(town.own.branch, "赵南", joined_on=date(year, 5, 10))
    result = TrainingAttendanceResource(user=clerk).import_data(sheet(attendee(town, **values)))
    assert message in told(result)
    assert not TrainingAttendance.objects.exists()


def test_training_that_stands_twice_is_told_apart_by_its_place(town: Town, clerk: User) -> None:
    make_training(town, place="镇党校")
    second = make_training(town, place="泉子村")
    make_member(town.own.branch, "赵东")
    resource = TrainingAttendanceResource(user=clerk)
    assert "有多个，请写明类别和地点" in told(resource.import_data(sheet(attendee(town))))
    assert resource.import_data(sheet(attendee(town, 地点="泉子村"))).totals["new"] == 1
    assert TrainingAttendance.objects.get().training == second


def test_branch_of_another_body_does_not_exist(town: Town, own_office: User) -> None:
    training = make_training(town)
    make_member(town.foreign.branch, "赵东")
    TrainingAttendance.objects.create(training=training, branch=town.own.branch, name="赵一")
    row = attendee(town, 党支部=town.foreign.branch.code)
    assert "请核对或先登记" in told(TrainingAttendanceResource(user=own_office).import_data(sheet(row)))
    assert TrainingAttendance.objects.count() == 1


def talent(**values: object) -> dict[str, object]:
    row = {"姓名": "吴圣霞", "类别": "先进典型", "所在村": "本村", "登记日期": "2017-03", "项目或事迹": "带头人"}
    return row | values


def test_talents_are_imported_by_village_name_and_kind(town: Town, clerk: User) -> None:
    resource = TalentResource(user=clerk)
    assert resource.import_data(sheet(talent())).totals["new"] == 1
    stored = Talent.objects.get()
    assert (stored.recorded_on, stored.recorded_precision) == (date(2017, 3, 1), Precision.MONTH)
    assert resource.import_data(sheet(talent())).totals["skip"] == 1
    assert resource.import_data(sheet(talent(登记日期="2017"))).totals["update"] == 1
    assert "登记日期不能晚于今天" in told(resource.import_data(sheet(talent(登记日期="2099"))))


def honour(**values: object) -> dict[str, object]:
    return {
        "姓名": "吴圣霞",
        "类别": "",
        "所在村": "本村",
        "荣誉称号": "齐鲁乡村之星",
        "级别": "省级",
        "授予单位": "省委组织部",
        "授予日期": "2016",
        "文号": "",
        "撤销日期": "",
        **values,
    }


def test_honours_are_imported_by_person_title_and_day(town: Town, clerk: User) -> None:
    make_talent(town)
    resource = HonourResource(user=clerk)
    assert resource.import_data(sheet(honour())).totals["new"] == 1
    stored = Honour.objects.get()
    assert (stored.granted_on, stored.granted_precision) == (date(2016, 1, 1), Precision.YEAR)
    assert resource.import_data(sheet(honour())).totals["skip"] == 1
    assert resource.import_data(sheet(honour(文号="鲁组〔2016〕1号"))).totals["update"] == 1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"姓名": "孙强"}, "人才库里没有本村的“孙强”"),
        ({"所在村": "外村"}, "人才库里没有外村的“吴圣霞”"),
        ({"授予日期": "2099"}, "授予日期不能晚于今天"),
        ({"级别": "乡级"}, "没有“乡级”"),
        ({"姓名": "赵东"}, "在人才库里有多条，请写明类别"),
    ],
)
def test_wrong_honour_is_named_and_not_stored(
    town: Town, own_office: User, values: dict[str, object], message: str
) -> None:
    make_talent(town)
    make_talent(town, village=town.foreign)
    for kind in ("role_model", "other"):
        make_talent(town, name="赵东", kind=kind)
    result = HonourResource(user=own_office).import_data(sheet(honour(**values)))
    assert message in told(result)
    assert not Honour.objects.exists()


def test_sheet_without_a_column_by_which_rows_are_found_is_refused(town: Town, clerk: User) -> None:
    row = honour()
    del row["所在村"]
    assert "缺少列：所在村" in told(HonourResource(user=clerk).import_data(sheet(row)))
    row = attendee(town)
    del row["培训名称"]
    assert "缺少列：培训名称" in told(TrainingAttendanceResource(user=clerk).import_data(sheet(row)))


def fill(town: Town) -> None:
    make_meeting(town.own.branch, DAY, topic="=1+1")
    MeetingRule.objects.update(source="支部工作条例")  # a full-width colon would come back as a half-width one
    training, member = make_training(town, place="镇党校"), make_member(town.own.branch, "赵东")
    TrainingAttendance.objects.create(training=training, branch=town.own.branch, name="赵东", member=member)
    talent = make_talent(town, recorded_on=date(2017, 3, 1), recorded_precision=Precision.MONTH)
    make_honour(talent, granted_on=date(2016, 1, 1), granted_precision=Precision.YEAR)


RESOURCES = [
    MeetingResource,
    MeetingKindResource,
    MeetingRuleResource,
    TrainingResource,
    TrainingAttendanceResource,
    TalentResource,
    HonourResource,
]


@pytest.mark.parametrize("resource", RESOURCES)
def test_export_comes_back_unchanged(town: Town, clerk: User, resource: Any) -> None:
    fill(town)
    rows = resource.Meta.model.objects.visible_to(clerk)
    result = resource(user=clerk).import_data(resource(user=clerk).export(rows))
    assert result.totals["skip"] == rows.count() > 0, told(result)


@pytest.mark.parametrize("resource", RESOURCES)
def test_export_takes_the_same_queries_for_one_row_and_three(
    town: Town, clerk: User, resource: Any, django_assert_num_queries: Any
) -> None:
    clerk.access()

    def add(number: int) -> None:
        training = make_training(town, name=f"培训{number}")
        TrainingAttendance.objects.create(training=training, branch=town.own.branch, name="赵东")
        make_meeting(town.own.branch, DAY, topic=f"主题{number}")
        make_honour(make_talent(town, name=f"赵{number}"))

    for count in (1, 2):
        for number in range(count):
            add(10 * count + number)
        with django_assert_num_queries(1):
            resource(user=clerk).export(resource.Meta.model.objects.visible_to(clerk))
