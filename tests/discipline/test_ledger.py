"""Workbook 06: what it becomes, and that loading twice changes nothing."""

import os
import pwd
from datetime import date
from typing import Any

import pytest
from django.db import connection

from chishang.core.dates import add_months, today
from chishang.core.ledgers import Report, Status
from discipline.enums import AccessKind, IssueLevel, Measure, PetitionOrigin, Register
from discipline.models import (
    Case,
    CaseAccess,
    Criticism,
    FeedbackIssue,
    InspectionFinding,
    InspectionRound,
    IntegrityEvent,
    Involvement,
    Person,
    Petition,
    PowerList,
    Reading,
    ResponsibilityList,
    Sanction,
    StyleInspection,
)
from members.models import ImpactFlag
from organizations.enums import DutyCode
from tests.discipline.books import SOUND, load_sheets
from tests.discipline.records import name_on
from tests.factories import Town
from tests.members.life import make_member
from tests.township import LEDGERS, load

WORKBOOK = LEDGERS / "06廉政台账.xlsx"
STORED = (
    *(Case, CaseAccess, Criticism, FeedbackIssue, InspectionFinding, InspectionRound, IntegrityEvent, Involvement),
    *(Person, Petition, PowerList, ResponsibilityList, Sanction, StyleInspection),
)


def snapshot() -> dict[str, list[Any]]:
    """Every column of every row, ciphers as well."""
    with connection.cursor() as cursor:
        found = {}
        for model in STORED:
            cursor.execute(f"SELECT row::text FROM {model._meta.db_table} row ORDER BY id")
            found[model.__name__] = cursor.fetchall()
    return found


@pytest.fixture
def loaded(township: None) -> None:
    """The workbook of the township."""
    (report,) = load(WORKBOOK, confidential=True)
    assert (report.status, report.faults) == (Status.LOADED, [])


def test_workbook_of_the_township_is_taken_whole(loaded: None) -> None:
    counts = {model.__name__: model.objects.count() for model in STORED}
    assert counts == {
        "ResponsibilityList": 4,
        "IntegrityEvent": 45,
        "StyleInspection": 19,
        "InspectionFinding": 16,
        "PowerList": 44,
        "Petition": 7,
        "InspectionRound": 2,
        "FeedbackIssue": 73,
        "Case": 8,
        "Involvement": 8,
        "Sanction": 8,
        "Person": 39,
        "Criticism": 31,
        "CaseAccess": 8,
    }


def test_loading_twice_changes_nothing(loaded: None) -> None:
    before = snapshot()
    (report,) = load(WORKBOOK, confidential=True)
    assert {(count.new, count.changed) for count in report.counts.values()} == {(0, 0)}
    assert report.counts["案件"].unchanged == 8
    assert snapshot() == before


def test_masked_name_stays_as_it_is_written_and_the_end_of_the_effect_follows_the_rule(loaded: None) -> None:
    told = {
        one.involvement.person.name: (one.measure, one.probation_months, one.effective_on, one.impact_until)
        for one in Sanction.objects.select_related("involvement__person")
    }
    assert told["孙某"] == (Measure.WARNING, None, date(2017, 5, 5), date(2018, 5, 4))
    assert told["金某"] == (Measure.PROBATION, 12, date(2017, 7, 1), date(2020, 6, 30))
    assert told["侯某"] == (Measure.SERIOUS_WARNING, None, date(2017, 10, 22), date(2019, 4, 21))
    assert told["潘某甲"] == (Measure.REMOVAL, None, date(2017, 11, 17), date(2019, 11, 16))
    case = Case.objects.get(number="池纪立〔2017〕8号")
    assert (case.decided_on, case.closed_on) == (date(2017, 11, 28), None)


def test_rows_of_the_other_sheets_are_as_the_workbook_says(loaded: None) -> None:
    issue = FeedbackIssue.objects.select_related("round", "organization").get(number="XC-003")
    assert (issue.level, issue.organization.name) == (IssueLevel.VILLAGE, "东河涯村党支部")
    assert (issue.round.feedback_on, issue.round.report_due_on) == (date(2017, 6, 20), date(2017, 8, 20))
    assert FeedbackIssue.objects.get(number="XC-001").level == IssueLevel.TOWN
    powers = PowerList.objects.get(village__name="牛栏峪村")
    assert (powers.item_count, powers.settled_on, powers.settled_precision) == (40, date(2017, 8, 1), "month")
    petition = Petition.objects.get(number="XF-2017-06")
    assert (petition.origin, petition.result) == (PetitionOrigin.HANDED_OVER, "部分属实，已责令整改")
    assert Criticism.objects.get(occurred_on=date(2017, 2, 18)).reason == "工作纪律松弛"
    assert not InspectionFinding.objects.filter(text="未发现问题").exists()


def test_operator_s_check_and_import_leave_a_line_each(township: None) -> None:
    load(WORKBOOK, confidential=True, check=True)
    assert not Case.objects.exists()
    load(WORKBOOK, confidential=True)
    checked, imported = Reading.objects.order_by("pk")
    assert (checked.purpose, imported.purpose) == ("检查台账", "导入台账")
    for line in (checked, imported):
        assert (line.user, line.kind, line.register) == (None, AccessKind.IMPORTED, Register.WORKBOOK)
        assert line.operator == pwd.getpwuid(os.geteuid()).pw_name
        assert line.subject == "06廉政台账.xlsx"


def test_workbook_is_passed_over_without_the_flag(township: None) -> None:
    (report,) = load(WORKBOOK)
    assert (report.status, report.counts, report.faults) == (Status.SKIPPED, {}, [])
    assert report.reason == "涉密工作簿，由纪委书记导入；服务器操作员须加 --confidential"
    assert not Case.objects.exists()
    assert not Reading.objects.exists()


