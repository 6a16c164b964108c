"""Reading village money: rows, balance, scope, what is in no answer, and the number of queries."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from chishang.core.dates import today
from finance.api.urls import router
from finance.enums import SubjectCode
from organizations.enums import DutyCode as D
from organizations.models import Duty
from tests.api import api_client, key_headers, keys_of
from tests.factories import Town, VillageFactory
from tests.finance.money import (
    YUAN,
    fill_money,
    import_voucher,
    make_budget,
    make_submitted,
    make_voucher,
    seal_both,
)

BASE = "/api/v1"
SCOPED = {
    "budgets": "budget",
    "disbursements": "disbursement",
    "vouchers": "voucher",
    "incomes": "collectiveincome",
    "dividend-schemes": "dividendscheme",
    "dividends": "dividend",
    "solar-plants": "solarplant",
    "solar-settlements": "solarsettlement",
    "statements": "statement",
}
LISTS = {"accounts": 42, "subjects": 4, "income-kinds": 10}


@pytest.fixture
def accountant(town: Town) -> Client:
    return api_client(town.people[D.ACCOUNTANT])


@pytest.fixture
def agent(town: Town) -> Client:
    return api_client(town.people[D.VILLAGE_AGENT])


@pytest.fixture
def own(town: Town) -> dict[str, Any]:
    return fill_money(town.own, town.people[D.ACCOUNTANT])


@pytest.fixture
def foreign(town: Town) -> dict[str, Any]:
    return fill_money(town.foreign, town.people[D.ACCOUNTANT])


def test_every_list_of_the_app_is_tried_here() -> None:
    assert {prefix for prefix, _, _ in router.registry} == set(SCOPED) | set(LISTS)
    assert reverse("collectiveincome-list") == f"{BASE}/incomes/"


@pytest.mark.parametrize("kind", SCOPED)
def test_foreign_rows_are_404_and_not_listed(
    own: dict[str, Any], foreign: dict[str, Any], agent: Client, accountant: Client, kind: str
) -> None:
    mine, theirs = own[SCOPED[kind]].pk, foreign[SCOPED[kind]].pk

    assert keys_of(agent, f"{BASE}/{kind}/") == [mine]
    assert sorted(keys_of(accountant, f"{BASE}/{kind}/")) == sorted([mine, theirs])
    assert agent.get(f"{BASE}/{kind}/{mine}/").status_code == 200
    for missing in (theirs, 10**6, 10**30):
        assert agent.get(f"{BASE}/{kind}/{missing}/").status_code == 404
    assert accountant.get(f"{BASE}/{kind}/{theirs}/").status_code == 200


@pytest.mark.parametrize("kind", [*SCOPED, *LISTS])
def test_nothing_is_written_here(own: dict[str, Any], accountant: Client, kind: str) -> None:
    address = f"{BASE}/{kind}/{own[SCOPED[kind]].pk if kind in SCOPED else 1}/"
    json = {"content_type": "application/json", "data": {"amount": "0.01"}}
    assert accountant.post(f"{BASE}/{kind}/", **json).status_code == 405
    for method in (accountant.put, accountant.patch, accountant.delete):
        assert method(address, **json).status_code == 405


@pytest.mark.parametrize("kind", [*SCOPED, *LISTS])
def test_lists_need_a_sign_in_and_the_right(town: Town, own: dict[str, Any], kind: str) -> None:
    assert api_client(None).get(f"{BASE}/{kind}/").status_code in {401, 403}
    assert api_client(town.people[D.SYSTEM_ADMINISTRATOR]).get(f"{BASE}/{kind}/").status_code == 403
    headers = key_headers(town.people[D.DISTRICT_CLIENT])
    assert Client(headers=headers).get(f"{BASE}/{kind}/").status_code == 200


@pytest.mark.parametrize(("kind", "count"), LISTS.items())
def test_lists_of_words_are_the_same_for_all(agent: Client, accountant: Client, kind: str, count: int) -> None:
    assert len(keys_of(agent, f"{BASE}/{kind}/")) == count
    assert keys_of(agent, f"{BASE}/{kind}/") == keys_of(accountant, f"{BASE}/{kind}/")


def test_payees_and_beneficiaries_are_in_no_answer(town: Town, own: dict[str, Any], accountant: Client) -> None:
    make_voucher(town, make_budget(town.own.branch), payee="郑收款")
    import_voucher(town.own.branch, date(2017, 7, 1), "1.00", payee="冯收款")
    secrets = ["郑收款", "冯收款", own["disbursement"].payee, own["beneficiary"].name, own["beneficiary"].household]
    for kind in (*SCOPED, *LISTS):
        text = accountant.get(f"{BASE}/{kind}/?limit=1000").content.decode()
        assert not [secret for secret in secrets if secret in text], kind


def test_budget_shows_how_it_stands(town: Town, accountant: Client) -> None:
    budget = make_budget(town.own.branch, "1000.00", held=YUAN("300.00"), source="池财〔2017〕2号")
    decided = {"decided_on": today(), "decided_by": "镇党委"}
    budget.adjustments.create(amount=YUAN("50.00"), reason="追加", **decided)
    budget.assessments.create(assessed_on=today(), result="优秀", released=YUAN("100.00"), decided_by="镇党委")
    make_voucher(town, budget, "200.00")
    make_submitted(town, budget, "70.50")

    row = accountant.get(f"{BASE}/budgets/{budget.pk}/").json()

    assert row == {
        "id": budget.pk,
        "year": today().year,
        "organization": {"id": town.own.branch_id, "name": town.own.branch.name},
        "village": {"id": town.own.pk, "name": "本村"},
        "subject": {"id": budget.subject_id, "name": "村级组织运转经费"},
        "amount": "1000.00",
        "held": "300.00",
        "source": "池财〔2017〕2号",
        "planned": "1050.00",
        "paid": "200.00",
        "waiting": "850.00",
        "reserved": "70.50",
        "withheld": "200.00",
        "free": "579.50",
    }


def test_budget_of_the_town_has_no_village(town: Town, accountant: Client) -> None:
    budget = make_budget(town.root, "5.00", subject=SubjectCode.PARTY_FUND)
    row = accountant.get(f"{BASE}/budgets/{budget.pk}/").json()
    assert (row["village"], row["organization"]["id"]) == (None, town.root.pk)


def test_request_shows_seals_course_and_voucher(town: Town, accountant: Client) -> None:
    budget = make_budget(town.own.branch)
    request = seal_both(town, make_submitted(town, budget, "100.00"))
    row = accountant.get(f"{BASE}/disbursements/{request.pk}/").json()
    assert (row["state"], row["amount"], row["budget"], row["voucher"]) == ("approved", "100.00", budget.pk, None)
    assert [(seal["kind"], seal["signer"]["name"], seal["duty"]) for seal in row["seals"]] == [
        ("check", town.people[D.FINANCE_HEAD].name, Duty.objects.get(code=D.FINANCE_HEAD).name),
        ("approve", town.people[D.TOWN_SECRETARY].name, Duty.objects.get(code=D.TOWN_SECRETARY).name),
    ]
    assert [event["move"] for event in row["events"]] == ["draft", "submit", "check", "approve"]
    assert "payee" not in row

    voucher = make_voucher(town, budget, "1.00")
    assert accountant.get(f"{BASE}/disbursements/{voucher.disbursement_id}/").json()["voucher"] == voucher.pk


def test_voucher_shows_its_entries_and_what_it_adds(town: Town, own: dict[str, Any], accountant: Client) -> None:
    wrong, plain = make_voucher(town, amount="12.30"), own["voucher"]
    row = accountant.get(f"{BASE}/vouchers/{wrong.pk}/").json()
    assert (row["amount"], row["effect"], row["code"], row["reversed_by"]) == ("12.30", "12.30", wrong.code, None)
    assert [(one["account"]["code"], one["debit"], one["credit"]) for one in row["lines"]] == [
        ("102", "12.30", "0.00"),
        ("503", "0.00", "12.30"),
    ]
    assert row["disbursement"] == wrong.disbursement_id
    imported = accountant.get(f"{BASE}/vouchers/{plain.pk}/").json()
    assert (imported["imported"], imported["maker_name"], imported["disbursement"]) == (True, "甲", None)


@pytest.mark.parametrize(
    ("kind", "right", "name"),
    [
        ("disbursements", "view_seal", "seals"),
        ("disbursements", "view_disbursementevent", "events"),
        ("vouchers", "view_voucherline", "lines"),
    ],
)
def test_nested_rows_need_their_own_permission(town: Town, kind: str, right: str, name: str) -> None:
    voucher = make_voucher(town)
    key = voucher.pk if kind == "vouchers" else voucher.disbursement_id
    agent = town.people[D.VILLAGE_AGENT]
    assert api_client(agent).get(f"{BASE}/{kind}/{key}/").json()[name] != []

    Duty.objects.get(code=D.VILLAGE_AGENT).group.permissions.filter(codename=right).delete()

    assert api_client(agent).get(f"{BASE}/{kind}/{key}/").json()[name] == []


def test_yearly_registers_show_money_as_decimal_text(own: dict[str, Any], agent: Client) -> None:
    def shown(kind: str) -> Any:
        return agent.get(f"{BASE}/{kind}/{own[SCOPED[kind]].pk}/").json()

    income, dividend = shown("incomes"), shown("dividends")
    assert (income["amount"], income["kind"]["name"], income["counts_as_income"]) == ("30000.01", "土地发包", True)
    assert dividend == {
        "id": own["dividend"].pk,
        "scheme": own["dividendscheme"].pk,
        "village": {"id": own["dividendscheme"].village_id, "name": "本村"},
        "enterprise": "本村的企业",
        "year": 2017,
        "amount": "80.00",
        "village_amount": "24.00",
        "household_amount": "56.00",
        "label": "poor",
        "households": 1,
        "persons": 1,
        "paid_on": None,
    }
    assert (shown("dividend-schemes")["capital"], shown("dividend-schemes")["village_percent"]) == ("1000.00", "30.00")
    assert shown("solar-settlements")["amount"] == "1.00"
    assert shown("solar-plants")["capacity_kw"] == "28.00"
    assert (shown("statements")["content"], shown("statements")["state"]) == ({}, "draft")


@pytest.mark.parametrize(
    ("kind", "queries"),
    [
        ("budgets", 11), ("disbursements", 13), ("vouchers", 12), ("incomes", 11), ("dividend-schemes", 11),
        ("dividends", 11), ("solar-plants", 11), ("solar-settlements", 11), ("statements", 11),
    ],
)  # fmt: skip
@pytest.mark.parametrize("more", [0, 2])
def test_lists_take_the_same_number_of_queries_for_more_rows(
    town: Town, kind: str, queries: int, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(1 + more):
        village = VillageFactory(branch__parent=town.root) if number else town.own
        fill_money(village, town.people[D.ACCOUNTANT])
        make_voucher(town, make_budget(village.branch), actor=town.people[D.ACCOUNTANT])
    client = api_client(town.people[D.FINANCE_HEAD])

    with django_assert_num_queries(queries):
        response = client.get(f"{BASE}/{kind}/")

    assert len(response.json()["results"]) >= 1 + more


@pytest.mark.parametrize(("kind", "queries"), [("accounts", 11), ("subjects", 11), ("income-kinds", 11)])
def test_lists_of_words_take_few_queries(
    accountant: Client, kind: str, queries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(queries):
        accountant.get(f"{BASE}/{kind}/?limit=1")
    with django_assert_num_queries(queries):
        accountant.get(f"{BASE}/{kind}/")
