"""Collective income in the admin: the threshold, both totals, filters."""

from typing import Any

import pytest
from django.test import Client

from finance.models import CollectiveIncome, IncomeKind
from organizations.enums import DutyCode as D
from organizations.models import Village
from tests.factories import Town, VillageFactory
from tests.finance.money import YUAN, fill_money
from tests.finance.registers import LISTS, faults, listed, take_out, upload
from tests.organizations.test_admin import sign_in

INCOME = f"{LISTS}collectiveincome/"


@pytest.fixture
def accountant(client: Client, town: Town) -> Client:
    return sign_in(client, town, D.ACCOUNTANT)


def earn(village: Village, amount: str, kind: str = "土地发包", year: int = 2017) -> CollectiveIncome:
    row = IncomeKind.objects.get(name=kind)
    return CollectiveIncome.objects.create(village=village, year=year, kind=row, amount=YUAN(amount))


def income_form(town: Town, **values: Any) -> dict[str, Any]:
    kind = IncomeKind.objects.get(name="土地发包").pk
    return {"year": 2017, "village": town.own.pk, "kind": kind, "amount": "100.00", "note": "", **values}


def test_village_over_the_threshold_is_listed_with_all_its_income(accountant: Client, town: Town) -> None:
    over = [earn(town.own, "30000.00"), earn(town.own, "0.01", "房屋租赁")]
    earn(town.foreign, "30000.00")  # as much is not over
    earn(town.foreign, "5000.00", "财政补助")  # and this does not count
    earn(town.own, "20000.00", year=2016)  # its own year is not over
    assert set(listed(accountant, "collectiveincome", "?over=yes")) == set(over)
    only = listed(accountant, "collectiveincome", f"?over=yes&kind__id__exact={over[1].kind_id}")
    assert only == [over[1]]
    assert listed(accountant, "collectiveincome", "?over=yes&in_year=2016") == []
    assert len(listed(accountant, "collectiveincome", "?over=no")) == 5
    assert "30000.01（超过3万元）" in accountant.get(INCOME).content.decode()


def test_both_totals_stand_above_the_list(accountant: Client, town: Town) -> None:
    earn(town.own, "100.10")
    earn(town.foreign, "5.00", "财政补助")
    earn(town.foreign, "7.00", year=2016)
    page: Any = accountant.get(f"{INCOME}?in_year=2017")
    assert page.context["sums"] == {"amount": YUAN("105.10"), "counted": YUAN("100.10"), "villages": 2}


@pytest.mark.parametrize(
    ("values", "words"), [({"amount": "-0.01"}, "不能是负数"), ({"amount": "0.001"}, "小数"), ({"year": ""}, "必填")]
)
def test_wrong_income_is_an_error_of_the_form(
    accountant: Client, town: Town, values: dict[str, Any], words: str
) -> None:
    assert words in faults(accountant.post(f"{INCOME}add/", income_form(town, **values)))
    assert not CollectiveIncome.objects.exists()


def test_income_is_stored_once(accountant: Client, town: Town) -> None:
    assert accountant.post(f"{INCOME}add/", income_form(town)).status_code == 302
    assert "已经登记" in faults(accountant.post(f"{INCOME}add/", income_form(town)))
    assert CollectiveIncome.objects.get().amount == YUAN("100.00")


def test_area_leader_reads_his_villages_only(client: Client, town: Town) -> None:
    own, foreign = earn(town.own, "40000.00"), earn(town.foreign, "50000.00")
    sign_in(client, town, D.AREA_LEADER)
    assert listed(client, "collectiveincome", "?over=yes") == [own]
    page: Any = client.get(INCOME)
    assert page.context["sums"]["amount"] == YUAN("40000.00")
    assert "50000.00" not in page.content.decode()
    assert client.get(f"{INCOME}{foreign.pk}/change/").status_code == 404
    assert client.post(f"{INCOME}{own.pk}/change/", income_form(town)).status_code == 403


def test_years_of_other_villages_are_not_offered(client: Client, town: Town) -> None:
    earn(town.own, "1.00")
    earn(town.foreign, "1.00", year=2013)
    page = sign_in(client, town, D.AREA_LEADER).get(INCOME).content.decode()
    assert "2017年" in page
    assert "2013年" not in page


def test_list_takes_the_same_queries_for_one_row_and_three(
    accountant: Client, town: Town, django_assert_num_queries: Any
) -> None:
    clerk = town.people[D.OFFICE_CLERK]
    fill_money(town.own, clerk)
    accountant.get(INCOME)
    for villages in ((), (town.foreign, VillageFactory(branch__parent=town.root))):
        for village in villages:
            fill_money(village, clerk)
        with django_assert_num_queries(17):
            accountant.get(INCOME)
    assert len(listed(accountant, "collectiveincome")) == 3


def test_income_comes_in_and_goes_out_by_sheet(accountant: Client, town: Town) -> None:
    row = {"年度": 2017, "行政村": "本村", "收入来源": "土地发包", "金额（元）": "12.5", "说明": "二队"}
    assert "没有“山外村”" in upload(accountant, "collectiveincome", row, row | {"行政村": "山外村"})
    assert not CollectiveIncome.objects.exists()
    upload(accountant, "collectiveincome", row)
    assert take_out(accountant, "collectiveincome")[1] == (2017, "本村", "土地发包", "12.50", "二队")
