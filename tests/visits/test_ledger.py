"""Workbook 03: what it becomes, what is refused, and that loading twice changes nothing."""

import io
import json
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from django.core.management import call_command

from chishang.core.ledgers import Options, Status, load_ledgers
from organizations.enums import DutyCode
from tests.factories import Town, UserFactory
from tests.township import BAD, LEDGERS, load
from visits.enums import EscalationLevel, IssueState, MoveCode, Source
from visits.ledger import ENTERPRISE_COLUMNS, HOUSEHOLD_COLUMNS
from visits.models import Household, Issue, IssueEvent, Visit

FAULTS = [fault for fault in json.loads((BAD / "truth.json").read_text())["faults"] if fault["file"].startswith("03")]


def snapshot() -> dict[str, list[object]]:
    return {
        model.__name__: list(model.objects.order_by("pk").values_list())
        for model in (Household, Visit, Issue, IssueEvent)
    }


def test_loading_twice_changes_nothing(township: None) -> None:
    before = snapshot()
    reports = {report.file: report for report in load()}
    counts = reports["03走访台账.xlsx"].counts
    assert all((count.new, count.changed) == (0, 0) for count in counts.values())
    assert counts["走访"].unchanged == 10172
    assert snapshot() == before


def test_every_planted_fault_is_named_by_row_and_column_and_no_other(township: None) -> None:
    before = snapshot()
    (report,) = load(BAD / "03走访台账.xlsx")
    assert report.status == Status.REFUSED
    named = {(fault.sheet, fault.row, fault.column) for fault in report.faults}
    assert named == {(fault["sheet"], fault["row"], fault["column"]) for fault in FAULTS}
    assert snapshot() == before


def test_good_rows_are_taken_only_when_asked_for(township: None) -> None:
    (report,) = load(BAD / "03走访台账.xlsx", take_good_rows=True)
    assert report.status == Status.LOADED
    assert len(report.faults) == len(FAULTS)
    assert report.counts["走访"].new == 0


def test_check_stores_nothing(township: None) -> None:
    IssueEvent.objects.all().delete()
    Issue.objects.all().delete()
    (report,) = load(LEDGERS / "03走访台账.xlsx", check=True)
    assert (report.status, report.counts["反映问题"].new) == (Status.CHECKED, 1083)
    assert Issue.objects.count() == 0


def test_merged_row_is_one_more_issue_of_the_same_visit(township: None) -> None:
    visit = Visit.objects.get(household__code="QY-033", visited_on=date(2017, 6, 7))
    assert sorted(visit.issues.values_list("description", flat=True)) == [
        "变压器容量不足\uff0c申请增容",
        "希望帮助申报农业龙头企业项目",
    ]


def test_escalated_issue_says_to_whom(township: None) -> None:
    issue = Issue.objects.get(visit__household__code="V01-0113", state=IssueState.ESCALATED)
    assert (issue.escalation_level, issue.escalated_to) == (EscalationLevel.DISTRICT_LEADER, "区挂包领导")
    assert issue.escalated_on == issue.raised_on == date(2017, 2, 15)
    assert list(issue.events.values_list("move", "to_state")) == [
        (MoveCode.REGISTER, "registered"),
        (MoveCode.RECORD, "escalated"),
    ]


def test_second_visitor_is_a_companion(township: None) -> None:
    visit = Visit.objects.get(household__code="V01-0059", visited_on=date(2017, 2, 20))
    assert (visit.visitor.name, visit.companions, visit.source) == ("文月梅", "苏明山", Source.LEDGER)


# ---- small workbooks --------------------------------------------------------------------------------------------


def row(**values: object) -> dict[str, object]:
    """A sound row of the own village; ``values`` override it."""
    return {
        "户编号": "TV01-0001",
        "户主": "赵东强",
        "自然村/组": "一组",
        "家庭人口": 3,
        "联系电话": "15410000001",
        "走访人": "王\u3000走访",
        "走访日期": "2017年3月5日",
        **values,
    }


