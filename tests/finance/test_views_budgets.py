"""Pages of budgets and income: plan = paid + waiting, every number with its rows, strictly over a threshold."""

from typing import Any

import pytest
from django.test import Client

from chishang.core.dates import today
from finance.enums import SubjectCode
from finance.models import Budget, CollectiveIncome, IncomeKind
from finance.selectors.budgets import PARTS
from organizations.enums import DutyCode as D
from organizations.models import Village
from tests.factories import Town, VillageFactory
from tests.finance.money import YUAN, import_voucher, make_budget, make_submitted, make_voucher
from tests.finance.test_views_requests import READERS, WITHOUT, signed_in

BUDGETS, INCOME = "/finance/budgets/", "/finance/income/"
QUERIES_OF_BUDGETS, QUERIES_OF_BUDGET, QUERIES_OF_INCOME = 12, 15, 13


def earn(village: Village, amount: str, kind: str = "土地发包", year: int = 2017) -> CollectiveIncome:
    row = IncomeKind.objects.get(name=kind)
    return CollectiveIncome.objects.create(year=year, village=village, kind=row, amount=YUAN(amount))


def fill(town: Town) -> Budget:
    """An own budget of 1000 plus 50: 100 paid, 30 asked for, 200 held of which 80 was released; 800 is free."""
    budget = make_budget(town.own.branch, "1000.00", held=YUAN("200.00"))
    decided: dict[str, Any] = {"decided_by": "镇政府"}
    budget.adjustments.create(amount=YUAN("50.00"), decided_on=today(), reason="追加取暖费", **decided)
    budget.assessments.create(assessed_on=today(), result="优秀", released=YUAN("80.00"), **decided)
    make_voucher(town, budget, "100.00", purpose="已经拨付的")
    make_submitted(town, budget, "30.00", purpose="正在办理的")
    return budget


def test_plan_is_paid_and_waiting_and_every_number_leads_to_its_rows(town: Town) -> None:
    budget = fill(town)
    make_budget(town.own.branch, "500.00", SubjectCode.SECRETARY_PAY)
    make_budget(town.foreign.branch, "7000.00")

    response = signed_in(town, D.VILLAGE_AGENT).get(BUDGETS)

    total = response.context["found"].total
    assert [getattr(total, name) for name in PARTS] == [
        YUAN(one) for one in ("1550.00", "100.00", "1450.00", "30.00", "120.00", "1300.00")
    ]
    for part in PARTS:
        assert f'href="/finance/budgets/{budget.pk}/#{part}"' in response.text
    assert "7,000.00" not in response.text


def test_office_sees_all_villages_by_subject_and_narrows(town: Town) -> None:
    make_budget(town.own.branch, "1000.00")
    make_budget(town.foreign.branch, "7000.00")
    pay = make_budget(town.foreign.branch, "500.00", SubjectCode.SECRETARY_PAY)
    client = signed_in(town, D.FINANCE_HEAD)

    whole = client.get(BUDGETS).context["found"]
    assert [sums.planned for _, sums in whole.subjects] == [YUAN("8000.00"), YUAN("500.00")]
    assert [place.sums.planned for place in whole.places] == [YUAN("1000.00"), YUAN("7500.00")]
    part = client.get(BUDGETS, {"year": pay.year, "subject": pay.subject_id}).context["found"]
    assert part.total.planned == YUAN("500.00")
    part = client.get(BUDGETS, {"organization": town.own.branch_id}).context["found"]
    assert part.total.planned == YUAN("1000.00")


def test_year_is_the_newest_unless_another_is_asked_for(town: Town) -> None:
    for year in (2016, 2017):
        make_budget(town.own.branch, f"{year}.00", year=year)
    client = signed_in(town, D.AREA_LEADER)

    assert client.get(BUDGETS).context["year"] == 2017
    assert "2,016.00" in client.get(BUDGETS, {"year": "2016"}).text
    for wrong in ("1999", "abcd", "²⁰¹⁶", "99999999999"):
        assert client.get(BUDGETS, {"year": wrong, "subject": wrong}).status_code == 200


