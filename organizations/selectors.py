"""Reads that join several models: accounts with their duties, documents with who signed, terms that end."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import F, Min, QuerySet

from chishang.core.dates import add_months, today
from organizations.enums import ElectionBody
from organizations.models import (
    Appointment,
    CalendarDay,
    DirectiveReceipt,
    Election,
    Organization,
    TermRule,
    User,
    Village,
)


def idle_time_of(user: User) -> timedelta:
    """Return after which idle time a session of ``user`` ends: the shortest that one of today's duties asks for.

    One who holds no duty today gets the portal's default.
    """
    in_force = Appointment.objects.in_force().filter(user=user)
    minutes = in_force.aggregate(shortest=Min("duty__idle_minutes"))["shortest"]
    return timedelta(minutes=minutes) if minutes else timedelta(seconds=settings.SESSION_COOKIE_AGE)


FRIDAY = 5

SIGN = "organizations.sign_directivereceipt"
VIEW_ELECTION = "organizations.view_election"


def receipts_of(user: User) -> QuerySet[DirectiveReceipt]:
    """Return the documents of the branches that ``user`` may see: unsigned ones first, then the newest."""
    receipts = DirectiveReceipt.objects.visible_to(user).select_related("directive", "organization", "signed_by")
    return receipts.order_by(F("signed_on").desc(nulls_first=True), "-issued_on", "directive", "organization__sort_no")


def receipts_to_sign(user: User) -> QuerySet[DirectiveReceipt]:
    """Return the documents that wait for the signature of ``user``."""
    return DirectiveReceipt.objects.visible_to(user, SIGN).unsigned()


def signable(user: User, receipts: Iterable[DirectiveReceipt]) -> set[int]:
    """Return the keys of those of ``receipts`` that are unsigned and for which ``user`` may sign."""
    keys = [receipt.pk for receipt in receipts]
    return set(receipts_to_sign(user).filter(pk__in=keys).order_by().values_list("pk", flat=True))


def reads_for_several_branches(user: User) -> bool:
    """Say whether ``user`` sees the documents of more than one branch, so that lists must name it."""
    branches = Organization.objects.visible_to(user, "organizations.view_directivereceipt").branches()
    return len(branches.order_by().values("pk")[:2]) > 1


@dataclass(frozen=True)
class TermEnding:
    """A body whose term ends: the branch, its village where it has one, and the day."""

    body: ElectionBody
    branch: Organization
    village: Village | None
    ends_on: date

    @property
    def name(self) -> str:
        """What people call it: 泉子村 or the branch's name."""
        return self.village.name if self.village else self.branch.name

    @property
    def label(self) -> str:
        """The body in words; only a village's branch is a 村党支部."""
        return str(self.body.label) if self.village else "党支部"

    @property
    def is_overdue(self) -> bool:
        """Whether the term is over."""
        return self.ends_on < today()


def terms_ending(user: User, within_months: int = 6) -> list[TermEnding]:
    """Return the bodies whose term ends within so many months, or is over, of those whose elections ``user`` may see.

    A branch's term ends when its register says so. That of a villagers' committee counts from its last completed
    election, with the years in force on that day. The superior reminds six months before (关于党的基层组织任期的意见).
    The earliest come first. Three queries.
    """
    last = add_months(today(), within_months)
    found = [*_branches_ending(user, last), *_committees_ending(user, last)]
    return sorted(found, key=lambda one: (one.ends_on, one.branch.sort_no, one.branch.pk, one.body))


def _branches_ending(user: User, last: date) -> list[TermEnding]:
    branches = (
        Organization.objects.visible_to(user)
        .visible_to(user, VIEW_ELECTION)
        .branches()
        .existing_on(today())
        .filter(term_ends_on__lte=last)
        .select_related("village")
    )
    return [
        TermEnding(ElectionBody.BRANCH, branch, getattr(branch, "village", None), branch.term_ends_on)
        for branch in branches
    ]


def _committees_ending(user: User, last: date) -> list[TermEnding]:
    elections = (
        Election.objects.visible_to(user)
        .filter(body=ElectionBody.COMMITTEE, completed_on__lte=today())
        .filter(village__in=Village.objects.visible_to(user).existing_on(today()))
        .order_by("village_id", "-completed_on", "-pk")
        .distinct("village")
        .select_related("village__branch")
    )
    rules = list(TermRule.objects.filter(body=ElectionBody.COMMITTEE).order_by("-valid_from"))
    found = []
    for election in elections:
        years = next((rule.years for rule in rules if rule.valid_from <= election.completed_on), None)
        ends_on = add_months(election.completed_on, 12 * years) if years else None
        if ends_on and ends_on <= last:
            village = election.village
            found.append(TermEnding(ElectionBody.COMMITTEE, village.branch, village, ends_on))
    return found


@dataclass(frozen=True)
class WorkCalendar:
    """Which days of some years are worked: Monday to Friday, but for what the calendar's rows say."""

    exceptions: dict[date, bool]

    @classmethod
    def load(cls) -> "WorkCalendar":
        """Read the whole calendar, some thirty rows a year, with one query."""
        return cls(dict(CalendarDay.objects.order_by().values_list("day", "is_workday")))

    def is_workday(self, day: date) -> bool:
        """Say whether people work on ``day``."""
        return self.exceptions.get(day, day.isoweekday() <= FRIDAY)

    def after(self, start: date, days: int) -> date:
        """Return the ``days``-th working day after ``start``; ``start`` itself does not count."""
        day = start
        while days:
            day += timedelta(days=1)
            days -= self.is_workday(day)
        return day

    def knows(self, start: date, end: date) -> bool:
        """Say whether the calendar has the holidays of every year from ``start`` to ``end``."""
        years = {day.year for day in self.exceptions}
        return set(range(start.year, end.year + 1)) <= years
