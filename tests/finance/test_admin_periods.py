"""The register of periods: months that wait, closing them after a check, opening one again by two people."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from finance.models import Period
from finance.services import ask_reopening, close_period
from organizations.enums import DutyCode as D
from tests.factories import Town, UserFactory, appoint
from tests.finance.money import import_voucher, make_budget, make_submitted, seal_both
from tests.organizations.test_admin import sign_in

LIST = "/admin/finance/period/"
MAY, JUNE = date(2017, 5, 31), date(2017, 6, 30)


@pytest.fixture
def accountant(client: Client, town: Town) -> Client:
    import_voucher(town.own.branch, MAY, "30.00")
    import_voucher(town.foreign.branch, JUNE, "7.50")
    return sign_in(client, town, D.ACCOUNTANT)


@pytest.fixture
def may(accountant: Client, town: Town) -> Period:
    return close_period(actor=town.people[D.ACCOUNTANT], year=2017, month=5)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_list_offers_the_months_that_wait(accountant: Client, may: Period) -> None:
    page = text(accountant.get(LIST))
    assert f"{LIST}close/2017/6/" in page
    assert f"{LIST}close/2017/5/" not in page
    assert "2017年5月" in page
    assert "已结账" in page


def test_list_offers_nothing_to_readers(client: Client, town: Town, may: Period) -> None:
    page = text(sign_in(client, town, D.TOWN_SECRETARY).get(LIST))
    assert "2017年5月" in page
    assert "close/2017/6" not in page
    assert "待结账" not in page


def test_page_shows_what_will_be_closed_and_closes_it(accountant: Client, town: Town) -> None:
    seal_both(town, make_submitted(town, make_budget(town.own.branch)))
    page = text(accountant.get(f"{LIST}close/2017/6/"))
    for words in ("2017年5月", "2017年6月", "30.00", "7.50", "结账（2 个月）", "还有 1 份盖齐印鉴的申请没有入账"):
        assert words in page, words
    assert not Period.objects.exists()
    answer = accountant.post(f"{LIST}close/2017/6/", follow=True)
    assert "2017年5月至2017年6月已结账" in text(answer)
    assert list(Period.objects.values_list("month", "is_closed", "closed_by")) == [
        (6, True, town.people[D.ACCOUNTANT].pk),
        (5, True, town.people[D.ACCOUNTANT].pk),
    ]


def test_closing_twice_tells_the_same(accountant: Client) -> None:
    for _ in range(2):
        assert "2017年5月已结账" in text(accountant.post(f"{LIST}close/2017/5/", follow=True))
    assert Period.objects.count() == 1


def test_month_that_does_not_wait_has_no_page(accountant: Client, may: Period) -> None:
    for month in ("2017/5", "2017/4", "2017/13", "2017/0", "99999/1"):
        assert accountant.get(f"{LIST}close/{month}/").status_code == 404
    for month in ("1/1", "2017/4", "99999/1"):
        assert accountant.post(f"{LIST}close/{month}/").status_code == 404
    assert list(Period.objects.all()) == [may]


def test_closing_needs_the_duty_of_the_town(client: Client, town: Town, may: Period) -> None:
    own = UserFactory()
    appoint(own, D.ACCOUNTANT, town.own.branch)
    for user in (town.people[D.TOWN_SECRETARY], town.people[D.DISCIPLINE_HEAD], own):
        client.force_login(user, backend="organizations.backends.AppointmentBackend")
        assert client.get(f"{LIST}close/2017/6/").status_code == 403
        assert client.post(f"{LIST}close/2017/6/").status_code == 403
        for step in ("ask", "reopen", "decline"):
            assert client.post(f"{LIST}{may.pk}/{step}/", {"reason": "漏记"}).status_code == 403
    assert Period.objects.get().asked_by is None


def test_steps_are_posts_and_of_periods_that_exist(accountant: Client, may: Period) -> None:
    for step in ("ask", "reopen", "decline"):
        assert accountant.get(f"{LIST}{may.pk}/{step}/").status_code == 405
        assert accountant.post(f"{LIST}{may.pk + 1}/{step}/").status_code == 404


def test_two_people_open_a_month(client: Client, town: Town, may: Period) -> None:
    page = f"{LIST}{may.pk}/change/"
    assert "为什么反结账" in text(client.get(page))
    assert "请写明为什么反结账" in text(client.post(f"{LIST}{may.pk}/ask/", {"reason": " "}, follow=True))
    shown = text(client.post(f"{LIST}{may.pk}/ask/", {"reason": "漏记<一>笔"}, follow=True))
    assert "漏记&lt;一&gt;笔" in shown
    assert "等另一位管结账的同事同意" in shown
    assert f"{LIST}{may.pk}/reopen/" not in shown
    assert "请另一位同事同意" in text(client.post(f"{LIST}{may.pk}/reopen/", follow=True))

    sign_in(client, town, D.FINANCE_HEAD)
    assert f"{LIST}{may.pk}/reopen/" in text(client.get(page))
    shown = text(client.post(f"{LIST}{may.pk}/reopen/", follow=True))
    assert "已反结账" in shown
    assert f"{LIST}close/2017/5/" in shown
    client.post(f"{LIST}close/2017/5/")

    shown = text(client.get(page))
    course = ["再次结账", "同意反结账", "申请反结账", "<strong>结账"]
    places = [shown.index(words, shown.index("办理过程")) for words in course]
    assert places == sorted(places)
    may.refresh_from_db()
    assert (may.is_closed, may.reason) == (True, "")


def test_asking_is_dropped_by_the_other_one(client: Client, town: Town, may: Period) -> None:
    ask_reopening(actor=town.people[D.FINANCE_HEAD], period=may, reason="漏记")
    page = text(client.post(f"{LIST}{may.pk}/decline/", follow=True))
    assert "仍是已结账" in page
    assert "不同意反结账，或撤销申请</strong>　财政所会计甲" in page


def test_period_is_shown_only(accountant: Client, may: Period) -> None:
    assert accountant.get(f"{LIST}add/").status_code == 403
    assert accountant.post(f"{LIST}{may.pk}/change/", {"is_closed": ""}).status_code == 403
    assert accountant.get(f"{LIST}import/").status_code == 403
    assert accountant.post(f"{LIST}{may.pk}/delete/", {"post": "yes"}).status_code == 403
    may.refresh_from_db()
    assert may.is_closed


def test_village_sees_its_own_sums_only(client: Client, town: Town, may: Period) -> None:
    import_voucher(town.foreign.branch, JUNE, "900.00")
    close_period(actor=town.people[D.ACCOUNTANT], year=2017, month=6)
    june = Period.objects.get(month=6)
    page = text(sign_in(client, town, D.DISCIPLINE_HEAD).get(f"{LIST}{june.pk}/change/"))
    assert "907.50" in page
    page = text(sign_in(client, town, D.AREA_LEADER).get(f"{LIST}{june.pk}/change/"))
    assert "没有凭证" in page
    assert "907.50" not in page


def test_list_takes_the_same_queries_with_more_rows(
    accountant: Client, town: Town, may: Period, django_assert_num_queries: Any
) -> None:
    accountant.get(LIST)
    with django_assert_num_queries(17):
        accountant.get(LIST)
    for month in (7, 8, 9):
        import_voucher(town.own.branch, date(2017, month, 1), "1.00")
    for month in (6, 7):
        close_period(actor=town.people[D.FINANCE_HEAD], year=2017, month=month)
    with django_assert_num_queries(17):
        accountant.get(LIST)
