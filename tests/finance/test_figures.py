"""Figures of money at the edges of their definitions."""

from datetime import date
from typing import Any
from uuid import uuid4

from chishang.core.dates import today
from chishang.core.figures import Question, compute, find_figure
from chishang.core.scoping import Scope
from finance.enums import Basis, SubjectCode
from finance.models import (
    CollectiveIncome,
    Dividend,
    DividendScheme,
    IncomeKind,
    SolarPlant,
    SolarSettlement,
)
from finance.services import draft_reversal, post_request, submit_request
from organizations.enums import DutyCode
from organizations.models import Village
from tests.factories import Town
from tests.finance.money import YUAN, import_voucher, make_budget, make_submitted, make_voucher, seal_both

DAY, BEFORE, AFTER = date(2017, 6, 30), date(2017, 6, 29), date(2017, 7, 1)
YEAR_END, NEW_YEAR = date(2017, 12, 31), date(2018, 1, 1)


def value(key: str, as_of: date = DAY, **question: Any) -> Any:
    """The figure, after checking that it is the number or the sum of its rows."""
    figure = find_figure("finance." + key)
    assert figure is not None
    asked = Question(as_of=as_of, **question)
    found = compute(asked, [figure])[figure.key]
    if found is not None:
        rows = figure.rows(asked)
        assert found == (sum(getattr(row, figure.total) for row in rows) if figure.total else len(rows))
    return found


def test_nothing_disbursed_is_money_too(town: Town) -> None:
    assert str(value("special_two_new_fund")) == "0.00"


def test_voucher_counts_from_its_day_to_the_end_of_its_year(town: Town) -> None:
    import_voucher(town.own.branch, DAY, "100.10")
    values = [value("village_disbursed", day) for day in (BEFORE, DAY, YEAR_END, NEW_YEAR)]
    assert values == [0, YUAN("100.10"), YUAN("100.10"), 0]


def test_subjects_are_counted_apart(town: Town) -> None:
    import_voucher(town.own.branch, DAY, "1.00", subject=SubjectCode.SECRETARY_PAY)
    import_voucher(town.root, DAY, "2.00", subject=SubjectCode.PARTY_FUND)
    import_voucher(town.root, DAY, "4.00", subject=SubjectCode.TWO_NEW_FUND)
    keys = ("village_disbursed", "special_party_fund", "special_two_new_fund")
    assert [value(key) for key in keys] == [YUAN("1.00"), YUAN("2.00"), YUAN("4.00")]


def test_undisbursed_is_plan_with_adjustments_less_paid(town: Town) -> None:
    budget = make_budget(town.own.branch, "1000.00", year=2017)
    make_budget(town.own.branch, "500.00", year=2016)
    import_voucher(town.own.branch, DAY, "400.00", budget=budget)
    facts = {"decided_by": "镇党委", "reason": "追加"}
    budget.adjustments.create(amount=YUAN("50.00"), decided_on=AFTER, **facts)
    values = [value("village_undisbursed", day) for day in (BEFORE, DAY, AFTER)]
    assert values == [YUAN("1000.00"), YUAN("600.00"), YUAN("650.00")]


def test_reversal_is_taken_off(town: Town) -> None:
    budget = make_budget(town.own.branch, "1000.00")
    voucher = make_voucher(town, budget, "250.00")
    make_voucher(town, budget, "30.00")
    assert value("village_disbursed", today()) == YUAN("280.00")
    request, _ = draft_reversal(actor=town.people[DutyCode.ACCOUNTANT], op_id=uuid4(), voucher=voucher, reason="重复")
    submit_request(actor=request.maker, request=request)
    post_request(actor=town.people[DutyCode.ACCOUNTANT], request=seal_both(town, request))
    assert value("village_disbursed", today()) == YUAN("30.00")
    assert value("village_undisbursed", today()) == YUAN("970.00")


def test_request_that_is_not_posted_does_not_count(town: Town) -> None:
    make_voucher(town, make_budget(town.own.branch), "1.00")
    seal_both(town, make_submitted(town, make_budget(town.own.branch, subject=SubjectCode.SECRETARY_PAY), "9.00"))
    assert value("village_disbursed", today()) == YUAN("1.00")


