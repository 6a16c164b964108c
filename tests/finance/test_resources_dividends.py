"""Import and export of schemes, dividends and beneficiaries by what the office calls them."""

from typing import Any

import pytest

from chishang.core.resources import ScopedResource
from finance.models import Beneficiary, Dividend, DividendScheme
from finance.resources.dividends import BeneficiaryResource, DividendResource, DividendSchemeResource
from finance.services import pay_dividend, split_dividend
from organizations.enums import DutyCode as D
from organizations.models import User
from tests.core.test_resources import sheet
from tests.factories import Town, UserFactory, appoint
from tests.finance.money import YUAN
from tests.finance.test_services_dividends import PAID_ON, make_dividend, make_scheme
from tests.members.test_resources_life import told


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[D.ACCOUNTANT]


@pytest.fixture
def own_clerk(town: Town) -> User:
    """An accountant of the own branch only."""
    user = UserFactory()
    appoint(user, D.ACCOUNTANT, town.own.branch)
    return user


def dividend_row(**values: object) -> dict[str, object]:
    row = {
        "年度": 2017,
        "行政村": "本村",
        "龙头企业": "池上山货有限公司",
        "分红总额（元）": "100",
        "村集体所得（元）": "",
    }
    return {**row, "受益户称谓": "", "受益户数": 2, "受益人口": 3, **values}


def person_row(**values: object) -> dict[str, object]:
    row = {"年度": 2017, "行政村": "本村", "户号": 3, "户主": "孙北国", "姓名": "孙 北国"}
    return {**row, **values}


def test_schemes_come_in_by_village_and_enterprise(town: Town, clerk: User) -> None:
    row = {"行政村": "本村", "龙头企业": "池上山货有限公司", "注入资金（元）": "80,000", "村集体所得比例（%）": ""}
    resource = DividendSchemeResource(user=clerk)
    assert resource.import_data(sheet(row)).totals["new"] == 1
    scheme = DividendScheme.objects.get()
    assert (scheme.capital, scheme.village_percent) == (YUAN("80000.00"), YUAN("30.00"))
    assert resource.import_data(sheet(row)).totals["skip"] == 1
    wrong = resource.import_data(sheet({**row, "村集体所得比例（%）": "100.01"}))
    assert "比例不能超过 100" in told(wrong)


def test_dividends_come_in_with_the_village_part_worked_out(town: Town, clerk: User) -> None:
    make_scheme(town)
    resource = DividendResource(user=clerk)
    assert resource.import_data(sheet(dividend_row())).totals["new"] == 1
    stored = Dividend.objects.get()
    assert (stored.village_amount, stored.label) == (YUAN("30.00"), "poor")
    assert resource.import_data(sheet(dividend_row(受益户称谓="脱贫户"))).totals["update"] == 1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"村集体所得（元）": "100.01"}, "村集体所得不能超过分红总额"),
        ({"受益人口": 1}, "受益人口不能少于受益户数"),
        ({"分红总额（元）": "-1"}, "是负数"),
        ({"分红总额（元）": "1.001"}, "超过两位小数"),
        ({"行政村": "外村"}, "“外村”在“池上山货有限公司”没有入股分红协议"),
    ],
)
def test_wrong_dividend_is_named_and_not_stored(
    town: Town, clerk: User, values: dict[str, object], message: str
) -> None:
    make_scheme(town)
    assert message in told(DividendResource(user=clerk).import_data(sheet(dividend_row(**values))))
    assert not Dividend.objects.exists()


def test_list_comes_in_by_household_and_name(town: Town, clerk: User) -> None:
    dividend = make_dividend(town, households=3, persons=5)
    rows = [person_row(), person_row(姓名="孙小国"), person_row(户号=1, 户主="赵东强", 姓名="赵东强")]
    result = BeneficiaryResource(user=clerk).import_data(sheet(*rows))
    assert (result.totals["new"], result.totals["skip"]) == (2, 1)
    assert dividend.beneficiaries.filter(household_no=3, household="孙北国", is_active=True).count() == 2
    split_dividend(actor=clerk, dividend=dividend)
    assert dividend.beneficiaries.filter(amount=YUAN("14.00")).count() == 5


