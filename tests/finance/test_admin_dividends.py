"""Dividends in the admin: the form, the list by household, the split and paying out, import, who sees whom."""

from typing import Any

import pytest
from django.test import Client

from finance.models import Beneficiary, Dividend, DividendScheme
from finance.services import set_beneficiaries, split_dividend
from organizations.enums import DutyCode as D
from tests.factories import Town
from tests.finance.money import YUAN, fill_money
from tests.finance.test_services_dividends import PAID_ON, PEOPLE, make_dividend, make_scheme
from tests.organizations.test_admin import sign_in

LISTS = "/admin/finance/"
DIVIDENDS, PEOPLE_LIST = f"{LISTS}dividend/", f"{LISTS}beneficiary/"


@pytest.fixture
def clerk(client: Client, town: Town) -> Client:
    return sign_in(client, town, D.ACCOUNTANT)


def form_of(scheme: DividendScheme, **values: object) -> dict[str, Any]:
    own = {"year": 2017, "amount": "100.00", "village_amount": "", "label": "poor", "households": 2, "persons": 3}
    return {"scheme": scheme.pk, **own, **values}


def step(client: Client, dividend: Dividend, name: str, **data: str) -> str:
    return client.post(f"{DIVIDENDS}{dividend.pk}/{name}/", data, follow=True).content.decode()


def test_village_part_left_blank_is_worked_out(clerk: Client, town: Town) -> None:
    assert clerk.post(f"{DIVIDENDS}add/", form_of(make_scheme(town))).status_code == 302
    assert Dividend.objects.get().village_amount == YUAN("30.00")
    page = clerk.get(DIVIDENDS).content.decode()
    assert "= 村集体 30.00 元 + 受益户 70.00 元；2 户 3 人" in page


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"village_amount": "100.01"}, "村集体所得不能超过分红总额"),
        ({"persons": 1}, "受益人口不能少于受益户数"),
        ({"amount": "-1.00"}, "金额不能是负数"),
        ({"amount": "1.001"}, "小数"),
    ],
)
def test_wrong_dividend_is_told_and_not_stored(
    clerk: Client, town: Town, values: dict[str, object], told: str
) -> None:
    answer = clerk.post(f"{DIVIDENDS}add/", form_of(make_scheme(town), **values))
    assert told in str(answer.context["adminform"].form.errors)
    assert not Dividend.objects.exists()


def test_page_shows_the_list_by_household_with_parts_and_whole(clerk: Client, town: Town) -> None:
    dividend = make_dividend(town)
    assert "还没有分配" in clerk.get(f"{DIVIDENDS}{dividend.pk}/change/").content.decode()

    page = step(clerk, dividend, "split")

    assert "已分配：2 户 3 人，共 70.00 元" in page
    assert "各人相加 70.00 元，与受益户所得一致" in page
    for text in ("赵小明</a> 23.33", "<td>46.67</td>", "<strong>70.00</strong>"):
        assert text in page
    assert "登记发放" in page


def test_list_that_is_not_the_declared_one_is_told_and_offers_no_split(clerk: Client, town: Town) -> None:
    dividend = make_dividend(town, persons=4)
    page = clerk.get(f"{DIVIDENDS}{dividend.pk}/change/").content.decode()
    assert "名单现有 2 户 3 人，登记的是 2 户 4 人" in page
    assert f"{DIVIDENDS}{dividend.pk}/split/" not in page
    assert "登记的是 2 户 4 人" in step(clerk, dividend, "split")


def test_empty_list_says_how_to_bring_it_in(clerk: Client, town: Town) -> None:
    dividend = fill_money(town.own, town.people[D.ACCOUNTANT])["dividend"]
    Beneficiary.objects.update(is_active=False)
    page = clerk.get(f"{DIVIDENDS}{dividend.pk}/change/").content.decode()
    assert "列名写：年度、行政村、户号、户主、姓名" in page
    assert f"{DIVIDENDS}{dividend.pk}/split/" not in page


def test_payment_freezes_the_page(clerk: Client, town: Town) -> None:
    dividend = make_dividend(town)
    assert "名单还没有分配" in step(clerk, dividend, "pay", day=PAID_ON.isoformat())
    step(clerk, dividend, "split")
    assert "不是日期" in step(clerk, dividend, "pay", day="年底")

    page = step(clerk, dividend, "pay", day=PAID_ON.isoformat())

    assert "已登记2017年12月20日发放" in page
    assert f"{DIVIDENDS}{dividend.pk}/pay/" not in page
    person = dividend.beneficiaries.earliest("pk")
    for address, data in [
        (f"{DIVIDENDS}{dividend.pk}/change/", form_of(dividend.scheme, amount="1.00")),
        (f"{PEOPLE_LIST}{person.pk}/change/", {"household_no": 1, "household": "甲", "name": "乙"}),
    ]:
        assert clerk.post(address, data).status_code == 403
    assert "已经发放" in step(clerk, dividend, "split")
    assert (Dividend.objects.get().amount, Beneficiary.objects.earliest("pk").name) == (YUAN("100.00"), "赵东强")


