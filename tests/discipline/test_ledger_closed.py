"""Workbook 06 and what is closed to whoever imports it: one fault that tells nothing, and nothing stored changes."""

from datetime import date
from typing import Any

import pytest

from chishang.core.ledgers import Report, Status
from discipline.enums import CriticismForm
from discipline.models import Case, Criticism, FeedbackIssue, Namesake, Person, Petition, Reading
from discipline.services.feedback import rectify_issue
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
from tests.discipline.test_ledger import load_rows, snapshot, sound
from tests.factories import Town
from tests.members.life import make_member

FIXED = "这一行请由承办人或服务器操作员导入。"


@pytest.fixture
def head(town: Town) -> User:
    user = town.people[D.DISCIPLINE_HEAD]
    user.name = "孙守信"
    user.save()
    return user


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[D.DISCIPLINE_CLERK]


def faults(report: Report) -> list[tuple[str, str]]:
    return [(fault.column, fault.message) for fault in report.faults]


def counted(report: Report) -> set[tuple[int, int, int]]:
    return {(count.new, count.changed, count.unchanged) for count in report.counts.values()} - {(0, 0, 0)}


# ---- who may import ---------------------------------------------------------------------------------------------


def test_clerk_is_refused_before_the_workbook_is_read(town: Town, clerk: User) -> None:
    make_petition(handler=town.people[D.DISCIPLINE_HEAD])
    report = load_rows("信访件", sound(town, "信访件", 处理结果=None), actor=clerk, confidential=False, check=True)
    assert (report.status, report.counts, report.faults) == (Status.SKIPPED, {}, [])
    report = load_rows("信访件", sound(town, "信访件"), actor=clerk)
    assert (report.status, report.counts) == (Status.REFUSED, {})
    assert [message for _, message in faults(report)] == ["您没有导入这个工作簿的权限"]
    assert Petition.objects.get().closed_on is None
    assert not Reading.objects.exists()


# ---- records that the importer may not see ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"立案日期": None, "线索来源": None, "处分日期": "2017-03-16"},
        {"立案日期": "2017-05-06", "所在党支部": "没有的党支部"},
        {"处分种类": "留党察看", "影响期至": "2018-05-04"},
        {"被处分党员": "孙守信"},
    ],
)
def test_row_of_a_hidden_case_has_one_fault_and_no_count(
    town: Town, head: User, clerk: User, values: dict[str, object]
) -> None:
    case = make_case(make_person("欧阳守信", town.own.branch.name), filed_on=date(2017, 3, 18))
    make_sanction(case)
    name_on(case, clerk)
    before = snapshot()
    for options in ({"check": True}, {}, {"take_good_rows": True}):
        report = load_rows("案件", sound(town, "案件", **{"被处分党员": "方某", **values}), actor=head, **options)
        assert faults(report) == [("案号", FIXED)]
        assert counted(report) == set()
    assert snapshot() == before


def test_row_of_a_case_that_the_importer_is_named_on_is_compared(town: Town, head: User) -> None:
    case = make_case(make_person("欧阳守信", town.own.branch.name), filed_on=date(2017, 5, 6))
    name_on(case, head)
    report = load_rows("案件", sound(town, "案件", 被处分党员="方某", 立案日期=None, 线索来源=None), actor=head)
    ((column, message),) = faults(report)
    assert (column, "2017年5月6日" in message) == ("处分日期", True)


@pytest.mark.parametrize(
    "values", [{}, {"处理结果": None}, {"办结日期": "2017-06-13"}, {"反映内容摘要": None, "来源": None}]
)
def test_row_of_a_petition_of_one_handler_only_has_one_fault_and_no_count(
    town: Town, head: User, clerk: User, values: dict[str, object]
) -> None:
    make_petition(handler=clerk, handler_only=True, received_on=date(2017, 6, 15))
    before = snapshot()
    for options in ({"check": True}, {}, {"take_good_rows": True}):
        report = load_rows("信访件", sound(town, "信访件", **values), actor=head, **options)
        assert faults(report) == [("编号", FIXED)]
        assert counted(report) == set()
    assert snapshot() == before


