"""The printed sheets: the workbook's headings, rows through the gate, a purpose and a line for each sealed record."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from discipline.enums import AccessKind, Register
from discipline.models import (
    FeedbackCategory,
    FeedbackIssue,
    InspectionFinding,
    InspectionRound,
    IntegrityEvent,
    PowerList,
    Reading,
    ResponsibilityList,
    StyleInspection,
)
from discipline.selectors.sheets import SHEETS
from organizations.enums import DutyCode as D
from organizations.models import User
from tests.discipline.records import (
    make_case,
    make_criticism,
    make_person,
    make_petition,
    make_sanction,
    name_on,
)
from tests.factories import Town, VillageFactory
from tests.organizations.test_admin import sign_in

PAGE = "/admin/discipline/print/"
PURPOSE = "准备纪委全会材料"
SEALED = {"petitions", "cases", "criticisms"}


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[D.DISCIPLINE_CLERK]


@pytest.fixture
def office(client: Client, town: Town, clerk: User) -> Client:
    return sign_in(client, town, D.DISCIPLINE_CLERK)


def fill(town: Town, clerk: User) -> None:
    """One record of 2017 for each sheet, and two of years before that a sheet of 2017 must not have."""
    for year, name in ((2017, "镇党委"), (2016, "旧年"), (2015, "旧年前")):
        day = date(year, 3, 10)
        ResponsibilityList.objects.create(kind="committee", bearer=name, issued_on=day)
        IntegrityEvent.objects.create(kind="lesson", held_on=day, topic=f"{name}课", audience="村干部", attendees=60)
        found = StyleInspection.objects.create(inspected_on=day, unit=f"{name}所", inspectors="吴美珍")
        InspectionFinding.objects.create(inspection=found, text="离岗未挂牌")
        feedback = InspectionRound.objects.create(feedback_on=day)
        FeedbackIssue.objects.create(
            number=f"XC-{year}",
            round=feedback,
            category=FeedbackCategory.objects.all()[0],
            level="town",
            unit="财政所",
            text=f"{name}问题",
            responsible="房长亮",
            deadline=date(year, 10, 31),
        )
        case = make_case(make_person(f"孙{name}"), number=f"池纪立〔{year}〕1号", filed_on=day)
        name_on(case, clerk)
        make_petition(number=f"XF-{year}-01", summary=f"{name}账目", received_on=day)
        make_criticism(make_person(f"乔{name}"), reason=f"{name}松弛", occurred_on=day)
        if year == 2017:
            make_sanction(case)
    PowerList.objects.create(village=town.own, item_count=40, settled_on=date(2017, 8, 1), settled_precision="month")


def ask(client: Client, sheet: str, **values: Any) -> Any:
    return client.post(PAGE, {"sheet": sheet, "year": "2017", "since": "", "until": "", "purpose": PURPOSE, **values})


EXPECTED = {
    "lists": ["党委主体责任清单", "镇党委", "2017-03-10"],
    "events": ["2017-03-10", "一季一堂廉政课", "镇党委课", "村干部", "60"],
    "inspections": ["2017-03-10", "镇党委所", "吴美珍", "离岗未挂牌", ""],
    "powers": ["本村", "40", "2017-08"],
    "petitions": ["XF-2017-01", "2017-03-10", "区委巡察组", "镇党委账目", "", ""],
    "issues": ["XC-2017", "党的领导", "财政所", "镇党委问题", "房长亮", "2017-10-31", "2017-03-10", ""],
    "cases": ["池纪立〔2017〕1号", "省扶贫专项审计", "2017-03-10", "", "孙某某某", "石桥村", "警告", "2017-05-05"],
    "criticisms": ["2017-03-10", "乔某某某", "石桥村", "镇党委松弛", "批评教育"],
}
HEADINGS = {
    "lists": "名称 责任主体 印发日期",
    "events": "日期 形式 主题 对象 人数",
    "inspections": "日期 被检查单位 检查人 发现问题 整改情况",
    "powers": "村 权力事项数 清理日期",
    "petitions": "编号 转来日期 来源 反映内容摘要 办结日期 处理结果",
    "issues": "编号 类别 涉及单位 问题 责任人 整改时限 反馈日期 整改完成日期",
    "cases": "案号 线索来源 立案日期 结案日期 被处分党员 所在党支部 处分种类 处分日期",
    "criticisms": "日期 姓名 单位 事由 形式",
}


@pytest.mark.parametrize("sheet", list(SHEETS))
def test_sheet_has_the_headings_and_rows_of_its_year(office: Client, town: Town, clerk: User, sheet: str) -> None:
    fill(town, clerk)
    answer = ask(office, sheet)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert list(SHEETS[sheet].columns) == HEADINGS[sheet].split()
    assert answer.context["printed"].content.lines == [EXPECTED[sheet]]
    assert SHEETS[sheet].title in page
    assert "填报单位：镇纪委" in page
    assert f"打印人：{clerk.name}" in page
    assert "旧年" not in page


@pytest.mark.parametrize("sheet", list(SHEETS))
def test_each_record_of_a_sealed_sheet_is_kept_as_printed(office: Client, town: Town, clerk: User, sheet: str) -> None:
    fill(town, clerk)
    printed = ask(office, sheet).context["printed"]
    kept = Reading.objects.filter(kind=AccessKind.PRINTED)
    if sheet not in SEALED:
        assert not kept.exists()
        return
    assert {one.row_uid for one in kept} == {row.uid for row in printed.content.records}
    assert {(one.user, one.purpose) for one in kept} == {(clerk, PURPOSE)}
    assert not any("孙" in one.subject or "乔" in one.subject for one in kept)


def test_case_and_its_sanction_are_both_kept(office: Client, town: Town, clerk: User) -> None:
    fill(town, clerk)
    ask(office, "cases")
    assert set(Reading.objects.values_list("register", flat=True)) == {Register.CASE, Register.SANCTION}


@pytest.mark.parametrize("sheet", sorted(SEALED))
def test_sealed_sheet_without_a_purpose_is_not_printed(office: Client, town: Town, clerk: User, sheet: str) -> None:
    fill(town, clerk)
    answer = ask(office, sheet, purpose=" 看 ")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "请写明目的，至少 4 个字" in page
    assert "镇党委账目" not in page
    assert "镇党委松弛" not in page
    assert not Reading.objects.exists()


def test_other_sheets_need_no_purpose(office: Client, town: Town, clerk: User) -> None:
    fill(town, clerk)
    assert ask(office, "events", purpose="").status_code == 200


def test_case_that_one_is_not_named_on_is_not_printed(client: Client, town: Town, clerk: User) -> None:
    fill(town, clerk)
    sign_in(client, town, D.DISCIPLINE_HEAD)
    page = ask(client, "cases").content.decode()
    assert "这段时间没有记录" in page
    assert "池纪立" not in page
    assert not Reading.objects.exists()


def test_record_about_oneself_is_not_printed(office: Client, clerk: User) -> None:
    make_criticism(make_person(clerk.name), reason="本人的事由")
    make_criticism(make_person("方明远"), reason="别人的事由")
    page = ask(office, "criticisms").content.decode()
    assert "别人的事由" in page
    assert "本人的事由" not in page
    assert Reading.objects.count() == 1


def test_names_are_masked_on_paper(office: Client, clerk: User) -> None:
    make_criticism(make_person("方明远"))
    page = ask(office, "criticisms").content.decode()
    assert "方某某" in page
    assert "方明远" not in page
    assert "注：姓名已作隐名处理" in page


def test_period_from_day_to_day_counts_both(office: Client) -> None:
    for day in (date(2017, 3, 31), date(2017, 4, 1), date(2017, 6, 30), date(2017, 7, 1)):
        IntegrityEvent.objects.create(kind="lesson", held_on=day, topic="守纪律", audience="村干部", attendees=60)
    answer = ask(office, "events", year="", since="2017-04-01", until="2017-06-30")
    lines = answer.context["printed"].content.lines
    assert [line[0] for line in lines] == ["2017-04-01", "2017-06-30"]
    assert "2017年4月1日至2017年6月30日" in answer.content.decode()
    assert "120" in answer.content.decode()


def test_case_without_a_decision_names_nobody(office: Client, clerk: User) -> None:
    name_on(make_case(make_person("方明远")), clerk)
    lines = ask(office, "cases").context["printed"].content.lines
    assert lines == [["池纪立〔2017〕1号", "省扶贫专项审计", "2017-03-17", "", "", "", "", ""]]


def test_inspection_that_found_nothing_says_so(office: Client) -> None:
    StyleInspection.objects.create(inspected_on=date(2017, 1, 11), unit="卫生院", inspectors="吴美珍")
    assert ask(office, "inspections").context["printed"].content.lines[0][3:] == ["未发现问题", ""]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"sheet": "leads"}, "leads"),
        ({"year": ""}, "请填写年度，或者填写起止日期"),
        ({"year": "17"}, "1900"),
        ({"since": "2017-04-01"}, "起始和截止日期都要填"),
        ({"since": "2017-04-01", "until": "2017-03-01"}, "截止日期不能早于起始日期"),
        ({"since": "2017-02-30", "until": "2017-03-01"}, "不是存在的日期"),
    ],
)
def test_what_cannot_be_printed_is_told(office: Client, values: dict[str, str], words: str) -> None:
    answer = ask(office, values.pop("sheet", "events"), **values)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_page_asks_and_offers_all_eight(office: Client) -> None:
    answer: Any = office.get(PAGE)
    assert answer.status_code == 200
    names = [name for _, name in answer.context["form"].fields["sheet"].choices]
    assert names == ["责任清单", "廉政教育", "作风检查", "微权力", "信访件", "巡察问题", "案件", "批评教育"]
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("duty", [D.OFFICE_HEAD, D.TOWN_SECRETARY, D.SYSTEM_ADMINISTRATOR])
def test_page_does_not_exist_for_others(client: Client, town: Town, clerk: User, duty: D) -> None:
    fill(town, clerk)
    sign_in(client, town, duty)
    assert client.get(PAGE).status_code == 404
    assert ask(client, "events").status_code == 404
    assert not Reading.objects.exists()


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        *(("lists", 13), ("events", 13), ("inspections", 14), ("powers", 13), ("issues", 13)),
        *(("petitions", 14), ("cases", 15), ("criticisms", 14)),
    ],
)
def test_sheet_takes_a_constant_number_of_queries(
    office: Client, town: Town, clerk: User, sheet: str, expected: int, django_assert_num_queries: Any
) -> None:
    fill(town, clerk)
    ask(office, sheet)
    with django_assert_num_queries(expected):
        ask(office, sheet)
    for village in (town.foreign, VillageFactory(branch__parent=town.root)):
        PowerList.objects.create(village=village, item_count=3, settled_on=date(2017, 8, 1))
    with django_assert_num_queries(expected):
        assert len(ask(office, sheet, year="", since="2015-01-01", until="2017-12-31").context["printed"].lines) == 3
