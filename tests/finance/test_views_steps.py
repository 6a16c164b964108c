"""Steps of a disbursement request: the password at each seal, who may, and what is told to one who may not."""

from datetime import timedelta

import pytest
from django.test import Client

from chishang.core.dates import today
from finance.enums import RequestState
from finance.models import Seal, Voucher
from organizations.enums import DutyCode as D
from tests.factories import PASSWORD, Town, appoint
from tests.finance.money import make_budget, make_submitted, make_voucher, seal_both
from tests.finance.test_views_requests import APPROVE, CHECK, seal, signed_in, state, step


def test_two_seals_and_posting(town: Town) -> None:
    one = make_submitted(town)
    head, leader, accountant = (signed_in(town, duty) for duty in (D.FINANCE_HEAD, D.TOWN_SECRETARY, D.ACCOUNTANT))

    assert seal(head, one, CHECK).status_code == 302
    page = head.get(f"/finance/requests/{one.pk}/").text
    assert "✓ 复核：财政所所长甲" in page
    assert "批准：还没盖，等镇党委书记" in page
    assert seal(leader, one, APPROVE).status_code == 302
    assert state(one) == RequestState.APPROVED
    answer = accountant.post(step("post", one), {"day": today().isoformat()}, follow=True)

    voucher = Voucher.objects.get()
    assert voucher.code in answer.text
    again = accountant.post(step("post", one), {"day": today().isoformat()})
    assert again.status_code == 302
    assert Voucher.objects.get() == voucher


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD.upper()])
def test_seal_with_a_wrong_password_is_refused(town: Town, password: str) -> None:
    one = make_submitted(town)

    answer = seal(signed_in(town, D.FINANCE_HEAD), one, CHECK, password)

    assert answer.status_code == 422
    assert "密码" in answer.text
    assert not Seal.objects.exists()


def test_wrong_passwords_lock_the_account_as_at_the_sign_in(town: Town) -> None:
    one, client = make_submitted(town), signed_in(town, D.FINANCE_HEAD)
    for _ in range(4):
        assert seal(client, one, CHECK, "wrong").status_code == 422

    assert seal(client, one, CHECK, "wrong").status_code == 429
    assert seal(client, one, CHECK).status_code == 429
    sheet = {"username": town.people[D.FINANCE_HEAD].username, "password": PASSWORD}
    assert Client().post("/accounts/login/", sheet).status_code == 429
    assert not Seal.objects.exists()


def test_right_password_forgives_the_wrong_ones_before(town: Town) -> None:
    client = signed_in(town, D.FINANCE_HEAD)
    for year in (2015, 2016, 2017):
        one = make_submitted(town, make_budget(town.own.branch, year=year))
        for _ in range(3):
            assert seal(client, one, CHECK, "wrong").status_code == 422
        assert seal(client, one, CHECK).status_code == 302


def test_password_of_another_account_is_wrong(town: Town) -> None:
    one, other = make_submitted(town), town.people[D.TOWN_SECRETARY]
    other.set_password("another-road-55")
    other.save()

    assert seal(signed_in(town, D.FINANCE_HEAD), one, CHECK, "another-road-55").status_code == 422
    assert not Seal.objects.exists()


def test_seal_of_an_unknown_kind_is_a_bad_request(town: Town) -> None:
    assert seal(signed_in(town, D.FINANCE_HEAD), make_submitted(town), "gold").status_code == 400


@pytest.mark.parametrize(
    ("duty", "kind"), [(D.VILLAGE_AGENT, CHECK), (D.TOWN_SECRETARY, CHECK), (D.FINANCE_HEAD, APPROVE)]
)
def test_seal_without_its_duty_is_forbidden(town: Town, duty: D, kind: str) -> None:
    assert seal(signed_in(town, duty), make_submitted(town), kind).status_code == 403
    assert not Seal.objects.exists()


def test_maker_with_the_duty_is_told_why_not(town: Town) -> None:
    one = make_submitted(town, actor=town.people[D.FINANCE_HEAD])
    client = signed_in(town, D.FINANCE_HEAD)

    assert "您是经办人，不能给自己的申请盖章" in client.get(f"/finance/requests/{one.pk}/").text
    answer = seal(client, one, CHECK)
    assert answer.status_code == 422
    assert "经办人不能给自己的申请盖章" in answer.text
    assert not Seal.objects.exists()


def test_one_account_never_puts_both_seals(town: Town) -> None:
    one = make_submitted(town)
    appoint(town.people[D.FINANCE_HEAD], D.TOWN_SECRETARY, town.root)
    client = signed_in(town, D.FINANCE_HEAD)
    assert seal(client, one, CHECK).status_code == 302

    assert "您已经盖过一枚" in client.get(f"/finance/requests/{one.pk}/").text
    assert seal(client, one, APPROVE).status_code == 422
    assert Seal.objects.count() == 1


def test_same_seal_pressed_twice_is_one(town: Town) -> None:
    one, client = make_submitted(town), signed_in(town, D.FINANCE_HEAD)

    assert [seal(client, one, CHECK).status_code for _ in range(2)] == [302, 302]
    assert Seal.objects.count() == 1


def test_reject_needs_a_reason_and_shows_it(town: Town) -> None:
    one, client = make_submitted(town), signed_in(town, D.FINANCE_HEAD)

    assert client.post(step("reject", one), {"note": " "}).status_code == 422
    assert state(one) == RequestState.SUBMITTED
    answer = client.post(step("reject", one), {"note": "缺发票"}, follow=True)
    assert "缺发票" in answer.text
    assert state(one) == RequestState.REJECTED


def test_maker_withdraws_until_it_is_posted(town: Town) -> None:
    agent = signed_in(town, D.VILLAGE_AGENT)
    one = seal_both(town, make_submitted(town))
    assert agent.post(step("withdraw", one)).status_code == 302
    assert state(one) == RequestState.WITHDRAWN

    posted = make_voucher(town, one.budget).disbursement
    answer = agent.post(step("withdraw", posted))
    assert answer.status_code == 422
    assert "已入账" in answer.text


def test_posting_takes_both_seals_and_a_day_between_seal_and_today(town: Town) -> None:
    one, client = make_submitted(town), signed_in(town, D.ACCOUNTANT)
    assert client.post(step("post", one), {"day": today().isoformat()}).status_code == 422
    seal_both(town, one)

    for day in (today() - timedelta(days=1), today() + timedelta(days=1)):
        answer = client.post(step("post", one), {"day": day.isoformat()})
        assert answer.status_code == 422
        assert "入账日期应在盖章那天" in answer.text
    assert client.post(step("post", one), {"day": ""}).status_code == 422
    assert not Voucher.objects.exists()


def test_fault_in_a_seal_is_shown_with_the_page(town: Town) -> None:
    one = make_submitted(town)

    assert 'id="id_check_password"' in seal(signed_in(town, D.FINANCE_HEAD), one, CHECK, "x").text
