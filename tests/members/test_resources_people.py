"""Import and export of the register of members."""

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.test import Client
from import_export.results import Result

from chishang.core.dates import today
from members.enums import ChangeKind, Sex
from members.models import Member
from members.resources.people import TITLES, MemberResource
from members.services import ChangeFacts, record_change, register_member
from organizations.enums import DutyCode, JournalAction
from organizations.models import JournalEntry
from tests.core.test_resources import sheet
from tests.factories import Town, UserFactory, appoint
from tests.members.books import id_number
from tests.members.life import make_member

OFFICE = DutyCode.OFFICE_CLERK
EXPORT = "/admin/members/member/export/"
BORN = date(1980, 3, 4)


def row(town: Town, **values: object) -> dict[str, object]:
    return {
        "姓名": "赵东强",
        "性别": "男",
        "民族": "汉族",
        "公民身份号码": id_number(BORN),
        "出生日期": "1980-03-04",
        "学历": "高中",
        "人员类别": "正式党员",
        "所在党支部": town.own.branch.name,
        "加入党组织日期": "2008-07",
        "转为正式党员日期": "2009-07",
        "联系电话": "15410000009",
        "家庭住址": "测试村12号",
        "党籍状态": "正常",
        "失联日期": "",
        "外出流向": "",
        **values,
    }


def take(town: Town, *rows: dict[str, object], user: Any = None) -> Result:
    return MemberResource(user=user or town.people[OFFICE]).import_data(sheet(*rows))


def said(result: Result) -> dict[str, list[str]]:
    """What the first refused row says, by the title of the column."""
    assert result.invalid_rows, result.row_errors()
    told: dict[str, list[str]] = result.invalid_rows[0].error.message_dict
    return told


def numbered(town: Town, number: str, **fields: Any) -> Member:
    own = {"branch": town.own.branch, "name": "赵东强", "sex": Sex.MALE, "joined_on": date(2008, 7, 1)}
    return register_member(actor=None, member=Member(**{**own, **fields}), id_number=number)


def test_columns_are_the_national_form_in_its_order(town: Town) -> None:
    make_member(town.own.branch)
    exported = MemberResource(user=town.people[OFFICE]).export(Member.objects.all())
    assert exported.headers[:16] == [
        *("姓名", "性别", "民族", "公民身份号码", "出生日期", "学历", "人员类别", "所在党支部", "加入党组织日期"),
        *("转为正式党员日期", "工作岗位", "联系电话", "家庭住址", "党籍状态", "失联日期", "外出流向"),
    ]
    assert exported.headers[16:] == ["固定电话", "籍贯", "党龄起算日", "困难党员", "备注"]
    assert exported.headers == list(TITLES.values())


def test_new_row_is_registered_with_its_changes(town: Town) -> None:
    result = take(town, row(town, 姓名="赵\u3000东强"))
    assert result.totals["new"] == 1, [one.error for one in result.invalid_rows]
    member = Member.objects.get()
    assert (member.name, member.education, member.joined_precision) == ("赵东强", "17", "month")
    assert [change.kind for change in member.changes.order_by("pk")] == ["joined", "became_full"]
    assert member.changes.first().actor == town.people[OFFICE]


def test_row_is_found_by_number_and_changed(town: Town) -> None:
    number = id_number(BORN)
    numbered(town, number, born_on=BORN)
    result = take(town, row(town, 公民身份号码=number, 姓名="赵东升"))
    assert result.totals["update"] == 1, [one.error for one in result.invalid_rows]
    member = Member.objects.get()
    assert (member.name, member.full_member_on) == ("赵东升", date(2009, 7, 1))


def test_row_without_number_is_found_by_branch_and_name(town: Town) -> None:
    make_member(town.own.branch, joined_on=date(2008, 7, 1))
    values = row(town, 公民身份号码="", 加入党组织日期="2008-07-01", 转为正式党员日期="2011-05-10", 备注="老党员")
    assert take(town, values).totals["update"] == 1
    assert Member.objects.get().remark == "老党员"


def test_number_is_added_to_the_member_who_lacks_it(town: Town) -> None:
    member = make_member(town.own.branch)
    number = id_number(BORN)
    values = {"姓名": "赵东强", "所在党支部": town.own.branch.name, "公民身份号码": number}
    assert take(town, values).totals["update"] == 1
    member.refresh_from_db()
    assert (member.read_id_number(), member.born_on) == (number, BORN)
    assert take(town, values).totals["skip"] == 1


