"""Dividends: the village's part, the list, its split to the cent, and paying it out."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chishang.core.dates import today
from chishang.core.money import CENT
from finance.models import Beneficiary, Dividend, DividendScheme
from finance.selectors.dividends import BeneficiaryList, list_of
from finance.services import (
    Person,
    pay_dividend,
    record_dividend,
    save_beneficiary,
    set_beneficiaries,
    split_dividend,
)
from organizations.enums import DutyCode as D
from organizations.models import User
from tests.factories import Town, build_town
from tests.finance.money import YUAN

FEW = settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
PEOPLE = (Person(1, "赵东强", "赵东强"), Person(1, "赵东强", "赵小明"), Person(2, "钱西明", "钱西明"))
PAID_ON = date(2017, 12, 20)


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[D.ACCOUNTANT]


def make_scheme(town: Town, **fields: Any) -> DividendScheme:
    values = {"village": town.own, "enterprise": "池上山货有限公司", "capital": YUAN("80000.00"), **fields}
    return DividendScheme.objects.create(**values)


def new_dividend(scheme: DividendScheme, amount: str = "100.00", **fields: Any) -> Dividend:
    values = {"year": 2017, "village_amount": None, "households": 2, "persons": 3, **fields}
    return Dividend(scheme=scheme, amount=YUAN(amount), **values)


def make_dividend(town: Town, amount: str = "100.00", **fields: Any) -> Dividend:
    """A dividend with the list of its three people."""
    clerk = town.people[D.ACCOUNTANT]
    dividend = record_dividend(actor=clerk, dividend=new_dividend(make_scheme(town), amount, **fields))
    set_beneficiaries(actor=clerk, dividend=dividend, people=PEOPLE)
    return dividend


def stored_list(dividend: Dividend) -> BeneficiaryList:
    dividend.refresh_from_db()
    return list_of(dividend, dividend.beneficiaries.all())


def parts_of(dividend: Dividend) -> list[Decimal | None]:
    return [person.amount for person in stored_list(dividend).people]


@pytest.mark.parametrize(
    ("amount", "percent", "village"), [("100.00", "30.00", "30.00"), ("0.05", "30.00", "0.02"), ("9.99", "0", "0.00")]
)
def test_village_gets_its_percentage_half_up(town: Town, clerk: User, amount: str, percent: str, village: str) -> None:
    scheme = make_scheme(town, village_percent=YUAN(percent))
    dividend = record_dividend(actor=clerk, dividend=new_dividend(scheme, amount))
    assert (dividend.village_amount, dividend.household_amount) == (YUAN(village), YUAN(amount) - YUAN(village))


def test_village_part_as_given_is_kept(town: Town, clerk: User) -> None:
    dividend = record_dividend(actor=clerk, dividend=new_dividend(make_scheme(town), village_amount=YUAN("25.00")))
    assert dividend.village_amount == YUAN("25.00")


@pytest.mark.parametrize(
    ("fields", "field", "told"),
    [
        ({"village_amount": YUAN("100.01")}, "village_amount", "不能超过分红总额（100.00 元）"),
        ({"persons": 1}, "persons", "受益人口不能少于受益户数（2 户）"),
        ({"village_amount": YUAN("-0.01")}, "village_amount", "金额不能是负数"),
        ({"year": 1900}, "year", "1949"),
    ],
)
def test_wrong_dividend_is_refused_at_its_field(
    town: Town, clerk: User, fields: dict[str, Any], field: str, told: str
) -> None:
    with pytest.raises(ValidationError) as error:
        record_dividend(actor=clerk, dividend=new_dividend(make_scheme(town), **fields))
    assert told in str(error.value.message_dict[field])
    assert not Dividend.objects.exists()


def test_scheme_has_one_dividend_a_year(town: Town, clerk: User) -> None:
    scheme = make_scheme(town)
    record_dividend(actor=clerk, dividend=new_dividend(scheme))
    with pytest.raises(ValidationError, match="本年度的分红已经登记"):
        record_dividend(actor=clerk, dividend=new_dividend(scheme))


@pytest.mark.parametrize("duty", [D.VILLAGE_AGENT, D.TOWN_SECRETARY, D.AREA_LEADER])
def test_every_step_needs_the_finance_office(town: Town, duty: D) -> None:
    dividend, actor = make_dividend(town), town.people[duty]
    person = dividend.beneficiaries.earliest("pk")
    with pytest.raises(ValidationError, match="没有办理这一步的权限"):
        record_dividend(actor=actor, dividend=dividend)
    with pytest.raises(ValidationError, match="不归您管"):
        record_dividend(actor=actor, dividend=new_dividend(dividend.scheme, year=2016))
    with pytest.raises(ValidationError, match="没有办理这一步的权限"):
        set_beneficiaries(actor=actor, dividend=dividend, people=[])
    with pytest.raises(ValidationError, match="没有办理这一步的权限"):
        save_beneficiary(actor=actor, beneficiary=person)
    with pytest.raises(ValidationError, match="没有办理这一步的权限"):
        split_dividend(actor=actor, dividend=dividend)
    with pytest.raises(ValidationError, match="没有办理这一步的权限"):
        pay_dividend(actor=actor, dividend=dividend, day=PAID_ON)
    assert parts_of(dividend) == [None, None, None]


def test_split_gives_equal_parts_and_the_last_cents_to_the_first(town: Town, clerk: User) -> None:
    dividend = make_dividend(town)

    found = split_dividend(actor=clerk, dividend=dividend)

    assert parts_of(dividend) == [YUAN("23.34"), YUAN("23.33"), YUAN("23.33")]
    assert [(one.head, one.amount) for one in found.households] == [
        ("赵东强", YUAN("46.67")),
        ("钱西明", YUAN("23.33")),
    ]
    assert (found.amount, stored_list(dividend).is_split) == (YUAN("70.00"), True)


def test_split_again_changes_nothing(town: Town, clerk: User) -> None:
    dividend = make_dividend(town)
    split_dividend(actor=clerk, dividend=dividend)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM finance_beneficiaryhistory")
        before = cursor.fetchone()
        split_dividend(actor=clerk, dividend=dividend)
        cursor.execute("SELECT count(*) FROM finance_beneficiaryhistory")
        assert cursor.fetchone() == before


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"households": 3}, "登记的是 3 户 3 人"),
        ({"persons": 4}, "登记的是 2 户 4 人"),
        ({"persons": 2}, "现有 2 户 3 人"),
    ],
)
def test_split_needs_the_declared_households_and_persons(
    town: Town, clerk: User, fields: dict[str, Any], told: str
) -> None:
    dividend = make_dividend(town, **fields)
    with pytest.raises(ValidationError, match=told):
        split_dividend(actor=clerk, dividend=dividend)
    assert parts_of(dividend) == [None, None, None]


def test_nobody_on_the_list_is_no_split(town: Town, clerk: User) -> None:
    scheme = make_scheme(town)
    dividend = record_dividend(actor=clerk, dividend=new_dividend(scheme, households=0, persons=0))
    with pytest.raises(ValidationError, match="名单里没有人"):
        split_dividend(actor=clerk, dividend=dividend)


def test_list_is_corrected_without_deleting_and_takes_the_parts_back(town: Town, clerk: User) -> None:
    dividend = make_dividend(town)
    split_dividend(actor=clerk, dividend=dividend)
    keys = set(dividend.beneficiaries.values_list("pk", flat=True))

    people = [*PEOPLE[:2], Person(2, "孙 北国", "孙 北国")]
    found = set_beneficiaries(actor=clerk, dividend=dividend, people=people)

    assert [person.name for person in found.people] == ["赵东强", "赵小明", "孙北国"]
    assert [person.name for person in found.struck] == ["钱西明"]
    assert keys < set(dividend.beneficiaries.values_list("pk", flat=True))
    assert not dividend.beneficiaries.filter(amount__isnull=False).exists()
    set_beneficiaries(actor=clerk, dividend=dividend, people=PEOPLE)
    split_dividend(actor=clerk, dividend=dividend)
    assert dividend.beneficiaries.get(name="孙北国").amount is None
    assert stored_list(dividend).is_split


def test_same_list_again_keeps_the_parts(town: Town, clerk: User) -> None:
    dividend = make_dividend(town)
    split_dividend(actor=clerk, dividend=dividend)
    set_beneficiaries(actor=clerk, dividend=dividend, people=PEOPLE)
    assert stored_list(dividend).is_split


@pytest.mark.parametrize(
    ("people", "told"),
    [
        ([*PEOPLE, Person(2, "孙北国", "孙北国")], "第 2 户写了两个户主"),
        ([*PEOPLE, Person(1, "赵东强", "赵　小明")], "“赵小明”写了两次"),
    ],
)
def test_list_that_contradicts_itself_is_refused_whole(
    town: Town, clerk: User, people: list[Person], told: str
) -> None:
    dividend = make_dividend(town)
    with pytest.raises(ValidationError, match=told):
        set_beneficiaries(actor=clerk, dividend=dividend, people=people)
    assert dividend.beneficiaries.count() == 3


def test_corrected_head_holds_for_the_whole_household(town: Town, clerk: User) -> None:
    dividend = make_dividend(town)
    split_dividend(actor=clerk, dividend=dividend)
    person = dividend.beneficiaries.get(name="赵小明")
    person.household = "赵东 国"
    save_beneficiary(actor=clerk, beneficiary=person)
    assert set(dividend.beneficiaries.filter(household_no=1).values_list("household", flat=True)) == {"赵东国"}
    assert stored_list(dividend).is_split, "the same people get the same"


def test_new_person_under_another_head_is_refused(town: Town, clerk: User) -> None:
    dividend = make_dividend(town)
    for number, name, told in [(1, "周平", "第 1 户的户主是“赵东强”"), (2, "钱西明", "这一户里已有同名的人")]:
        head = "钱西明" if number == 2 else "周平"
        row = Beneficiary(dividend=dividend, household_no=number, household=head, name=name)
        with pytest.raises(ValidationError, match=told):
            save_beneficiary(actor=clerk, beneficiary=row)
    assert dividend.beneficiaries.count() == 3


def test_changed_amount_takes_the_parts_back(town: Town, clerk: User) -> None:
    dividend = make_dividend(town)
    split_dividend(actor=clerk, dividend=dividend)
    dividend.amount = YUAN("101.00")
    record_dividend(actor=clerk, dividend=dividend)
    assert parts_of(dividend) == [None, None, None]
    with pytest.raises(ValidationError, match="名单还没有分配"):
        pay_dividend(actor=clerk, dividend=dividend, day=PAID_ON)


def test_payment_freezes_amounts_and_list(town: Town, clerk: User) -> None:
    dividend = make_dividend(town)
    split_dividend(actor=clerk, dividend=dividend)
    paid = pay_dividend(actor=clerk, dividend=dividend, day=PAID_ON)
    assert (paid.paid_on, paid.paid_by) == (PAID_ON, clerk)
    again = pay_dividend(actor=town.people[D.FINANCE_HEAD], dividend=dividend, day=PAID_ON)
    assert again.paid_by == clerk, "a second press changes nothing"

    with pytest.raises(ValidationError, match="已登记在2017年12月20日发放"):
        pay_dividend(actor=clerk, dividend=dividend, day=today())
    with pytest.raises(ValidationError, match="已经发放"):
        split_dividend(actor=clerk, dividend=dividend)
    with pytest.raises(ValidationError, match="已经发放"):
        set_beneficiaries(actor=clerk, dividend=dividend, people=[])
    with pytest.raises(ValidationError, match="已经发放"):
        save_beneficiary(actor=clerk, beneficiary=dividend.beneficiaries.earliest("pk"))
    with pytest.raises(ValidationError, match="已经发放"):
        record_dividend(actor=clerk, dividend=Dividend.objects.get(pk=dividend.pk))
    with pytest.raises(IntegrityError, match="已经发放"), transaction.atomic():
        dividend.beneficiaries.update(amount=YUAN("1.00"))
    with pytest.raises(IntegrityError, match="已经发放"), transaction.atomic():
        Dividend.objects.update(amount=YUAN("1.00"))


@pytest.mark.parametrize("day", [date(2016, 12, 31), today() + timedelta(days=1)])
def test_payment_lies_between_the_year_and_today(town: Town, clerk: User, day: date) -> None:
    dividend = make_dividend(town)
    split_dividend(actor=clerk, dividend=dividend)
    with pytest.raises(ValidationError, match="发放日期应在 2017 年 1 月 1 日到今天之间"):
        pay_dividend(actor=clerk, dividend=dividend, day=day)
    assert Dividend.objects.get().paid_on is None


def test_parts_are_the_whole_for_any_list(town: Town, clerk: User) -> None:
    scheme, years = make_scheme(town), iter(range(1949, 2100))

    @FEW
    @given(cents=st.integers(min_value=0, max_value=10**9), sizes=st.lists(st.integers(1, 6), min_size=1, max_size=8))
    def check(cents: int, sizes: list[int]) -> None:
        fields = {"year": next(years), "households": len(sizes), "persons": sum(sizes)}
        dividend = record_dividend(actor=clerk, dividend=new_dividend(scheme, str(cents * CENT), **fields))
        people = [
            Person(number, f"户主{number}", f"成员{number}之{one}")
            for number, size in enumerate(sizes, 1)
            for one in range(size)
        ]
        set_beneficiaries(actor=clerk, dividend=dividend, people=people)
        found = split_dividend(actor=clerk, dividend=dividend)
        parts = [person.amount or YUAN(0) for person in found.people]
        assert sum(parts) + dividend.village_amount == dividend.amount
        assert max(parts) - min(parts) <= CENT
        assert sum(one.amount for one in found.households) == dividend.household_amount

    check()


@pytest.mark.django_db(transaction=True)
def test_split_and_correction_at_once_leave_no_half_split() -> None:
    town = build_town()
    clerk, dividend = town.people[D.ACCOUNTANT], make_dividend(town)
    split_dividend(actor=clerk, dividend=dividend)
    refused: list[str] = []

    def run(step: Callable[[], object]) -> None:
        try:
            step()
        except ValidationError as error:
            refused.extend(error.messages)
        finally:
            connection.close()

    others = [*PEOPLE[:2], Person(2, "孙北国", "孙北国")]
    steps = [
        lambda: pay_dividend(actor=clerk, dividend=dividend, day=PAID_ON),
        lambda: set_beneficiaries(actor=clerk, dividend=dividend, people=others),
    ]
    threads = [Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = stored_list(dividend)
    assert len(refused) == 1, "one of them came first, and then the other was not open any more"
    assert found.is_split == (dividend.paid_on is not None)
