"""Solar plants and settlements in the admin."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from finance.models import SolarPlant, SolarSettlement
from organizations.enums import DutyCode as D
from tests.factories import Town, VillageFactory
from tests.finance.money import YUAN, fill_money
from tests.finance.registers import LISTS, faults, listed, take_out, upload
from tests.organizations.test_admin import sign_in

PLANTS, SETTLEMENTS = f"{LISTS}solarplant/", f"{LISTS}solarsettlement/"


@pytest.fixture
def accountant(client: Client, town: Town) -> Client:
    return sign_in(client, town, D.ACCOUNTANT)


@pytest.fixture
def plant(town: Town) -> SolarPlant:
    """A plant of the own village, settled up to June 2016."""
    row = SolarPlant.objects.create(village=town.own, capacity_kw=28)
    row.settlements.create(started_on=date(2016, 1, 1), ended_on=date(2016, 6, 30), amount=YUAN("500.00"))
    return row


def settlement_form(plant: SolarPlant, **values: Any) -> dict[str, Any]:
    named = {"plant": plant.pk, "started_on": "2017-01-01", "ended_on": "2017-06-30", "kwh": "1200.5"}
    sums = {"base_amount": "900", "subsidy_amount": "200", "fee": "100", "amount": "1000"}
    return {**named, **sums, "basis": "actual", "received_on": "", **values}


def inline_form(plant: SolarPlant, *rows: dict[str, Any]) -> dict[str, Any]:
    """The form of a plant with new settlements below it."""
    data: dict[str, Any] = {"village": plant.village_id, "name": plant.name, "capacity_kw": "28"}
    data |= {"settlements-TOTAL_FORMS": len(rows), "settlements-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        data |= {f"settlements-{number}-{name}": value for name, value in row.items()}
    return data


def test_settlement_is_stored(accountant: Client, plant: SolarPlant) -> None:
    assert accountant.post(f"{SETTLEMENTS}add/", settlement_form(plant)).status_code == 302
    total_only = settlement_form(plant, started_on="2017-07-01", ended_on="2017-12-31", base_amount="")
    total_only |= {"subsidy_amount": "0", "fee": "0", "kwh": ""}
    assert accountant.post(f"{SETTLEMENTS}add/", total_only).status_code == 302
    assert SolarSettlement.objects.count() == 3


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"started_on": "2016-06-30", "ended_on": "2016-07-31"}, "这段时间的收益已经登记过"),
        ({"started_on": "2015-12-01", "ended_on": "2016-01-01"}, "这段时间的收益已经登记过"),
        ({"amount": "1000.01"}, "净收益应等于电费加补贴减运维费"),
        ({"base_amount": ""}, "净收益应等于电费加补贴减运维费"),
        ({"ended_on": "2016-12-31"}, "结算截止日期不能早于起始日期"),
        ({"fee": "-100", "amount": "1200"}, "不能是负数"),
        ({"kwh": "-1"}, "不能是负数"),
        ({"amount": "1000.001"}, "小数"),
    ],
)
def test_wrong_settlement_is_an_error_of_the_form(
    accountant: Client, plant: SolarPlant, values: dict[str, Any], words: str
) -> None:
    assert words in faults(accountant.post(f"{SETTLEMENTS}add/", settlement_form(plant, **values)))
    assert SolarSettlement.objects.count() == 1


def test_same_days_at_another_plant_are_no_overlap(accountant: Client, town: Town, plant: SolarPlant) -> None:
    other = SolarPlant.objects.create(village=town.foreign, capacity_kw=28)
    data = settlement_form(other, started_on="2016-01-01", ended_on="2016-06-30")
    assert accountant.post(f"{SETTLEMENTS}add/", data).status_code == 302
    assert other.settlements.count() == 1


def test_settlements_are_added_below_their_plant(accountant: Client, plant: SolarPlant) -> None:
    first = settlement_form(plant)
    overlapping = settlement_form(plant, started_on="2017-06-30", ended_on="2017-07-31")
    address = f"{PLANTS}{plant.pk}/change/"
    assert "与上面另一行的时间重叠" in faults(accountant.post(address, inline_form(plant, first, overlapping)))
    stored = settlement_form(plant, started_on="2016-06-01", ended_on="2016-07-31")
    assert "这段时间的收益已经登记过" in faults(accountant.post(address, inline_form(plant, stored)))
    assert plant.settlements.count() == 1
    later = settlement_form(plant, started_on="2017-07-01", ended_on="2017-07-31")
    assert accountant.post(address, inline_form(plant, first, later)).status_code == 302
    assert plant.settlements.count() == 3


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"capacity_kw": "0"}, "装机容量要大于 0"),
        ({"capacity_kw": "-1"}, "装机容量要大于 0"),
        ({}, "该村已有同名的电站"),
    ],
)
def test_wrong_plant_is_an_error_of_the_form(
    accountant: Client, town: Town, plant: SolarPlant, values: dict[str, Any], words: str
) -> None:
    data = {"village": town.own.pk, "name": "光伏电站", "capacity_kw": "28", "on_grid_on": "", "tariff": ""}
    assert words in faults(accountant.post(f"{PLANTS}add/", data | values))
    assert SolarPlant.objects.count() == 1


def test_forecasts_are_summed_apart(accountant: Client, plant: SolarPlant) -> None:
    plant.settlements.create(
        started_on=date(2017, 1, 1), ended_on=date(2017, 6, 30), amount=YUAN("70.00"), basis="estimated"
    )
    page: Any = accountant.get(SETTLEMENTS)
    assert page.context["sums"] == {"actual": YUAN("500.00"), "estimated": YUAN("70.00")}
    assert len(listed(accountant, "solarsettlement", "?in_year=2016")) == 1


def test_plants_of_another_village_are_not_found(client: Client, town: Town, plant: SolarPlant) -> None:
    other = SolarPlant.objects.create(village=town.foreign, capacity_kw=28)
    row = other.settlements.create(started_on=date(2016, 1, 1), ended_on=date(2016, 6, 30), amount=1)
    sign_in(client, town, D.AREA_LEADER)
    assert listed(client, "solarplant") == [plant]
    assert listed(client, "solarsettlement") == list(plant.settlements.all())
    assert client.get(f"{PLANTS}{other.pk}/change/").status_code == 404
    assert client.get(f"{SETTLEMENTS}{row.pk}/change/").status_code == 404
    assert client.post(f"{PLANTS}{plant.pk}/change/", inline_form(plant)).status_code == 403


@pytest.mark.parametrize(("register", "expected"), [("solarplant", 14), ("solarsettlement", 16)])
def test_list_takes_the_same_queries_for_one_row_and_three(
    accountant: Client, town: Town, register: str, expected: int, django_assert_num_queries: Any
) -> None:
    clerk = town.people[D.OFFICE_CLERK]
    fill_money(town.own, clerk)
    accountant.get(f"{LISTS}{register}/")
    for villages in ((), (town.foreign, VillageFactory(branch__parent=town.root))):
        for village in villages:
            fill_money(village, clerk)
        with django_assert_num_queries(expected):
            accountant.get(f"{LISTS}{register}/")
    assert len(listed(accountant, register)) == 3


def test_plants_and_settlements_come_in_and_go_out_by_sheet(accountant: Client, town: Town) -> None:
    row = {
        "行政村": "本村",
        "电站名称": "一号站",
        "装机容量（千瓦）": "28",
        "并网日期": "2016-06-01",
        "电价（元/度）": "0.98",
    }
    upload(accountant, "solarplant", row)
    assert take_out(accountant, "solarplant")[1] == ("本村", "一号站", "28.00", "2016-06-01", "0.9800")
    paid = {"行政村": "本村", "光伏电站": "一号站", "结算起始日期": "2017-01-01", "结算截止日期": "2017-12-31"}
    upload(accountant, "solarsettlement", paid | {"净收益（元）": "12.5"})
    assert "已经登记过" in upload(
        accountant, "solarsettlement", paid | {"结算截止日期": "2018-01-01", "净收益（元）": "1"}
    )
    out = take_out(accountant, "solarsettlement")
    assert dict(zip(*out, strict=True))["净收益（元）"] == "12.50"
    assert SolarSettlement.objects.count() == 1