def test_several_of_one_name_need_the_number(town: Town) -> None:
    for year in (2009, 2010):
        make_member(town.own.branch, joined_on=date(year, 5, 10))
    told = said(take(town, row(town, 公民身份号码="")))
    assert told == {"姓名": ["该党支部有多位“赵东强”，请填写完整的身份证号码。"]}


@pytest.mark.parametrize("is_own_clerk", [True, False])
def test_member_of_another_branch_is_refused_without_telling_where(town: Town, is_own_clerk: bool) -> None:
    number = id_number(BORN)
    numbered(town, number, branch=town.foreign.branch)
    user = town.people[OFFICE]
    if is_own_clerk:
        user = UserFactory()
        appoint(user, OFFICE, town.own.branch)
    told = said(take(town, row(town, 公民身份号码=number), user=user))
    assert told == {"公民身份号码": ["该号码已登记在另一个党支部；如是调动，请办理组织关系转接。"]}
    assert Member.objects.get().branch == town.foreign.branch


def test_branch_outside_the_importers_scope_does_not_exist(town: Town) -> None:
    user = UserFactory()
    appoint(user, OFFICE, town.own.branch)
    result = take(town, row(town, 所在党支部=town.foreign.branch.name), user=user)
    assert f"没有“{town.foreign.branch.name}”" in str([one.error for one in result.invalid_rows])
    assert not Member.objects.exists()


@pytest.mark.parametrize(
    ("column", "value", "title", "message"),
    [
        ("公民身份号码", "370399198003041111", "公民身份号码", "校验位不对"),
        ("性别", "女", "性别", "性别与身份证号码不一致"),
        ("出生日期", "1980-03-05", "出生日期", "出生日期与身份证号码不一致"),
        ("加入党组织日期", "2017-02-30", "加入党组织日期", "不是存在的日期"),
        ("加入党组织日期", "", "加入党组织日期", "不能为空"),
        ("姓名", "", "姓名", "不能为空"),
        ("学历", "秀才", "学历", "没有“秀才”"),
        ("联系电话", "123", "联系电话", "手机号应为"),
        ("转为正式党员日期", "2008-06", "__all__", "转正日期早于入党日期"),
        ("人员类别", "预备党员", "人员类别", "请核对转正日期，或办理“转为正式党员”"),
        ("党籍状态", "停止党籍", "党籍状态", "请在党员页面办理变动"),
        ("失联日期", "2017-03", "失联日期", "办理“失去联系”"),
        ("外出流向", "济南市", "外出流向", "办理“流出”"),
    ],
)
def test_wrong_cell_is_named_by_its_column_and_nothing_is_stored(
    town: Town, column: str, value: str, title: str, message: str
) -> None:
    told = said(take(town, row(town, **{column: value})))
    assert message in "；".join(told[title]), told
    assert not Member.objects.exists()


def test_full_membership_in_the_future_is_refused(town: Town) -> None:
    told = said(take(town, row(town, 人员类别="", 转为正式党员日期="2099-01-01")))
    assert told == {"转为正式党员日期": ["转正日期不能晚于今天。"]}


def test_joined_under_eighteen_is_refused(town: Town) -> None:
    result = take(town, row(town, 加入党组织日期="1998-02", 转为正式党员日期="1999-02"))
    assert "入党时不满 18 周岁" in str(result.invalid_rows[0].error)


def test_circumstances_that_agree_with_the_register_pass(town: Town) -> None:
    member = make_member(town.own.branch)
    for kind, place in ((ChangeKind.FLOATED, "济南市历下区"), (ChangeKind.LOST, ""), (ChangeKind.HARDSHIP, "")):
        facts = ChangeFacts(place=place)
        record_change(actor=None, member=member, kind=kind, occurred_on=date(2016, 3, 5), facts=facts)
    who = {"姓名": "赵东强", "所在党支部": town.own.branch.name}
    agreeing = {"失联日期": "2016-03", "外出流向": "济南市历下区", "困难党员": "是", "党籍状态": "正常"}
    assert take(town, {**who, **agreeing}).totals["skip"] == 1
    told = said(take(town, {**who, "失联日期": "", "外出流向": "", "困难党员": ""}))
    assert set(told) == {"失联日期", "外出流向", "困难党员"}


