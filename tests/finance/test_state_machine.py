"""Random lives of requests, vouchers and months, by people with and without the right.

After each step the invariants hold, and a simple model in Python says the same as the portal: what stands where, how
much is free in each pool, and which of the steps were refused.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from chishang.core.dates import today
from chishang.core.guards import check_deferred
from chishang.core.money import CENT, ZERO
from finance.enums import RESERVING_STATES, SealKind
from finance.enums import RequestState as S
from finance.models import Budget, Disbursement, FiscalYear, Period, Voucher
from finance.selectors.balance import trial_balance_python, trial_balance_sql
from finance.selectors.checks import INVARIANTS, all_findings
from finance.services import (
    ask_reopening,
    close_period,
    decline_reopening,
    draft_request,
    draft_reversal,
    post_request,
    reject_request,
    reopen_period,
    seal_request,
    submit_request,
    withdraw_request,
)
from organizations.enums import DutyCode as D
from organizations.models import User
from tests.factories import Town
from tests.finance.clock import Clock, put_on
from tests.finance.money import draft_of, import_voucher, make_budget

FINANCE = (D.ACCOUNTANT, D.FINANCE_HEAD)
DRAFTERS = (D.VILLAGE_AGENT, *FINANCE)
SIGNERS = {SealKind.CHECK: FINANCE, SealKind.APPROVE: (D.TOWN_SECRETARY,)}
EVERYBODY = (*DRAFTERS, D.TOWN_SECRETARY, D.BRANCH_SECRETARY, D.AREA_LEADER)

STEPS = ("ask", "agree", "ask", "agree", "decline")
others = st.sampled_from((*[None] * 12, *EVERYBODY))
"""Mostly nobody else than who should: else few requests would come to their end."""


@dataclass
class Request:
    """What the model knows of a request."""

    pk: int
    amount: Decimal
    maker: D
    budget: int | None
    reverses: int | None = None
    state: S = S.DRAFT
    seals: dict[SealKind, D] = field(default_factory=dict)
    sealed_on: date = date.min
    voucher: int | None = None

    @property
    def is_live(self) -> bool:
        """Whether another request may not reverse the same voucher."""
        return self.state not in {S.REJECTED, S.WITHDRAWN}


class Money(RuleBasedStateMachine):
    """The portal beside the model."""

    requests = Bundle("requests")
    vouchers = Bundle("vouchers")

    def __init__(self, town: Town) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        Clock.ahead = timedelta()
        self.town = town
        own = make_budget(town.own.branch, "1000.00", held=Decimal("100.00"))
        self.budgets = [own, make_budget(town.foreign.branch, "300.00")]
        self.free = {own.pk: Decimal("900.00"), self.budgets[1].pk: Decimal("300.00")}
        self.known: list[Request] = []
        self.months: dict[tuple[int, int], int] = {}
        """How many vouchers each month has."""
        self.closed: dict[tuple[int, int], bool] = {}
        self.asked: dict[tuple[int, int], D] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    def user(self, duty: D) -> User:
        return self.town.people[duty]

    def row(self, request: Request) -> Disbursement:
        return Disbursement.objects.get(pk=request.pk)

    def attempt(self, allowed: bool, step: Callable[[], Any]) -> Any:
        """Take a step; it must be refused exactly when the model says so."""
        try:
            done = step()
        except ValidationError as refusal:
            if allowed:
                pytest.fail(f"the portal refused what the model allows: {refusal.messages}")
            return None
        assert allowed, "the portal allowed what the model refuses"
        return done

    def reaches(self, duty: D, budget: int | None) -> bool:
        """Whether the account's place covers the pool: the agent's is the own village, the others' the town."""
        return duty not in {D.VILLAGE_AGENT, D.BRANCH_SECRETARY} or budget == self.budgets[0].pk

    @rule(days=st.integers(1, 25))
    def later(self, days: int) -> None:
        Clock.ahead += timedelta(days=days)

    @initialize(target=vouchers)
    def start(self) -> Any:
        """A voucher of the ledger two months ago, and one of the portal."""
        brought = self.bring_in(cents=100, days_ago=61)
        request = self.drafted(D.ACCOUNTANT, self.budgets[0], Decimal("50.00"))
        return multiple(brought, self.hurry(request, by_maker=True))

    @rule(target=requests, other=others, pool=st.integers(0, 1), cents=st.integers(1, 40_000))
    def draft(self, other: D | None, pool: int, cents: int) -> Any:
        return self.drafted(other or DRAFTERS[pool], self.budgets[pool], cents * CENT)

    @rule(target=requests, pool=st.integers(0, 1), more=st.integers(-1, 1))
    def draft_at_the_limit(self, pool: int, more: int) -> Any:
        budget = self.budgets[pool]
        return self.drafted(DRAFTERS[pool], budget, max(CENT, self.free[budget.pk] + more * CENT))

    def drafted(self, actor: D, budget: Budget, amount: Decimal) -> Any:
        allowed = actor in DRAFTERS and self.reaches(actor, budget.pk)
        draft = draft_of(budget, str(amount))
        done = self.attempt(allowed, lambda: draft_request(actor=self.user(actor), op_id=uuid4(), draft=draft))
        return self.noted(Request(done[0].pk, amount, actor, budget.pk)) if done else multiple()

    def noted(self, request: Request) -> Request:
        self.known.append(request)
        return request

    @rule(request=requests, other=others)
    def submit(self, request: Request, other: D | None) -> None:
        actor = other or request.maker
        enough = request.reverses is not None or request.amount <= self.free[request.budget or 0]
        open_ = request.state == S.SUBMITTED or (request.state == S.DRAFT and enough)
        step = lambda: submit_request(actor=self.user(actor), request=self.row(request))  # noqa: E731
        if self.attempt(actor == request.maker and open_, step) and request.state == S.DRAFT:
            self.move(request, S.SUBMITTED)

    @rule(request=requests, other=others, kind=st.sampled_from(SealKind))
    def seal(self, request: Request, other: D | None, kind: SealKind) -> None:
        actor = other or next(duty for duty in SIGNERS[kind] if duty != request.maker)
        again = request.seals.get(kind) == actor and request.state in RESERVING_STATES
        new = (
            request.state == S.SUBMITTED
            and actor != request.maker
            and kind not in request.seals
            and actor not in request.seals.values()
        )
        allowed = actor in SIGNERS[kind] and (again or new)
        step = lambda: seal_request(actor=self.user(actor), request=self.row(request), kind=kind)  # noqa: E731
        if self.attempt(allowed, step) and not again:
            request.seals[kind], request.sealed_on = actor, today()
            self.move(request, S.APPROVED if len(request.seals) == len(SealKind) else S.SUBMITTED)

    @rule(request=requests, other=others)
    def reject(self, request: Request, other: D | None) -> None:
        actor = other or D.TOWN_SECRETARY
        allowed = actor in {*FINANCE, D.TOWN_SECRETARY} and request.state in RESERVING_STATES
        step = lambda: reject_request(actor=self.user(actor), request=self.row(request), note="重写")  # noqa: E731
        if self.attempt(allowed, step):
            self.move(request, S.REJECTED)

    @rule(request=requests, other=others)
    def withdraw(self, request: Request, other: D | None) -> None:
        actor = other or request.maker
        open_ = request.state in {S.DRAFT, *RESERVING_STATES, S.WITHDRAWN}
        step = lambda: withdraw_request(actor=self.user(actor), request=self.row(request))  # noqa: E731
        if self.attempt(actor == request.maker and open_, step):
            self.move(request, S.WITHDRAWN)

    @rule(target=vouchers, request=requests, other=others, days_ago=st.integers(-1, 40))
    def post(self, request: Request, other: D | None, days_ago: int) -> Any:
        return self.posted(request, other or D.ACCOUNTANT, today() - timedelta(days=days_ago))

    @rule(target=requests, request=requests)
    def seal_both(self, request: Request) -> Any:
        """Take all steps up to the posting, as far as they go."""
        self.submit(request, other=None)
        for kind in SealKind:
            self.seal(request, None, kind)
        return multiple()

    @rule(target=vouchers, request=requests, by_maker=st.booleans())
    def hurry(self, request: Request, by_maker: bool) -> Any:
        """Take all steps that are left, as far as they go."""
        self.seal_both(request)
        return self.posted(request, request.maker if by_maker else D.FINANCE_HEAD, today())

    def posted(self, request: Request, actor: D, day: date) -> Any:
        month = (day.year, day.month)
        on_time = request.sealed_on <= day <= today() and not self.closed.get(month, False)
        open_ = request.state == S.POSTED or (request.state == S.APPROVED and on_time)
        step = lambda: post_request(actor=self.user(actor), request=self.row(request), day=day)  # noqa: E731
        voucher = self.attempt(actor in FINANCE and open_, step)
        if voucher is None:
            return multiple()
        if request.state == S.POSTED:
            assert voucher.pk == request.voucher, "posted twice"
            return multiple()
        assert (voucher.amount, voucher.date, voucher.reverses_id) == (request.amount, day, request.reverses)
        self.move(request, S.POSTED)
        self.months[month] = self.months.get(month, 0) + 1
        request.voucher = voucher.pk
        return voucher.pk

    @rule(target=requests, voucher=vouchers, actor=st.sampled_from(FINANCE))
    def reverse(self, voucher: int, actor: D) -> Any:
        row = Voucher.objects.get(pk=voucher)
        live = any(one.reverses == voucher and one.is_live for one in self.known)
        allowed = row.reverses_id is None and not live
        step = lambda: draft_reversal(actor=self.user(actor), op_id=uuid4(), voucher=row, reason="重复")  # noqa: E731
        done = self.attempt(allowed, step)
        return self.noted(Request(done[0].pk, row.amount, actor, row.budget_id, voucher)) if done else multiple()

    @rule(target=vouchers, voucher=vouchers, actor=st.sampled_from(FINANCE))
    def undo(self, voucher: int, actor: D) -> Any:
        """Reverse a voucher with all steps."""
        request = self.reverse(voucher, actor)
        return self.hurry(request, by_maker=True) if isinstance(request, Request) else multiple()

    @rule(target=vouchers, cents=st.integers(1, 9999), days_ago=st.integers(0, 60))
    def bring_in(self, cents: int, days_ago: int) -> Any:
        """A voucher of the office's ledger."""
        day = today() - timedelta(days=days_ago)
        month = (day.year, day.month)
        try:
            with transaction.atomic():
                voucher = import_voucher(self.town.foreign.branch, day, str(cents * CENT))
                check_deferred()
        except IntegrityError:
            assert self.closed.get(month), "the month was open"
            return multiple()
        assert not self.closed.get(month, False), "the month was closed"
        self.months[month] = self.months.get(month, 0) + 1
        return voucher.pk

    @rule(other=others, months_ago=st.integers(0, 3))
    def close(self, other: D | None, months_ago: int) -> None:
        now, actor = today(), other or D.ACCOUNTANT
        index = now.year * 12 + now.month - 1 - months_ago
        month = (index // 12, index % 12 + 1)
        waiting = {one for one in {*self.months, *self.closed} if not self.closed.get(one, False) and one < month}
        allowed = actor in FINANCE and months_ago > 0 and (self.closed.get(month, False) or not waiting)
        step = lambda: close_period(actor=self.user(actor), year=month[0], month=month[1])  # noqa: E731
        if self.attempt(allowed, step) and not self.closed.get(month, False):
            self.closed[month] = True

    @precondition(lambda self: self.closed)
    @rule(pick=st.integers(0, 5), actor=st.sampled_from((*FINANCE * 4, *EVERYBODY)), step=st.sampled_from(STEPS))
    def open_again(self, pick: int, actor: D, step: str) -> None:
        month = sorted(self.closed)[pick % len(self.closed)]
        period, asked, closed = (
            Period.objects.get(year=month[0], month=month[1]),
            self.asked.get(month),
            self.closed[month],
        )
        may, user = actor in FINANCE, self.user(actor)
        if step == "ask":
            allowed = may and closed and asked in {None, actor}
            if self.attempt(allowed, lambda: ask_reopening(actor=user, period=period, reason="漏记")):
                self.asked[month] = actor
        elif step == "decline":
            if self.attempt(may and closed, lambda: decline_reopening(actor=user, period=period)):
                self.asked.pop(month, None)
        else:
            again = not closed and period.reopened_by_id == user.pk
            agreed = closed and asked is not None and asked != actor
            if self.attempt(may and (again or agreed), lambda: reopen_period(actor=user, period=period)):
                self.closed[month] = False
                self.asked.pop(month, None)

    def move(self, request: Request, state: S) -> None:
        """Take the request to another state; the pool gives and gets."""
        if request.budget is not None:
            self.free[request.budget] += self.held(request)
        request.state = state
        if request.budget is not None:
            self.free[request.budget] -= self.held(request)

    def held(self, request: Request) -> Decimal:
        """What the request takes from its pool; a posted reversal gives back."""
        if request.reverses is not None:
            return -request.amount if request.state == S.POSTED else ZERO
        return request.amount if request.state in {*RESERVING_STATES, S.POSTED} else ZERO

    @invariant()
    def ledger_is_sound(self) -> None:
        assert [str(finding) for finding in all_findings()] == []
        balance = trial_balance_sql()
        assert balance == trial_balance_python()
        assert sum(one.debits for one in balance) == sum(one.credits for one in balance)

    @invariant()
    def portal_says_what_the_model_says(self) -> None:
        free = dict(Budget.objects.with_balance().values_list("pk", "free"))
        assert {key: free[key] for key in self.free} == self.free
        assert min(self.free.values()) >= 0
        states = dict(Disbursement.objects.values_list("pk", "state"))
        assert states == {one.pk: str(one.state) for one in self.known}
        closed = {(one.year, one.month): one.is_closed for one in Period.objects.all()}
        assert closed == self.closed
        assert (
            Voucher.objects.count()
            == sum(self.months.values())
            == sum(FiscalYear.objects.values_list("last_number", flat=True))
        )


def test_random_lives_of_money_keep_the_invariants(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(INVARIANTS) >= 10
    put_on(monkeypatch)
    run_state_machine_as_test(
        lambda: Money(town),
        settings=settings(
            max_examples=14, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
