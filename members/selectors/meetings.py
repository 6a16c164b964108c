"""Organisational life: the calendar of duties, and what the form of a meeting proposes."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Count, Q, QuerySet

from chishang.core.dates import add_months
from members.enums import DECISIVE_KINDS, Period, RuleScope, Standing
from members.models import Meeting, MeetingAttendance, MeetingKind, MeetingRule, Member, MemberChange
from organizations.models import Organization, User

RECORD, VIEW = "members.add_meeting", "members.view_meeting"
FULL_MEMBERS_FOR_COMMITTEE = 7
"""支部工作条例 art. 15: a branch with 7 full members or more has a committee."""


class SlotState(StrEnum):
    """How a period of a duty stands."""

    DONE = "done"
    MISSING = "missing"
    OPEN = "open"
    NONE = "none"


@dataclass(frozen=True)
class Slot:
    """One period of a duty: from ``first`` to ``last``, how often it was held, and how that stands today."""

    label: str
    first: date
    last: date
    held: int
    state: SlotState


@dataclass(frozen=True)
class MeetingDuty:
    """A rule as one branch owes it within a year."""

    rule: MeetingRule
    slots: list[Slot]

    def in_state(self, state: SlotState) -> list[Slot]:
        """Return the periods that stand so."""
        return [slot for slot in self.slots if slot.state == state]

    @property
    def missing(self) -> list[Slot]:
        """The periods that are over and lack a meeting."""
        return self.in_state(SlotState.MISSING)

    @property
    def open(self) -> list[Slot]:
        """The period that runs today and lacks a meeting, as a list of at most one."""
        return self.in_state(SlotState.OPEN)


@dataclass(frozen=True)
class BranchDuties:
    """All duties of a branch within a year."""

    branch: Organization
    duties: list[MeetingDuty]

    @property
    def lacking(self) -> list[MeetingDuty]:
        """The duties with a period that is over and lacks its meeting."""
        return [duty for duty in self.duties if duty.missing]

    @property
    def open(self) -> list[MeetingDuty]:
        """The duties whose meeting of the current period was not held yet."""
        return [duty for duty in self.duties if duty.open]

    @property
    def missing_count(self) -> int:
        """How many periods lack their meeting."""
        return sum(len(duty.missing) for duty in self.duties)


def missing_meetings(user: User, year: int, today: date) -> list[BranchDuties]:
    """Return the calendar of duties of each branch whose meetings ``user`` may see, with what is missing by ``today``.

    A meeting counts for its kind, its second kind, and the kind that either counts as. A period belongs to the rules
    in force, and is owed by the branches that exist, on its last day (the current one: today). Four queries, however
    many branches there are.
    """
    return _calendar(Organization.objects.visible_to(user, VIEW), user, year, today)


def due_this_month(user: User, today: date) -> list[MeetingKind]:
    """Return the kinds that a branch where ``user`` records meetings owes monthly and has not held this month."""
    calendar = _calendar(Organization.objects.visible_to(user, RECORD), user, today.year, today)
    found = {duty.rule.kind for branch in calendar for duty in branch.open if duty.rule.period == Period.MONTH}
    return sorted(found, key=lambda kind: (kind.sort_no, kind.pk))


def _calendar(organizations: Any, user: User, year: int, today: date) -> list[BranchDuties]:
    first, last = date(year, 1, 1), date(year, 12, 31)
    branches = list(organizations.branches().filter(founded_on__lte=last).exclude(dissolved_on__lte=first))
    if not branches:
        return []
    rules = list(
        MeetingRule.objects.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=first), valid_from__lte=last)
        .select_related("kind")
        .order_by("kind__sort_no", "kind", "valid_from")
    )
    periods = {period: list(_periods(period, year)) for period in Period}
    days = sorted({min(slot_last, today) for slots in periods.values() for _, _, slot_last in slots})
    ground = _Ground(
        today=today,
        held=_held(user, branches, first, last),
        full_members=_full_members(branches, days),
    )
    return [
        BranchDuties(
            branch, [duty for rule in rules if (duty := ground.duty(branch, rule, periods[Period(rule.period)]))]
        )
        for branch in branches
    ]


@dataclass(frozen=True)
class _Ground:
    """What the calendar is made from: meetings by branch and kind, full members by branch and day."""

    today: date
    held: dict[tuple[int, int], list[date]]
    full_members: Counter[tuple[int, date]]

    def duty(
        self, branch: Organization, rule: MeetingRule, periods: list[tuple[str, date, date]]
    ) -> MeetingDuty | None:
        slots = [self._slot(branch, rule, *period) for period in periods]
        return MeetingDuty(rule, slots) if any(slot.state != SlotState.NONE for slot in slots) else None

    def _slot(self, branch: Organization, rule: MeetingRule, label: str, first: date, last: date) -> Slot:
        days = self.held[branch.pk, rule.kind_id]
        held = sum(first <= day <= last for day in days)
        return Slot(label, first, last, held, self._state(branch, rule, first, last, enough=held >= rule.times))

    def _state(self, branch: Organization, rule: MeetingRule, first: date, last: date, *, enough: bool) -> SlotState:
        judged_on = min(last, self.today)
        if first > self.today or not self._owes(branch, rule, judged_on):
            return SlotState.NONE
        if enough:
            return SlotState.DONE
        return SlotState.OPEN if last >= self.today else SlotState.MISSING

    def _owes(self, branch: Organization, rule: MeetingRule, day: date) -> bool:
        in_force = rule.valid_from <= day and (rule.valid_until is None or rule.valid_until >= day)
        exists = branch.founded_on <= day and (branch.dissolved_on is None or branch.dissolved_on > day)
        return in_force and exists and self._is_in_scope(branch, rule, day)

    def _is_in_scope(self, branch: Organization, rule: MeetingRule, day: date) -> bool:
        if rule.owed_by == RuleScope.WITH_GROUPS:
            return branch.party_groups > 0
        if rule.owed_by == RuleScope.WITH_COMMITTEE:
            if branch.has_committee is not None:
                return branch.has_committee
            return self.full_members[branch.pk, day] >= FULL_MEMBERS_FOR_COMMITTEE
        return True


def _periods(period: Period, year: int) -> Iterable[tuple[str, date, date]]:
    """Give label, first and last day of each period of the year."""
    months = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}[period]
    for number in range(12 // months):
        first = date(year, number * months + 1, 1)
        labels = {
            Period.MONTH: f"{number + 1}月",
            Period.QUARTER: f"{'一二三四'[number % 4]}季度",
            Period.YEAR: "全年",
        }
        yield labels[period], first, add_months(first, months) - timedelta(days=1)


def _held(user: User, branches: list[Organization], first: date, last: date) -> dict[tuple[int, int], list[date]]:
    """Return the days of the meetings by branch and kind; each once for every kind it counts for."""
    rows = (
        Meeting.objects.visible_to(user)
        .within_period(first, last)
        .filter(organization__in=[branch.pk for branch in branches])
        .order_by()
        .values_list("organization", "held_on", "kind", "also_kind", "kind__counts_as", "also_kind__counts_as")
    )
    held: dict[tuple[int, int], list[date]] = defaultdict(list)
    for branch, day, *kinds in rows:
        for kind in set(kinds) - {None}:
            held[branch, kind].append(day)
    return held


def _full_members(branches: list[Organization], days: list[date]) -> Counter[tuple[int, date]]:
    """Return how many full members each branch without a stated committee had on each of the days (ascending).

    One query reads the courses of all who ever came to one of the branches; the days are then gone through here, as
    ``counted_on`` would for each day alone.
    """
    unstated = {branch.pk for branch in branches if branch.has_committee is None}
    decisive = MemberChange.objects.valid().filter(kind__in=DECISIVE_KINDS, occurred_on__lte=days[-1])
    rows = (
        decisive.filter(member__in=decisive.filter(branch__in=unstated).order_by().values("member"))
        .order_by("member", "occurred_on", "pk")
        .values_list("member", "occurred_on", "to_standing", "branch", "member__full_member_on")
    )
    courses: dict[int, list[Any]] = defaultdict(list)
    for member, *change in rows:
        courses[member].append(change)
    counts: Counter[tuple[int, date]] = Counter()
    for course in courses.values():
        for day in days:
            branch = _full_member_of(course, day)
            if branch in unstated:
                counts[branch, day] += 1
    return counts


def _full_member_of(course: list[Any], day: date) -> int | None:
    """Return the branch in which somebody with this course (oldest first) was a full member on ``day``, or None."""
    standing, place, full_on = "", None, None
    for occurred_on, to_standing, branch, full_member_on in course:
        if occurred_on > day:
            break
        standing, place, full_on = to_standing, branch, full_member_on
    return place if standing == Standing.NORMAL and full_on and full_on <= day else None


def meetings_of(user: User) -> QuerySet[Meeting]:
    """Return the meetings that ``user`` may see, newest first, with what a list shows."""
    return Meeting.objects.visible_to(user).select_related("organization", "kind", "also_kind", "recorded_by")


def attendance_of(user: User, meeting: Meeting) -> QuerySet[MeetingAttendance]:
    """Return who is listed for ``meeting``, those absent and excused before those present, then by name."""
    listed = MeetingAttendance.objects.visible_to(user).filter(meeting=meeting).select_related("member")
    return listed.order_by("presence", "member__pinyin", "member")


def branches_to_record(user: User, today: date) -> QuerySet[Organization]:
    """Return the branches in existence for which ``user`` may record a meeting."""
    return Organization.objects.visible_to(user, RECORD).branches().existing_on(today)


def members_on(branch: Organization, day: date) -> QuerySet[Member]:
    """Return who was a member of ``branch`` on ``day``, by name."""
    counted = MemberChange.objects.counted_on(day).filter(branch=branch)
    return Member.objects.filter(pk__in=counted.values("member")).order_by("pinyin", "pk")


COMMON_TOPIC = 3
"""In how many bodies a topic must have been used to be proposed in the others: the town's, and nobody's own."""


def suggested_topics(user: User, year: int) -> QuerySet[Meeting, tuple[int, str]]:
    """Return kind and topic of the year's meetings to propose: those that ``user`` may see, and the town's common.

    A topic is common when at least ``COMMON_TOPIC`` bodies met on it (the town sets the topic of a theme day). Which
    they are is not told; a topic of one branch alone is proposed in that branch only.
    """
    of_year = Meeting.objects.within_period(date(year, 1, 1), date(year, 12, 31)).order_by()
    own = Meeting.objects.visible_to(user).order_by().values("pk")
    return (
        of_year.values("kind", "topic")
        .annotate(
            bodies=Count("organization", distinct=True),
            own=Count("pk", filter=Q(pk__in=own)),
            times=Count("pk"),
        )
        .filter(Q(bodies__gte=COMMON_TOPIC) | Q(own__gt=0))
        .order_by("-times", "topic")
        .values_list("kind", "topic")
    )
