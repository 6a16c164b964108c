"""Many at once at one pool, request or month: nobody overdraws, nothing is posted twice, every refusal is plain."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Sum

from chishang.core.dates import today
from finance.enums import RESERVING_STATES, RequestState, SealKind, SubjectCode
from finance.models import Budget, Disbursement, FiscalYear, Period, Voucher
from finance.services import (
    close_period,
    draft_request,
    post_request,
    revise_request,
    seal_request,
    submit_request,
    withdraw_request,
)
from organizations.enums import DutyCode
from organizations.models import User
from tests.factories import Town, build_town
from tests.finance.money import YUAN, draft_of, import_voucher, make_budget, make_request, make_submitted, seal_both
from tests.racing import messages, race

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 50


@pytest.fixture
def ground() -> Town:
    return build_town()


def fresh(user: User) -> User:
    """The account as a request of its own loads it."""
    return User.objects.get(pk=user.pk)


def test_fifty_requests_at_once_never_overdraw_the_pool(ground: Town) -> None:
    budget = make_budget(ground.own.branch, "1000.00", held=YUAN("100.00"))
    agent = ground.people[DutyCode.VILLAGE_AGENT]

    def ask(number: int) -> Callable[[], Any]:
        def call() -> Disbursement:
            draft = draft_of(budget, f"{30 + number / 100:.2f}")
            request, _ = draft_request(actor=fresh(agent), op_id=uuid4(), draft=draft)
            return submit_request(actor=fresh(agent), request=request)

        return call

    answers = race(*(ask(number) for number in range(THREADS)))
    taken = Disbursement.objects.filter(state__in=RESERVING_STATES)
    total = taken.aggregate(total=Sum("amount"))["total"]
    assert 0 < total <= YUAN("900.00")
    assert YUAN("900.00") - total < YUAN("30.50"), "money is left for none that was refused"
    refused = [one for one in answers if isinstance(one, ValidationError)]
    assert taken.count() + len(refused) == THREADS
    assert all("不够拨付" in text for text in messages(answers))
    assert Budget.objects.with_balance().get().free == YUAN("900.00") - total


def test_two_seals_at_the_same_instant_both_count(ground: Town) -> None:
    budget = make_budget(ground.own.branch)
    head, leader = (ground.people[duty] for duty in (DutyCode.FINANCE_HEAD, DutyCode.TOWN_SECRETARY))
    for _ in range(4):
        request = make_submitted(ground, budget)
        race(
            lambda request=request: seal_request(actor=fresh(head), request=request, kind=SealKind.CHECK),
            lambda request=request: seal_request(actor=fresh(leader), request=request, kind=SealKind.APPROVE),
        )
        request.refresh_from_db()
        assert (request.state, request.seals.count()) == (RequestState.APPROVED, 2)


def test_request_posted_by_many_at_once_has_one_voucher(ground: Town) -> None:
    request = seal_both(ground, make_submitted(ground))
    accountant = ground.people[DutyCode.ACCOUNTANT]
    answers = race(*[lambda: post_request(actor=fresh(accountant), request=request)] * 8)
    assert {voucher.pk for voucher in answers} == {Voucher.objects.get().pk}
    assert request.events.filter(move="post").count() == 1


def test_requests_posted_at_once_are_numbered_without_a_gap(ground: Town) -> None:
    budgets = [make_budget(ground.own.branch), make_budget(ground.foreign.branch)]
    accountant = ground.people[DutyCode.ACCOUNTANT]
    requests = [
        seal_both(ground, make_submitted(ground, budgets[number % 2], "10.00", actor=accountant))
        for number in range(12)
    ]
    race(*(lambda one=one: post_request(actor=fresh(accountant), request=one) for one in requests))
    assert sorted(Voucher.objects.values_list("number", flat=True)) == list(range(1, 13))
    assert FiscalYear.objects.get().last_number == 12


def test_withdrawn_or_sealed_but_not_both(ground: Town) -> None:
    agent, head = (ground.people[duty] for duty in (DutyCode.VILLAGE_AGENT, DutyCode.FINANCE_HEAD))
    budget = make_budget(ground.own.branch)
    for _ in range(4):
        request = make_submitted(ground, budget)
        race(
            lambda request=request: withdraw_request(actor=fresh(agent), request=request),
            lambda request=request: seal_request(actor=fresh(head), request=request, kind=SealKind.CHECK),
        )
        request.refresh_from_db()
        assert request.state == RequestState.WITHDRAWN


def test_draft_sent_twice_at_once_is_one(ground: Town) -> None:
    budget, op_id = make_budget(ground.own.branch), uuid4()
    agent = ground.people[DutyCode.VILLAGE_AGENT]
    call = lambda: draft_request(actor=fresh(agent), op_id=op_id, draft=draft_of(budget))[0]  # noqa: E731
    answers = race(*[call] * 6)
    assert {one.pk for one in answers} == {Disbursement.objects.get().pk}


def test_budget_cannot_be_lowered_while_its_money_is_taken(ground: Town) -> None:
    for number in range(4):
        budget = make_budget(ground.own.branch, "100.00", year=today().year - number)
        request = make_request(ground, budget, "60.00")

        def lower(budget: Budget = budget) -> Any:
            try:
                return Budget.objects.filter(pk=budget.pk).update(amount=Decimal("50.00"))
            except IntegrityError:
                return "refused"

        race(lower, lambda request=request: submit_request(actor=fresh(request.maker), request=request))
        assert Budget.objects.with_balance().get(pk=budget.pk).free >= 0


def test_month_is_closed_while_a_voucher_comes_in(ground: Town) -> None:
    accountant = ground.people[DutyCode.ACCOUNTANT]

    def bring() -> Any:
        try:
            return import_voucher(ground.own.branch, date(2017, 3, 20), "10.00", number=2)
        except IntegrityError:
            return "refused"

    import_voucher(ground.own.branch, date(2017, 3, 5), "10.00", number=1)
    race(bring, lambda: close_period(actor=fresh(accountant), year=2017, month=3))
    period = Period.objects.get()
    assert period.is_closed
    assert all(voucher.posted_at <= period.closed_at for voucher in Voucher.objects.all())


def test_drafts_change_places_between_two_budgets(ground: Town) -> None:
    budgets = [make_budget(ground.own.branch), make_budget(ground.own.branch, subject=SubjectCode.SECRETARY_PAY)]
    requests = [make_request(ground, budget) for budget in budgets]

    def move(request: Disbursement, target: Budget) -> Callable[[], Any]:
        one = Disbursement.objects.get(pk=request.pk)
        return lambda: revise_request(actor=fresh(one.maker), request=one, draft=draft_of(target))

    for turn in range(6):
        targets = budgets if turn % 2 else budgets[::-1]
        assert (
            messages(race(*(move(request, target) for request, target in zip(requests, targets, strict=True)))) == []
        )
        assert [Disbursement.objects.get(pk=one.pk).budget for one in requests] == targets
