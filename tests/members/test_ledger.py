"""Workbook 02: what it becomes, what is refused, and that loading twice changes nothing."""

import io
import json
from datetime import date

import pytest

from chishang.core.ledgers import Options, Report, Status, load_ledgers
from members.enums import ChangeKind, Standing
from members.models import Member, MemberChange
from members.services import record_change, register_member, rejoin_member
from organizations.enums import DutyCode
from tests.factories import Town
from tests.members.books import ROSTER, book, id_number
from tests.township import BAD, load

FAULTS = [fault for fault in json.loads((BAD / "truth.json").read_text())["faults"] if fault["file"].startswith("02")]
NUMBER = id_number(date(1970, 5, 6), sequence=11)


def snapshot() -> dict[str, list[object]]:
    return {model.__name__: list(model.objects.order_by("pk").values_list()) for model in (Member, MemberChange)}


def test_loading_twice_changes_nothing(township: None) -> None:
    before = snapshot()
    reports = {report.file: report for report in load()}
    counts = reports["02党员花名册.xlsx"].counts
    assert all((count.new, count.changed) == (0, 0) for count in counts.values())
    assert counts["党员"].unchanged == 1412
    assert snapshot() == before


def test_every_planted_fault_is_named_by_row_and_column_and_no_other(township: None) -> None:
    before = snapshot()
    (report,) = load(BAD / "02党员花名册.xlsx")
    assert report.status == Status.REFUSED
    named = {(fault.sheet, fault.row, fault.column) for fault in report.faults}
    assert named == {(fault["sheet"], fault["row"], fault["column"]) for fault in FAULTS}
    assert len(report.faults) == len(FAULTS) == 13
    assert snapshot() == before


def test_faults_do_not_repeat_an_id_number(township: None) -> None:
    (report,) = load(BAD / "02党员花名册.xlsx")
    assert not any("370399" in fault.message for fault in report.faults)


def test_members_of_the_township_are_as_the_ledger_says(township: None) -> None:
    assert Member.objects.current().count() == 1412
    assert (Member.objects.floating().count(), Member.objects.in_hardship().count()) == (111, 49)
    assert Member.objects.probationary(date(2017, 12, 31)).count() == 23
    member = Member.objects.get(name="叶桂玲", branch__name="池上镇机关第一党支部")
    assert (member.born_on, member.read_id_number()[6:14]) == (date(1985, 8, 13), "19850813")
    assert list(member.changes.order_by("pk").values_list("kind", "occurred_on")) == [
        (ChangeKind.JOINED, date(2005, 9, 13)),
        (ChangeKind.BECAME_FULL, date(2006, 9, 13)),
    ]


# ---- small workbooks --------------------------------------------------------------------------------------------


def row(town: Town, **values: object) -> dict[str, object]:
    """A sound row of the own branch; ``values`` override it."""
    return {
        "姓名": "赵东强",
        "性别": "男",
        "民族": "汉族",
        "公民身份号码": NUMBER,
        "学历": "初中",
        "职业": "农民",
        "入党日期": "1995.06",
        "转正日期": "1996年6月1日",
        "所在党支部": town.own.branch.name,
        "党员类别": "正式党员",
        "手机号": "１５４１２３４５６７８",
        "流动党员": "否",
        "困难党员": "否",
        **values,
    }


def roster(*rows: dict[str, object]) -> list[tuple[str, io.BytesIO]]:
    return book("02党员花名册", "党员", ROSTER, *rows)


def load_rows(*rows: dict[str, object], **options: object) -> Report:
    (report,) = load_ledgers(roster(*rows), Options(**options))
    return report


def faults(report: Report) -> list[tuple[str, str]]:
    return [(fault.column, fault.message) for fault in report.faults]


