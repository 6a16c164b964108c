"""Schedules, arrears and sums of dues."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chishang.core.dates import add_months
from members.enums import ChangeKind, DuesPayer
from members.models import DuesExemption, DuesPayment, DuesStandard, Member, Transfer
from members.selectors import arrears, branch_sums, schedule, sheet
from members.selectors.dues import total_of
from members.services import (
    PaymentFacts,
    grant_exemption,
    receive_transfer,
    record_change,
    record_payment,
    record_payments,
    reverse_payment,
    set_standard,
    start_transfer,
)
from organizations.enums import DutyCode
from organizations.models import Organization, User
from tests.factories import Town
from tests.members.life import make_member

JANUARY = date(2017, 1, 1)
DAY = date(2017, 8, 20)
"""The day as of which the tests look: January to July are over."""
HEAD, CLERK, SECRETARY = DutyCode.OFFICE_HEAD, DutyCode.OFFICE_CLERK, DutyCode.BRANCH_SECRETARY


def farmer(branch: Organization, name: str = "赵东强", since: date = JANUARY, **fields: Any) -> Member:
    member = make_member(branch, name, **fields)
    owed = DuesStandard(member=member, payer=DuesPayer.FARMER, amount=Decimal("0.50"), valid_from=since)
    set_standard(actor=None, standard=owed)
    return member


def pay(town: Town, member: Member, *months: int) -> list[DuesPayment]:
    facts = PaymentFacts(date(2017, 8, 1))
    days = [date(2017, month, 1) for month in months]
    return record_payments(actor=town.people[CLERK], members=[member], months=days, facts=facts)


def signs(member: Member, year: int = 2017) -> str:
    return "".join(line.state.label for line in schedule(member, year, day=DAY))


def test_schedule_tells_late_waiting_and_not_owed_months(town: Town) -> None:
    assert signs(farmer(town.own.branch, since=date(2017, 3, 1))) == "——欠欠欠欠欠待待待待待"


def test_schedule_shows_paid_and_exempted_months(town: Town) -> None:
    member = farmer(town.own.branch)
    pay(town, member, 1, 2, 9)
    exempted = DuesExemption(
        member=member,
        from_month=date(2017, 3, 1),
        until_month=date(2017, 4, 1),
        decided_on=JANUARY,
        decided_by="镇党委",
        reason="住院",
    )
    grant_exemption(actor=None, exemption=exempted)
    assert signs(member) == "✓✓免免欠欠欠待✓待待待"


def test_schedule_begins_in_the_month_of_the_branch_meeting(town: Town) -> None:
    member = farmer(town.own.branch, joined_on=date(2017, 4, 30), full_member_on=None)
    assert signs(member) == "———欠欠欠欠待待待待待"


def test_schedule_does_not_ask_for_the_month_in_which_a_member_leaves(town: Town) -> None:
    member = farmer(town.own.branch)
    record_change(actor=None, member=member, kind=ChangeKind.DIED, occurred_on=date(2017, 3, 31))
    assert signs(member) == "欠欠——————————"


def test_schedule_pauses_while_membership_is_suspended(town: Town) -> None:
    member = farmer(town.own.branch)
    record_change(actor=None, member=member, kind=ChangeKind.SUSPENDED, occurred_on=date(2017, 2, 10))
    record_change(actor=None, member=member, kind=ChangeKind.RESTORED, occurred_on=date(2017, 5, 10))
    assert signs(member) == "欠———欠欠欠待待待待待"


def test_schedule_runs_on_over_a_transfer_within_the_town(town: Town) -> None:
    member = farmer(town.own.branch)
    transfer = Transfer(member=member, to_branch=town.foreign.branch, started_on=date(2017, 3, 10))
    transfer = start_transfer(actor=town.people[HEAD], transfer=transfer)
    receive_transfer(actor=town.people[HEAD], transfer=transfer, received_on=date(2017, 3, 20))
    assert signs(member) == "欠欠欠欠欠欠欠待待待待待"


def test_schedule_changes_amount_with_the_standard_of_the_month(town: Town) -> None:
    member = farmer(town.own.branch)
    wage = DuesStandard(member=member, payer=DuesPayer.WAGE, base=Decimal("3000.01"), valid_from=date(2017, 6, 1))
    set_standard(actor=None, standard=wage)
    dues = [line.due for line in schedule(member, 2017, day=DAY)]
    assert dues == [Decimal("0.50")] * 5 + [Decimal("30.00")] * 7


def test_arrears_count_the_longest_run_and_flag_six_months(town: Town) -> None:
    six, five, settled = (farmer(town.own.branch, name) for name in ("赵东", "赵南", "赵西"))
    pay(town, six, 1)
    pay(town, five, 2)
    pay(town, settled, *range(1, 8))

    found = arrears(town.people[CLERK], day=DAY)

    told = [(one.member, len(one.months), one.in_a_row, str(one.amount), one.is_flagged) for one in found]
    assert told == [(six, 6, 6, "3.00", True), (five, 6, 5, "3.00", False)]
    assert found[1].months[0] == JANUARY


def test_arrears_are_those_of_the_own_branch_and_of_today_s_members(town: Town) -> None:
    own, gone = farmer(town.own.branch), farmer(town.own.branch, "赵南")
    farmer(town.foreign.branch, "钱西明")
    record_change(actor=None, member=gone, kind=ChangeKind.DIED, occurred_on=date(2017, 5, 1))
    assert [one.member for one in arrears(town.people[SECRETARY], day=DAY)] == [own]
    assert len(arrears(town.people[HEAD], day=DAY)) == 2
    assert len(arrears(town.people[HEAD], branch=town.foreign.branch, day=DAY)) == 1
    assert arrears(town.people[DutyCode.DISCIPLINE_HEAD], day=DAY) == []


def test_arrears_run_on_over_the_turn_of_the_year(town: Town) -> None:
    member = farmer(town.own.branch, since=date(2016, 10, 1))
    pay(town, member, 5, 6, 7)
    found = arrears(town.people[CLERK], day=DAY)[0]
    assert (found.in_a_row, found.months[0], found.months[-1]) == (7, date(2016, 10, 1), date(2017, 4, 1))


def test_sheet_lists_members_without_a_standard_and_those_who_left_in_the_year(town: Town) -> None:
    plain, gone = make_member(town.own.branch, "赵东"), farmer(town.own.branch, "赵南")
    record_change(actor=None, member=gone, kind=ChangeKind.DIED, occurred_on=date(2017, 5, 1))
    farmer(town.foreign.branch, "钱西明")
    rows = sheet(town.people[SECRETARY], town.own.branch, 2017, day=DAY)
    assert [(row.member, row.has_standard, str(row.late)) for row in rows] == [
        (plain, False, "0.00"),
        (gone, True, "2.00"),
    ]
    assert [row.member for row in sheet(town.people[SECRETARY], town.own.branch, 2018, day=DAY)] == [plain]
    assert sheet(town.people[SECRETARY], town.foreign.branch, 2017, day=DAY) == []


def test_branch_sums_add_up_in_decimal(town: Town) -> None:
    first, second = farmer(town.own.branch, "赵东"), farmer(town.own.branch, "赵南")
    farmer(town.foreign.branch, "钱西明")
    pay(town, first, *range(1, 13))
    pay(town, second, 1)
    extra = DuesPayment(member=second, amount=Decimal("1000.10"), paid_on=date(2017, 7, 1))
    record_payment(actor=town.people[CLERK], payment=extra)

    own = branch_sums(town.people[SECRETARY], 2017, day=DAY)
    assert [one.branch for one in own] == [town.own.branch]
    told = [own[0].members, own[0].behind, own[0].flagged]
    told += [str(amount) for amount in (own[0].due, own[0].paid, own[0].open, own[0].late, own[0].extra)]
    assert told == [2, 1, 1, "12.00", "6.50", "5.50", "3.00", "1000.10"]

    total = total_of(branch_sums(town.people[HEAD], 2017, day=DAY))
    assert (total["members"], str(total["due"]), str(total["late"])) == (3, "18.00", "6.50")


@pytest.mark.parametrize("read", [arrears, lambda user: branch_sums(user, 2017)], ids=["arrears", "sums"])
def test_reads_take_the_same_queries_for_one_member_and_three(
    town: Town, read: Any, django_assert_num_queries: Any
) -> None:
    expected = 5 if read is arrears else 7
    head = town.people[HEAD]
    pay(town, farmer(town.own.branch), 1)
    read(head)
    with django_assert_num_queries(expected):
        read(head)
    for name in ("赵南", "赵西"):
        pay(town, farmer(town.foreign.branch, name), 1)
    with django_assert_num_queries(expected):
        read(head)


AMOUNTS = st.integers(20, 100).map(lambda cents: Decimal(cents) / 100)
STEP = st.tuples(
    st.sampled_from(["standard", "exemption", "pay", "part", "reverse"]),
    st.integers(0, 17),
    st.integers(0, 6),
    AMOUNTS,
)


def take(actor: User, member: Member, step: tuple[str, int, int, Decimal]) -> None:
    """Do one step; what the rules refuse is refused."""
    kind, start, length, amount = step
    month = add_months(JANUARY, start)
    if kind == "standard":
        owed = DuesStandard(member=member, payer=DuesPayer.FARMER, amount=amount, valid_from=month)
        set_standard(actor=actor, standard=owed)
    elif kind == "exemption":
        until = add_months(month, length)
        facts = {"decided_on": JANUARY, "decided_by": "镇党委", "reason": "困难", "amount": amount - Decimal("0.20")}
        less = DuesExemption(member=member, from_month=month, until_month=until, **facts)
        grant_exemption(actor=actor, exemption=less)
    elif kind == "pay":
        months = [add_months(month, number) for number in range(length + 1)]
        record_payments(actor=actor, members=[member], months=months, facts=PaymentFacts(DAY))
    elif kind == "part":
        part = DuesPayment(member=member, month=month, amount=amount, paid_on=DAY, receipt_no=str(amount))
        record_payment(actor=actor, payment=part)
    elif payment := member.dues_payments.filter(month=month).order_by("-pk").first():
        reverse_payment(actor=actor, payment=payment, reason="录错")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=4, max_size=25))
def test_due_is_paid_plus_open_minus_overpaid_over_random_histories(
    town: Town, steps: list[tuple[str, int, int, Decimal]]
) -> None:
    with transaction.atomic():
        member = make_member(town.own.branch)
        for step in [("standard", 0, 0, Decimal("0.50")), *steps]:
            try:
                with transaction.atomic():
                    take(town.people[CLERK], member, step)
            except ValidationError:
                continue
        lines = [line for year in (2017, 2018) for line in schedule(member, year, day=DAY)]
        assert all(line.due == line.paid + line.open - line.overpaid for line in lines)
        assert all(0 <= line.due <= line.standard and not (line.open and line.overpaid) for line in lines)
        stored = sum((one.amount for one in member.dues_payments.all()), Decimal(0))
        assert sum((line.paid for line in lines), Decimal(0)) == stored
        late = [line for line in lines if line.is_over and line.open]
        found = [one for one in arrears(town.people[CLERK], day=DAY) if one.member == member]
        assert sum((one.amount for one in found), Decimal(0)) == sum((line.open for line in late), Decimal(0))
        transaction.set_rollback(True)
