"""Members and meetings for tests of organisational life."""

from datetime import date
from typing import Any

from members.enums import Presence, Sex
from members.models import Meeting, MeetingKind, Member
from members.services import AttendanceDraft, MeetingDraft, register_member
from organizations.models import Organization

FULL_SINCE = date(2011, 5, 10)


def make_member(branch: Organization, name: str = "赵东强", **fields: Any) -> Member:
    """A full member of the branch since 2010, registered with the changes that brought him there."""
    own = {"sex": Sex.MALE, "joined_on": date(2010, 5, 10), "full_member_on": FULL_SINCE, **fields}
    return register_member(actor=None, member=Member(branch=branch, name=name, **own))


def kind(code: str = "theme_day") -> MeetingKind:
    return MeetingKind.objects.get(code=code)


def make_meeting(branch: Organization, held_on: date, code: str = "theme_day", **fields: Any) -> Meeting:
    """A meeting as the ledger brings it: numbers only, recorded by nobody."""
    fields = {"topic": "学习党章", "due": 10, "present": 9, **fields}
    return Meeting.objects.create(organization=branch, held_on=held_on, kind=kind(code), **fields)


def draft(branch: Organization, held_on: date, **fields: Any) -> MeetingDraft:
    """A meeting as typed: 10 due, 9 present, unless ``fields`` say otherwise."""
    numbers: dict[str, Any] = {} if "attendance" in fields else {"due": 10, "present": 9}
    fields = {"kind_id": kind().pk, "topic": "学习党章", **numbers, **fields}
    return MeetingDraft(organization_id=branch.pk, held_on=held_on, **fields)


def took_part(*members: Member, presence: str = Presence.PRESENT) -> tuple[AttendanceDraft, ...]:
    return tuple(AttendanceDraft(member.pk, presence) for member in members)
