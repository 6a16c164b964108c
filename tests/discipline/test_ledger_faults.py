"""Workbook 06: each fault is found by sheet, row and column, nothing is stored, and no stored name is told."""

import io
from datetime import date, timedelta

import openpyxl
import pytest

from chishang.core.dates import today
from chishang.core.ledgers import Options, Status, load_ledgers
from discipline.enums import PetitionOrigin
from discipline.models import Case, Criticism, FeedbackIssue, Person, Petition, Reading, Sanction
from discipline.services.feedback import RETURNED
from organizations.models import Village
from tests.discipline.books import HEADER, SOUND, book, load_sheets
from tests.discipline.records import make_case, make_criticism, make_person, make_petition, make_sanction
from tests.discipline.test_ledger import STORED, WORKBOOK, load_rows, snapshot, sound
from tests.factories import Town
from tests.township import load

TOMORROW = (today() + timedelta(days=1)).isoformat()
FAULTS: list[tuple[str, dict[str, object], str, str]] = [
    ("责任清单", {"名称": "党组责任清单"}, "名称", "没有“党组责任清单”，应为：党委主体责任清单"),
    ("责任清单", {"责任主体": None}, "责任主体", "没有填写"),
    ("责任清单", {"印发日期": TOMORROW}, "印发日期", "不能晚于今天"),
    ("廉政教育", {"形式": "讲座"}, "形式", "没有“讲座”"),
    ("廉政教育", {"人数": "若干"}, "人数", "不是整数"),
    ("廉政教育", {"人数": 0}, "人数", "1 到 5000 之间"),
    ("廉政教育", {"日期": "2017.02"}, "日期", "缺少日"),
    ("作风检查", {"被检查单位": "没有的村"}, "被检查单位", "没有“没有的村”"),
    ("作风检查", {"发现问题": "未发现问题"}, "发现问题", "请写明发现的问题"),
    ("微权力", {"村": "没有的村"}, "村", "没有“没有的村”"),
    ("微权力", {"权力事项数": 0}, "权力事项数", "至少为 1"),
    ("微权力", {"清理日期": "2017年13月"}, "清理日期", "不是存在的日期"),
    ("信访件", {"处理结果": None}, "处理结果", "办结的信访件必须有处理结果"),
    ("信访件", {"办结日期": None}, "办结日期", "请写明办结日期"),
    ("信访件", {"办结日期": "2017-06-13"}, "办结日期", "不能早于转来日期（2017年6月14日）"),
    ("信访件", {"反映内容摘要": None}, "反映内容摘要", "没有填写"),
    ("巡察问题", {"类别": "其他"}, "类别", "没有“其他”"),
    ("巡察问题", {"涉及单位": "没有的村"}, "涉及单位", "没有“没有的村”"),
    ("巡察问题", {"整改完成日期": "2017-06-19"}, "整改完成日期", "不能早于反馈日期（2017年6月20日）"),
    ("巡察问题", {"整改时限": "2017-06-19"}, "整改时限", "不能早于反馈日期"),
    ("巡察问题", {"核验人": "房长亮"}, "核验人", "整改人不能核验自己的整改"),
    ("巡察问题", {"整改人": "江明富", "核验人": "江明富"}, "核验人", "整改人不能核验自己的整改"),
    ("巡察问题", {"核验人": "江明富", "整改完成日期": None}, "核验人", "先整改、后核验"),
    ("巡察问题", {"核验人": "江明富", "核验日期": "2017-08-06"}, "核验日期", "先整改、后核验"),
    ("巡察问题", {"核验日期": "2017-08-08"}, "核验人", "请写明核验人"),
    ("案件", {"案号": None}, "案号", "先立案、后处分"),
    ("案件", {"案号": "池纪立2017-1"}, "案号", "池纪立〔2017〕1号"),
    ("案件", {"线索来源": "听说"}, "线索来源", "没有“听说”"),
    ("案件", {"所在党支部": "没有的党支部"}, "所在党支部", "没有“没有的党支部”"),
    ("案件", {"被处分党员": None}, "被处分党员", "没有填写"),
    ("案件", {"处分日期": "2017-03-16"}, "处分日期", "不能早于立案日期（2017年3月17日）：先立案、后处分"),
    ("案件", {"结案日期": "2017-03-16", "处分种类": None, "处分日期": None}, "结案日期", "不能早于立案日期"),
    ("案件", {"结案日期": "2017-05-04"}, "结案日期", "不能早于处理决定日期"),
    ("案件", {"处分种类": None}, "处分种类", "请写明处分种类"),
    ("案件", {"处分日期": None}, "处分日期", "请写明处分日期"),
    ("案件", {"处分种类": "记过"}, "处分种类", "没有“记过”，应为：警告"),
    ("案件", {"处分日期": TOMORROW, "结案日期": None}, "处分日期", "不能晚于今天"),
    ("案件", {"立案日期": "2015-03-17", "处分日期": "2015-05-05"}, "处分日期", "还没有这种处分的影响期规定"),
    ("案件", {"察看期": "12个月"}, "察看期", "其他处分不填"),
    ("案件", {"处分种类": "留党察看", "察看期": "18个月"}, "察看期", "没有“18个月”"),
    ("案件", {"影响期至": "2018-05-05"}, "影响期至", "警告的影响期为 12 个月，自2017年5月5日生效之日起至2018年5月4日"),
    ("案件", {"处分种类": None, "处分日期": None, "影响期至": "2018-05-04"}, "影响期至", "请写明处分种类"),
    ("批评教育", {"形式": "口头批评"}, "形式", "没有“口头批评”"),
    ("批评教育", {"单位": "没有的村"}, "单位", "没有“没有的村”"),
    ("批评教育", {"姓名": None}, "姓名", "没有填写"),
    ("批评教育", {"事由": None}, "事由", "没有填写"),
]

