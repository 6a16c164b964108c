"""What happens to members: the table of changes, the rules about days, transfers, withdrawals."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from chishang.core.dates import add_months, today
from members.enums import LEAVING_KINDS, ChangeKind, FileState, Standing, TransferState
from members.models import DevelopmentFile, Member, MemberChange, Transfer
from members.services import (
    ChangeFacts,
    ChangeRefused,
    changes_open_to,
    receive_transfer,
    record_change,
    return_transfer,
    start_transfer,
    take_back,
    void_change,
)
from organizations.enums import DutyCode
from tests.factories import OrganizationFactory, Town, UserFactory, appoint
from tests.members.course import applicant
from tests.members.life import make_member

OFFICE, SECRETARY = DutyCode.OFFICE_CLERK, DutyCode.BRANCH_SECRETARY
DAY = date(2016, 3, 1)


@pytest.fixture
def member(town: Town) -> Member:
    """A full member of the own branch since 2011."""
    return make_member(town.own.branch)


@pytest.fixture
def probationer(town: Town) -> Member:
    """On probation, which ended two months ago."""
    return make_member(town.own.branch, "孙东升", joined_on=add_months(today(), -14), full_member_on=None)


def change(member: Member, kind: ChangeKind, day: date = DAY, **facts: Any) -> MemberChange:
    return record_change(actor=None, member=member, kind=kind, occurred_on=day, facts=ChangeFacts(**facts))


def refusal(member: Member, kind: ChangeKind, day: date = DAY, **facts: Any) -> str:
    """Why the change is refused; nothing changes."""
    before = member.changes.count()
    with pytest.raises(ChangeRefused) as caught:
        change(member, kind, day, **facts)
    assert member.changes.count() == before
    return "；".join(caught.value.messages)


def send(town: Town, member: Member, **fields: Any) -> Transfer:
    where = {} if "destination" in fields else {"to_branch": town.foreign.branch}
    fields = {"member": member, "started_on": DAY, **where, **fields}
    return start_transfer(actor=town.people[OFFICE], transfer=Transfer(**fields))


def test_full_member_is_offered_what_fits_him(member: Member) -> None:
    open_kinds = changes_open_to(member)
    assert ChangeKind.BECAME_FULL not in open_kinds
    assert ChangeKind.FOUND not in open_kinds
    assert {ChangeKind.FLOATED, ChangeKind.LOST, ChangeKind.SUSPENDED, ChangeKind.DIED} <= set(open_kinds)
    assert not {ChangeKind.JOINED, ChangeKind.TRANSFERRED_IN, ChangeKind.TRANSFERRED_OUT} & set(open_kinds)


def test_circumstances_begin_and_end_on_their_days(member: Member) -> None:
    change(member, ChangeKind.FLOATED, place="济南市历下区")
    assert (member.floating_since, member.floating_to) == (DAY, "济南市历下区")
    assert "已登记为流动党员" in refusal(member, ChangeKind.FLOATED)
    change(member, ChangeKind.FLOAT_ENDED, DAY + timedelta(days=1))
    assert (member.floating_since, member.floating_to) == (None, "")
    assert "不是流动党员" in refusal(member, ChangeKind.FLOAT_ENDED, DAY + timedelta(days=1))


def test_day_before_the_last_change_or_in_the_future_is_refused(member: Member) -> None:
    change(member, ChangeKind.HARDSHIP)
    message = refusal(member, ChangeKind.LOST, DAY - timedelta(days=1))
    assert message == "日期早于上一次变动（列为困难党员，2016年3月1日），请核对。"
    assert "不能晚于今天" in refusal(member, ChangeKind.LOST, today() + timedelta(days=1))
    assert change(member, ChangeKind.LOST, DAY).occurred_on == DAY


def test_probation_is_over_on_its_last_day_and_not_before(probationer: Member) -> None:
    ends = probationer.probation_ends_on
    assert ends is not None
    assert "不能提前转正" in refusal(probationer, ChangeKind.BECAME_FULL, ends - timedelta(days=1))
    change(probationer, ChangeKind.BECAME_FULL, ends)
    assert probationer.full_member_on == ends
    assert "已经转正" in refusal(probationer, ChangeKind.BECAME_FULL, today())
    assert "没有预备资格可取消" in refusal(probationer, ChangeKind.PROBATION_CANCELLED, today())


@pytest.mark.parametrize(
    ("months", "days", "is_allowed"), [(6, -1, False), (6, 0, True), (12, 0, True), (12, 1, False)]
)
def test_probation_is_extended_by_half_a_year_to_a_year(
    probationer: Member, months: int, days: int, is_allowed: bool
) -> None:
    ends = probationer.probation_ends_on
    assert ends is not None
    until = add_months(ends, months) + timedelta(days=days)
    if not is_allowed:
        assert "延长后的届满日期应在" in refusal(probationer, ChangeKind.PROBATION_EXTENDED, ends, until=until)
        return
    written = change(probationer, ChangeKind.PROBATION_EXTENDED, ends, until=until)
    assert probationer.probation_ends_on == until
    assert written.note.startswith(f"延长至{until.year}年")
    assert "只能延长一次" in refusal(probationer, ChangeKind.PROBATION_EXTENDED, ends, until=until)


def test_extension_without_its_end_is_refused(probationer: Member) -> None:
    assert "延长后的届满日期应在" in refusal(probationer, ChangeKind.PROBATION_EXTENDED, today())


def test_lost_member_is_suspended_after_six_months(member: Member) -> None:
    change(member, ChangeKind.LOST)
    assert "满 6 个月（2016年9月1日）" in refusal(member, ChangeKind.SUSPENDED, date(2016, 8, 31))
    change(member, ChangeKind.SUSPENDED, date(2016, 9, 1))
    assert member.standing == Standing.SUSPENDED
    assert "满 2 年（2018年9月1日）" in refusal(member, ChangeKind.LEFT_BY_ABSENCE, date(2018, 8, 31))
    change(member, ChangeKind.LEFT_BY_ABSENCE, date(2018, 9, 1))
    assert member.standing == Standing.LEFT


def test_restored_member_is_no_longer_lost(member: Member) -> None:
    change(member, ChangeKind.LOST)
    change(member, ChangeKind.SUSPENDED, date(2016, 9, 1))
    change(member, ChangeKind.RESTORED, date(2017, 9, 1))
    assert (member.standing, member.lost_since) == (Standing.NORMAL, None)


@pytest.mark.parametrize("kind", [kind for kind in LEAVING_KINDS if kind != ChangeKind.PROBATION_CANCELLED])
def test_who_has_left_has_no_further_changes(member: Member, kind: ChangeKind) -> None:
    change(member, kind, document="池纪〔2016〕1号")
    assert member.standing == Standing.LEFT
    assert changes_open_to(member) == []
    assert "现在是“已出党”，不能办理“恢复党籍”" in refusal(member, ChangeKind.RESTORED)


def test_joining_and_transfers_are_not_recorded_by_hand(member: Member) -> None:
    for kind in (ChangeKind.JOINED, ChangeKind.TRANSFERRED_IN, ChangeKind.TRANSFERRED_OUT):
        assert "组织关系转接里办理" in refusal(member, kind)


def test_last_change_is_withdrawn_and_stays_marked(town: Town, member: Member) -> None:
    first = change(member, ChangeKind.HARDSHIP)
    last = change(member, ChangeKind.SUSPENDED, document="x")
    clerk = town.people[OFFICE]
    with pytest.raises(ChangeRefused, match="只能撤回最近的一次变动"):
        void_change(actor=clerk, change=first, reason="登记错")
    with pytest.raises(ChangeRefused, match="请写明撤回的理由"):
        void_change(actor=clerk, change=last, reason=" ")
    void_change(actor=clerk, change=last, reason="登记错")
    member.refresh_from_db()
    last.refresh_from_db()
    assert (member.standing, member.hardship_since) == (Standing.NORMAL, DAY)
    assert (last.voided_by, last.void_reason) == (clerk, "登记错")
    with pytest.raises(ChangeRefused, match="只能撤回最近的一次变动"):
        void_change(actor=clerk, change=last, reason="再撤")
    void_change(actor=clerk, change=first, reason="登记错")
    member.refresh_from_db()
    assert member.hardship_since is None


def test_joining_is_not_withdrawn(town: Town, probationer: Member) -> None:
    with pytest.raises(ChangeRefused, match="入党和转接不能撤回"):
        void_change(actor=town.people[OFFICE], change=probationer.changes.get(), reason="错")


def test_withdrawn_full_membership_leaves_the_extended_probation(town: Town, probationer: Member) -> None:
    ends = probationer.probation_ends_on
    assert ends is not None
    joined = add_months(today(), -30)
    long_ago = make_member(town.own.branch, "周中", joined_on=joined, full_member_on=None)
    until = add_months(long_ago.probation_ends_on or joined, 6)
    extension = change(long_ago, ChangeKind.PROBATION_EXTENDED, add_months(joined, 12), until=until)
    full = change(long_ago, ChangeKind.BECAME_FULL, until)
    void_change(actor=town.people[OFFICE], change=full, reason="表决未过")
    long_ago.refresh_from_db()
    assert (long_ago.full_member_on, long_ago.probation_ends_on) == (None, until)
    void_change(actor=town.people[OFFICE], change=extension, reason="登记错")
    long_ago.refresh_from_db()
    assert long_ago.probation_ends_on == add_months(joined, 12)


def test_full_membership_is_withdrawn_though_a_transfer_followed(town: Town, member: Member) -> None:
    clerk, full = town.people[OFFICE], member.changes.get(kind=ChangeKind.BECAME_FULL)
    receive_transfer(actor=clerk, transfer=send(town, member), received_on=DAY)
    with pytest.raises(ValidationError, match="组织关系刚才有变动"):
        void_change(actor=clerk, change=full, reason="登记错")
    moved = MemberChange.objects.get(pk=full.pk)
    with pytest.raises(ChangeRefused, match="入党和转接不能撤回"):
        void_change(actor=clerk, change=moved.member.changes.last(), reason="登记错")
    void_change(actor=clerk, change=moved, reason="登记错")
    member.refresh_from_db()
    assert (member.full_member_on, member.branch) == (None, town.foreign.branch)
    with pytest.raises(ChangeRefused, match="只能撤回最近的一次变动"):
        void_change(actor=clerk, change=moved, reason="再撤")


def test_nothing_is_written_for_one_who_moved_since_he_was_looked_at(town: Town, member: Member) -> None:
    clerk, seen = town.people[OFFICE], Member.objects.get(pk=member.pk)
    receive_transfer(actor=clerk, transfer=send(town, member), received_on=DAY)
    calls: list[Any] = [
        lambda: change(seen, ChangeKind.HARDSHIP),
        lambda: send(town, seen),
        lambda: take_back(actor=clerk, member=seen, branch=town.own.branch, occurred_on=DAY, place="济南"),
    ]
    before = MemberChange.objects.count()
    for call in calls:
        with pytest.raises(ValidationError, match="该党员的组织关系刚才有变动，请重新打开再办"):
            call()
    assert (MemberChange.objects.count(), Transfer.objects.count()) == (before, 1)


def test_member_stays_with_the_old_branch_until_received(town: Town, member: Member) -> None:
    transfer = send(town, member, letter_no="池介001")
    member.refresh_from_db()
    assert (member.branch, transfer.from_branch) == (town.own.branch, town.own.branch)
    assert transfer.valid_until == DAY + timedelta(days=90)
    receive_transfer(actor=town.people[OFFICE], transfer=transfer, received_on=date(2016, 3, 20))
    member.refresh_from_db()
    assert (member.branch, member.standing) == (town.foreign.branch, Standing.NORMAL)
    moved = list(member.changes.order_by("pk").values_list("kind", "branch", "other_branch"))[-2:]
    own, foreign = town.own.branch.pk, town.foreign.branch.pk
    assert moved == [(ChangeKind.TRANSFERRED_OUT, own, foreign), (ChangeKind.TRANSFERRED_IN, foreign, own)]


def test_member_is_in_one_transfer_at_a_time(town: Town, member: Member) -> None:
    transfer = send(town, member)
    with pytest.raises(ValidationError, match="已有一次转接在途"):
        send(town, member, destination="沂源县某支部")
    assert "正在转接，请先接收或退回" in refusal(member, ChangeKind.EXPELLED)
    return_transfer(actor=town.people[OFFICE], transfer=transfer, returned_on=DAY, note="查无此人")
    assert send(town, member, destination="沂源县某支部").state == TransferState.IN_TRANSIT
    with pytest.raises(ChangeRefused, match="这次转接已退回，不用再办"):
        receive_transfer(actor=town.people[OFFICE], transfer=transfer, received_on=DAY)


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        ("转出日期不能晚于今天", {"started_on": today() + timedelta(days=1)}),
        ("转出日期早于入党日期", {"started_on": date(2010, 5, 9)}),
        ("介绍信有效期最长 90 天", {"valid_until": DAY + timedelta(days=91)}),
        ("有效期不能早于转出日期", {"valid_until": DAY - timedelta(days=1)}),
        ("只填一个", {"destination": ""}),
    ],
)
def test_impossible_transfer_is_refused(town: Town, member: Member, message: str, fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=message):
        send(town, member, **fields)
    assert not Transfer.objects.exists()


def test_transfer_goes_to_another_branch_and_not_to_a_committee(town: Town, member: Member) -> None:
    with pytest.raises(ValidationError, match="只能转入党支部"):
        send(town, member, to_branch=town.root)
    with pytest.raises(ValidationError, match="只填一个"):
        send(town, member, to_branch=town.own.branch)


def test_only_the_receiving_side_says_that_the_member_was_received(town: Town, member: Member) -> None:
    transfer = send(town, member)
    foreign_secretary = UserFactory()
    appoint(foreign_secretary, SECRETARY, town.foreign.branch)
    with pytest.raises(PermissionDenied):
        receive_transfer(actor=town.people[SECRETARY], transfer=transfer, received_on=DAY)
    receive_transfer(actor=foreign_secretary, transfer=transfer, received_on=DAY)
    outward = send(town, Member.objects.get(pk=member.pk), destination="沂源县某支部")
    with pytest.raises(PermissionDenied):
        receive_transfer(actor=town.people[SECRETARY], transfer=outward, received_on=DAY)
    receive_transfer(actor=foreign_secretary, transfer=outward, received_on=DAY)


@pytest.mark.parametrize(("days", "message"), [(-1, "不能早于转出日期"), (10**4, "不能晚于今天")])
def test_transfer_ends_between_its_start_and_today(town: Town, member: Member, days: int, message: str) -> None:
    transfer = send(town, member)
    with pytest.raises(ChangeRefused, match=message):
        receive_transfer(actor=town.people[OFFICE], transfer=transfer, received_on=DAY + timedelta(days=days))


def test_member_who_left_for_elsewhere_comes_back(town: Town, member: Member) -> None:
    branch = OrganizationFactory(parent=town.root)
    with pytest.raises(ChangeRefused, match="只有已转出的党员才能再转入"):
        take_back(actor=town.people[OFFICE], member=member, branch=branch, occurred_on=DAY, place="济南")
    transfer = send(town, member, destination="济南某支部")
    receive_transfer(actor=town.people[OFFICE], transfer=transfer, received_on=DAY)
    member.refresh_from_db()
    assert member.standing == Standing.TRANSFERRED
    with pytest.raises(ChangeRefused, match="请写明从哪里转入"):
        take_back(actor=town.people[OFFICE], member=member, branch=branch, occurred_on=date(2017, 1, 1), place=" ")
    take_back(actor=town.people[OFFICE], member=member, branch=branch, occurred_on=date(2017, 1, 1), place="济南")
    assert (member.branch, member.standing) == (branch, Standing.NORMAL)


def test_death_ends_a_transfer(town: Town, member: Member) -> None:
    transfer = send(town, member)
    change(member, ChangeKind.DIED, DAY + timedelta(days=3))
    transfer.refresh_from_db()
    assert (transfer.state, transfer.note) == (TransferState.RETURNED, "该党员已去世")
    assert member.standing == Standing.DECEASED


def test_lists_of_one_click_hold_who_belongs_there(town: Town, member: Member, probationer: Member) -> None:
    soon = make_member(town.own.branch, "周近", joined_on=add_months(today(), -12), full_member_on=None)
    make_member(town.own.branch, "周后", joined_on=add_months(today(), -10), full_member_on=None)
    assert set(Member.objects.probation_ending()) == {probationer, soon}
    limit = date(today().year - 50, 7, 1)
    old = make_member(town.own.branch, "吴老", joined_on=date(1960, 1, 1), full_member_on=limit)
    make_member(town.own.branch, "郑老", joined_on=date(1960, 1, 1), full_member_on=limit + timedelta(days=1))
    counted = make_member(town.own.branch, "王老", joined_on=date(1960, 1, 1), full_member_on=date(1990, 1, 1))
    counted.party_age_from = limit
    counted.save()
    assert set(Member.objects.fifty_years()) == {old, counted}
    change(old, ChangeKind.DIED)
    assert set(Member.objects.fifty_years()) == {counted}


def test_file_of_a_probationer_follows_him_to_his_new_branch(town: Town) -> None:
    member = make_member(town.own.branch, "孙东升", joined_on=date(2015, 12, 1), full_member_on=None)
    other = make_member(town.own.branch, "周中", joined_on=date(2015, 12, 1), full_member_on=None)
    for one, state in ((member, FileState.ADMITTED), (other, FileState.ADMITTED), (member, FileState.STOPPED)):
        stopped_on = DAY if state == FileState.STOPPED else None
        applicant(town.own.branch, member=one, state=state, stopped_on=stopped_on).save()
    transfer = send(town, member)
    assert set(DevelopmentFile.objects.values_list("branch", flat=True)) == {town.own.branch.pk}
    receive_transfer(actor=town.people[OFFICE], transfer=transfer, received_on=DAY)
    places = DevelopmentFile.objects.order_by("pk").values_list("branch", flat=True)
    assert list(places) == [town.foreign.branch.pk, town.own.branch.pk, town.own.branch.pk]
    away = send(town, Member.objects.get(pk=member.pk), destination="济南某支部")
    receive_transfer(actor=town.people[OFFICE], transfer=away, received_on=DAY)
    assert DevelopmentFile.objects.order_by("pk").first().branch == town.foreign.branch
    member.refresh_from_db()
    take_back(actor=None, member=member, branch=town.own.branch, occurred_on=DAY, place="济南")
    assert DevelopmentFile.objects.order_by("pk").first().branch == town.own.branch
