"""Members of a branch, as its secretary looks at them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from members.models import MeetingAttendance, Member, MemberChange, Transfer
from organizations.models import Organization, User

RECEIVE = "members.receive_transfer"

MEMBER_FILTERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "all": ("全部", lambda members: members),
    "probationary": ("预备", lambda members: members.probationary()),
    "floating": ("流动", lambda members: members.floating()),
    "lost": ("失联", lambda members: members.lost()),
    "hardship": ("困难", lambda members: members.in_hardship()),
}
"""Label and rows of each filter."""


def current_members(user: User, text: str = "", show: str = "all") -> QuerySet[Member]:
    """Return today's members that ``user`` may see, found by name or pinyin, of one of ``MEMBER_FILTERS``."""
    _, narrowed = MEMBER_FILTERS[show]
    found: QuerySet[Member] = narrowed(Member.objects.visible_to(user).current().search(text))
    return found.select_related("branch").order_by("branch__sort_no", "branch", "pinyin", "pk")


def transfers_to_receive(user: User) -> QuerySet[Transfer]:
    """Return the transfers on their way into branches for which ``user`` may receive, the oldest first."""
    own = Organization.objects.visible_to(user, RECEIVE).branches()
    under_way: QuerySet[Transfer] = Transfer.objects.visible_to(user, RECEIVE).in_transit().filter(to_branch__in=own)
    return under_way.select_related("member", "from_branch", "to_branch").order_by("started_on", "pk")


@dataclass(frozen=True)
class MemberFile:
    """What is known of a member: the course of changes, and the meetings of a year."""

    changes: list[MemberChange]
    attendances: list[MeetingAttendance]


def file_of(user: User, member: Member, year: int) -> MemberFile:
    """Return the valid changes of ``member`` and his attendance in ``year``, as far as ``user`` may see them."""
    changes = MemberChange.objects.visible_to(user).valid().filter(member=member)
    attendances = MeetingAttendance.objects.visible_to(user).filter(
        member=member, meeting__held_on__range=(date(year, 1, 1), date(year, 12, 31))
    )
    return MemberFile(
        list(changes.with_other_side(user).select_related("branch").order_by("occurred_on", "pk")),
        list(attendances.select_related("meeting__kind").order_by("-meeting__held_on", "-meeting")),
    )


def sees_several_branches(user: User, permission: str) -> bool:
    """Say whether ``permission`` reaches over more than one branch, so that lists must name it."""
    return len(Organization.objects.visible_to(user, permission).branches().order_by().values("pk")[:2]) > 1
