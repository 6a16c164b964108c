"""The calendar of duties at its edges, and what the form of a meeting proposes."""

from datetime import date, timedelta
from typing import Any

import pytest

from members.enums import ChangeKind, Period
from members.models import MeetingRule
from members.selectors import (
    BranchDuties,
    SlotState,
    attendance_of,
    branches_to_record,
    due_this_month,
    members_on,
    missing_meetings,
    suggested_topics,
)
from members.services import record_change, record_meeting
from organizations.enums import DutyCode
from organizations.models import Organization, User
from tests.factories import OrganizationFactory, Town
from tests.members.life import draft, kind, make_meeting, make_member, took_part

SECRETARY = DutyCode.BRANCH_SECRETARY
TODAY = date(2017, 5, 20)


@pytest.fixture
def secretary(town: Town) -> User:
    return town.people[SECRETARY]


def calendar_of(user: User, branch: Organization, year: int = 2017, today: date = TODAY) -> BranchDuties:
    (found,) = [one for one in missing_meetings(user, year, today) if one.branch == branch]
    return found


def states(user: User, branch: Organization, code: str = "theme_day", **when: Any) -> str:
    """How the periods of a kind stand: ✓ held, 缺 missing, ○ open, - nothing owed; empty when not owed at all."""
    signs = {SlotState.DONE: "✓", SlotState.MISSING: "缺", SlotState.OPEN: "○", SlotState.NONE: "-"}
    duties = [duty for duty in calendar_of(user, branch, **when).duties if duty.rule.kind.code == code]
    return "".join(signs[slot.state] for duty in duties for slot in duty.slots)


def test_missing_meetings_tells_held_missing_current_and_future_months_apart(secretary: User, town: Town) -> None:
    for day in (date(2017, 1, 1), date(2017, 1, 31), date(2017, 3, 31), date(2016, 2, 5)):
        make_meeting(town.own.branch, day, topic=f"{day}")
    make_meeting(town.foreign.branch, date(2017, 2, 5))

    assert states(secretary, town.own.branch) == "✓缺✓缺○-------"
    assert calendar_of(secretary, town.own.branch).duties[0].slots[0].label == "一季度"


def test_missing_meetings_knows_quarters_and_the_year(secretary: User, town: Town) -> None:
    make_meeting(town.own.branch, date(2017, 4, 1), "members_meeting")

    assert states(secretary, town.own.branch, "members_meeting") == "缺✓--"
    assert states(secretary, town.own.branch, "life_meeting") == "○"
    assert states(secretary, town.own.branch, "life_meeting", today=date(2017, 12, 31)) == "○"
    assert states(secretary, town.own.branch, "life_meeting", today=date(2018, 1, 1)) == "缺"


def test_missing_meetings_counts_the_second_kind_and_the_kind_that_one_counts_as(secretary: User, town: Town) -> None:
    make_meeting(town.own.branch, date(2017, 2, 5), "theme_day", also_kind=kind("party_lesson"))
    make_meeting(town.own.branch, date(2017, 3, 5), "mobilization", also_kind=kind("special_life_meeting"))

    assert states(secretary, town.own.branch, "theme_day")[1] == "✓"
    assert states(secretary, town.own.branch, "party_lesson")[0] == "✓"
    assert states(secretary, town.own.branch, "life_meeting") == "✓"


def test_missing_meetings_asks_for_as_many_as_the_rule_says(secretary: User, town: Town) -> None:
    MeetingRule.objects.filter(kind=kind()).update(times=2)
    make_meeting(town.own.branch, date(2017, 1, 5))
    make_meeting(town.own.branch, date(2017, 2, 5))
    make_meeting(town.own.branch, date(2017, 2, 25), topic="另一次")

    assert states(secretary, town.own.branch) == "缺✓缺缺○-------"


def test_missing_meetings_follows_a_change_of_frequency(secretary: User, town: Town) -> None:
    MeetingRule.objects.filter(kind=kind()).update(valid_until=date(2017, 3, 31))
    MeetingRule.objects.create(kind=kind(), period=Period.QUARTER, valid_from=date(2017, 4, 1))

    assert states(secretary, town.own.branch) == "缺缺缺---------" + "-○--"


@pytest.mark.parametrize(
    ("full_members", "stated", "owed"), [(6, None, False), (7, None, True), (6, True, True), (7, False, False)]
)
def test_committee_meeting_is_owed_with_a_committee_or_seven_full_members(
    secretary: User, town: Town, full_members: int, stated: bool | None, owed: bool
) -> None:
    Organization.objects.filter(pk=town.own.branch.pk).update(has_committee=stated)
    for number in range(full_members):
        make_member(town.own.branch, f"赵{number}")
    make_member(town.own.branch, "预备", joined_on=date(2016, 12, 1), full_member_on=None)
    for number in range(9):
        make_member(town.foreign.branch, f"钱{number}")

    assert states(secretary, town.own.branch, "committee_meeting") == ("缺缺缺缺○-------" if owed else "")


def test_committee_meeting_is_owed_by_the_members_at_the_end_of_each_month(secretary: User, town: Town) -> None:
    members = [make_member(town.own.branch, f"赵{number}") for number in range(6)]
    make_member(town.own.branch, "转正", joined_on=date(2016, 2, 28), full_member_on=date(2017, 2, 28))
    record_change(actor=None, member=members[0], kind=ChangeKind.DIED, occurred_on=date(2017, 4, 1))

    assert states(secretary, town.own.branch, "committee_meeting") == "-缺缺---------"