OTHER: dict[str, dict[str, object]] = {
    "责任清单": {"名称": "纪委监督责任清单"},
    "廉政教育": {"主题": "节前廉政提醒"},
    "作风检查": {"检查人": "史慧"},
    "微权力": {"村": "外村"},
    "信访件": {"编号": "XF-2017-02"},
    "巡察问题": {"编号": "XC-002"},
    "案件": {"案号": "池纪立〔2017〕2号", "被处分党员": "钱某"},
    "批评教育": {"姓名": "钱某某"},
}
"""What makes a second row of a sheet another one."""


@pytest.mark.parametrize(("sheet", "values", "column", "words"), FAULTS)
def test_wrong_cell_is_named_and_nothing_stored(
    town: Town, sheet: str, values: dict[str, object], column: str, words: str
) -> None:
    report = load_rows(sheet, sound(town, sheet, **OTHER[sheet]), sound(town, sheet, **values))
    first, *more = report.faults
    assert report.status == Status.REFUSED
    assert (first.file, first.sheet, first.row, first.column) == ("06廉政台账.xlsx", sheet, HEADER + 2, column)
    assert words in first.message
    assert not more
    assert not any(model.objects.exists() for model in STORED)
    assert Reading.objects.get().purpose == "检查台账"


@pytest.mark.parametrize(
    ("sheet", "column", "words"),
    [
        ("责任清单", "名称", "与第 4 行是同一天印发的同一清单"),
        ("廉政教育", "日期", "与第 4 行是同一天同一形式、主题和对象的廉政教育"),
        ("作风检查", "发现问题", "与第 4 行是同一次检查的同一内容"),
        ("微权力", "村", "与第 4 行是同一个村"),
        ("信访件", "编号", "与第 4 行是同一件信访件"),
        ("巡察问题", "编号", "与第 4 行是同一条问题"),
        ("案件", "案号", "与第 4 行是同一案件的同一人"),
        ("批评教育", "姓名", "与第 4 行是同一人同一天同一形式的批评教育"),
    ],
)
def test_row_that_stands_twice_is_named(town: Town, sheet: str, column: str, words: str) -> None:
    report = load_rows(sheet, sound(town, sheet), sound(town, sheet))
    ((row, named, message),) = [(one.row, one.column, one.message) for one in report.faults]
    assert (row, named, message) == (HEADER + 2, column, words)


def test_one_number_for_two_cases_is_named(town: Town) -> None:
    report = load_rows("案件", sound(town, "案件"), sound(town, "案件", 被处分党员="钱某", 立案日期="2017-03-18"))
    (fault,) = report.faults
    assert (fault.row, fault.column) == (HEADER + 2, "案号")
    assert fault.message == "与第 4 行的案号相同，“立案日期”却不同；不是同一案件的请改案号"


def test_end_of_the_effect_and_verifier_that_agree_are_taken(town: Town) -> None:
    case = sound(town, "案件", 影响期至="2020年5月4日", 处分种类="留党察看")
    issue = sound(town, "巡察问题", 整改人="房长亮", 核验人="江明富", 核验日期="2017-08-08")
    report = load_sheets({"案件": [case], "巡察问题": [issue]})
    assert (report.status, report.faults) == (Status.LOADED, [])
    assert FeedbackIssue.objects.get().verifier == "江明富"
    assert Sanction.objects.get().impact_until == date(2020, 5, 4)


def test_sheet_without_a_column_is_named(town: Town) -> None:
    name, file = book({"信访件": [SOUND["信访件"]]})
    workbook, lacking = openpyxl.load_workbook(file), io.BytesIO()
    workbook["信访件"].delete_cols(6)
    workbook.save(lacking)
    lacking.seek(0)
    (report,) = load_ledgers([(name, lacking)], Options(confidential=True))
    assert [(one.row, one.column) for one in report.faults] == [(HEADER, "处理结果")]


# ---- beside what is stored --------------------------------------------------------------------------------------


def test_decision_before_the_filing_that_is_stored_is_named_without_the_stored_name(town: Town) -> None:
    case = make_case(make_person("欧阳守信", town.own.branch.name), filed_on=date(2017, 5, 6))
    report = load_rows("案件", sound(town, "案件", 案号=case.number, 立案日期=None, 线索来源=None))
    (fault,) = report.faults
    assert (fault.column, "欧阳守信" in fault.message) == ("处分日期", False)


