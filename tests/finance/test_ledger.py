"""Workbook 04: what becomes of it, what is refused, and that loading twice changes nothing."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Sum

from chishang.core.ledgers import Options, Report, Status, load_ledgers
from finance.models import (
    Budget,
    CollectiveIncome,
    Dividend,
    DividendScheme,
    Period,
    SolarPlant,
    SolarSettlement,
    Voucher,
    VoucherLine,
)
from organizations.enums import DutyCode
from tests.factories import Town
from tests.finance.money import YUAN, make_budget, make_voucher
from tests.members.books import book
from tests.township import BAD, load

FILE = "04资金台账"
BUDGETS = ("年度", "村", "科目", "预算金额")
VOUCHERS = ("日期", "凭证号", "村", "科目", "金额", "经办人", "复核人", "批准人", "摘要")
INCOMES = ("年度", "村", "来源", "金额")
DIVIDENDS = ("年度", "村", "龙头企业", "注入资金", "分红总额", "村集体所得", "贫困户数", "贫困人口")
SOLAR = ("年度", "村党支部", "装机容量千瓦", "年收益")
MODELS = (Budget, Voucher, VoucherLine, CollectiveIncome, DividendScheme, Dividend, SolarPlant, SolarSettlement)


def take(sheet: str, columns: tuple[str, ...], *rows: dict[str, object], **options: object) -> Report:
    (report,) = load_ledgers(book(FILE, sheet, columns, *rows), Options(**options))
    return report


def faults(report: Report) -> list[tuple[int | None, str, str]]:
    return [(fault.row, fault.column, fault.message) for fault in report.faults]


def payment(town: Town, **values: object) -> dict[str, object]:
    row = {
        "日期": "2017-03-20",
        "凭证号": "记-201703-0001",
        "村": town.own.name,
        "科目": "村级组织运转经费",
        "金额": "100.00元",
        "经办人": "叶桂玲",
        "复核人": "贺明富",
        "批准人": "蒋　勇",
        "摘要": "拨付第一季度",
    }
    return row | values


def test_township_adds_up(township: None) -> None:
    assert [model.objects.count() for model in MODELS] == [88, 364, 728, 219, 19, 19, 9, 9]
    assert Budget.objects.aggregate(total=Sum("amount"))["total"] == YUAN("5100000.00")
    assert Voucher.objects.aggregate(total=Sum("amount"))["total"] == YUAN("4906000.00")
    sums = VoucherLine.objects.aggregate(debits=Sum("debit"), credits=Sum("credit"))
    assert sums == {"debits": YUAN("4906000.00"), "credits": YUAN("4906000.00")}
    balances = Budget.objects.with_balance()
    assert sum(budget.waiting for budget in balances) == YUAN("614000.00")
    assert all(budget.planned == budget.paid + budget.reserved + budget.withheld + budget.free for budget in balances)


def test_vouchers_keep_number_and_people(township: None) -> None:
    first = Voucher.objects.get(number=1)
    assert (first.code, first.date, first.amount) == ("记-201703-0001", date(2017, 3, 20), YUAN("13813.00"))
    assert (first.maker_name, first.checker_name, first.approver_name) == ("叶桂玲", "贺明富", "蒋勇")
    assert (first.maker.name, first.checker.name, first.approver.name) == ("叶桂玲", "贺明富", "蒋勇")
    assert first.budget.subject == first.subject
    assert list(Voucher.objects.order_by("number").values_list("number", flat=True)) == list(range(1, 365))


def test_loading_twice_changes_nothing(township: None) -> None:
    before = [list(model.objects.order_by("pk").values_list()) for model in MODELS]
    (report,) = [report for report in load() if report.file.startswith("04")]
    assert all((count.new, count.changed) == (0, 0) for count in report.counts.values())
    assert [list(model.objects.order_by("pk").values_list()) for model in MODELS] == before


def test_every_planted_fault_is_named_and_nothing_stored(township: None) -> None:
    before = [list(model.objects.order_by("pk").values_list()) for model in MODELS]
    (report,) = load(BAD / "04资金台账.xlsx")
    assert report.status == Status.REFUSED
    assert sorted((fault.sheet, fault.row, fault.column) for fault in report.faults) == [
        ("光伏收益", 9, "年收益"),
        ("扶贫分红", 7, "贫困人口"),
        ("扶贫分红", 8, "村集体所得"),
        ("拨付", 177, "日期"),
        ("拨付", 230, "凭证号"),
        ("拨付", 241, "科目"),
        ("拨付", 289, "批准人"),
        ("拨付", 308, "金额"),
        ("拨付", 319, "金额"),
        ("集体收入", 186, "村"),
    ]
    assert "第 181 行" in next(fault.message for fault in report.faults if fault.row == 230)
    assert [list(model.objects.order_by("pk").values_list()) for model in MODELS] == before


def test_good_rows_can_be_taken_and_the_rest_follows(town: Town) -> None:
    make_budget(town.own.branch, year=2017)
    wrong = payment(town, 凭证号="记-201703-0002", 金额="-5")
    third = payment(town, 凭证号="记-201703-0003")
    report = take("拨付", VOUCHERS, payment(town), wrong, third, take_good_rows=True)
    assert (report.status, Voucher.objects.count()) == (Status.LOADED, 2)
    report = take("拨付", VOUCHERS, payment(town), wrong | {"金额": 5}, third)
    assert (report.counts["记账凭证"].new, report.counts["记账凭证"].unchanged) == (1, 2)
    assert sorted(Voucher.objects.values_list("number", flat=True)) == [1, 2, 3]


@pytest.mark.parametrize(
    ("values", "column", "words"),
    [
        ({"金额": "-8600"}, "金额", "负数"),
        ({"金额": "8123.456"}, "金额", "两位小数"),
        ({"金额": 0}, "金额", "大于 0"),
        ({"金额": None}, "金额", "没有填写"),
        ({"批准人": "贺明富"}, "批准人", "复核人和批准人是同一个人"),
        ({"复核人": "叶 桂玲"}, "复核人", "经办人和复核人是同一个人"),
        ({"凭证号": "201703-1"}, "凭证号", "记-201703-0001"),
        ({"凭证号": "记-201704-0001"}, "凭证号", "年月与日期"),
        ({"科目": "镇党建工作专项经费"}, "村", "镇本级"),
        ({"村": "镇本级"}, "村", "村名"),
        ({"日期": "2100-01-01", "凭证号": "记-210001-0001"}, "日期", "不能晚于今天"),
        ({"科目": "村党组织书记报酬"}, "科目", "没有这项预算"),
        ({"金额": "1000.01"}, "金额", r"只剩 1000\.00 元"),
    ],
)
def test_wrong_payment_is_refused(town: Town, values: dict[str, object], column: str, words: str) -> None:
    make_budget(town.own.branch, "1000.00", year=2017)
    report = take("拨付", VOUCHERS, payment(town, **values))
    ((row, named, message),) = faults(report)
    assert (row, named) == (4, column)
    assert re.search(words, message), message
    assert not Voucher.objects.exists()


def test_payments_together_above_the_pool_are_refused(town: Town) -> None:
    make_budget(town.own.branch, "150.00", year=2017)
    second = payment(town, 凭证号="记-201703-0002", 金额="50.01")
    assert faults(take("拨付", VOUCHERS, payment(town), second)) == [(5, "金额", "超过预算：这项预算只剩 50.00 元")]
    assert take("拨付", VOUCHERS, payment(town), second | {"金额": 50}).status == Status.LOADED


def test_posted_voucher_is_not_changed_by_a_ledger(town: Town) -> None:
    make_budget(town.own.branch, year=2017)
    take("拨付", VOUCHERS, payment(town))
    ((row, column, message),) = faults(take("拨付", VOUCHERS, payment(town, 金额=90)))
    assert (row, column) == (4, "凭证号")
    assert "内容不同" in message
    assert Voucher.objects.get().amount == YUAN("100.00")


def test_closed_month_takes_no_row_of_a_ledger(town: Town) -> None:
    make_budget(town.own.branch, year=2017)
    Period.objects.create(year=2017, month=3, closed_by=town.people[DutyCode.ACCOUNTANT])
    ((row, column, message),) = faults(take("拨付", VOUCHERS, payment(town)))
    assert (row, column) == (4, "日期")
    assert "已经结账" in message


def test_portal_numbers_on_after_the_ledger(town: Town) -> None:
    today = make_voucher(town).date
    assert Voucher.objects.get().number == 1
    make_budget(town.foreign.branch)
    row = payment(town, 日期=today.isoformat(), 凭证号=f"记-{today:%Y%m}-0007", 村=town.foreign.name)
    assert take("拨付", VOUCHERS, row).status == Status.LOADED
    assert make_voucher(town, make_budget(town.own.branch, year=today.year + 1)).number == 8


def test_lower_budget_than_was_paid_is_refused(town: Town) -> None:
    make_budget(town.own.branch, "150.00", year=2017)
    take("拨付", VOUCHERS, payment(town))
    row = {"年度": 2017, "村": town.own.name, "科目": "村级组织运转经费", "预算金额": "99.99"}
    report = take("预算", BUDGETS, row)
    assert report.status == Status.REFUSED
    assert "超过这项预算可用的金额" in report.faults[0].message
    assert take("预算", BUDGETS, row | {"预算金额": 100}).counts["经费预算"].changed == 1


def test_yearly_sheets_are_read_as_people_write_them(town: Town) -> None:
    take("集体收入", INCOMES, {"年度": "２０１７", "村": town.own.name, "来源": "土地发包", "金额": "12,421.00元"})
    assert CollectiveIncome.objects.get().amount == YUAN("12421.00")
    take(
        "光伏收益", SOLAR, {"年度": 2017, "村党支部": town.own.branch.name, "装机容量千瓦": "２８", "年收益": "25845"}
    )
    settlement = SolarSettlement.objects.get()
    assert (settlement.plant.capacity_kw, settlement.amount) == (Decimal("28.00"), YUAN("25845.00"))
    assert (settlement.started_on, settlement.ended_on) == (date(2017, 1, 1), date(2017, 12, 31))
    row = {"年度": 2017, "村": town.own.name, "龙头企业": "瑞禾公司", "注入资金": 1000, "分红总额": "80.10"}
    take("扶贫分红", DIVIDENDS, row | {"村集体所得": "24.03", "贫困户数": 2, "贫困人口": "５"})
    dividend = Dividend.objects.get()
    assert (dividend.scheme.village_percent, dividend.household_amount) == (Decimal("30.00"), YUAN("56.07"))


@pytest.mark.parametrize(
    ("sheet", "columns", "values", "column"),
    [
        ("集体收入", INCOMES, {"来源": "买彩票", "金额": 1}, "来源"),
        ("集体收入", INCOMES, {"年度": 17, "来源": "土地发包", "金额": 1}, "年度"),
        ("集体收入", INCOMES, {"村": "石磨峪村", "来源": "土地发包", "金额": 1}, "村"),
        ("光伏收益", SOLAR, {"装机容量千瓦": "NaN", "年收益": 1}, "装机容量千瓦"),
        ("光伏收益", SOLAR, {"装机容量千瓦": 0, "年收益": 1}, "装机容量千瓦"),
        ("光伏收益", SOLAR, {"装机容量千瓦": 20, "年收益": "待定"}, "年收益"),
    ],
)
def test_wrong_yearly_row_is_refused(
    town: Town, sheet: str, columns: tuple[str, ...], values: dict[str, object], column: str
) -> None:
    row = {"年度": 2017, "村": town.own.name, "村党支部": town.own.branch.name} | values
    report = take(sheet, columns, row)
    assert [(fault.row, fault.column) for fault in report.faults] == [(4, column)]
    assert report.status == Status.REFUSED


def test_same_row_twice_is_named(town: Town) -> None:
    row = {"年度": 2017, "村": town.own.name, "来源": "土地发包", "金额": 1}
    assert faults(take("集体收入", INCOMES, row, row)) == [(5, "来源", "与第 4 行是同一项收入")]


def test_importer_without_the_right_is_refused(town: Town) -> None:
    row = {"年度": 2017, "村": town.own.name, "来源": "土地发包", "金额": 1}
    report = take("集体收入", INCOMES, row, actor=town.people[DutyCode.OFFICE_CLERK])
    assert report.faults[0].message == "您没有导入这个工作簿的权限"
    assert take("集体收入", INCOMES, row, actor=town.people[DutyCode.ACCOUNTANT]).status == Status.LOADED
