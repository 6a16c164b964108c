"""Joining the Party again after a removal."""

from datetime import date, timedelta

import pytest

from chishang.core.dates import add_months, today
from members.enums import ChangeKind, FileState, Standing
from members.models import DevelopmentFile, Member, MemberChange
from members.services import ChangeFacts, ChangeRefused, record_change, rejoin_member, void_change
from organizations.enums import DutyCode
from tests.factories import Town
from tests.members.course import applicant
from tests.members.life import make_member

OFFICE = DutyCode.OFFICE_CLERK
DAY = date(2016, 3, 1)


@pytest.fixture
def member(town: Town) -> Member:
    """A full member of the own branch since 2011."""
    return make_member(town.own.branch)


def change(member: Member, kind: ChangeKind, day: date = DAY, place: str = "") -> MemberChange:
    return record_change(actor=None, member=member, kind=kind, occurred_on=day, facts=ChangeFacts(place=place))


@pytest.fixture
def removed(member: Member) -> Member:
    """Lost, floating, and removed on the first of March 2016."""
    change(member, ChangeKind.FLOATED, date(2015, 1, 1), place="济南市历下区")
    change(member, ChangeKind.LOST, date(2015, 2, 1))
    Member.objects.filter(pk=member.pk).update(party_age_from=date(2010, 5, 10))
    change(member, ChangeKind.LEFT_BY_ABSENCE)
    return member


def test_removed_member_joins_again_on_probation_and_begins_anew(town: Town, removed: Member) -> None:
    again = date(2017, 6, 1)
    written = rejoin_member(actor=town.people[OFFICE], member=removed, branch=town.foreign.branch, joined_on=again)
    assert (written.from_standing, written.branch) == (Standing.LEFT, town.foreign.branch)
    stored = Member.objects.get(pk=removed.pk)
    assert (stored.standing, stored.branch, stored.joined_on) == (Standing.NORMAL, town.foreign.branch, again)
    assert (stored.full_member_on, stored.party_age_from, stored.probation_ends_on) == (None, None, date(2018, 6, 1))
    assert (stored.lost_since, stored.floating_since, stored.floating_to) == (None, None, "")
    assert [stored.pk, stored.joined_on] == [removed.pk, removed.joined_on], (
        "the caller's object is brought up to date"
    )


def test_who_joined_again_becomes_full_anew_and_that_can_be_withdrawn(town: Town, removed: Member) -> None:
    rejoin_member(actor=None, member=removed, branch=removed.branch, joined_on=date(2017, 6, 1))
    with pytest.raises(ChangeRefused, match="预备期到2018年6月1日才满"):
        change(removed, ChangeKind.BECAME_FULL, date(2018, 5, 31))
    full = change(removed, ChangeKind.BECAME_FULL, date(2018, 6, 1))
    assert removed.full_member_on == date(2018, 6, 1)
    change(removed, ChangeKind.HARDSHIP, date(2018, 7, 1))
    assert removed.full_member_on == date(2018, 6, 1)
    void_change(actor=town.people[OFFICE], change=removed.changes.get(kind=ChangeKind.HARDSHIP), reason="登记错")
    void_change(actor=town.people[OFFICE], change=full, reason="登记错")
    removed.refresh_from_db()
    assert (removed.full_member_on, removed.probation_ends_on) == (None, date(2018, 6, 1))
    joined = removed.changes.get(kind=ChangeKind.JOINED, from_standing=Standing.LEFT)
    with pytest.raises(ChangeRefused, match="入党和转接不能撤回"):
        void_change(actor=town.people[OFFICE], change=joined, reason="错")


def test_who_was_expelled_joins_again_after_five_years_and_not_before(member: Member) -> None:
    change(member, ChangeKind.EXPELLED)
    with pytest.raises(ChangeRefused, match="五年内（2021年3月1日以前）不能重新入党") as caught:
        rejoin_member(actor=None, member=member, branch=member.branch, joined_on=date(2021, 2, 28))
    assert list(caught.value.message_dict) == ["joined_on"]
    rejoin_member(actor=None, member=member, branch=member.branch, joined_on=date(2021, 3, 1))
    assert member.standing == Standing.NORMAL


def test_cancelled_probation_may_be_followed_by_a_new_one(town: Town) -> None:
    joined = add_months(today(), -14)
    probationer = make_member(town.own.branch, "孙东升", joined_on=joined, full_member_on=None)
    change(probationer, ChangeKind.PROBATION_CANCELLED, today())
    rejoin_member(actor=None, member=probationer, branch=probationer.branch, joined_on=today())
    assert probationer.probation_ends_on == add_months(today(), 12)


@pytest.mark.parametrize(
    ("joined_on", "message"),
    [
        (date(2016, 2, 29), "早于已登记的“除名（自行脱党）（2016年3月1日）”"),
        (today() + timedelta(days=1), "不能晚于今天"),
    ],
)
def test_joining_again_before_the_removal_or_in_the_future_is_refused(
    removed: Member, joined_on: date, message: str
) -> None:
    with pytest.raises(ChangeRefused, match=message):
        rejoin_member(actor=None, member=removed, branch=removed.branch, joined_on=joined_on)
    assert Member.objects.get().standing == Standing.LEFT


@pytest.mark.parametrize("kind", [None, ChangeKind.SUSPENDED, ChangeKind.DIED])
def test_only_one_who_was_removed_joins_again(member: Member, kind: ChangeKind | None) -> None:
    if kind:
        change(member, kind)
    with pytest.raises(ChangeRefused, match="只有已出党的才能重新入党"):
        rejoin_member(actor=None, member=member, branch=member.branch, joined_on=date(2017, 1, 1))


def test_joining_again_wants_a_branch_and_the_old_file_ended(town: Town, removed: Member) -> None:
    with pytest.raises(ChangeRefused, match="请选择党支部"):
        rejoin_member(actor=None, member=removed, branch=town.root, joined_on=date(2017, 1, 1))
    file = applicant(removed.branch, member=removed, state=FileState.ADMITTED)
    file.save()
    with pytest.raises(ChangeRefused, match="请先终止那份档案"):
        rejoin_member(actor=None, member=removed, branch=removed.branch, joined_on=date(2017, 1, 1))
    ended = {"state": FileState.STOPPED, "stopped_on": DAY}
    DevelopmentFile.objects.update(**ended)
    assert rejoin_member(actor=None, member=removed, branch=removed.branch, joined_on=date(2017, 1, 1)).pk
