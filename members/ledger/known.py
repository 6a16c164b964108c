"""What the portal knows of the members whom a roster names: who they are, and what happened to them."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from chishang.core.ledgers import Run
from members.enums import DECISIVE_KINDS, ChangeKind, Standing
from members.models import Member, MemberChange, Occupation
from organizations.models import Organization

FROM_THE_FILE = (ChangeKind.JOINED, ChangeKind.BECAME_FULL)
"""Changes whose days the roster gives."""


@dataclass
class Course:
    """A member's present membership: the changes whose days the roster gives, and the others, in their order."""

    joined: MemberChange | None = None
    became_full: MemberChange | None = None
    others: list[MemberChange] = field(default_factory=list)

    def add(self, change: MemberChange) -> None:
        """Take in the next change."""
        if change.kind == ChangeKind.JOINED:
            self.joined = change
        elif change.kind == ChangeKind.BECAME_FULL:
            self.became_full = change
        else:
            self.others.append(change)

    @property
    def days(self) -> list[date]:
        """The days of all its changes."""
        known = (self.joined, self.became_full, *self.others)
        return [change.occurred_on for change in known if change is not None]

    def before(self, day: date) -> MemberChange | None:
        """Return the first of the other changes that lies before ``day``: nobody joins after what happened to him."""
        return next((change for change in self.others if change.occurred_on < day), None)

    def ended_by(self, day: date) -> MemberChange | None:
        """Return the change by which he was no member any more on ``day``: then he does not become full."""
        decisive = [change for change in self.others if change.kind in DECISIVE_KINDS and change.occurred_on <= day]
        return decisive[-1] if decisive and decisive[-1].to_standing != Standing.NORMAL else None


class Known:
    """The register, as far as it takes to find a row's member again or to refuse the row. Three queries."""

    def __init__(self, run: Run, permission: str) -> None:
        self.branches = dict(run.visible(Organization, permission).branches().values_list("name", "pk"))
        self.occupations = dict(Occupation.objects.values_list("name", "pk"))
        self.numbered: dict[str, Member] = {}
        self.namesakes: dict[tuple[int, str], list[Member]] = {}
        for member in Member.objects.order_by():
            if member.id_number_index:
                self.numbered[member.id_number_index] = member
            self.namesakes.setdefault((member.branch_id, member.name), []).append(member)
        self.courses: dict[int, Course] = {}
        self.removed_on: dict[int, date] = {}
        for change in MemberChange.objects.valid().order_by("occurred_on", "pk"):
            self._add(change)

    def _add(self, change: MemberChange) -> None:
        """Take in a change; joining again after a removal begins a course anew."""
        if change.from_standing == Standing.LEFT:
            self.removed_on[change.member_id] = self.courses[change.member_id].days[-1]
            self.courses[change.member_id] = Course()
        self.courses.setdefault(change.member_id, Course()).add(change)

    def course_of(self, member: Member | None) -> Course:
        """Return the member's course; an empty one for somebody new."""
        return self.courses.get(member.pk, Course()) if member else Course()

    def named(self, branch: int, name: str, *, with_number: bool) -> list[Any]:
        """Return the members of that name in the branch; for a row with a number, those who have none yet."""
        found = self.namesakes.get((branch, name), [])
        return [member for member in found if not member.id_number_index] if with_number else found
