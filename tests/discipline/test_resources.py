"""Import and export of the registers that are not sealed: natural keys, places, clear faults."""

from datetime import date
from typing import Any

import pytest
from import_export.resources import ModelResource

from discipline.models import (
    FeedbackCategory,
    InspectionFinding,
    InspectionRound,
    IntegrityEvent,
    LeadSource,
    MeasureRule,
    PowerItem,
    PowerList,
    ResponsibilityItem,
    ResponsibilityList,
    StyleInspection,
    TimeLimit,
)
from discipline.resources import prevention, rules
from organizations.enums import DutyCode as D
from organizations.models import User
from tests.core.test_resources import sheet
from tests.factories import Town, UserFactory, appoint

pytestmark = pytest.mark.django_db
Row = dict[str, object]


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[D.DISCIPLINE_CLERK]


@pytest.fixture
def own_clerk(town: Town) -> User:
    """A clerk of the own branch only."""
    user = UserFactory()
    appoint(user, D.DISCIPLINE_CLERK, town.own.branch)
    return user


def told(result: Any) -> str:
    """Every message of an import."""
    rows = [row.error for row in result.invalid_rows]
    return str([*rows, *(error.error for _, errors in result.row_errors() for error in errors), *result.base_errors])


LIST: Row = {
    "清单": "党委主体责任清单",
    "责任主体": "镇党委",
    "印发日期": "2017.3.10",
    "文号": "池党发〔2017〕8号",
    "所涉党组织": "",
}
ITEM: Row = {
    "清单": "党委主体责任清单",
    "印发日期": "2017年3月10日",
    "序号": 1,
    "责任事项": "每季度研究一次党风廉政建设",
    "责任人": "房长亮",
    "完成时限": "2017-12-20",
    "完成日期": "",
    "佐证材料": "",
}
EVENT: Row = {
    "日期": "2017/12/10",
    "形式": "廉政谈话",
    "谈话类别": "提醒谈话",
    "主题": "岗位风险提醒",
    "对象": "村干部",
    "人数": 92,
    "所涉党组织": "",
}
INSPECTION: Row = {"日期": "2017-10-02", "被检查单位": "财政所", "检查人": "吴美珍、史慧", "所涉党组织": ""}
FINDING: Row = {
    "日期": "2017-10-02",
    "被检查单位": "财政所",
    "检查人": "吴美珍、史慧",
    "发现问题": "工作日志记录不全",
    "整改情况": "",
    "整改完成日期": "",
}
POWERS: Row = {"村": "本村", "权力事项数": 2, "清理日期": "2017.08"}
POWER: Row = {"村": "本村", "序号": 1, "权力事项": "村务公开", "依据": "", "责任人": "", "公开日期": "2017-10-01"}
LIMIT: Row = {"事项": "信访件告知受理", "期限": 20, "单位": "个工作日", "起始日期": "2020-01-01", "依据": "镇里核定"}
RULE: Row = {"处分种类": "警告", "影响期（月）": 12, "起始日期": "2024-01-01", "依据": "党纪处分条例（2023年修订）"}
SOURCE: Row = {"来源": "巡视移交", "排序号": 80, "使用中": "是"}
CATEGORY: Row = {"类别": "民主集中制", "排序号": 100, "使用中": "是"}
ROUND: Row = {"巡察单位": "区委巡察组", "反馈日期": "2017-06-20", "整改情况报告期限": "", "报告日期": ""}

