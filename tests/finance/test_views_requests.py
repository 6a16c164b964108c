"""Pages of disbursement requests: who may take which step, the password at each seal, faults at their fields."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from chishang.core.dates import today
from finance.enums import RequestState, SealKind, SubjectCode
from finance.models import Disbursement
from finance.services import seal_request
from organizations.enums import DutyCode as D
from tests.factories import PASSWORD, Town
from tests.finance.money import (
    YUAN,
    import_voucher,
    make_budget,
    make_request,
    make_submitted,
    make_voucher,
    seal_both,
)

NEW, HOME = "/finance/requests/new/", "/finance/"
CHECK, APPROVE = SealKind.CHECK, SealKind.APPROVE
QUERIES_OF_HOME, QUERIES_OF_PAGE = 14, 16
READERS = [D.AREA_LEADER, D.DISCIPLINE_HEAD, D.BRANCH_SECRETARY, D.OFFICE_CLERK]
WITHOUT = [D.FIRST_SECRETARY, D.SYSTEM_ADMINISTRATOR]


def signed_in(town: Town, duty: D) -> Client:
    client = Client()
    client.force_login(town.people[duty], backend="organizations.backends.AppointmentBackend")
    return client


@pytest.fixture
def agent(town: Town) -> Client:
    return signed_in(town, D.VILLAGE_AGENT)


def typed(budget: Any, **more: Any) -> dict[str, Any]:
    """What the browser sends."""
    sheet = {"op_id": str(uuid4()), "budget_id": budget.pk, "amount": "1,250.5", "payee": "池上文具店"}
    return {**sheet, "purpose": "购办公用品", "attachments": "2", "decision": "", **more}


def step(name: str, one: Disbursement) -> str:
    return reverse(f"finance:request_{name}", args=[one.pk])


def seal(client: Client, one: Disbursement, kind: str, password: str = PASSWORD) -> Any:
    return client.post(step("seal", one), {"kind": kind, "password": password})


def state(one: Disbursement) -> str:
    return str(Disbursement.objects.get(pk=one.pk).state)


def test_agent_writes_and_submits_with_one_press(agent: Client, town: Town) -> None:
    budget = make_budget(town.own.branch, "2000.00")

    response = agent.post(NEW, typed(budget), follow=True)

    one = Disbursement.objects.get()
    assert response.redirect_chain == [(f"/finance/requests/{one.pk}/", 302)]
    assert (one.amount, one.attachments, one.state) == (YUAN("1250.50"), 2, RequestState.SUBMITTED)
    assert "已提交，等两枚印鉴" in response.text


def test_agent_keeps_a_draft_and_changes_it(agent: Client, town: Town) -> None:
    budget = make_budget(town.own.branch, "2000.00")
    agent.post(NEW, typed(budget, keep="yes"))
    one = Disbursement.objects.get()
    assert one.state == RequestState.DRAFT

    page = agent.get(step("edit", one))
    assert 'value="1250.50"' in page.text
    agent.post(step("edit", one), typed(budget, amount="3", keep="yes"))
    one.refresh_from_db()
    assert (one.amount, one.state) == (YUAN("3.00"), RequestState.DRAFT)
    agent.post(step("submit", one))
    assert state(one) == RequestState.SUBMITTED


def test_double_press_stores_one_request(agent: Client, town: Town) -> None:
    sheet = typed(make_budget(town.own.branch, "2000.00"))

    first, second = agent.post(NEW, sheet), agent.post(NEW, sheet, follow=True)

    assert first.status_code == 302
    assert "没有重复登记" in second.text
    assert Disbursement.objects.get().events.count() == 2


def test_other_content_under_the_same_number_is_refused(agent: Client, town: Town) -> None:
    sheet = typed(make_budget(town.own.branch, "2000.00"))
    agent.post(NEW, sheet)

    response = agent.post(NEW, {**sheet, "amount": "7"})

    assert response.status_code == 422
    assert "内容不同" in response.text
    assert Disbursement.objects.get().amount == YUAN("1250.50")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"amount": "-5"}, "金额不能是负数"),
        ({"amount": "1.234"}, "超过两位小数"),
        ({"amount": "许多"}, "不是金额"),
        ({"amount": "0"}, "金额要大于 0"),
        ({"amount": ""}, "请填写金额"),
        ({"amount": "2000.01"}, "只有 2000.00 元可用"),
        ({"payee": ""}, "请填写收款的单位或个人"),
        ({"purpose": "字" * 201}, "用途最多 200 个字，现在有 201 个"),
        ({"attachments": "-1"}, "张数不能是负数"),
        ({"budget_id": ""}, "请选择从哪项经费拨付"),
        ({"op_id": "x"}, "这张表单已经失效"),
    ],
)
def test_faults_stand_at_their_fields_and_what_was_typed_is_kept(
    agent: Client, town: Town, wrong: dict[str, str], told: str
) -> None:
    response = agent.post(NEW, typed(make_budget(town.own.branch, "2000.00"), decision="四议两公开", **wrong))

    assert response.status_code == 422
    assert told in response.text
    assert 'value="四议两公开"' in response.text
    assert not Disbursement.objects.exists()


def test_budget_of_another_village_is_no_choice(agent: Client, town: Town) -> None:
    make_budget(town.own.branch, "2000.00")
    foreign = make_budget(town.foreign.branch, "2000.00", source="外村的")

    response = agent.post(NEW, typed(foreign))

    assert response.status_code == 422
    assert "请从列表里选择一项经费" in response.text
    assert "外村" not in agent.get(NEW, {"budget": foreign.pk}).text
    assert not Disbursement.objects.exists()


def test_who_has_many_budgets_chooses_from_a_list_by_village(town: Town) -> None:
    for village in (town.own, town.foreign):
        for year in (today().year - 1, today().year):
            for subject in (SubjectCode.OPERATION, SubjectCode.SECRETARY_PAY):
                make_budget(village.branch, year=year, subject=subject)

    text = signed_in(town, D.ACCOUNTANT).get(NEW).text

    assert '<optgroup label="本村">' in text
    assert '<optgroup label="外村">' in text


def test_form_without_any_budget_says_so(agent: Client, town: Town) -> None:
    make_budget(town.foreign.branch)

    assert "现在没有可以拨付的预算" in agent.get(NEW).text


@pytest.mark.parametrize("duty", READERS)
def test_readers_read_and_take_no_step(town: Town, duty: D) -> None:
    one, client = make_submitted(town), signed_in(town, duty)

    page = client.get(f"/finance/requests/{one.pk}/")

    assert page.status_code == 200
    assert "盖章</button>" not in page.text
    assert client.get(NEW).status_code == 403
    assert seal(client, one, CHECK).status_code == 403
    for name in ("submit", "reject", "withdraw", "post"):
        assert client.post(step(name, one), {"note": "不行"}).status_code == 403, name
    assert state(one) == RequestState.SUBMITTED


@pytest.mark.parametrize("duty", WITHOUT)
def test_others_see_no_money(town: Town, duty: D) -> None:
    voucher, client = make_voucher(town), signed_in(town, duty)

    for address in (HOME, NEW, f"/finance/requests/{voucher.disbursement_id}/", f"/finance/vouchers/{voucher.pk}/"):
        assert client.get(address).status_code == 403
    assert ">资金</a>" not in client.get("/", follow=True).text


@pytest.mark.parametrize("duty", [D.VILLAGE_AGENT, D.BRANCH_SECRETARY, D.AREA_LEADER])
def test_rows_of_another_village_do_not_exist(town: Town, duty: D) -> None:
    budget = make_budget(town.foreign.branch)
    accountant = town.people[D.ACCOUNTANT]
    one = make_submitted(town, budget, actor=accountant, purpose="外村的用途")
    voucher = import_voucher(town.foreign.branch, today(), "1.00", budget=budget)
    client = signed_in(town, duty)

    assert client.get(f"/finance/requests/{one.pk}/").status_code == 404
    assert client.get(f"/finance/vouchers/{voucher.pk}/").status_code == 404
    assert seal(client, one, CHECK).status_code == 404
    for name in ("submit", "reject", "withdraw", "post"):
        assert client.post(step(name, one), {"note": "不行"}).status_code == 404, name
    assert "外村的用途" not in client.get(HOME, {"show": "open"}).text
    if duty == D.VILLAGE_AGENT:
        assert client.get(step("edit", one)).status_code == 404
        assert client.get(reverse("finance:reverse", args=[voucher.pk])).status_code == 404


def test_another_s_draft_is_not_changed(town: Town) -> None:
    one, client = make_request(town), signed_in(town, D.ACCOUNTANT)

    assert client.get(step("edit", one)).status_code == 403
    assert client.post(step("edit", one), typed(one.budget)).status_code == 403
    assert client.post(step("submit", one)).status_code == 403
    assert client.post(step("withdraw", one)).status_code == 403


def test_draft_that_was_submitted_meanwhile_is_only_shown(agent: Client, town: Town) -> None:
    one = make_submitted(town)

    response = agent.post(step("edit", one), typed(one.budget, amount="9"), follow=True)

    assert "已经不是草稿" in response.text
    assert Disbursement.objects.get().amount == YUAN("100.00")


def test_voucher_shows_its_entries_and_is_reversed_by_request(agent: Client, town: Town) -> None:
    voucher = make_voucher(town, amount="250.10")
    address = reverse("finance:reverse", args=[voucher.pk])
    page = agent.get(f"/finance/vouchers/{voucher.pk}/").text
    assert "102 银行存款" in page
    assert page.count("250.10") == 5
    assert address in page

    assert agent.post(address, {"op_id": str(uuid4()), "reason": ""}).status_code == 422
    sheet = {"op_id": str(uuid4()), "reason": "重复支付"}
    for _ in range(2):
        assert agent.post(address, sheet).status_code == 302
    one = Disbursement.objects.get(reverses=voucher)
    assert (one.state, one.purpose) == (RequestState.SUBMITTED, f"冲销{voucher.code}：重复支付")
    assert agent.get(step("edit", one)).status_code == 403
    page = agent.get(f"/finance/vouchers/{voucher.pk}/").text
    assert "看冲销申请（待盖章）" in page
    assert address not in page
    again = agent.post(address, {"op_id": str(uuid4()), "reason": "再来"})
    assert again.status_code == 422
    assert "已经有冲销申请" in again.text


@pytest.mark.parametrize("duty", READERS)
def test_readers_read_a_voucher_and_reverse_none(town: Town, duty: D) -> None:
    voucher, client = make_voucher(town), signed_in(town, duty)
    address = reverse("finance:reverse", args=[voucher.pk])

    page = client.get(f"/finance/vouchers/{voucher.pk}/")

    assert (page.status_code, address in page.text) == (200, False)
    assert client.post(address, {"op_id": str(uuid4()), "reason": "错"}).status_code == 403


def shown(client: Client, **query: str) -> list[int]:
    return [one.pk for one in client.get(HOME, query).context["page"]]


def test_home_begins_with_what_waits_for_oneself(town: Town) -> None:
    budget = make_budget(town.own.branch, "9000.00")
    head = town.people[D.FINANCE_HEAD]
    draft, fresh = make_request(town, budget), make_submitted(town, budget)
    own = make_submitted(town, budget, actor=head)
    checked, sealed = make_submitted(town, budget), seal_both(town, make_submitted(town, budget))
    seal_request(actor=head, request=checked, kind=CHECK)

    assert shown(signed_in(town, D.FINANCE_HEAD)) == [fresh.pk]
    assert shown(signed_in(town, D.ACCOUNTANT)) == [fresh.pk, own.pk]
    assert shown(signed_in(town, D.TOWN_SECRETARY)) == [fresh.pk, own.pk, checked.pk]
    assert shown(signed_in(town, D.ACCOUNTANT), show="post") == [sealed.pk]
    assert draft.pk not in shown(signed_in(town, D.ACCOUNTANT), show="open")
    assert draft.pk in shown(signed_in(town, D.VILLAGE_AGENT))


def test_home_of_the_agent_shows_the_own_pools(agent: Client, town: Town) -> None:
    make_budget(town.own.branch, "1234.00", held=YUAN("34.00"))
    make_budget(town.foreign.branch, "7777.00")

    text = agent.get(HOME).text

    assert "1,200.00" in text
    assert "7,777.00" not in text


def test_agent_is_led_from_the_start_to_the_money(agent: Client) -> None:
    assert agent.get("/").headers["Location"] == HOME


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("show", ["seal", "post", "open"])
def test_home_takes_as_many_queries_for_three_rows_as_for_one(
    town: Town, django_assert_num_queries: Any, rows: int, show: str
) -> None:
    budget = make_budget(town.own.branch, "9000.00")
    for _ in range(rows):
        make_submitted(town, budget)
        seal_both(town, make_submitted(town, budget))
    client = signed_in(town, D.ACCOUNTANT)

    with django_assert_num_queries(QUERIES_OF_HOME):
        client.get(HOME, {"show": show})


@pytest.mark.parametrize("rows", [1, 3])
def test_page_of_a_request_takes_as_many_queries_for_a_long_course(
    town: Town, django_assert_num_queries: Any, rows: int
) -> None:
    one = make_request(town)
    for number in range(rows):
        one.events.create(move="revise", from_state="draft", to_state="draft", actor=one.maker, note=f"第{number}次")
    client = signed_in(town, D.VILLAGE_AGENT)

    with django_assert_num_queries(QUERIES_OF_PAGE):
        client.get(f"/finance/requests/{one.pk}/")


def test_page_of_a_draft_is_sent_back_as_it_came(town: Town, agent: Client) -> None:
    one = make_request(town)
    page = agent.get(step("edit", one))
    op_id = re.search(r'name="op_id" value="([^"]+)"', page.text)
    assert op_id is not None

    answer = agent.post(step("edit", one), typed(one.budget, op_id=op_id[1], purpose="改过的用途", keep="1"))

    assert answer.status_code == 302
    assert Disbursement.objects.get().purpose == "改过的用途"
