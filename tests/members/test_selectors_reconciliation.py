"""The reconciliation closes at 0 whatever happened, for the town and for each branch."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chishang.core.scoping import EVERYTHING, Scope
from members.enums import CHANGES, ChangeKind, Standing
from members.models import Member, Transfer
from members.selectors.reconciliation import reconcile
from members.services import (
    ChangeFacts,
    receive_transfer,
    record_change,
    register_member,
    rejoin_member,
    return_transfer,
    start_transfer,
    take_back,
    void_change,
)
from organizations.enums import DutyCode
from organizations.models import Organization, User
from tests.factories import OrganizationFactory, Town

START = date(2015, 1, 1)
YEAR = (date(2015, 12, 31), date(2016, 12, 31))


def join(branch: Organization, day: date, name: str = "赵东强", **fields: Any) -> Member:
    member = Member(name=name, sex="1", branch=branch, joined_on=day, **fields)
    return register_member(actor=None, member=member)


def here(branch: Organization) -> Scope:
    return Scope(organization_ids=frozenset({branch.pk}))


def lines(scope: Scope = EVERYTHING, user: User | None = None, since: date = YEAR[0]) -> dict[str, int]:
    form = reconcile(user, since=since, until=YEAR[1], scope=scope)
    assert form.is_closed
    assert all(form.rows[code].count() == form.values[code] for code in form.rows)
    return {code: value for code, value in form.values.items() if value}


def test_members_who_stayed_are_opening_and_closing(town: Town) -> None:
    join(town.own.branch, date(2010, 1, 1))
    assert lines() == {"opening": 1, "expected": 1, "closing": 1}


def test_first_and_last_day_of_the_period(town: Town) -> None:
    join(town.own.branch, YEAR[0])
    join(town.own.branch, YEAR[1])
    assert lines() == {"opening": 1, "joined": 1, "increase": 1, "expected": 2, "closing": 2}


def test_one_who_died_on_31_december_is_a_decrease_of_that_year(town: Town) -> None:
    member = join(town.own.branch, date(2010, 1, 1))
    record_change(actor=None, member=member, kind=ChangeKind.DIED, occurred_on=YEAR[1])
    assert lines() == {"opening": 1, "died": 1, "decrease": 1}


def test_removal_after_suspension_is_no_second_decrease(town: Town) -> None:
    member = join(town.own.branch, date(2010, 1, 1))
    record_change(actor=None, member=member, kind=ChangeKind.SUSPENDED, occurred_on=date(2016, 2, 1))
    record_change(actor=None, member=member, kind=ChangeKind.EXPELLED, occurred_on=date(2016, 9, 1))
    assert lines() == {"opening": 1, "suspended": 1, "decrease": 1}


def test_transfer_within_the_town_cancels_there_and_counts_for_each_branch(town: Town) -> None:
    member = join(town.own.branch, date(2010, 1, 1))
    head = town.people[DutyCode.OFFICE_HEAD]
    transfer = Transfer(member=member, to_branch=town.foreign.branch, started_on=date(2016, 6, 1))
    transfer = start_transfer(actor=head, transfer=transfer)
    receive_transfer(actor=head, transfer=transfer, received_on=date(2016, 6, 30))
    assert lines() == {"opening": 1, "expected": 1, "closing": 1}
    assert lines(here(town.own.branch)) == {"opening": 1, "moved_out": 1, "decrease": 1}
    assert lines(here(town.foreign.branch)) == {"moved_in": 1, "increase": 1, "expected": 1, "closing": 1}


def test_transfer_in_transit_changes_nothing(town: Town) -> None:
    member = join(town.own.branch, date(2010, 1, 1))
    transfer = Transfer(member=member, to_branch=town.foreign.branch, started_on=date(2016, 6, 1))
    start_transfer(actor=town.people[DutyCode.OFFICE_HEAD], transfer=transfer)
    assert lines(here(town.own.branch)) == {"opening": 1, "expected": 1, "closing": 1}
    assert lines(here(town.foreign.branch)) == {}


def test_secretary_reconciles_the_own_branch_only(town: Town) -> None:
    join(town.own.branch, date(2010, 1, 1))
    join(town.foreign.branch, date(2010, 1, 1))
    secretary = town.people[DutyCode.BRANCH_SECRETARY]
    assert lines(user=secretary) == {"opening": 1, "expected": 1, "closing": 1}
    assert lines(here(town.foreign.branch), user=secretary) == {}


def test_one_who_joins_again_is_an_increase_where_he_joins(town: Town) -> None:
    member = join(town.own.branch, date(2010, 1, 1))
    record_change(actor=None, member=member, kind=ChangeKind.PERSUADED_OUT, occurred_on=date(2016, 2, 1))
    rejoin_member(actor=None, member=member, branch=town.foreign.branch, joined_on=date(2016, 8, 1))
    came, went = {"joined": 1, "increase": 1}, {"left": 1, "decrease": 1}
    assert lines() == {"opening": 1, **went, **came, "expected": 1, "closing": 1}
    assert lines(here(town.own.branch)) == {"opening": 1, "left": 1, "decrease": 1}
    assert lines(here(town.foreign.branch)) == {"joined": 1, "increase": 1, "expected": 1, "closing": 1}


def test_withdrawn_change_does_not_count(town: Town) -> None:
    member = join(town.own.branch, date(2010, 1, 1))
    change = record_change(actor=None, member=member, kind=ChangeKind.DIED, occurred_on=date(2016, 5, 1))
    void_change(actor=town.people[DutyCode.OFFICE_HEAD], change=change, reason="同名弄错")
    assert lines() == {"opening": 1, "expected": 1, "closing": 1}


STEP = st.tuples(
    st.sampled_from(["join", "change", "out", "away", "receive", "return", "back", "void", "leave", "rejoin"]),
    st.integers(0, 5),
    st.integers(0, 2),
    st.integers(0, 90),
    st.sampled_from(list(CHANGES)),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=5, max_size=40), since=st.integers(0, 1500), length=st.integers(1, 900))
def test_difference_is_zero_over_random_histories(
    town: Town, steps: list[tuple[str, int, int, int, ChangeKind]], since: int, length: int
) -> None:
    with transaction.atomic():
        branches = [town.own.branch, town.foreign.branch, OrganizationFactory(parent=town.root)]
        _live(steps, branches, town.people[DutyCode.OFFICE_HEAD])
        first = START + timedelta(days=since)
        period = {"since": first, "until": first + timedelta(days=length)}
        form = reconcile(None, **period, scope=EVERYTHING)
        assert form.values["difference"] == 0, form.values
        parts = [reconcile(None, **period, scope=here(branch)) for branch in branches]
        assert [part.values["difference"] for part in parts] == [0, 0, 0]
        for code in ("opening", "closing", "joined", "left", "died", "suspended", "restored"):
            assert sum(part.values[code] for part in parts) == form.values[code], code
        cancelled = [
            sum(part.values[code] for part in parts) - form.values[code] for code in ("moved_in", "moved_out")
        ]
        assert cancelled[0] == cancelled[1] >= 0
        now = reconcile(None, since=START, until=date(2030, 1, 1), scope=EVERYTHING)
        assert now.values["closing"] == Member.objects.filter(standing=Standing.NORMAL).count()
        transaction.set_rollback(True)


def _live(steps: list[tuple[str, int, int, int, ChangeKind]], branches: list[Organization], actor: User) -> None:
    """Let things happen one after the other; what a rule forbids does not happen."""
    day, members = START, []
    for act, number, place, pause, kind in steps:
        day += timedelta(days=pause)
        if act == "join" or not members:
            members.append(join(branches[place], day, name=f"赵{len(members)}"))
            continue
        member = Member.objects.get(pk=members[number % len(members)].pk)
        try:
            with transaction.atomic():
                _act(act, member, branches[place], day, kind, actor)
        except ValidationError:
            continue


def _act(act: str, member: Member, branch: Organization, day: date, kind: ChangeKind, actor: User) -> None:
    match act:
        case "receive" | "return" | "out" | "away":
            _move(act, member, branch, day, actor)
        case "change":
            until = day + timedelta(days=400)
            record_change(actor=actor, member=member, kind=kind, occurred_on=day, facts=ChangeFacts(until=until))
        case "back":
            take_back(actor=actor, member=member, branch=branch, occurred_on=day, place="青岛市某支部")
        case "leave":
            record_change(actor=actor, member=member, kind=ChangeKind.WITHDREW, occurred_on=day)
        case "rejoin":
            rejoin_member(actor=actor, member=member, branch=branch, joined_on=day)
        case "void":
            void_change(actor=actor, change=member.changes.valid().order_by("occurred_on", "pk").last(), reason="录错")


def _move(act: str, member: Member, branch: Organization, day: date, actor: User) -> None:
    under_way = member.transfers.in_transit().first()
    match act:
        case "out":
            start_transfer(actor=actor, transfer=Transfer(member=member, to_branch=branch, started_on=day))
        case "away":
            start_transfer(actor=actor, transfer=Transfer(member=member, destination="青岛市某支部", started_on=day))
        case "receive" if under_way:
            receive_transfer(actor=actor, transfer=under_way, received_on=day)
        case "return" if under_way:
            return_transfer(actor=actor, transfer=under_way, returned_on=day)


@pytest.mark.parametrize("scope", [EVERYTHING, Scope()])
def test_nobody_at_all_reconciles_too(db: None, scope: Scope) -> None:
    assert lines(scope) == {}