def test_budget_shows_the_rows_behind_each_number(town: Town) -> None:
    budget = fill(town)

    text = signed_in(town, D.DISCIPLINE_HEAD).get(f"/finance/budgets/{budget.pk}/").text

    for words in ("追加取暖费", "+50.00", "已经拨付的", "正在办理的", "优秀，释放", "可用 800.00 元"):
        assert words in text
    assert "从这项经费拨付" not in text
    assert "从这项经费拨付" in signed_in(town, D.VILLAGE_AGENT).get(f"/finance/budgets/{budget.pk}/").text


@pytest.mark.parametrize("duty", [D.VILLAGE_AGENT, D.AREA_LEADER])
def test_budget_of_another_village_does_not_exist(town: Town, duty: D) -> None:
    foreign = make_budget(town.foreign.branch)

    assert signed_in(town, duty).get(f"/finance/budgets/{foreign.pk}/").status_code == 404


@pytest.mark.parametrize("duty", [*READERS, *WITHOUT])
def test_pages_are_for_those_who_see_money(town: Town, duty: D) -> None:
    client = signed_in(town, duty)

    for address in (BUDGETS, INCOME, f"/finance/budgets/{make_budget(town.own.branch).pk}/"):
        assert client.get(address).status_code == (200 if duty in READERS else 403), address


def names(rows: Any) -> list[str]:
    return [row.village.name for row in rows]


def test_income_over_the_threshold_is_strictly_more_and_without_subsidy(town: Town) -> None:
    more, same = VillageFactory(branch__parent=town.root, name="多一分村"), town.own
    earn(more, "20000.00", "房屋租赁")
    earn(more, "10000.01")
    earn(same, "30000.00")
    earn(town.foreign, "20000.00")
    earn(town.foreign, "50000.00", "财政补助")

    found = signed_in(town, D.OFFICE_CLERK).get(INCOME, {"year": "2017"}).context["found"]

    assert (names(found.over), names(found.others)) == (["多一分村"], ["本村", "外村"])
    assert (found.counted, found.everything) == (YUAN("80000.01"), YUAN("130000.01"))
    assert [(str(kind), amount) for kind, amount in found.sums][-1] == ("财政补助", YUAN("50000.00"))


def test_income_takes_another_threshold(town: Town) -> None:
    earn(town.own, "5000.00")
    client = signed_in(town, D.OFFICE_CLERK)

    assert names(client.get(INCOME, {"threshold": "4,999.99元"}).context["found"].over) == ["本村"]
    assert names(client.get(INCOME, {"threshold": "5000"}).context["found"].over) == []
    assert names(client.get(INCOME, {"threshold": ""}).context["found"].over) == []
    wrong = client.get(INCOME, {"threshold": "三万"})
    assert (wrong.status_code, "不是金额" in wrong.text, 'value="三万"' in wrong.text) == (422, True, True)


def test_income_of_a_year_that_is_not_over_may_change(town: Town) -> None:
    earn(town.own, "5000.00", year=today().year)
    assert "还没有结束" in signed_in(town, D.OFFICE_CLERK).get(INCOME).text


def test_income_shows_the_own_village_only(town: Town) -> None:
    earn(town.own, "5000.00")
    earn(town.foreign, "77777.00")

    text = signed_in(town, D.VILLAGE_AGENT).get(INCOME).text

    assert "5,000.00" in text
    assert "外村" not in text
    assert "77,777.00" not in text


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_take_as_many_queries_for_three_rows_as_for_one(
    client: Client, town: Town, django_assert_num_queries: Any, rows: int
) -> None:
    one = make_budget(town.own.branch, "9000.00")
    for _ in range(rows):
        village = VillageFactory(branch__parent=town.root)
        make_budget(village.branch)
        earn(village, "1.00")
        make_submitted(town, one, "1.00")
        import_voucher(town.own.branch, today(), "1.00", budget=one)
    client.force_login(town.people[D.OFFICE_CLERK])

    with django_assert_num_queries(QUERIES_OF_BUDGETS):
        client.get(BUDGETS)
    with django_assert_num_queries(QUERIES_OF_INCOME):
        client.get(INCOME)
    with django_assert_num_queries(QUERIES_OF_BUDGET):
        client.get(f"{BUDGETS}{one.pk}/")