def test_blank_means_on_the_list_and_no_strikes_off(town: Town, clerk: User) -> None:
    make_dividend(town)
    resource = BeneficiaryResource(user=clerk)
    resource.import_data(sheet(person_row(在名单内="")))
    assert Beneficiary.objects.get(name="孙北国").is_active
    resource.import_data(sheet(person_row(姓名="孙北国", 在名单内="否")))
    assert not Beneficiary.objects.get(name="孙北国").is_active


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"户号": 1}, "第 1 户的户主是“赵东强”"),
        ({"姓名": "孙北国370399196807010010"}, "不登记身份证号"),
        ({"年度": 2016}, "没有登记“2016”年度的分红"),
        ({"年度": "去年"}, "没有登记“去年”年度的分红"),
        ({"行政村": "外村"}, "“外村”没有登记“2017”年度的分红"),
        ({"户号": "三"}, "不是整数"),
    ],
)
def test_wrong_person_is_named_and_not_stored(
    town: Town, clerk: User, values: dict[str, object], message: str
) -> None:
    make_dividend(town)
    assert message in told(BeneficiaryResource(user=clerk).import_data(sheet(person_row(**values))))
    assert Beneficiary.objects.count() == 3


def test_enterprise_is_needed_where_the_village_has_several(town: Town, clerk: User) -> None:
    make_dividend(town)
    other = Dividend(scheme=make_scheme(town, enterprise="另一家"), year=2017, amount=1, village_amount=0)
    other.households = other.persons = 1
    other.save()
    resource = BeneficiaryResource(user=clerk)
    assert "有几家龙头企业" in told(resource.import_data(sheet(person_row())))
    assert resource.import_data(sheet(person_row(龙头企业="另一家"))).totals["new"] == 1
    assert other.beneficiaries.count() == 1


def test_paid_list_is_not_changed_by_import(town: Town, clerk: User) -> None:
    dividend = make_dividend(town)
    split_dividend(actor=clerk, dividend=dividend)
    pay_dividend(actor=clerk, dividend=dividend, day=PAID_ON)
    assert "已经发放" in told(BeneficiaryResource(user=clerk).import_data(sheet(person_row())))
    assert "已经发放" in told(DividendResource(user=clerk).import_data(sheet(dividend_row(受益户数=1))))
    assert dividend.beneficiaries.count() == 3


@pytest.mark.parametrize(
    ("resource", "row"),
    [(DividendResource, dividend_row(年度=2018)), (BeneficiaryResource, person_row())],
)
def test_foreign_village_does_not_exist_for_the_importer(
    town: Town, own_clerk: User, resource: type[ScopedResource], row: dict[str, Any]
) -> None:
    foreign = make_scheme(town, village=town.foreign)
    Dividend.objects.create(scheme=foreign, year=2017, amount=1, village_amount=0, households=1, persons=1)
    message = told(resource(user=own_clerk).import_data(sheet(row | {"行政村": "外村"})))
    assert "“外村”没有登记" in message or "没有入股分红协议" in message
    assert (Dividend.objects.count(), Beneficiary.objects.count()) == (1, 0)


def test_export_comes_back_unchanged_and_has_no_formula(town: Town, clerk: User) -> None:
    dividend = make_dividend(town)
    Beneficiary.objects.filter(name="赵小明").update(name="=赵小明")
    for resource, rows in [(DividendResource, Dividend), (BeneficiaryResource, Beneficiary)]:
        exported = resource(user=clerk).export(rows.objects.order_by("pk"))
        assert "'=赵小明" in str(exported.csv) or rows is Dividend
        assert resource(user=clerk).import_data(exported).totals["skip"] == len(exported)
    assert dividend.beneficiaries.count() == 3