def test_export_masks_the_number_and_comes_back_unchanged(town: Town) -> None:
    number = id_number(BORN)
    member = numbered(town, number, born_on=BORN, remark="=1+1")
    make_member(town.own.branch, "孙中")
    record_change(actor=None, member=member, kind=ChangeKind.FLOATED, occurred_on=date(2016, 3, 5))
    user = town.people[OFFICE]
    exported = MemberResource(user=user).export(Member.objects.all())
    line = next(one for one in exported.dict if one["姓名"] == "赵东强")
    assert line["公民身份号码"] == "370399************"
    assert line["外出流向"] == "是"
    assert (line["所在党支部"], line["备注"]) == (town.own.branch.name, "'=1+1")
    assert number not in exported.export("csv")
    result = MemberResource(user=user).import_data(exported)
    assert result.totals["skip"] == 2, [one.error for one in result.invalid_rows]
    assert Member.objects.get(pk=member.pk).read_id_number() == number


def test_masked_number_that_is_nobodys_is_refused(town: Town) -> None:
    member = numbered(town, id_number(BORN))
    told = said(take(town, row(town, 公民身份号码="370302************")))
    assert told == {"公民身份号码": ["号码不完整，又与登记的对不上，请填写完整的身份证号码。"]}
    told = said(take(town, row(town, 公民身份号码="370399************", 姓名="新人")))
    assert "号码不完整" in told["公民身份号码"][0]
    assert list(Member.objects.all()) == [member]


def test_export_takes_the_same_queries_for_one_row_and_three(town: Town, django_assert_num_queries: Any) -> None:
    user = town.people[OFFICE]
    user.access()
    for rows in (1, 3):
        while Member.objects.count() < rows:
            numbered(town, id_number(BORN))
        with django_assert_num_queries(1):
            MemberResource(user=user).export(Member.objects.visible_to(user))


def download(client: Client, **fields: object) -> list[list[object]]:
    answer = client.post(EXPORT, {"format": "0", "resource": "0", **fields})
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    return [[cell.value for cell in line] for line in book.active.iter_rows()]


def test_whole_numbers_leave_with_a_reason_and_a_journal_entry(client: Client, town: Town) -> None:
    number = id_number(BORN)
    numbered(town, number)
    make_member(town.own.branch, "孙中")
    clerk = town.people[OFFICE]
    client.force_login(clerk, backend="organizations.backends.AppointmentBackend")
    page = client.get(EXPORT).content.decode()
    assert "包含完整身份证号码" in page
    assert "民族, 公民身份号码, 出生日期, 学历, 人员类别, 所在党支部" in " ".join(page.split())
    page = client.post(EXPORT, {"format": "0", "resource": "0", "whole_numbers": "on"}).content.decode()
    assert "导出完整身份证号码要写明理由" in page
    assert number not in str(download(client))
    assert not JournalEntry.objects.exists()
    rows = download(client, whole_numbers="on", reason="报区委组织部")
    column = rows[0].index("公民身份号码")
    assert {line[column] for line in rows[1:]} == {number, None}
    entry = JournalEntry.objects.get()
    assert (entry.user, entry.action, entry.reason) == (clerk, JournalAction.EXPORT_ID_NUMBERS, "报区委组织部")
    assert entry.subject == "党员身份证号码 1 个"


def test_whole_numbers_need_the_right(client: Client, town: Town) -> None:
    number = id_number(BORN)
    numbered(town, number)
    client.force_login(town.people[DutyCode.TOWN_SECRETARY], backend="organizations.backends.AppointmentBackend")
    assert "包含完整身份证号码" not in client.get(EXPORT).content.decode()
    answer = client.post(EXPORT, {"format": "0", "resource": "0", "whole_numbers": "on", "reason": "看看"})
    assert answer.status_code == 403
    assert number not in str(download(client))
    assert not JournalEntry.objects.exists()


def test_export_holds_the_members_of_today_of_ones_own_branches(client: Client, town: Town) -> None:
    make_member(town.own.branch)
    gone = make_member(town.own.branch, "孙中")
    record_change(actor=None, member=gone, kind=ChangeKind.DIED, occurred_on=today())
    make_member(town.foreign.branch, "钱西明")
    own_clerk = UserFactory()
    appoint(own_clerk, OFFICE, town.own.branch)
    client.force_login(own_clerk, backend="organizations.backends.AppointmentBackend")
    assert [line[0] for line in download(client)[1:]] == ["赵东强"]