def test_sound_row_becomes_a_member_with_partial_date(town: Town) -> None:
    assert load_rows(row(town)).status == Status.LOADED
    member = Member.objects.get()
    assert (member.joined_on, member.joined_precision) == (date(1995, 6, 1), "month")
    assert (member.phone, member.standing, member.branch) == ("15412345678", Standing.NORMAL, town.own.branch)
    assert member.read_id_number() == NUMBER


@pytest.mark.parametrize(
    ("values", "column", "words"),
    [
        ({"公民身份号码": NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")}, "公民身份号码", "校验位"),
        ({"性别": "女"}, "性别", "不一致"),
        ({"入党日期": "1988-05-05"}, "入党日期", "不满 18 周岁"),
        ({"转正日期": "1995-05-31"}, "转正日期", "早于入党日期"),
        ({"转正日期": None}, "转正日期", "没有转正日期"),
        ({"党员类别": "预备党员"}, "党员类别", "不是预备党员"),
        ({"所在党支部": "没有的党支部"}, "所在党支部", "没有“没有的党支部”"),
        ({"学历": "学士后"}, "学历", "没有“学士后”"),
        ({"流动党员": "也许"}, "流动党员", "应为：是、否"),
    ],
)
def test_wrong_cell_is_named_and_nothing_stored(
    town: Town, values: dict[str, object], column: str, words: str
) -> None:
    report = load_rows(row(town, **values))
    assert report.status == Status.REFUSED
    ((named, message),) = faults(report)
    assert named == column
    assert words in message
    assert not Member.objects.exists()


def test_joined_on_the_eighteenth_birthday_is_taken(town: Town) -> None:
    assert load_rows(row(town, 入党日期="1988-05-06")).status == Status.LOADED


def test_month_in_which_one_became_eighteen_is_taken(town: Town) -> None:
    assert load_rows(row(town, 入党日期="1988.05")).status == Status.LOADED


def test_number_in_a_branch_that_the_importer_does_not_see_is_refused_without_telling_whose(town: Town) -> None:
    load_rows(row(town, 所在党支部=town.foreign.branch.name, 姓名="钱西明"))
    secretary = town.people[DutyCode.BRANCH_SECRETARY]
    duty = secretary.appointments.get().duty
    duty.group.permissions.add(*import_right())
    report = load_rows(row(town), actor=secretary)
    ((column, message),) = faults(report)
    assert (column, report.status) == ("公民身份号码", Status.REFUSED)
    assert "钱西明" not in message
    assert town.foreign.branch.name not in message
    assert Member.objects.count() == 1


def import_right() -> list[object]:
    from django.contrib.auth.models import Permission

    return list(Permission.objects.filter(codename="import_member"))


def test_member_without_number_is_found_again_by_branch_and_name(town: Town) -> None:
    load_rows(row(town, 公民身份号码=None))
    report = load_rows(row(town, 公民身份号码=None, 学历="高中"))
    assert (report.counts["党员"].new, report.counts["党员"].changed) == (0, 1)
    assert Member.objects.get().education == "17"


def test_two_of_one_name_without_number_are_refused(town: Town) -> None:
    report = load_rows(row(town, 公民身份号码=None), row(town, 公民身份号码=None))
    assert [column for column, _ in faults(report)] == ["姓名"]


def test_corrected_joining_date_moves_its_change(town: Town) -> None:
    load_rows(row(town))
    load_rows(row(town, 入党日期="1995-06-20"))
    change = MemberChange.objects.get(kind=ChangeKind.JOINED)
    assert change.occurred_on == Member.objects.get().joined_on == date(1995, 6, 20)


def test_probationer_who_became_full_gets_a_second_change(town: Town) -> None:
    load_rows(row(town, 转正日期=None, 党员类别="预备党员", 入党日期="2017-02-01"))
    member = Member.objects.get()
    assert member.probation_ends_on == date(2018, 2, 1)
    load_rows(row(town, 入党日期="2017-02-01", 转正日期="2018-02-01"))
    assert list(member.changes.order_by("pk").values_list("kind", flat=True)) == ["joined", "became_full"]


def test_floating_ends_when_a_newer_ledger_says_so_and_an_older_one_changes_nothing(town: Town) -> None:
    load_rows(row(town, 流动党员="是"))
    member = Member.objects.get()
    assert member.floating_since == date(2017, 12, 31)
    load_rows(row(town, 流动党员="否"))
    member.refresh_from_db()
    assert member.floating_since is None
    record_change(actor=None, member=member, kind=ChangeKind.FLOATED, occurred_on=date(2020, 3, 1))
    load_rows(row(town, 流动党员="否"))
    member.refresh_from_db()
    assert member.floating_since == date(2020, 3, 1)


def test_ledger_does_not_bring_back_one_who_died(town: Town) -> None:
    load_rows(row(town))
    member = Member.objects.get()
    record_change(actor=None, member=member, kind=ChangeKind.DIED, occurred_on=date(2019, 1, 1))
    assert load_rows(row(town)).status == Status.LOADED
    member.refresh_from_db()
    assert member.standing == Standing.DECEASED


@pytest.mark.parametrize("number", [NUMBER, None])
def test_ledger_moves_the_last_joining_of_one_who_joined_again(town: Town, number: str | None) -> None:
    load_rows(row(town, 公民身份号码=number))
    member = Member.objects.get()
    record_change(actor=None, member=member, kind=ChangeKind.WITHDREW, occurred_on=date(2016, 3, 15))
    rejoin_member(actor=None, member=member, branch=member.branch, joined_on=date(2017, 6, 1))
    before = list(member.changes.values_list())
    probation = {"公民身份号码": number, "转正日期": None, "党员类别": "预备党员"}
    for old in ("1995.06", "2016-03-14", "2016.03"):
        assert faults(load_rows(row(town, **probation, 入党日期=old))) == [
            ("入党日期", "该同志出党后重新入党，这里要写重新入党的日期，到日")
        ]
    assert list(member.changes.values_list()) == before
    assert load_rows(row(town, **probation, 入党日期="2017-06-01")).status == Status.LOADED
    assert list(member.changes.values_list()) == before
    full = {"公民身份号码": number, "入党日期": "2017-06-02", "转正日期": "2018-06-02"}
    assert load_rows(row(town, **full)).status == Status.LOADED
    assert list(member.changes.order_by("pk").values_list("kind", "occurred_on")) == [
        (ChangeKind.JOINED, date(1995, 6, 1)),
        (ChangeKind.BECAME_FULL, date(1996, 6, 1)),
        (ChangeKind.WITHDREW, date(2016, 3, 15)),
        (ChangeKind.JOINED, date(2017, 6, 2)),
        (ChangeKind.BECAME_FULL, date(2018, 6, 2)),
    ]


# ---- what the portal knows better ---------------------------------------------------------------------------------


def stored(town: Town, **fields: object) -> Member:
    """A member of the own branch with the number of ``row``."""
    values = {"joined_on": date(1995, 6, 1), "full_member_on": date(1996, 6, 1), **fields}
    member = Member(name="赵东强", sex="1", branch=town.own.branch, **values)
    return register_member(actor=None, member=member, id_number=NUMBER)


def test_joining_after_what_happened_to_the_member_is_refused(town: Town) -> None:
    record_change(actor=None, member=stored(town), kind=ChangeKind.DIED, occurred_on=date(2015, 1, 1))
    found = faults(load_rows(row(town, 入党日期="2016-01-01", 转正日期="2017-01-01")))
    assert [column for column, _ in found] == ["入党日期", "转正日期"]
    assert all("去世" in message for _, message in found)
    assert not MemberChange.objects.counted_on(date(2017, 1, 1)).exists()


def test_full_membership_after_the_member_left_is_refused(town: Town) -> None:
    record_change(actor=None, member=stored(town), kind=ChangeKind.WITHDREW, occurred_on=date(2015, 1, 1))
    ((column, _),) = faults(load_rows(row(town, 转正日期="2016-01-01")))
    assert column == "转正日期"


def test_old_roster_does_not_take_full_membership_back(town: Town) -> None:
    member = stored(town, joined_on=date(2017, 6, 1), full_member_on=None)
    record_change(actor=None, member=member, kind=ChangeKind.BECAME_FULL, occurred_on=date(2018, 6, 1))
    old = row(town, 入党日期="2017-06-01", 转正日期=None, 党员类别="预备党员")
    assert load_rows(old).status == Status.LOADED
    member.refresh_from_db()
    assert member.full_member_on == date(2018, 6, 1)


def test_roster_that_denies_full_membership_of_its_own_time_is_refused(town: Town) -> None:
    stored(town)
    ((column, message),) = faults(load_rows(row(town, 转正日期=None, 党员类别="预备党员")))
    assert column == "党员类别"
    assert "1996年6月1日转正" in message


def test_birth_date_and_sex_that_the_office_settled_stay(town: Town) -> None:
    reason = {"id_override_reason": "档案认定", "born_on": date(1969, 5, 6), "sex": "2"}
    member = Member(name="赵东强", branch=town.own.branch, joined_on=date(1995, 6, 1), **reason)
    register_member(actor=None, member=member, id_number=NUMBER)
    assert load_rows(row(town)).status == Status.LOADED
    member.refresh_from_db()
    assert (member.born_on, member.sex) == (date(1969, 5, 6), "2")


def test_empty_cell_leaves_what_the_portal_has(town: Town) -> None:
    member = stored(town, remark="网格员", phone="15400000009", education="06")
    load_rows(row(town, 备注=None, 手机号=None, 学历=None))
    member.refresh_from_db()
    assert (member.remark, member.phone, member.education) == ("网格员", "15400000009", "06")


def test_number_that_comes_later_belongs_to_the_same_member(town: Town) -> None:
    load_rows(row(town, 公民身份号码=None))
    report = load_rows(row(town))
    assert (report.counts["党员"].new, report.counts["党员"].changed) == (0, 1)
    assert Member.objects.get().read_id_number() == NUMBER


def test_number_of_another_does_not_go_to_a_namesake_who_has_one(town: Town) -> None:
    load_rows(row(town))
    assert load_rows(row(town, 公民身份号码=id_number(date(1970, 5, 6), sequence=33))).counts["党员"].new == 1


@pytest.mark.parametrize("first", [None, NUMBER])
def test_namesakes_of_whom_one_has_no_number_are_refused(town: Town, first: str | None) -> None:
    rows = [row(town, 公民身份号码=first), row(town, 公民身份号码=NUMBER if first is None else None)]
    ((column, message),) = faults(load_rows(*rows))
    assert column == "姓名"
    assert "与第 4 行同名" in message


def test_joined_under_eighteen_is_refused_by_the_stored_birth_date_too(town: Town) -> None:
    load_rows(row(town))
    report = load_rows(row(town, 公民身份号码=None, 入党日期="1987-01-01"))
    assert [column for column, _ in faults(report)] == ["入党日期"]


@pytest.mark.parametrize("column", ["手机号", "性别", "所在党支部", "入党日期", "学历"])
def test_number_in_the_wrong_column_is_not_repeated(town: Town, column: str) -> None:
    report = load_rows(row(town, **{column: NUMBER}))
    assert column in {named for named, _ in faults(report)}
    assert not any(NUMBER[:14] in message for _, message in faults(report))


def test_rule_of_the_database_that_no_check_foresaw_is_told_without_the_row(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("members.ledger.ADULT_MONTHS", 0)
    report = load_rows(row(town, 入党日期="1980-01-01"))
    ((_, message),) = faults(report)
    assert report.status == Status.REFUSED
    assert "入党时不满 18 周岁" in message
    assert "Failing row" not in message
    assert not Member.objects.exists()
