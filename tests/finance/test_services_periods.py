"""Months of the ledger: closed in their order, opened again by two people with a reason."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from chishang.core.dates import add_months, today
from finance.models import FiscalYear, Period, Voucher
from finance.services import ask_reopening, close_months, close_period, decline_reopening, post_request, reopen_period
from finance.services.periods import months_to_close
from organizations.enums import DutyCode as D
from organizations.models import Appointment, User
from tests.factories import Town, UserFactory, appoint
from tests.finance.clock import put_on
from tests.finance.money import import_voucher, make_submitted, make_voucher, seal_both

MAY, JUNE, JULY = date(2017, 5, 31), date(2017, 6, 30), date(2017, 7, 1)


@pytest.fixture
def accountant(town: Town) -> User:
    return town.people[D.ACCOUNTANT]


@pytest.fixture
def head(town: Town) -> User:
    return town.people[D.FINANCE_HEAD]


@pytest.fixture
def june(town: Town, accountant: User) -> Period:
    """A closed month with a voucher."""
    import_voucher(town.own.branch, JUNE, "1.00")
    return close_period(actor=accountant, year=2017, month=6)


def reopened(head: User, accountant: User, period: Period) -> Period:
    ask_reopening(actor=accountant, period=period, reason="漏记一笔")
    return reopen_period(actor=head, period=period)


def test_closed_month_takes_no_voucher_and_the_next_one_does(town: Town, june: Period, accountant: User) -> None:
    assert (june.is_closed, june.closed_by, str(june)) == (True, accountant, "2017年6月")
    with pytest.raises(IntegrityError), transaction.atomic():
        import_voucher(town.own.branch, JUNE, "2.00")
    import_voucher(town.own.branch, JULY, "2.00")
    assert Voucher.objects.count() == 2


def test_request_sealed_before_the_closing_is_posted_into_a_later_month(
    town: Town, accountant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, sealed_on = seal_both(town, make_submitted(town)), today()
    put_on(monkeypatch, days=40)
    close_period(actor=accountant, year=sealed_on.year, month=sealed_on.month)
    with pytest.raises(ValidationError, match="这个月已经结账，不能再入账"):
        post_request(actor=accountant, request=request, day=sealed_on)
    request.refresh_from_db()
    assert request.state == "approved"
    assert post_request(actor=accountant, request=request, day=today()).date == sealed_on + timedelta(days=40)


def test_closing_twice_changes_nothing(head: User, june: Period) -> None:
    again = close_period(actor=head, year=2017, month=6)
    assert (again.pk, again.closed_by, again.closed_at) == (june.pk, june.closed_by, june.closed_at)


def test_month_is_closed_after_its_last_day_only(accountant: User) -> None:
    first = today().replace(day=1)
    for day in (first, add_months(first, 1)):
        with pytest.raises(ValidationError, match=r"没有结束|已经结束"):
            close_period(actor=accountant, year=day.year, month=day.month)
    last = first - timedelta(days=1)
    assert close_period(actor=accountant, year=last.year, month=last.month).is_closed


@pytest.mark.parametrize(("year", "month"), [(2017, 0), (2017, 13), (0, 1), (99999, 1)])
def test_no_month_is_refused(accountant: User, year: int, month: int) -> None:
    with pytest.raises(ValidationError, match="请选择一个已经结束的月份"):
        close_period(actor=accountant, year=year, month=month)


def test_earlier_month_with_vouchers_is_closed_first(town: Town, accountant: User) -> None:
    for day in (date(2016, 12, 31), MAY, JULY):
        import_voucher(town.own.branch, day, "1.00")
    assert months_to_close() == [(2016, 12), (2017, 5), (2017, 7)]
    with pytest.raises(ValidationError, match="请先结 2016年12月"):
        close_period(actor=accountant, year=2017, month=5)
    close_period(actor=accountant, year=2016, month=12)
    close_period(actor=accountant, year=2017, month=5)
    close_period(actor=accountant, year=2017, month=6)  # nothing was entered in it
    assert months_to_close() == [(2017, 7)]


def test_months_are_closed_up_to_one_in_their_order_or_not_at_all(town: Town, accountant: User) -> None:
    for day in (date(2016, 12, 31), MAY, JULY):
        import_voucher(town.own.branch, day, "1.00")
    running = today()
    with pytest.raises(ValidationError, match="没有结束"):
        close_months(actor=accountant, year=running.year, month=running.month)
    assert not Period.objects.exists()
    closed = close_months(actor=accountant, year=2017, month=6)
    assert [str(one) for one in closed] == ["2016年12月", "2017年5月", "2017年6月"]
    assert months_to_close() == [(2017, 7)]


def test_running_month_does_not_wait_to_be_closed(town: Town) -> None:
    make_voucher(town)
    assert months_to_close() == []


@pytest.mark.parametrize("duty", [D.VILLAGE_AGENT, D.BRANCH_SECRETARY, D.TOWN_SECRETARY, D.AREA_LEADER])
def test_closing_needs_the_duty(town: Town, june: Period, duty: D) -> None:
    actor = town.people[duty]
    for step in (
        lambda: close_period(actor=actor, year=2017, month=7),
        lambda: ask_reopening(actor=actor, period=june, reason="漏记"),
        lambda: reopen_period(actor=actor, period=june),
        lambda: decline_reopening(actor=actor, period=june),
    ):
        with pytest.raises(ValidationError, match="没有结账的权限"):
            step()
    assert list(Period.objects.values_list("month", "is_closed")) == [(6, True)]


def test_accountant_of_one_village_does_not_close_the_town(town: Town) -> None:
    user = UserFactory()
    appoint(user, D.ACCOUNTANT, town.own.branch)
    with pytest.raises(ValidationError, match="没有结账的权限"):
        close_period(actor=user, year=2017, month=6)
    assert not Period.objects.exists()


def test_two_people_open_a_month_and_it_is_closed_again(
    town: Town, june: Period, accountant: User, head: User
) -> None:
    opened = reopened(head, accountant, june)
    assert (opened.is_closed, opened.asked_by, opened.reopened_by) == (False, accountant, head)
    assert months_to_close() == [(2017, 6)]
    import_voucher(town.own.branch, JUNE, "2.00")
    again = close_period(actor=head, year=2017, month=6)
    assert (again.pk, again.is_closed, again.asked_by, again.reason, again.reopened_by) == (
        *(june.pk, True, None, "", None),
    )
    course = again.history.order_by("pgh_id").values_list("is_closed", "reason", "asked_by", "reopened_by")
    assert list(course) == [
        (True, "", None, None),
        (True, "漏记一笔", accountant.pk, None),
        (False, "漏记一笔", accountant.pk, head.pk),
        (True, "", None, None),
    ]


def test_opened_month_is_closed_before_later_ones(town: Town, june: Period, accountant: User, head: User) -> None:
    import_voucher(town.own.branch, JULY, "1.00")
    reopened(head, accountant, june)
    with pytest.raises(ValidationError, match="请先结 2017年6月"):
        close_period(actor=accountant, year=2017, month=7)


def test_nobody_opens_a_month_alone(june: Period, accountant: User, head: User) -> None:
    with pytest.raises(ValidationError, match="还没有人申请"):
        reopen_period(actor=head, period=june)
    ask_reopening(actor=accountant, period=june, reason="漏记一笔")
    with pytest.raises(ValidationError, match="请另一位同事同意"):
        reopen_period(actor=accountant, period=june)
    with pytest.raises(ValidationError, match="财政所会计甲已经申请"):
        ask_reopening(actor=head, period=june, reason="我也要")
    june.refresh_from_db()
    assert (june.is_closed, june.reason) == (True, "漏记一笔")


def test_database_lets_nobody_open_a_month_alone(june: Period, accountant: User, head: User) -> None:
    opened = {"is_closed": False, "asked_by": accountant, "reason": "漏记"}
    for fields in ({}, {"reopened_by": accountant}, {"reopened_by": head, "reason": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Period.objects.filter(pk=june.pk).update(**opened | fields)


def test_asking_needs_a_reason(june: Period, accountant: User) -> None:
    for reason, words in (("  ", "请写明为什么"), ("错" * 201, "最多 200 个字")):
        with pytest.raises(ValidationError, match=words):
            ask_reopening(actor=accountant, period=june, reason=reason)
    assert ask_reopening(actor=accountant, period=june, reason=" 漏记 ").reason == "漏记"
    assert ask_reopening(actor=accountant, period=june, reason="错" * 200).reason == "错" * 200


def test_agreeing_twice_changes_nothing(june: Period, accountant: User, head: User) -> None:
    reopened(head, accountant, june)
    assert reopen_period(actor=head, period=june).reopened_by == head
    with pytest.raises(ValidationError, match="现在没有结账"):
        reopen_period(actor=accountant, period=june)
    with pytest.raises(ValidationError, match="现在没有结账"):
        ask_reopening(actor=accountant, period=june, reason="再来")


def test_declined_asking_leaves_the_month_closed(june: Period, accountant: User, head: User) -> None:
    ask_reopening(actor=accountant, period=june, reason="漏记一笔")
    assert decline_reopening(actor=head, period=june).asked_by is None
    with pytest.raises(ValidationError, match="还没有人申请"):
        reopen_period(actor=head, period=june)
    assert ask_reopening(actor=head, period=june, reason="另有一笔").asked_by == head


def test_who_asked_must_still_hold_the_duty(june: Period, accountant: User, head: User) -> None:
    ask_reopening(actor=accountant, period=june, reason="漏记一笔")
    Appointment.objects.filter(user=accountant).update(ended_on=today() - timedelta(days=1))
    with pytest.raises(ValidationError, match="财政所会计甲现在已不管结账"):
        reopen_period(actor=head, period=june)
    decline_reopening(actor=head, period=june)


def test_closing_makes_the_counter_of_a_year_without_vouchers(accountant: User) -> None:
    close_period(actor=accountant, year=2015, month=3)
    assert list(FiscalYear.objects.values_list("year", "last_number")) == [(2015, 0)]
