"""Requests, vouchers and statements in the admin: to look at only, whichever way one tries."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from finance.models import Disbursement, Statement, Voucher
from finance.services import draft_reversal, post_request, submit_request
from organizations.enums import DutyCode as D
from tests.factories import Town, VillageFactory
from tests.finance.money import YUAN, fill_money, make_budget, make_request, make_submitted, make_voucher, seal_both
from tests.finance.registers import LISTS, listed, take_out
from tests.organizations.test_admin import sign_in

REQUESTS, VOUCHERS = f"{LISTS}disbursement/", f"{LISTS}voucher/"
READERS = [D.ACCOUNTANT, D.TOWN_SECRETARY, D.AREA_LEADER, D.DISCIPLINE_HEAD]


@pytest.fixture
def accountant(client: Client, town: Town) -> Client:
    return sign_in(client, town, D.ACCOUNTANT)


def reverse_of(town: Town, voucher: Voucher) -> Voucher:
    agent = town.people[D.VILLAGE_AGENT]
    drafted, _ = draft_reversal(actor=agent, op_id=uuid4(), voucher=voucher, reason="金额写错")
    request = seal_both(town, submit_request(actor=agent, request=drafted))
    return post_request(actor=town.people[D.ACCOUNTANT], request=request)


@pytest.mark.parametrize("duty", READERS)
def test_posted_rows_are_not_changed_in_any_way(client: Client, town: Town, duty: D) -> None:
    voucher = make_voucher(town, amount="12.50")
    statement = fill_money(town.own, town.people[D.OFFICE_CLERK])["statement"]
    sign_in(client, town, duty)
    for register, row in (
        ("voucher", voucher),
        ("disbursement", voucher.disbursement),
        ("statement", statement),
    ):
        address = f"{LISTS}{register}/"
        before = type(row).objects.values().get(pk=row.pk)
        data = {"amount": "99.00", "payee": "别人", "summary": "改了", "purpose": "改了", "state": "draft"}
        assert client.get(f"{address}{row.pk}/change/").status_code == 200
        assert client.post(f"{address}{row.pk}/change/", data).status_code == 403
        assert client.get(f"{address}add/").status_code == 403
        assert client.post(f"{address}add/", data).status_code == 403
        assert client.post(f"{address}{row.pk}/delete/", {"post": "yes"}).status_code == 403
        for action in ("delete_selected", "anything"):
            client.post(address, {"action": action, "_selected_action": [row.pk], "post": "yes"})
        for path in ("import/", "process_import/"):
            assert client.post(f"{address}{path}", data).status_code == 403
        assert type(row).objects.values().get(pk=row.pk) == before
    assert Voucher.objects.count() == 2


def test_voucher_shows_entries_people_and_the_way_to_its_request(accountant: Client, town: Town) -> None:
    voucher = make_voucher(town, amount="12.50")
    page = accountant.get(f"{VOUCHERS}{voucher.pk}/change/").content.decode()
    for words in ("102 银行存款", "503 补助收入", "村报账员甲", "财政所所长甲", "镇党委书记甲"):
        assert words in page
    assert f"/finance/requests/{voucher.disbursement_id}/" in page
    assert f"/finance/vouchers/{voucher.pk}/reverse/" in page
    assert "财政所会计甲" in accountant.get(f"{VOUCHERS}{voucher.pk}/history/").content.decode()
    reader = sign_in(accountant, town, D.AREA_LEADER).get(f"{VOUCHERS}{voucher.pk}/change/").content.decode()
    assert f"/finance/vouchers/{voucher.pk}/reverse/" not in reader


def test_reversal_and_what_it_reverses_lead_to_each_other(accountant: Client, town: Town) -> None:
    voucher = make_voucher(town, amount="12.50")
    reversal = reverse_of(town, voucher)
    wrong = accountant.get(f"{VOUCHERS}{voucher.pk}/change/").content.decode()
    assert f"查看冲销凭证 {reversal.code}" in wrong
    right = accountant.get(f"{VOUCHERS}{reversal.pk}/change/").content.decode()
    assert f"查看原凭证 {voucher.code}" in right
    assert "/reverse/" not in wrong + right
    page: Any = accountant.get(VOUCHERS)
    assert page.context["sums"] == {"effect": 0}
    assert "-12.50" in page.content.decode()
    assert listed(accountant, "voucher", "?kind=reversal") == [reversal]
    assert listed(accountant, "voucher", "?kind=reversed") == [voucher]


def test_request_shows_its_seals_and_course(accountant: Client, town: Town) -> None:
    request = make_submitted(town)
    page = accountant.get(f"{REQUESTS}{request.pk}/change/").content.decode()
    assert page.count("还没有盖") == 2
    seal_both(town, request)
    page = accountant.get(f"{REQUESTS}{request.pk}/change/").content.decode()
    for words in ("财政所所长甲", "镇党委书记甲", "待入账", "复核盖章", "批准盖章", "起草"):
        assert words in page
    assert "还没有盖" not in page
    assert f"/finance/requests/{request.pk}/" in page


def test_filters_and_search_of_requests(accountant: Client, town: Town) -> None:
    budget = make_budget(town.own.branch)
    draft = make_request(town, budget, payee="池上水站")
    posted = make_voucher(town, budget, payee="池上药店").disbursement
    assert listed(accountant, "disbursement", "?state__exact=draft") == [draft]
    assert listed(accountant, "disbursement", "?q=池上水站") == [draft]
    assert posted is not None
    assert listed(accountant, "disbursement", f"?q={posted.voucher.code}") == [posted]
    year, month = draft.created_at.year, draft.created_at.month
    assert len(listed(accountant, "disbursement", f"?in_year={year}&in_month={month}")) == 2
    assert listed(accountant, "disbursement", f"?in_month={month % 12 + 1}") == []
    assert listed(accountant, "disbursement", f"?organization__village__id__exact={town.foreign.pk}") == []


def test_filters_and_search_of_vouchers(accountant: Client, town: Town) -> None:
    clerk = town.people[D.OFFICE_CLERK]
    old = fill_money(town.own, clerk)["voucher"]
    foreign = fill_money(town.foreign, clerk)["voucher"]
    new = make_voucher(town, payee="池上药店")
    assert set(listed(accountant, "voucher", "?in_year=2017&in_month=6")) == {old, foreign}
    assert listed(accountant, "voucher", "?in_year=2017&in_month=7") == []
    assert listed(accountant, "voucher", f"?q={old.code}") == [old]
    assert listed(accountant, "voucher", "?q=池上药店") == [new]
    assert listed(accountant, "voucher", "?kind=own") == [new]
    assert listed(accountant, "voucher", f"?organization__village__id__exact={town.foreign.pk}") == [foreign]
    assert len(listed(accountant, "voucher", f"?subject__id__exact={new.subject_id}")) == 3


@pytest.mark.parametrize("register", ["disbursement", "voucher", "statement"])
def test_rows_of_another_village_are_neither_listed_nor_found(client: Client, town: Town, register: str) -> None:
    clerk = town.people[D.OFFICE_CLERK]
    own, foreign = (fill_money(village, clerk)[register] for village in (town.own, town.foreign))
    sign_in(client, town, D.AREA_LEADER)
    assert listed(client, register) == [own]
    assert "外村" not in client.get(f"{LISTS}{register}/").content.decode()
    for path in ("change", "history"):
        assert client.get(f"{LISTS}{register}/{own.pk}/{path}/").status_code == 200
        assert client.get(f"{LISTS}{register}/{foreign.pk}/{path}/").status_code == 404
    assert client.post(f"{LISTS}{register}/{foreign.pk}/change/", {}).status_code in {403, 404}


def test_statement_leads_to_its_page(accountant: Client, town: Town) -> None:
    row = fill_money(town.own, town.people[D.OFFICE_CLERK])["statement"]
    page = accountant.get(f"{LISTS}statement/{row.pk}/change/").content.decode()
    assert f"/finance/statements/{row.pk}/" in page
    assert Statement.objects.count() == 1


@pytest.mark.parametrize(("register", "expected"), [("disbursement", 17), ("voucher", 17), ("statement", 15)])
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


def test_export_holds_what_may_be_exported(accountant: Client, town: Town) -> None:
    voucher = make_voucher(town, amount="12.50")
    titles, row = take_out(accountant, "voucher")
    told = dict(zip(titles, row, strict=True))
    assert (told["凭证号"], told["金额（元，冲销为负）"], told["村或镇本级"]) == (voucher.code, "12.50", "本村")
    assert take_out(accountant, "disbursement")[1][-2] == voucher.code
    assert Disbursement.objects.get().amount == YUAN("12.50")
    for duty, status in ((D.TOWN_SECRETARY, 200), (D.AREA_LEADER, 403)):
        assert sign_in(accountant, town, duty).get(f"{VOUCHERS}export/").status_code == status