def dividend(village: Village, enterprise: str = "瑞禾公司", **fields: Any) -> Dividend:
    scheme = DividendScheme.objects.create(village=village, enterprise=enterprise, capital=YUAN("1000.00"))
    values = {"year": 2017, "amount": YUAN("80.10"), "village_amount": YUAN("24.03"), "households": 2, "persons": 5}
    return Dividend.objects.create(scheme=scheme, **values | fields)


def test_dividends_count_at_the_end_of_their_year(town: Town) -> None:
    dividend(town.own)
    dividend(town.own, "百川公司", households=1, persons=1)
    dividend(town.foreign, year=2016)
    keys = ("dividend_villages", "dividend_households", "dividend_persons", "dividend_amount")
    assert [value(key, date(2017, 12, 30)) for key in keys] == [0, 0, 0, 0]
    assert [value(key, YEAR_END) for key in keys] == [1, 3, 6, YUAN("160.20")]
    assert [value(key, NEW_YEAR) for key in keys] == [0, 0, 0, 0]


def income(village: Village, amount: str, kind: str = "土地发包", year: int = 2017) -> None:
    row = IncomeKind.objects.get(name=kind)
    CollectiveIncome.objects.create(year=year, village=village, kind=row, amount=YUAN(amount))


def test_exactly_the_threshold_does_not_count(town: Town) -> None:
    income(town.own, "29000.00")
    income(town.own, "1000.00", "房屋租赁")
    income(town.foreign, "30000.01")
    assert value("income_over_30k_villages", date(2017, 12, 30)) is None
    assert value("income_over_30k_villages", YEAR_END) == 1
    income(town.own, "0.01", "乡村旅游")
    assert value("income_over_30k_villages", YEAR_END) == 2


def test_subsidies_and_other_years_do_not_count_as_income(town: Town) -> None:
    income(town.own, "30000.00")
    income(town.own, "5000.00", "财政补助")
    income(town.own, "40000.00", year=2016)
    assert value("income_over_30k_villages", YEAR_END) == 0


def test_solar_income_counts_from_the_last_day_of_its_period(town: Town) -> None:
    plant = SolarPlant.objects.create(village=town.own, capacity_kw=28)
    facts = {"plant": plant, "amount": YUAN("100.00")}
    SolarSettlement.objects.create(started_on=date(2017, 4, 1), ended_on=DAY, **facts)
    SolarSettlement.objects.create(started_on=AFTER, ended_on=YEAR_END, **facts)
    later = {"started_on": NEW_YEAR, "ended_on": date(2018, 12, 31)}
    SolarSettlement.objects.create(basis=Basis.ESTIMATED, **later, **facts)
    assert [value("solar_income", day) for day in (BEFORE, DAY, YEAR_END)] == [0, YUAN("100.00"), YUAN("200.00")]
    assert [value("solar_villages", day) for day in (BEFORE, DAY, YEAR_END)] == [0, 1, 1]
    assert value("solar_income", date(2018, 12, 31)) == 0


def test_village_sees_its_own_money_only(town: Town) -> None:
    import_voucher(town.own.branch, DAY, "1.00")
    import_voucher(town.foreign.branch, DAY, "2.00")
    import_voucher(town.root, DAY, "4.00", subject=SubjectCode.PARTY_FUND)
    income(town.foreign, "40000.00")
    agent = town.people[DutyCode.VILLAGE_AGENT]
    assert value("village_disbursed", user=agent) == YUAN("1.00")
    assert value("special_party_fund", user=agent) == 0
    assert value("income_over_30k_villages", YEAR_END, user=agent) == 0
    foreign = Scope(organization_ids=frozenset({town.foreign.branch_id}))
    assert value("village_disbursed", scope=foreign) == YUAN("2.00")


def test_figure_whose_rows_one_may_not_see_is_null(town: Town) -> None:
    import_voucher(town.own.branch, DAY, "1.00")
    income(town.own, "40000.00")
    instructor = town.people[DutyCode.VILLAGE_INSTRUCTOR]
    assert value("village_disbursed", user=instructor) is None
    assert value("income_over_30k_villages", YEAR_END, user=instructor) is None
