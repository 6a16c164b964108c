"""Import and export of budgets, adjustments, assessments, income, plants, settlements; export of the ledger."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from finance.models import (
    Account,
    Assessment,
    Budget,
    BudgetAdjustment,
    CollectiveIncome,
    DisclosureRule,
    IncomeKind,
    SolarPlant,
    SolarSettlement,
    Subject,
    Voucher,
)
from finance.resources.budgets import AssessmentResource, BudgetAdjustmentResource, BudgetResource
from finance.resources.income import CollectiveIncomeResource
from finance.resources.ledger import DisbursementResource, StatementResource, VoucherResource
from finance.resources.lists import AccountResource, DisclosureRuleResource, IncomeKindResource, SubjectResource
from finance.resources.solar import SolarPlantResource, SolarSettlementResource
from finance.services import draft_reversal, post_request, submit_request
from organizations.enums import DutyCode as D
from organizations.models import User
from tests.core.test_resources import sheet
from tests.factories import Town, UserFactory, appoint
from tests.finance.money import YUAN, fill_money, make_budget, make_submitted, make_voucher, seal_both

OPERATION = "村级组织运转经费"


@pytest.fixture
def accountant(town: Town) -> User:
    return town.people[D.ACCOUNTANT]


@pytest.fixture
def own_accountant(town: Town) -> User:
    """An accountant of the own branch only."""
    user = UserFactory()
    appoint(user, D.ACCOUNTANT, town.own.branch)
    return user


def told(result: Any) -> str:
    """Every message of an import."""
    rows = [row.error for row in result.invalid_rows]
    return str([*rows, *(error.error for _, errors in result.row_errors() for error in errors), *result.base_errors])


def budget(**values: object) -> dict[str, object]:
    return {
        "年度": 2017,
        "村或镇本级": "本村",
        "经费科目": OPERATION,
        "预算金额（元）": "1,000.50",
        "待考核金额（元）": "",
        "依据": "池财〔2017〕1号",
        **values,
    }


def income(**values: object) -> dict[str, object]:
    return {"年度": 2017, "行政村": "本村", "收入来源": "土地发包", "金额（元）": "30000.01", "说明": "", **values}


def plant(**values: object) -> dict[str, object]:
    named = {"行政村": "本村", "电站名称": "光伏电站", "装机容量（千瓦）": "28.5"}
    return {**named, "并网日期": "2016年6月1日", "电价（元/度）": "0.9875", **values}


def settlement(**values: object) -> dict[str, object]:
    return {
        "行政村": "本村",
        "光伏电站": "光伏电站",
        "结算起始日期": "2017-01-01",
        "结算截止日期": "2017-06-30",
        "上网电量（度）": "1200.5",
        "电费（元）": "900",
        "补贴（元）": "200",
        "运维费（元）": "100",
        "净收益（元）": "1000.00",
        "依据": "实际",
        "到账日期": "",
        **values,
    }


def adjustment(**values: object) -> dict[str, object]:
    named = {"年度": 2017, "村或镇本级": "本村", "经费科目": OPERATION, "调整金额（元）": "-20.50"}
    return {**named, "批准日期": "2017-05-01", "批准单位": "镇党委", "理由": "压减", **values}


def assessment(**values: object) -> dict[str, object]:
    named = {"年度": 2017, "村或镇本级": "本村", "经费科目": OPERATION, "考核日期": "2017-12-01"}
    return {**named, "考核结果": "优秀", "释放金额（元）": "100", "批准单位": "镇党委", "说明": "", **values}


def test_budgets_are_imported_by_year_unit_and_subject(town: Town, accountant: User) -> None:
    resource = BudgetResource(user=accountant)
    fund = budget(村或镇本级="镇本级", 经费科目="镇党建工作专项经费")
    assert resource.import_data(sheet(budget(), fund)).totals["new"] == 2
    stored = Budget.objects.get(organization=town.own.branch)
    assert (stored.amount, stored.held, stored.source) == (YUAN("1000.50"), 0, "池财〔2017〕1号")
    assert Budget.objects.get(organization=town.root).subject.name == "镇党建工作专项经费"
    assert resource.import_data(sheet(budget())).totals["skip"] == 1
    changed = resource.import_data(sheet(budget(**{"村或镇本级": "TV01", "预算金额（元）": "2000"})))
    assert changed.totals["update"] == 1
    assert Budget.objects.count() == 2


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"预算金额（元）": "-5"}, "金额不能是负数"),
        ({"预算金额（元）": "5.001"}, "超过两位小数"),
        ({"预算金额（元）": "五千"}, "不是金额"),
        ({"预算金额（元）": ""}, "预算金额（元）"),
        ({"待考核金额（元）": "1000.51"}, "待考核金额不能是负数，也不能超过预算金额"),
        ({"村或镇本级": "山外村"}, "没有“山外村”"),
        ({"村或镇本级": "镇本级"}, "请选择一个村"),
        ({"经费科目": "招待费"}, "没有“招待费”"),
        ({"经费科目": "镇党建工作专项经费"}, "请选择镇本级"),
        ({"年度": "去年"}, "不是整数"),
        ({"年度": 1900}, "1949"),
    ],
)
def test_wrong_budget_is_named_and_not_stored(
    town: Town, accountant: User, values: dict[str, object], words: str
) -> None:
    result = BudgetResource(user=accountant).import_data(sheet(budget(**values)))
    assert words in told(result)
    assert not Budget.objects.exists()


@pytest.mark.parametrize(
    ("resource", "row", "model", "what"),
    [
        (BudgetResource, budget, Budget, "项预算"),
        (CollectiveIncomeResource, income, CollectiveIncome, "项收入"),
        (SolarPlantResource, plant, SolarPlant, "个电站"),
    ],
)
def test_row_that_comes_twice_in_a_sheet_is_refused(
    town: Town, accountant: User, resource: Any, row: Any, model: Any, what: str
) -> None:
    result = resource(user=accountant).import_data(sheet(row(), row()), rollback_on_validation_errors=True)
    assert f"与表中第 1 条是同一{what}" in told(result)
    assert not model.objects.exists()


def test_budget_of_another_village_is_not_touched(town: Town, own_accountant: User) -> None:
    foreign = make_budget(town.foreign.branch, "5.00", year=2017)
    for unit in ("外村", "TV02", town.foreign.branch.name, "镇本级"):
        result = BudgetResource(user=own_accountant).import_data(sheet(budget(村或镇本级=unit)))
        assert f"没有“{unit}”" in told(result)
    foreign.refresh_from_db()
    assert foreign.amount == YUAN("5.00")
    assert Budget.objects.count() == 1


def test_adjustments_and_assessments_find_their_budget(town: Town, accountant: User) -> None:
    own = make_budget(town.own.branch, "1000.00", year=2017, held=YUAN("100.00"))
    for _ in range(2):  # the second time it changes nothing
        assert not BudgetAdjustmentResource(user=accountant).import_data(sheet(adjustment())).has_validation_errors()
        assert not AssessmentResource(user=accountant).import_data(sheet(assessment())).has_validation_errors()
    row, result = BudgetAdjustment.objects.get(), Assessment.objects.get()
    assert (row.budget, row.amount, row.recorded_by) == (own, YUAN("-20.50"), accountant)
    assert (result.budget, result.released, result.recorded_by) == (own, YUAN("100.00"), accountant)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"年度": 2016}, "没有 2016 年“本村"),
        ({"村或镇本级": "外村"}, "没有 2017 年“外村"),
        ({"村或镇本级": "山外村"}, "没有“山外村”"),
        ({"调整金额（元）": "-1000.01"}, "不能调减 1000.01 元"),
        ({"调整金额（元）": "1.005"}, "超过两位小数"),
        ({"调整金额（元）": "0"}, "不能是 0"),
        ({"批准日期": "2099-01-01"}, "不能晚于今天"),
    ],
)
def test_wrong_adjustment_is_named_and_not_stored(
    town: Town, accountant: User, values: dict[str, object], words: str
) -> None:
    make_budget(town.own.branch, "1000.00", year=2017)
    result = BudgetAdjustmentResource(user=accountant).import_data(sheet(adjustment(**values)))
    assert words in told(result)
    assert not BudgetAdjustment.objects.exists()


def test_stored_adjustment_is_not_changed_by_an_import(town: Town, accountant: User) -> None:
    make_budget(town.own.branch, "1000.00", year=2017)
    resource = BudgetAdjustmentResource(user=accountant)
    resource.import_data(sheet(adjustment()))
    assert "登记后不能更改" in told(resource.import_data(sheet(adjustment(批准单位="区里"))))
    assert "与表中第 1 条是同一笔调整" in told(resource.import_data(sheet(adjustment(), adjustment())))
    assert BudgetAdjustment.objects.get().decided_by == "镇党委"


def test_assessment_of_another_village_is_not_imported(town: Town, own_accountant: User) -> None:
    make_budget(town.foreign.branch, "1000.00", year=2017, held=YUAN("100.00"))
    result = AssessmentResource(user=own_accountant).import_data(sheet(assessment(村或镇本级="外村")))
    assert "没有“外村”" in told(result)
    assert not Assessment.objects.exists()


def test_income_is_imported_by_year_village_and_source(town: Town, accountant: User) -> None:
    resource = CollectiveIncomeResource(user=accountant)
    assert resource.import_data(sheet(income(), income(行政村="TV02"))).totals["new"] == 2
    assert resource.import_data(sheet(income(**{"金额（元）": "1"}))).totals["update"] == 1
    assert CollectiveIncome.objects.get(village=town.own).amount == YUAN("1.00")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"金额（元）": "-1"}, "不能是负数"),
        ({"金额（元）": "0.005"}, "超过两位小数"),
        ({"行政村": "山外村"}, "没有“山外村”"),
        ({"收入来源": "彩票"}, "没有“彩票”"),
    ],
)
def test_wrong_income_is_named_and_not_stored(
    town: Town, accountant: User, values: dict[str, object], words: str
) -> None:
    assert words in told(CollectiveIncomeResource(user=accountant).import_data(sheet(income(**values))))
    assert not CollectiveIncome.objects.exists()


def test_income_and_plants_of_another_village_are_not_touched(town: Town, own_accountant: User) -> None:
    SolarPlant.objects.create(village=town.foreign, capacity_kw=28)
    for resource, row in (
        (CollectiveIncomeResource, income),
        (SolarPlantResource, plant),
        (SolarSettlementResource, settlement),
    ):
        assert "外村" in told(resource(user=own_accountant).import_data(sheet(row(行政村="外村"))))
    assert not CollectiveIncome.objects.exists()
    assert SolarPlant.objects.get().tariff is None
    assert not SolarSettlement.objects.exists()


def test_plants_and_settlements_are_imported_by_village(town: Town, accountant: User) -> None:
    SolarPlantResource(user=accountant).import_data(sheet(plant(), plant(行政村="外村")))
    own = SolarPlant.objects.get(village=town.own)
    assert (own.capacity_kw, own.tariff, own.on_grid_on) == (YUAN("28.50"), YUAN("0.9875"), date(2016, 6, 1))
    resource = SolarSettlementResource(user=accountant)
    # The same days at two plants are no overlap.
    assert resource.import_data(sheet(settlement(), settlement(行政村="外村"))).totals["new"] == 2
    row = SolarSettlement.objects.get(plant=own)
    assert (row.kwh, row.amount, row.ended_on) == (YUAN("1200.50"), YUAN("1000.00"), date(2017, 6, 30))
    assert resource.import_data(sheet(settlement())).totals["skip"] == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"净收益（元）": "1000.01"}, "净收益应等于电费加补贴减运维费"),
        ({"电费（元）": ""}, "净收益应等于电费加补贴减运维费"),
        ({"结算截止日期": "2016-12-31"}, "截止日期不能早于起始日期"),
        ({"补贴（元）": "-1"}, "不能是负数"),
        ({"上网电量（度）": "很多"}, "不是数字"),
        ({"上网电量（度）": "1.005"}, "最多 2 位小数"),
        ({"光伏电站": "二号站"}, "“本村”没有电站“二号站”"),
        ({"行政村": "外村"}, "“外村”没有电站“光伏电站”"),
        ({"结算起始日期": "2016-06-30", "结算截止日期": "2016-07-01"}, "这段时间的收益已经登记过"),
        ({"依据": "估计"}, "没有“估计”，应为：实际、预计"),
    ],
)
def test_wrong_settlement_is_named_and_not_stored(
    town: Town, accountant: User, values: dict[str, object], words: str
) -> None:
    own = SolarPlant.objects.create(village=town.own, capacity_kw=28)
    own.settlements.create(started_on=date(2016, 1, 1), ended_on=date(2016, 6, 30), amount=1)
    result = SolarSettlementResource(user=accountant).import_data(sheet(settlement(**values)))
    assert words in told(result)
    assert SolarSettlement.objects.count() == 1


def test_lists_are_imported_by_code_or_name(accountant: User) -> None:
    account = {"科目编码": "516", "科目名称": "其他", "类别": "支出", "余额方向": "借", "依据": "镇里"}
    assert AccountResource(user=accountant).import_data(sheet(account)).totals["new"] == 1
    subject = {"代码": "road", "经费科目": "修路专项", "层级": "镇级", "借方科目": "516", "贷方科目": "补助收入"}
    subject |= {"排序号": 5, "使用中": "是"}
    assert SubjectResource(user=accountant).import_data(sheet(subject)).totals["new"] == 1
    assert Subject.objects.get(code="road").debit_account == Account.objects.get(code="516")
    same = SubjectResource(user=accountant).import_data(sheet(subject | {"代码": "lane", "贷方科目": "516"}))
    assert "不能是同一个会计科目" in told(same)
    kind = {"收入来源": "光伏发电", "会计科目": "501", "计入集体收入": "否", "排序号": 1, "使用中": "是"}
    assert IncomeKindResource(user=accountant).import_data(sheet(kind)).totals["update"] == 1
    assert not IncomeKind.objects.get(name="光伏发电").counts_as_income
    rule = {"起始日期": "2020-01-01", "季度结束后多少天内公开": 15, "依据": "镇里核定"}
    assert DisclosureRuleResource(user=accountant).import_data(sheet(rule)).totals["new"] == 1
    assert DisclosureRule.objects.in_force(date(2020, 1, 1)).first().due_days == 15


def test_exports_name_rows_as_the_office_does_and_come_back_unchanged(town: Town, accountant: User) -> None:
    fill_money(town.own, accountant)
    for resource, model in (
        (BudgetResource, Budget),
        (CollectiveIncomeResource, CollectiveIncome),
        (SolarPlantResource, SolarPlant),
        (SolarSettlementResource, SolarSettlement),
        (BudgetAdjustmentResource, BudgetAdjustment),
        (AssessmentResource, Assessment),
    ):
        data = resource(user=accountant).export(model.objects.all())
        assert data.dict[0].get("村或镇本级", data.dict[0].get("行政村")) == "本村"
        result = resource(user=accountant).import_data(data)
        assert (result.totals["skip"], result.has_errors()) == (1, False), (model, told(result))


def test_export_of_budgets_says_how_each_stands(town: Town, accountant: User) -> None:
    own = make_budget(town.own.branch, "1000.00", year=2017, held=YUAN("300.00"))
    make_budget(town.root, "7.00", "special_party_fund", year=2017)
    make_submitted(town, own, "50.00")
    rows = BudgetResource(user=accountant).export(Budget.objects.order_by("pk")).dict
    columns = ("预算（含调整）", "已拨付", "已申请", "待考核", "可用", "未拨付")
    assert [rows[0][column] for column in columns] == ["1000.00", "0.00", "50.00", "300.00", "650.00", "1000.00"]
    assert (rows[1]["村或镇本级"], rows[1]["预算金额（元）"]) == ("镇本级", "7.00")


def test_export_of_the_ledger_adds_up_with_reversals(town: Town, accountant: User) -> None:
    voucher = make_voucher(town, amount="12.50", payee="=1+1")
    agent = town.people[D.VILLAGE_AGENT]
    from_agent = draft_reversal(actor=agent, op_id=uuid4(), voucher=voucher, reason="错")
    request = seal_both(town, submit_request(actor=agent, request=from_agent[0]))
    reversal = post_request(actor=accountant, request=request)
    rows = VoucherResource(user=accountant).export(Voucher.objects.order_by("number")).dict
    assert [row["金额（元，冲销为负）"] for row in rows] == ["12.50", "-12.50"]
    assert [row["冲销哪张凭证"] for row in rows] == ["", voucher.code]
    assert (rows[0]["村或镇本级"], rows[0]["经费科目"], rows[0]["收款人"]) == ("本村", OPERATION, "'=1+1")
    asked = DisbursementResource(user=accountant).export(type(request).objects.order_by("pk")).dict
    assert [row["凭证号"] for row in asked] == [voucher.code, reversal.code]
    assert [row["状态"] for row in asked] == ["已入账", "已入账"]


def test_export_of_statements_leaves_the_content_out(town: Town, accountant: User) -> None:
    row = fill_money(town.own, accountant)["statement"]
    told_of = StatementResource(user=accountant).export(type(row).objects.all()).dict[0]
    assert (told_of["行政村"], told_of["年度"], told_of["季度"], told_of["状态"]) == ("本村", 2017, 2, "待审核")
    assert "内容" not in told_of