SHEETS: list[tuple[type[ModelResource], Any, Row]] = [
    (prevention.ResponsibilityListResource, ResponsibilityList, LIST),
    (prevention.IntegrityEventResource, IntegrityEvent, EVENT),
    (prevention.StyleInspectionResource, StyleInspection, INSPECTION),
    (prevention.PowerListResource, PowerList, POWERS),
    (rules.TimeLimitResource, TimeLimit, LIMIT),
    (rules.MeasureRuleResource, MeasureRule, RULE),
    (rules.LeadSourceResource, LeadSource, SOURCE),
    (rules.FeedbackCategoryResource, FeedbackCategory, CATEGORY),
    (rules.InspectionRoundResource, InspectionRound, ROUND),
]
BELOW: list[tuple[type[ModelResource], Any, Row, type[ModelResource], Row]] = [
    (prevention.ResponsibilityItemResource, ResponsibilityItem, ITEM, prevention.ResponsibilityListResource, LIST),
    (prevention.InspectionFindingResource, InspectionFinding, FINDING, prevention.StyleInspectionResource, INSPECTION),
    (prevention.PowerItemResource, PowerItem, POWER, prevention.PowerListResource, POWERS),
]


@pytest.mark.parametrize(("resource", "model", "row"), SHEETS, ids=lambda one: getattr(one, "__name__", ""))
def test_row_comes_in_once_and_comes_out_as_it_was(clerk: User, resource: Any, model: Any, row: Row) -> None:
    before = model.objects.count()
    assert resource(user=clerk).import_data(sheet(row)).totals["new"] == 1
    assert model.objects.count() == before + 1
    taken = resource(user=clerk).export(model.objects.order_by("-pk")[:1])
    assert set(row) == set(taken.headers)
    again = resource(user=clerk).import_data(taken)
    assert (again.totals["skip"], model.objects.count()) == (1, before + 1), told(again)


@pytest.mark.parametrize(
    ("resource", "model", "row", "above", "parent"), BELOW, ids=lambda one: getattr(one, "__name__", "")
)
def test_row_below_another_finds_it_by_its_columns(
    clerk: User, resource: Any, model: Any, row: Row, above: Any, parent: Row
) -> None:
    assert "先登记" in told(resource(user=clerk).import_data(sheet(row)))
    above(user=clerk).import_data(sheet(parent))
    result = resource(user=clerk).import_data(sheet(row))
    assert result.totals["new"] == 1, told(result)
    taken = resource(user=clerk).export(model.objects.all())
    assert set(row) == set(taken.headers)
    again = resource(user=clerk).import_data(taken)
    assert (again.totals["skip"], model.objects.count()) == (1, 1), told(again)


@pytest.mark.parametrize(
    ("resource", "row", "values", "words"),
    [
        (prevention.ResponsibilityListResource, LIST, {"清单": "问题清单"}, "没有“问题清单”，应为"),
        (prevention.ResponsibilityListResource, LIST, {"印发日期": "2999-01-01"}, "年份不对"),
        (prevention.ResponsibilityListResource, LIST, {"印发日期": "2099-01-01"}, "不能晚于今天"),
        (prevention.IntegrityEventResource, EVENT, {"形式": "廉政微课堂"}, "只有廉政谈话才填谈话类别"),
        (prevention.IntegrityEventResource, EVENT, {"人数": "九十二"}, "不是整数"),
        (prevention.IntegrityEventResource, EVENT, {"人数": 0}, "1"),
        (prevention.StyleInspectionResource, INSPECTION, {"日期": "2017-02-30"}, "不是存在的日期"),
        (prevention.PowerListResource, POWERS, {"村": "无此村"}, "没有“无此村”"),
        (prevention.PowerListResource, POWERS, {"权力事项数": 0}, "1"),
        (rules.TimeLimitResource, LIMIT, {"期限": 0}, "1"),
        (rules.MeasureRuleResource, RULE, {"处分种类": "记过"}, "没有“记过”"),
        (rules.InspectionRoundResource, ROUND, {"报告日期": "2017-06-01"}, "报告日期不能早于反馈日期"),
    ],
)
def test_wrong_cell_is_told_and_nothing_is_stored(
    clerk: User, resource: Any, row: Row, values: Row, words: str
) -> None:
    model = resource._meta.model
    before = model.objects.count()
    assert words in told(resource(user=clerk).import_data(sheet(row | values)))
    assert model.objects.count() == before