@pytest.mark.parametrize("name", ["split", "pay"])
def test_steps_are_posts_of_those_who_may_on_rows_they_see(client: Client, town: Town, name: str) -> None:
    own, foreign = make_dividend(town), fill_money(town.foreign, town.people[D.ACCOUNTANT])["dividend"]
    data = {"day": PAID_ON.isoformat()}
    sign_in(client, town, D.AREA_LEADER)
    assert client.post(f"{DIVIDENDS}{own.pk}/{name}/", data).status_code == 403
    assert client.post(f"{DIVIDENDS}{foreign.pk}/{name}/", data).status_code == 404
    sign_in(client, town, D.ACCOUNTANT)
    assert client.get(f"{DIVIDENDS}{own.pk}/{name}/").status_code == 405
    assert not Beneficiary.objects.filter(amount__isnull=False).exists()


def test_people_are_shown_to_those_who_may_see_them_only(client: Client, town: Town) -> None:
    dividend = make_dividend(town)
    split_dividend(actor=town.people[D.ACCOUNTANT], dividend=dividend)
    for duty, sees in [(D.TOWN_SECRETARY, True), (D.AREA_LEADER, False), (D.DISCIPLINE_HEAD, False)]:
        sign_in(client, town, duty)
        page = client.get(f"{DIVIDENDS}{dividend.pk}/change/").content.decode()
        assert ("赵小明" in page, "受益名单" in page) == (sees, sees), duty
        assert "70.00" in page
        assert f"{DIVIDENDS}{dividend.pk}/split/" not in page
        assert client.get(PEOPLE_LIST).status_code == (200 if sees else 403)


def test_person_is_added_and_struck_off_but_not_deleted(clerk: Client, town: Town) -> None:
    dividend = make_dividend(town)
    data = {"dividend": dividend.pk, "household_no": 2, "household": "钱西明", "name": "钱 小花", "is_active": "on"}
    assert clerk.post(f"{PEOPLE_LIST}add/", data).status_code == 302
    person = Beneficiary.objects.get(name="钱小花")
    data.pop("is_active")
    assert clerk.post(f"{PEOPLE_LIST}{person.pk}/change/", data).status_code == 302
    page = clerk.get(f"{DIVIDENDS}{dividend.pk}/change/").content.decode()
    assert "不在名单内（写错的）" in page
    assert clerk.post(f"{PEOPLE_LIST}{person.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Beneficiary.objects.count() == 4


@pytest.mark.parametrize(
    ("values", "field", "told"),
    [
        ({"household": "周平"}, "household", "第 1 户的户主是“赵东强”"),
        ({"name": "赵明37039919680701001"}, "name", "不登记身份证号"),
    ],
)
def test_wrong_person_is_told_at_its_field(
    clerk: Client, town: Town, values: dict[str, str], field: str, told: str
) -> None:
    dividend = make_dividend(town)
    data = {"dividend": dividend.pk, "household_no": 1, "household": "赵东强", "name": "赵明", "is_active": "on"}
    answer = clerk.post(f"{PEOPLE_LIST}add/", data | values)
    assert told in answer.context["adminform"].form.errors[field][0]
    assert dividend.beneficiaries.count() == 3


@pytest.mark.parametrize(("register", "queries"), [("dividendscheme", 14), ("dividend", 16), ("beneficiary", 15)])
def test_lists_take_the_same_queries_with_more_rows(
    clerk: Client, town: Town, register: str, queries: int, django_assert_num_queries: Any
) -> None:
    fill_money(town.own, town.people[D.ACCOUNTANT])
    clerk.get(f"{LISTS}{register}/")
    with django_assert_num_queries(queries):
        clerk.get(f"{LISTS}{register}/")
    fill_money(town.foreign, town.people[D.ACCOUNTANT])
    make_dividend(town)
    with django_assert_num_queries(queries):
        clerk.get(f"{LISTS}{register}/")


def test_page_takes_the_same_queries_for_a_longer_list(
    clerk: Client, town: Town, django_assert_num_queries: Any
) -> None:
    dividend = make_dividend(town, households=2, persons=3)
    set_beneficiaries(actor=town.people[D.ACCOUNTANT], dividend=dividend, people=PEOPLE[:1])
    clerk.get(f"{DIVIDENDS}{dividend.pk}/change/")
    with django_assert_num_queries(25):
        clerk.get(f"{DIVIDENDS}{dividend.pk}/change/")
    set_beneficiaries(actor=town.people[D.ACCOUNTANT], dividend=dividend, people=PEOPLE)
    with django_assert_num_queries(25):
        clerk.get(f"{DIVIDENDS}{dividend.pk}/change/")