def test_filing_after_a_sanction_of_the_portal_is_refused_with_its_rule(town: Town) -> None:
    case = make_case(make_person("欧阳守信", town.own.branch.name))
    make_sanction(case)
    report = load_rows(
        "案件", sound(town, "案件", 立案日期="2017-05-06", 处分种类=None, 处分日期=None, 结案日期="2017-05-07")
    )
    (fault,) = report.faults
    assert "立案日期不能晚于本案的处分决定日期" in fault.message
    assert "欧阳" not in fault.message
    assert Case.objects.get().filed_on == date(2017, 3, 17)


def test_several_people_of_one_name_are_left_to_the_office(town: Town) -> None:
    for remark in ("1965年生", "1970年生"):
        make_criticism(make_person("房某某", "本村", remark=remark))
    report = load_rows("批评教育", sound(town, "批评教育"))
    ((column, message),) = [(one.column, one.message) for one in report.faults]
    assert (column, message) == ("姓名", "门户里这个单位有几名同名的人，请在门户里登记这一条")
    assert Criticism.objects.count() == Person.objects.count() == 2


def test_petition_of_another_way_in_is_not_overwritten(town: Town) -> None:
    make_petition(origin=PetitionOrigin.LETTER)
    report = load_rows("信访件", sound(town, "信访件"))
    assert [one.column for one in report.faults] == ["编号"]
    assert Petition.objects.get().summary == "反映某村账目公开不完整"


@pytest.mark.parametrize(
    ("stored", "values", "column", "words"),
    [
        ({"rectified_on": None, "result": f"{RETURNED}没有改到位"}, {}, "整改完成日期", "已经退回"),
        ({"verified_on": date(2017, 8, 8), "verifier": "江明富"}, {"整改完成日期": "2017-08-06"}, "编号", "已经核验"),
        (
            {"verified_on": date(2017, 8, 8), "verifier": "江明富", "struck_off_on": date(2017, 8, 9)},
            {"问题": "议题太少"},
            "编号",
            "已经销号",
        ),
    ],
)
def test_workbook_does_not_undo_what_the_portal_did_with_an_issue(
    town: Town, stored: dict[str, object], values: dict[str, object], column: str, words: str
) -> None:
    load_rows("巡察问题", sound(town, "巡察问题"))
    FeedbackIssue.objects.update(**stored)
    report = load_rows("巡察问题", sound(town, "巡察问题", **values))
    ((named, message),) = [(one.column, one.message) for one in report.faults]
    assert named == column
    assert words in message


def test_verified_issue_that_the_workbook_repeats_stays(town: Town) -> None:
    load_rows("巡察问题", sound(town, "巡察问题"))
    FeedbackIssue.objects.update(verified_on=date(2017, 8, 8), verifier="江明富", struck_off_on=date(2017, 8, 9))
    report = load_rows("巡察问题", sound(town, "巡察问题"))
    assert (report.faults, report.counts["巡察反馈问题"].unchanged) == ([], 1)


# ---- the township's workbook, spoilt ----------------------------------------------------------------------------

PLANTED: list[tuple[str, int, str, object]] = [
    ("责任清单", 5, "印发日期", "2017.2.30"),
    ("廉政教育", 10, "人数", "约百人"),
    ("作风检查", 8, "日期", "昨天"),
    ("微权力", 20, "村", "不知道村"),
    ("信访件", 5, "处理结果", None),
    ("信访件", 7, "办结日期", None),
    ("巡察问题", 9, "类别", "别的"),
    ("巡察问题", 30, "整改完成日期", "2017-06-01"),
    ("案件", 4, "处分日期", "2017-03-01"),
    ("案件", 5, "案号", None),
    ("案件", 6, "处分种类", None),
    ("案件", 7, "结案日期", "2017-06-01"),
    ("案件", 9, "案号", "池纪立〔2017〕5号"),
    ("批评教育", 12, "形式", "谈心"),
]


def test_every_fault_planted_in_the_township_s_workbook_is_found_and_no_other(
    township: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    workbook = openpyxl.load_workbook(WORKBOOK)
    for sheet, row, column, value in PLANTED:
        page = workbook[sheet]
        titles = [cell.value for cell in page[3]]
        page.cell(row, titles.index(column) + 1).value = value
    path = tmp_path_factory.mktemp("bad") / "06廉政台账.xlsx"
    workbook.save(path)
    before, villages = snapshot(), Village.objects.count()

    (report,) = load(path, confidential=True)

    assert report.status == Status.REFUSED
    found = [(fault.sheet, fault.row, fault.column) for fault in report.faults]
    assert sorted(found) == sorted((sheet, row, column) for sheet, row, column, _ in PLANTED)
    assert (snapshot(), Village.objects.count()) == (before, villages)

    (report,) = load(path, confidential=True, take_good_rows=True)
    assert (report.status, report.counts["案件"].new, report.counts["信访件"].new) == (Status.LOADED, 3, 5)