def test_row_of_a_petition_in_another_s_hands_is_taken_from_whoever_hands_them_out(
    town: Town, head: User, clerk: User
) -> None:
    make_petition(handler=clerk)
    report = load_rows("信访件", sound(town, "信访件"), actor=head)
    assert (report.faults, report.counts["信访件"].changed) == ([], 1)


def test_operator_takes_rows_that_are_closed_to_the_head(town: Town, head: User, clerk: User) -> None:
    make_petition(handler=clerk, handler_only=True)
    make_case(make_person("孙守信", town.own.branch.name))
    assert load_rows("信访件", sound(town, "信访件")).faults == []
    assert load_rows("案件", sound(town, "案件", 被处分党员="孙守信")).faults == []
    assert Petition.objects.get().closed_on == date(2017, 8, 9)


def test_good_rows_beside_a_closed_one_are_taken_when_asked_for(town: Town, head: User, clerk: User) -> None:
    make_petition(handler=clerk, handler_only=True)
    rows = [sound(town, "信访件"), sound(town, "信访件", 编号="XF-2017-02")]
    report = load_rows("信访件", *rows, actor=head, take_good_rows=True)
    assert (faults(report), counted(report)) == ([("编号", FIXED)], {(1, 0, 0)})
    assert Petition.objects.get(number="XF-2017-01").closed_on is None


# ---- persons of hidden cases ------------------------------------------------------------------------------------


def test_person_of_a_hidden_case_counts_like_one_whom_nobody_knows(town: Town, head: User, clerk: User) -> None:
    name_on(make_case(make_person("方明远", "本村")), clerk)
    hidden, unknown = (
        load_rows("批评教育", sound(town, "批评教育", 姓名=name), actor=head, check=True)
        for name in ("方明远", "乔守信")
    )
    assert hidden.faults == unknown.faults == []
    assert hidden.counts == unknown.counts
    assert hidden.counts["涉及人员"].new == 1
    load_rows("批评教育", sound(town, "批评教育", 姓名="方明远"), actor=head)
    assert Person.objects.count() == 1


def test_namesakes_of_hidden_cases_are_not_told_of(town: Town, head: User, clerk: User) -> None:
    people = [make_person("房某某", "本村", remark=remark) for remark in ("1965年生", "1970年生")]
    name_on(make_case(*people), clerk)
    report = load_rows("批评教育", sound(town, "批评教育"), actor=head)
    assert (report.faults, report.counts["涉及人员"].new) == ([], 1)
    assert Criticism.objects.get().person.remark == ""


# ---- persons who may be the importer ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["孙守信", "孙 守 信", "孙某", "孙某某", "孙某甲", "孙守某"])
def test_row_about_whoever_may_be_the_importer_has_one_fault(town: Town, head: User, name: str) -> None:
    rows: list[tuple[str, str, dict[str, Any]]] = [
        ("案件", "被处分党员", {"处分日期": "2017-03-16"}),
        ("批评教育", "姓名", {"形式": "口头批评"}),
    ]
    for sheet, column, wrong in rows:
        for values in ({}, wrong):
            report = load_rows(sheet, sound(town, sheet, **{column: name}, **values), actor=head)
            assert faults(report) == [(column, FIXED)]
    assert not Person.objects.exists()
    assert not Case.objects.exists()


def test_stored_criticism_of_the_importer_is_not_compared(town: Town, head: User) -> None:
    person = make_person("孙某", "本村")
    make_criticism(person, occurred_on=date(2017, 3, 8), form=CriticismForm.CIRCULAR)
    for reason in (None, "改写的事由"):
        report = load_rows("批评教育", sound(town, "批评教育", 姓名="孙某", 事由=reason), actor=head)
        assert (faults(report), counted(report)) == ([("姓名", FIXED)], set())
    assert Criticism.objects.get().reason == "工作纪律松弛"