# ---- small workbooks --------------------------------------------------------------------------------------------


def sound(town: Town, sheet: str, **values: object) -> dict[str, object]:
    """A sound row of a sheet; ``values`` override it."""
    branch = {"所在党支部": town.own.branch.name} if sheet == "案件" else {}
    return {**SOUND[sheet], **branch, **values}


def load_rows(sheet: str, *rows: dict[str, object], **options: object) -> Report:
    return load_sheets({sheet: list(rows)}, **options)


def test_sheets_that_are_missing_and_blank_rows_are_borne(town: Town) -> None:
    report = load_rows("批评教育", sound(town, "批评教育"), {}, {"日期": "注：姓名已作隐名处理。"})
    assert report.status == Status.LOADED
    assert Criticism.objects.get().person.organization == town.own.branch


def test_empty_cells_leave_what_is_stored(town: Town) -> None:
    load_rows("信访件", sound(town, "信访件"))
    report = load_rows("信访件", {"编号": "XF-2017-01"})
    assert report.counts["信访件"].unchanged == 1
    petition = Petition.objects.get()
    assert (petition.result, petition.closed_on) == ("部分属实，已责令整改", date(2017, 8, 9))


def test_changed_text_is_written_and_decrypts(town: Town) -> None:
    load_rows("信访件", sound(town, "信访件"))
    report = load_rows("信访件", sound(town, "信访件", 处理结果="属实，已立案"))
    assert (report.counts["信访件"].changed, Petition.objects.get().result) == (1, "属实，已立案")


def test_case_with_two_persons_and_person_in_two_cases(town: Town) -> None:
    report = load_rows(
        "案件",
        sound(town, "案件", 结案日期="2017-07-01"),
        sound(town, "案件", 被处分党员="钱某", 处分种类="严重警告", 处分日期="2017-06-01", 结案日期=None),
        sound(town, "案件", 案号="池纪立〔2017〕2号"),
    )
    assert report.status == Status.LOADED, report.faults
    assert (Case.objects.count(), Person.objects.count(), Sanction.objects.count()) == (2, 2, 3)
    assert Case.objects.get(number="池纪立〔2017〕1号").decided_on == date(2017, 6, 1)


def test_what_the_portal_knows_beyond_the_workbook_stays(town: Town) -> None:
    row = sound(town, "案件", 处分种类="留党察看")
    load_rows("案件", row)
    sanction = Sanction.objects.get()
    sanction.probation_months, sanction.impact_until = 24, date(2021, 5, 4)
    sanction.effective_on, sanction.impact_until = date(2017, 5, 6), date(2021, 5, 5)
    sanction.save()
    report = load_rows("案件", row)
    assert report.counts["党纪处分"].unchanged == 1
    report = load_rows("案件", {**row, "察看期": "一年"})
    assert report.counts["党纪处分"].changed == 1
    assert Sanction.objects.get().impact_until == date(2020, 5, 5)


def test_flag_of_a_linked_member_follows_the_workbook(town: Town) -> None:
    load_rows("案件", sound(town, "案件"))
    member = make_member(town.own.branch)
    Person.objects.update(member=member)
    load_rows("案件", sound(town, "案件", 处分种类="严重警告"))
    assert ImpactFlag.objects.get(member=member).until == date(2018, 11, 4)


def test_person_told_apart_by_the_office_is_found_again(town: Town) -> None:
    load_rows("批评教育", sound(town, "批评教育"))
    Person.objects.update(remark="1965年生")
    report = load_rows("批评教育", sound(town, "批评教育"))
    assert (report.counts["涉及人员"].new, Person.objects.count()) == (0, 1)


# ---- who is named on an imported case ---------------------------------------------------------------------------


def named(case: Case | None = None) -> set[str]:
    rows = CaseAccess.objects.filter(case=case) if case else CaseAccess.objects.all()
    return {row.user.name for row in rows.select_related("user")}


def test_operator_s_cases_are_named_to_the_head_for_a_year(town: Town) -> None:
    load_rows("案件", sound(town, "案件"))
    access = CaseAccess.objects.get()
    assert (access.user, access.granted_by) == (town.people[DutyCode.DISCIPLINE_HEAD], None)
    assert (access.since, access.until) == (today(), add_months(today(), 12))
    report = load_rows("案件", sound(town, "案件"))
    assert (report.counts["查阅授权"].new, CaseAccess.objects.count()) == (0, 1)


def test_importer_is_named_and_what_was_handed_out_before_stays(town: Town) -> None:
    clerk, head = town.people[DutyCode.DISCIPLINE_CLERK], town.people[DutyCode.DISCIPLINE_HEAD]
    load_rows("案件", sound(town, "案件"))
    name_on(Case.objects.get(), clerk)
    rows = [sound(town, "案件"), sound(town, "案件", 案号="池纪立〔2017〕2号")]
    report = load_rows("案件", *rows, actor=head, confidential=False)
    assert report.status == Status.LOADED
    assert named(Case.objects.get(number="池纪立〔2017〕1号")) == {head.name, clerk.name}
    assert named(Case.objects.get(number="池纪立〔2017〕2号")) == {head.name}
    assert Reading.objects.get(user=head, operator="").purpose == "导入台账"


def test_head_of_the_same_masked_name_is_not_named_on_the_operator_s_case(town: Town) -> None:
    head = town.people[DutyCode.DISCIPLINE_HEAD]
    head.name = "孙守信"
    head.save()
    load_rows("案件", sound(town, "案件"))
    assert named() == set()