@pytest.mark.parametrize(
    ("resource", "row", "values", "words"),
    [
        (prevention.ResponsibilityItemResource, ITEM, {"完成时限": "2017-03-09"}, "完成时限不能早于清单的印发日期"),
        (prevention.ResponsibilityItemResource, ITEM, {"完成日期": "2017-12-01"}, "请写明佐证材料"),
        (prevention.ResponsibilityItemResource, ITEM, {"印发日期": ""}, "请填写印发日期"),
        (prevention.ResponsibilityItemResource, ITEM, {"印发日期": "2016-03-10"}, "请核对或先登记"),
        (
            prevention.InspectionFindingResource,
            FINDING,
            {"整改完成日期": "2017-10-01"},
            "整改完成日期不能早于检查日期",
        ),
        (prevention.InspectionFindingResource, FINDING, {"整改完成日期": "2017-10-09"}, "请写明整改情况"),
        (prevention.PowerItemResource, POWER, {"序号": 3}, "序号不能大于 2"),
        (prevention.PowerItemResource, POWER, {"公开日期": "2099-01-01"}, "不能晚于今天"),
    ],
)
def test_row_against_the_one_above_is_told(clerk: User, resource: Any, row: Row, values: Row, words: str) -> None:
    for _, _, below, above, parent in BELOW:
        if below is row:
            above(user=clerk).import_data(sheet(parent))
    assert words in told(resource(user=clerk).import_data(sheet(row | values)))
    assert not resource._meta.model.objects.exists()


def test_second_row_of_the_same_key_is_a_fault(clerk: User) -> None:
    result = prevention.ResponsibilityListResource(user=clerk).import_data(sheet(LIST, LIST | {"责任主体": "镇委"}))
    assert "与表中第 1 条是同一份清单" in told(result)
    assert not ResponsibilityList.objects.filter(bearer="镇委").exists()


def test_sheet_without_a_key_column_is_refused(clerk: User) -> None:
    short = {name: value for name, value in ITEM.items() if name != "印发日期"}
    assert "缺少列：印发日期" in told(prevention.ResponsibilityItemResource(user=clerk).import_data(sheet(short)))


def test_duty_of_a_branch_takes_in_its_own_rows_only(own_clerk: User, town: Town) -> None:
    resource = prevention.PowerListResource(user=own_clerk)
    assert resource.import_data(sheet(POWERS)).totals["new"] == 1
    assert "没有“外村”" in told(resource.import_data(sheet(POWERS | {"村": "外村"})))
    events = prevention.IntegrityEventResource(user=own_clerk)
    assert "不归您管" in told(events.import_data(sheet(EVENT)))
    own = EVENT | {"所涉党组织": town.own.branch.code}
    assert events.import_data(sheet(own)).totals["new"] == 1


def test_row_of_another_place_is_not_overwritten(own_clerk: User, clerk: User, town: Town) -> None:
    prevention.PowerListResource(user=clerk).import_data(sheet(POWERS | {"村": "外村"}))
    result = prevention.PowerItemResource(user=own_clerk).import_data(sheet(POWER | {"村": "外村"}))
    assert "没有“外村”" in told(result)
    assert not PowerItem.objects.exists()


def test_month_of_a_list_stays_a_month(clerk: User) -> None:
    prevention.PowerListResource(user=clerk).import_data(sheet(POWERS))
    stored = PowerList.objects.get()
    assert (stored.settled_on, stored.settled_precision) == (date(2017, 8, 1), "month")


def test_round_gets_the_day_of_its_report(clerk: User) -> None:
    rules.InspectionRoundResource(user=clerk).import_data(sheet(ROUND))
    assert InspectionRound.objects.get().report_due_on == date(2017, 8, 20)


def test_formula_is_exported_as_text(clerk: User) -> None:
    prevention.IntegrityEventResource(user=clerk).import_data(sheet(EVENT | {"主题": "'=1+1"}))
    taken = prevention.IntegrityEventResource(user=clerk).export(IntegrityEvent.objects.all())
    assert "'=1+1" in taken["主题"]