def test_group_meeting_is_owed_by_branches_with_groups(secretary: User, town: Town) -> None:
    assert states(secretary, town.own.branch, "group_meeting") == ""
    Organization.objects.filter(pk=town.own.branch.pk).update(party_groups=2)
    assert states(secretary, town.own.branch, "group_meeting") == "缺缺缺缺○-------"


def test_branch_owes_nothing_before_it_was_founded_or_after_it_was_dissolved(secretary: User, town: Town) -> None:
    Organization.objects.filter(pk=town.own.branch.pk).update(
        founded_on=date(2017, 2, 28), dissolved_on=date(2017, 4, 30)
    )

    assert states(secretary, town.own.branch) == "-缺缺---------"
    assert all(one.branch != town.own.branch for one in missing_meetings(secretary, 2018, date(2018, 2, 1)))
    assert all(one.branch != town.own.branch for one in missing_meetings(secretary, 2016, TODAY))


def test_missing_meetings_only_of_branches_that_one_may_see(secretary: User, town: Town) -> None:
    clerk = town.people[DutyCode.OFFICE_CLERK]

    assert [one.branch for one in missing_meetings(secretary, 2017, TODAY)] == [town.own.branch]
    assert {one.branch for one in missing_meetings(clerk, 2017, TODAY)} == {town.own.branch, town.foreign.branch}
    assert missing_meetings(town.people[DutyCode.ACCOUNTANT], 2017, TODAY) == []


def test_missing_meetings_sums_up_a_branch(secretary: User, town: Town) -> None:
    MeetingRule.objects.exclude(kind__code__in=["theme_day", "life_meeting"]).delete()
    make_meeting(town.own.branch, date(2017, 1, 5))

    found = calendar_of(secretary, town.own.branch)

    assert found.missing_count == 3
    assert [duty.rule.kind.code for duty in found.lacking] == ["theme_day"]
    assert [duty.rule.kind.code for duty in found.open] == ["theme_day", "life_meeting"]


@pytest.mark.parametrize("branches", [1, 3])
def test_missing_meetings_takes_as_many_queries_for_three_branches_as_for_one(
    town: Town, django_assert_num_queries: Any, branches: int
) -> None:
    clerk = town.people[DutyCode.OFFICE_CLERK]
    for branch in [town.own.branch, *OrganizationFactory.create_batch(branches - 1, parent=town.root)]:
        make_member(branch)
        make_meeting(branch, date(2017, 1, 5))
    clerk.scope_for("members.view_meeting")

    with django_assert_num_queries(4):
        missing_meetings(clerk, 2017, TODAY)


def test_due_this_month_names_the_monthly_kinds_of_branches_where_one_records(secretary: User, town: Town) -> None:
    MeetingRule.objects.create(kind=kind("lecture"), period=Period.MONTH, valid_from=date(2017, 1, 1))
    make_meeting(town.own.branch, date(2017, 5, 1), "lecture")

    assert due_this_month(secretary, TODAY) == [kind()]
    make_meeting(town.own.branch, TODAY)
    assert due_this_month(secretary, TODAY) == []
    assert due_this_month(town.people[DutyCode.AREA_LEADER], TODAY) == []


def test_members_on_a_day_are_those_who_belonged_to_the_branch_then(town: Town) -> None:
    stays, leaves = make_member(town.own.branch, "赵东"), make_member(town.own.branch, "赵南")
    make_member(town.foreign.branch, "钱西")
    make_member(town.own.branch, "新人", joined_on=date(2017, 5, 1), full_member_on=None)
    record_change(actor=None, member=leaves, kind=ChangeKind.WITHDREW, occurred_on=date(2017, 3, 1))

    assert list(members_on(town.own.branch, date(2017, 2, 28))) == [stays, leaves]
    assert list(members_on(town.own.branch, date(2017, 3, 1))) == [stays]


def test_branches_to_record_leaves_dissolved_and_foreign_ones(town: Town) -> None:
    clerk, secretary = town.people[DutyCode.OFFICE_CLERK], town.people[SECRETARY]
    OrganizationFactory(parent=town.root, dissolved_on=date(2017, 1, 1))

    assert set(branches_to_record(clerk, TODAY)) == {town.own.branch, town.foreign.branch}
    assert list(branches_to_record(secretary, TODAY)) == [town.own.branch]


def test_suggested_topics_are_the_own_ones_and_those_common_in_the_town(secretary: User, town: Town) -> None:
    others = OrganizationFactory.create_batch(2, parent=town.root)
    for branch in (town.foreign.branch, *others):
        make_meeting(branch, date(2017, 1, 5), topic="学习党章")
    for branch in others:
        make_meeting(branch, date(2017, 1, 6), topic="只有两家")
    make_meeting(town.foreign.branch, date(2017, 1, 7), topic="外村的事")
    make_meeting(town.own.branch, date(2017, 1, 8), "party_lesson", topic="本村的事")
    make_meeting(town.own.branch, date(2016, 1, 8), topic="去年的事")

    assert list(suggested_topics(secretary, 2017)) == [
        (kind().pk, "学习党章"),
        (kind("party_lesson").pk, "本村的事"),
    ]


def test_attendance_of_another_branch_is_not_seen(secretary: User, town: Town) -> None:
    clerk = town.people[DutyCode.OFFICE_CLERK]
    own, foreign = make_member(town.own.branch), make_member(town.foreign.branch)
    day = TODAY - timedelta(days=1)
    seen, _ = record_meeting(actor=clerk, draft=draft(town.own.branch, day, attendance=took_part(own)))
    hidden, _ = record_meeting(actor=clerk, draft=draft(town.foreign.branch, day, attendance=took_part(foreign)))

    assert [one.member for one in attendance_of(secretary, seen)] == [own]
    assert list(attendance_of(secretary, hidden)) == []
