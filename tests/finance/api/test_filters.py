"""Filters of village money, and the rows behind its figures."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from chishang.core.dates import today
from finance.enums import SubjectCode
from finance.models import CollectiveIncome, Subject
from organizations.enums import DutyCode as D
from tests.api import api_client, keys_of
from tests.factories import Town
from tests.finance.money import YUAN, fill_money, import_voucher, make_budget, make_request, make_submitted

BASE = "/api/v1"


@pytest.fixture
def office(town: Town) -> Client:
    return api_client(town.people[D.ACCOUNTANT])


@pytest.fixture
def agent(town: Town) -> Client:
    return api_client(town.people[D.VILLAGE_AGENT])


def check(client: Client, kind: str, cases: list[tuple[str, list[Any]]]) -> None:
    for query, expected in cases:
        found = sorted(keys_of(client, f"{BASE}/{kind}/?{query}"))
        assert found == sorted(row.pk for row in expected), (kind, query)


def test_budgets_by_year_unit_and_subject(town: Town, office: Client) -> None:
    own = make_budget(town.own.branch, year=2017)
    later = make_budget(town.own.branch, year=2018, subject=SubjectCode.SECRETARY_PAY)
    fund = make_budget(town.root, year=2017, subject=SubjectCode.PARTY_FUND)
    pay = Subject.objects.get(code=SubjectCode.SECRETARY_PAY)
    check(
        office,
        "budgets",
        [
            ("year=2017", [own, fund]),
            (f"village={town.own.pk}", [own, later]),
            (f"village={town.own.pk}&year=2018", [later]),
            (f"organization={town.root.pk}", [fund]),
            (f"subject={pay.pk}", [later]),
        ],
    )


def test_requests_by_state_day_and_budget(town: Town, office: Client) -> None:
    budget = make_budget(town.own.branch)
    draft, submitted = make_request(town, budget, "1.00"), make_submitted(town, budget, "2.00")
    day, year = today().isoformat(), today().year
    check(
        office,
        "disbursements",
        [
            ("state=draft", [draft]),
            ("state=draft&state=submitted", [draft, submitted]),
            (f"budget={budget.pk}&year={year}", [draft, submitted]),
            (f"year={year - 1}", []),
            (f"created_after={day}&created_before={day}", [draft, submitted]),
            (f"village={town.foreign.pk}", []),
            ("reversal=true", []),
            ("reversal=false", [draft, submitted]),
        ],
    )


def test_vouchers_by_date_both_days_inclusive(town: Town, office: Client) -> None:
    first = import_voucher(town.own.branch, date(2017, 3, 31), "1.00")
    second = import_voucher(town.foreign.branch, date(2017, 4, 1), "2.00", subject=SubjectCode.SECRETARY_PAY)
    check(
        office,
        "vouchers",
        [
            ("date_before=2017-03-31", [first]),
            ("date_after=2017-03-31&date_before=2017-04-01", [first, second]),
            ("date_after=2017-04-02", []),
            (f"village={town.foreign.pk}", [second]),
            (f"subject={second.subject_id}&year=2017", [second]),
            ("imported=false", []),
            ("reversal=false", [first, second]),
        ],
    )


def test_yearly_registers_by_year_village_and_what_they_are(town: Town, office: Client) -> None:
    own, foreign = (fill_money(village, town.people[D.ACCOUNTANT]) for village in (town.own, town.foreign))
    both = {name: [own[name], foreign[name]] for name in own}
    village = f"village={town.own.pk}"
    for kind, name in [
        ("incomes", "collectiveincome"),
        ("dividend-schemes", "dividendscheme"),
        ("dividends", "dividend"),
        ("solar-plants", "solarplant"),
        ("solar-settlements", "solarsettlement"),
        ("statements", "statement"),
    ]:
        check(office, kind, [("", both[name]), (village, [own[name]])])
    income = own["collectiveincome"]
    check(
        office,
        "incomes",
        [("year=2016", []), (f"kind={income.kind_id}", both["collectiveincome"]), ("counts_as_income=false", [])],
    )
    dividends = both["dividend"]
    check(office, "dividends", [("year=2017", dividends), ("paid=true", []), ("paid=false", dividends)])
    check(office, "dividends", [(f"scheme={own['dividendscheme'].pk}", [own["dividend"]])])
    check(
        office,
        "solar-settlements",
        [
            (f"plant={own['solarplant'].pk}", [own["solarsettlement"]]),
            ("basis=estimated", []),
            ("ended_after=2017-12-31&ended_before=2017-12-31", both["solarsettlement"]),
            ("ended_before=2017-12-30", []),
        ],
    )
    check(
        office,
        "statements",
        [("year=2017&quarter=2", both["statement"]), ("quarter=1", []), ("state=draft", both["statement"])],
    )
    check(office, "statements", [("state=released", [])])


@pytest.mark.parametrize(
    ("kind", "query", "count"),
    [("accounts", "category=cost", 1), ("subjects", "level=town", 2), ("income-kinds", "counts_as_income=false", 1)],
)
def test_lists_of_words_are_narrowed(office: Client, kind: str, query: str, count: int) -> None:
    assert len(keys_of(office, f"{BASE}/{kind}/?{query}")) == count


@pytest.mark.parametrize(
    ("kind", "query", "name"),
    [
        ("budgets", "year=201", "year"),
        ("budgets", "year=2017.5", "year"),
        ("budgets", "year=二〇一七", "year"),
        ("budgets", "yaer=2017", "yaer"),
        ("vouchers", "date_after=17-01-01", "date_after"),
        ("disbursements", "state=paid", "state"),
        ("statements", "quarter=5", "quarter"),
        ("dividends", "paid=yes", "paid"),
        ("accounts", "category=foo", "category"),
    ],
)
def test_wrong_filter_is_refused_by_name(office: Client, kind: str, query: str, name: str) -> None:
    answer = office.get(f"{BASE}/{kind}/?{query}")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [name]


@pytest.mark.parametrize(
    ("kind", "filter_name", "register"),
    [("vouchers", "budget", "budget"), ("dividends", "scheme", "dividendscheme"), ("incomes", "village", "")],
)
def test_foreign_key_in_a_filter_is_answered_as_none_that_exists(
    town: Town, agent: Client, kind: str, filter_name: str, register: str
) -> None:
    foreign = fill_money(town.foreign, town.people[D.ACCOUNTANT])
    key = foreign[register].pk if register else town.foreign.pk
    answers = [agent.get(f"{BASE}/{kind}/?{filter_name}={one}") for one in (key, 10**6)]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].json()["errors"] == answers[1].json()["errors"]


def rows_behind(client: Client, key: str, day: str) -> list[dict[str, Any]]:
    answer = client.get(f"{BASE}/report/{key}/rows/?as_of={day}")
    assert answer.status_code == 200, answer.content.decode()
    rows: list[dict[str, Any]] = answer.json()["results"]
    return rows


def test_rows_behind_money_figures_carry_the_summed_column(town: Town, office: Client) -> None:
    budget = make_budget(town.own.branch, "100.00", year=2017)
    import_voucher(town.own.branch, date(2017, 6, 30), "30.00", budget=budget)
    import_voucher(town.own.branch, date(2017, 7, 1), "20.00", budget=budget)

    (row,) = rows_behind(office, "finance.village_undisbursed", "2017-06-30")
    assert (row["planned"], row["paid"], row["waiting"]) == ("100.00", "30.00", "70.00"), "as of the day"
    assert (row["reserved"], row["withheld"], row["free"]) == (None, None, None)
    vouchers = rows_behind(office, "finance.village_disbursed", "2017-12-31")
    assert sum(Decimal(row["effect"]) for row in vouchers) == YUAN("50.00")
    assert all(row["lines"] for row in vouchers)


def test_rows_behind_yearly_figures_are_shown(town: Town, office: Client) -> None:
    fill_money(town.own, town.people[D.ACCOUNTANT])
    day = "2017-12-31"
    assert rows_behind(office, "finance.dividend_amount", day)[0]["amount"] == "80.00"
    assert rows_behind(office, "finance.dividend_villages", day)[0]["name"] == "本村"
    assert rows_behind(office, "finance.solar_income", day)[0]["amount"] == "1.00"
    assert rows_behind(office, "finance.income_over_30k_villages", day)[0]["name"] == "本村"
    CollectiveIncome.objects.update(amount=YUAN("30000.00"))
    assert rows_behind(office, "finance.income_over_30k_villages", day) == []