def book(*rows: dict[str, object], sheet: str = "本村") -> list[tuple[str, io.BytesIO]]:
    columns = ENTERPRISE_COLUMNS if sheet == "企业" else HOUSEHOLD_COLUMNS
    workbook = openpyxl.Workbook()
    page = workbook.active
    page.title = sheet
    page.append(["测试镇\u201c问民生\u201d大走访台账"])
    page.append(["填报日期\uff1a2017年12月31日"])
    page.append(list(columns))
    for values in rows:
        page.append([values.get(column) for column in columns])
    file = io.BytesIO()
    workbook.save(file)
    file.seek(0)
    return [("03走访台账.xlsx", file)]


@pytest.fixture
def visitor(town: Town) -> None:
    UserFactory(name="王走访")


def test_import_by_the_office_stores_household_visit_and_issue(town: Town, visitor: None) -> None:
    issue = {"反映问题": "水浑", "问题类别": "村民用水", "办理情况": "已解决", "解决日期": "2017.3.9"}
    actor = town.people[DutyCode.OFFICE_CLERK]
    (report,) = load_ledgers(book(row(**issue)), Options(actor=actor))
    assert (report.status, report.faults) == (Status.LOADED, [])
    visit = Visit.objects.get()
    assert (visit.entered_by, visit.campaign.name, visit.household) == (actor, "问民生", town.own_household)
    assert visit.issues.get().resolved_on == date(2017, 3, 9)


def test_import_without_the_right_is_refused(town: Town, visitor: None) -> None:
    (report,) = load_ledgers(book(row()), Options(actor=town.people[DutyCode.AREA_LEADER]))
    assert report.status == Status.REFUSED
    assert Visit.objects.count() == 0


def test_household_of_another_village_is_refused(town: Town, visitor: None) -> None:
    (report,) = load_ledgers(book(row(户编号="TV02-0001", 户主="钱西明")), Options())
    assert [(fault.column, fault.message) for fault in report.faults] == [("户编号", "TV02-0001 是另一个村的编号")]


def test_same_visit_in_two_rows_is_refused(town: Town, visitor: None) -> None:
    (report,) = load_ledgers(book(row(), row()), Options())
    assert [(fault.row, fault.column) for fault in report.faults] == [(5, "走访日期")]


def test_unknown_visitor_is_named_once(town: Town) -> None:
    (report,) = load_ledgers(book(row(), row(走访日期="2017-03-06")), Options())
    assert [(fault.row, fault.column) for fault in report.faults] == [(4, "走访人")]


def test_resolution_that_a_newer_ledger_brings_moves_an_untouched_issue(town: Town, visitor: None) -> None:
    issue = {"反映问题": "水浑", "问题类别": "村民用水", "办理情况": "未办理"}
    load_ledgers(book(row(**issue)), Options())
    (report,) = load_ledgers(book(row(**issue | {"办理情况": "已解决", "解决日期": "2017-4-1"})), Options())
    assert report.counts["反映问题"].changed == 1
    assert Issue.objects.resolved_on_date(date(2017, 4, 1)).count() == 1
    assert Issue.objects.resolved_on_date(date(2017, 3, 31)).count() == 0


def test_enterprise_counts_where_it_stands(town: Town, visitor: None) -> None:
    values = row(编号="QY-1", 企业名称="山禾公司", 所在村="外村", 负责人="李明")
    (report,) = load_ledgers(book(values, sheet="企业"), Options())
    assert report.faults == []
    assert Household.objects.get(code="QY-1").village == town.foreign


def test_command_writes_the_faults_and_exits_with_one(town: Town, visitor: None, tmp_path: Path) -> None:
    folder = tmp_path / "ledgers"
    folder.mkdir()
    name, file = book(row(走访日期="2017年6月31日"))[0]
    (folder / name).write_bytes(file.read())
    errors = tmp_path / "errors.json"
    with pytest.raises(SystemExit) as stop:
        call_command("load_ledgers", str(folder), "--errors", str(errors))
    assert stop.value.code == 1
    (fault,) = json.loads(errors.read_text())
    assert fault.keys() == {"file", "sheet", "row", "column", "message"}
    assert (fault["file"], fault["sheet"], fault["row"], fault["column"]) == (name, "本村", 4, "走访日期")
    assert Visit.objects.count() == 0