def test_person_linked_to_the_importer_under_another_name_has_the_same_fault(town: Town, head: User) -> None:
    make_person("方某", "本村", account=head)
    make_person("乔某", "本村", member=make_member(town.own.branch, name="孙守信"))
    for name in ("方某", "乔某"):
        report = load_rows("批评教育", sound(town, "批评教育", 姓名=name), actor=head)
        assert faults(report) == [("姓名", FIXED)]


def test_namesake_whom_a_colleague_confirmed_is_taken(town: Town, head: User, clerk: User) -> None:
    person = make_person("孙某", "本村")
    Namesake.objects.create(person=person, user=head, confirmed_by=clerk)
    report = load_rows("批评教育", sound(town, "批评教育", 姓名="孙某"), actor=head)
    assert (report.faults, Criticism.objects.get().person) == ([], person)


# ---- two accounts for rectification and verification ------------------------------------------------------------

VERIFIED = {"整改人": "房长亮", "核验人": "江明富", "核验日期": "2017-08-08"}


def rectified_by(town: Town, actor: User) -> None:
    """Store an issue, its rectification registered in the portal by ``actor``."""
    load_rows("巡察问题", sound(town, "巡察问题", 整改完成日期=None))
    issue = FeedbackIssue.objects.get()
    rectify_issue(actor=actor, issue=issue, rectified_on=date(2017, 8, 7), rectifier="房长亮", result="已整改")


def test_account_that_registered_the_rectification_does_not_verify_it_by_import(town: Town, head: User) -> None:
    rectified_by(town, head)
    before = snapshot()
    report = load_rows("巡察问题", sound(town, "巡察问题", **VERIFIED), actor=head)
    ((column, message),) = faults(report)
    assert (column, "登记整改的人不能核验同一问题" in message) == ("核验人", True)
    assert snapshot() == before
    assert load_rows("巡察问题", sound(town, "巡察问题"), actor=head).faults == []


def test_another_account_verifies_by_import_and_is_kept(town: Town, head: User, clerk: User) -> None:
    rectified_by(town, clerk)
    report = load_rows("巡察问题", sound(town, "巡察问题", **VERIFIED), actor=head)
    assert report.faults == []
    issue = FeedbackIssue.objects.get()
    assert (issue.verified_by, issue.verified_on, issue.verifier) == (head, date(2017, 8, 8), "江明富")
    report = load_rows("巡察问题", sound(town, "巡察问题", **VERIFIED), actor=head)
    assert (report.faults, report.counts["巡察反馈问题"].unchanged) == ([], 1)


def test_operator_s_verification_names_no_account(town: Town, head: User) -> None:
    rectified_by(town, head)
    assert load_rows("巡察问题", sound(town, "巡察问题", **VERIFIED)).faults == []
    assert FeedbackIssue.objects.get().verified_by is None


def test_verification_that_is_stored_and_repeated_by_who_rectified_is_no_fault(
    town: Town, head: User, clerk: User
) -> None:
    rectified_by(town, head)
    FeedbackIssue.objects.update(verified_on=date(2017, 8, 8), verifier="江明富", verified_by=clerk)
    report = load_rows("巡察问题", sound(town, "巡察问题", **VERIFIED), actor=head)
    assert (report.faults, report.counts["巡察反馈问题"].unchanged) == ([], 1)
    assert FeedbackIssue.objects.get().verified_by == clerk


def test_new_issue_verified_by_import_names_the_importer(town: Town, head: User) -> None:
    rows = [sound(town, "巡察问题", **VERIFIED), sound(town, "巡察问题", 编号="XC-002")]
    assert load_rows("巡察问题", *rows, actor=head).faults == []
    assert [issue.verified_by for issue in FeedbackIssue.objects.order_by("number")] == [head, None]


def test_rectification_by_import_names_the_importer_who_then_does_not_verify(town: Town, head: User) -> None:
    assert load_rows("巡察问题", sound(town, "巡察问题"), actor=head).faults == []
    assert FeedbackIssue.objects.get().rectified_by == head
    ((column, _),) = faults(load_rows("巡察问题", sound(town, "巡察问题", **VERIFIED), actor=head))
    assert column == "核验人"
