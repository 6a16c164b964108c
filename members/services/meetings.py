"""Recording a meeting or activity with who took part: one transaction, and the same meeting only once."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from chishang.core.dates import in_words, today
from chishang.core.scoping import Scope
from members.enums import Presence
from members.models import Meeting, MeetingAttendance, MeetingKind, MemberChange
from organizations.enums import OrganizationKind
from organizations.models import Organization, User
from organizations.permissions import Tree

RECORD = "members.add_meeting"
KEY = ("organization_id", "held_on", "kind_id", "topic")
"""What makes a meeting the same one (natural key, as in the ledger)."""


@dataclass(frozen=True)
class AttendanceDraft:
    """How one member took part, and why he did not come (at most 100 characters)."""

    member_id: int
    presence: str = Presence.PRESENT
    reason: str = ""


@dataclass(frozen=True)
class Count:
    """How many were due, present and excused."""

    due: int
    present: int
    excused: int = 0


@dataclass(frozen=True)
class MeetingDraft:
    """A meeting as typed. With a list of who took part the numbers are counted from it, and may be left out."""

    organization_id: int
    held_on: date
    kind_id: int
    topic: str
    also_kind_id: int | None = None
    place: str = ""
    host: str = ""
    due: int | None = None
    present: int | None = None
    excused: int | None = None
    minutes: str = ""
    remark: str = ""
    attendance: tuple[AttendanceDraft, ...] = ()


def record_meeting(*, actor: User, draft: MeetingDraft) -> tuple[Meeting, bool]:
    """Store a meeting of a body where ``actor`` may record; return it and whether it is new.

    Sent twice with the same content it gives the stored one. Raises ValidationError (by field) when the draft is
    wrong, names somebody who did not belong to the branch on that day, or differs from a stored meeting of the same
    body, day, kind and topic; then nothing is stored.
    """
    with transaction.atomic():
        # The lock lets a second press wait for the first one, and then find what it stored.
        rows = Organization.objects.visible_to(actor, RECORD).select_for_update(of=("self",), no_key=True)
        organization = _one_of(rows, draft.organization_id, "organization")
        meeting, people = _build(actor, organization, draft)
        stored = Meeting.objects.filter(**{name: getattr(meeting, name) for name in KEY}).first()
        if stored:
            return _confirm_same(stored, meeting, people), False
        meeting.full_clean()
        meeting.save()
        MeetingAttendance.objects.bulk_create([_attendance(meeting, one) for one in people])
        return meeting, True


def check_attendance(*, organization: Organization, held_on: date, attendance: Iterable[AttendanceDraft]) -> Count:
    """Return the numbers that a list of attendance gives; raise ValidationError (``attendance``) when it is wrong.

    Everybody on it must have been a member of the branch (of a committee: of a branch below it) on that day, and stand
    there once. Who was visited at home (送学上门) was not due to come, and is no absentee.
    """
    people = list(attendance)
    numbers = Counter(one.member_id for one in people)
    if len(numbers) < len(people):
        raise ValidationError({"attendance": "名单里有人重复，每名党员只登记一次。"})
    if {one.presence for one in people} - set(Presence.values):
        raise ValidationError({"attendance": "出席情况只能是到会、请假、缺席或送学上门。"})
    here = MemberChange.objects.counted_on(held_on).within(_reach(organization))
    strangers = len(set(numbers).difference(here.values_list("member", flat=True)))
    if strangers:  # no names: they may belong to a branch that one may not see
        raise ValidationError(
            {"attendance": f"名单里有 {strangers} 人在{in_words(held_on)}不是本支部党员，请从名单里去掉后再登记。"}
        )
    by_presence = Counter(one.presence for one in people)
    due = len(people) - by_presence[Presence.VISITED]
    return Count(due, by_presence[Presence.PRESENT], by_presence[Presence.EXCUSED])


def check_meeting(meeting: Meeting) -> None:
    """Raise ValidationError for a meeting, as a form or an import filled it in, on a day when it cannot have been."""
    _check_day(meeting.organization, meeting.held_on)
    recorded_on = timezone.localdate(meeting.recorded_at)
    if meeting.pk and meeting.held_on > recorded_on:
        raise ValidationError({"held_on": f"日期不能晚于录入那天（{in_words(recorded_on)}）。"})


def check_list(meeting: Meeting, attendance: Iterable[AttendanceDraft]) -> None:
    """Raise ValidationError when the list is wrong (``check_attendance``) or gives other numbers than the meeting.

    An empty list says nothing: many meetings are known by their numbers alone.
    """
    if people := list(attendance):
        counted = check_attendance(organization=meeting.organization, held_on=meeting.held_on, attendance=people)
        _check_typed(meeting, counted)


def stored_list(meeting: Meeting) -> list[AttendanceDraft]:
    """Return the list of attendance as it is stored."""
    rows = meeting.attendances.values_list("member_id", "presence", "reason") if meeting.pk else ()
    return [AttendanceDraft(*row) for row in rows]


def _reach(organization: Organization) -> Scope:
    """Return the organizations whose members may take part: the branch itself, or all below a committee."""
    if organization.kind == OrganizationKind.BRANCH:
        return Scope(organization_ids=frozenset({organization.pk}))
    return Tree.load().below(organization.pk)


def _build(actor: User, organization: Organization, draft: MeetingDraft) -> tuple[Meeting, list[AttendanceDraft]]:
    _check_day(organization, draft.held_on)
    kinds = MeetingKind.objects.filter(is_active=True)
    kind = _one_of(kinds, draft.kind_id, "kind")
    also_kind = _one_of(kinds, draft.also_kind_id, "also_kind") if draft.also_kind_id else None
    if also_kind == kind:
        raise ValidationError({"also_kind": "“同时也是”要选另一种活动类型，或者不选。"})
    count = _count(organization, draft)
    meeting = Meeting(
        organization=organization,
        held_on=draft.held_on,
        kind=kind,
        also_kind=also_kind,
        topic=draft.topic.strip(),
        place=draft.place.strip(),
        host=draft.host.strip(),
        due=count.due,
        present=count.present,
        excused=count.excused,
        minutes=draft.minutes.strip(),
        remark=draft.remark.strip(),
        recorded_by=actor,
    )
    return meeting, list(draft.attendance)


def _check_day(organization: Organization, day: date) -> None:
    if day > today():
        raise ValidationError({"held_on": "日期不能晚于今天。"})
    if not Organization.objects.existing_on(day).filter(pk=organization.pk).exists():
        raise ValidationError({"held_on": f"{in_words(day)}没有这个党支部（那时未成立或已撤销），请核对日期。"})


def _count(organization: Organization, draft: MeetingDraft) -> Count:
    if draft.attendance:
        counted = check_attendance(organization=organization, held_on=draft.held_on, attendance=draft.attendance)
        _check_typed(draft, counted)
        return counted
    missing = {"due": draft.due, "present": draft.present}
    labels = {"due": "请填写应到人数。", "present": "请填写实到人数。"}
    errors = {name: labels[name] for name, value in missing.items() if value is None}
    if draft.due is None or draft.present is None:
        raise ValidationError(errors)
    if draft.present > draft.due:
        raise ValidationError({"present": f"实到 {draft.present} 人，多于应到 {draft.due} 人，请核对。"})
    excused = draft.excused or 0
    if draft.present + excused > draft.due:
        raise ValidationError({"excused": f"实到和请假共 {draft.present + excused} 人，多于应到 {draft.due} 人。"})
    return Count(draft.due, draft.present, excused)


def _check_typed(draft: MeetingDraft | Meeting, counted: Count) -> None:
    """Refuse numbers that were typed beside a list and say something else."""
    labels = {"due": "应到", "present": "实到", "excused": "请假"}
    errors = {
        name: f"{label} {getattr(draft, name)} 人，名单里是 {getattr(counted, name)} 人，请核对。"
        for name, label in labels.items()
        if getattr(draft, name) not in {None, getattr(counted, name)}
    }
    if errors:
        raise ValidationError(errors)


CONTENT = ("also_kind_id", "place", "host", "due", "present", "excused", "minutes", "remark")


def _confirm_same(stored: Meeting, meeting: Meeting, people: list[AttendanceDraft]) -> Meeting:
    """Return the stored meeting when ``meeting`` says the same, else refuse and name it."""
    listed = {(one.member_id, str(one.presence), one.reason.strip()) for one in people}
    known = set(stored.attendances.values_list("member_id", "presence", "reason"))
    if listed == known and all(getattr(stored, name) == getattr(meeting, name) for name in CONTENT):
        return stored
    raise ValidationError(
        {
            "topic": f"{in_words(stored.held_on)}的{stored.kind}“{stored.topic}”已经登记（编号 {stored.pk}，应到 "
            f"{stored.due} 人，实到 {stored.present} 人），原记录没有改动。如果是另一次活动，请把主题写得不一样；"
            "要更正原记录，请与镇党建办联系。"
        }
    )


def _attendance(meeting: Meeting, one: AttendanceDraft) -> MeetingAttendance:
    row = MeetingAttendance(meeting=meeting, member_id=one.member_id, presence=one.presence, reason=one.reason.strip())
    row.clean_fields(exclude=["meeting", "member"])
    return row


MESSAGES = {
    "organization": "请选择由您负责的党支部。",
    "kind": "请选择活动类型。",
    "also_kind": "没有这种活动类型，请重新选择。",
}


def _one_of(rows: Any, key: int | None, name: str) -> Any:
    row = rows.filter(pk=key).first()
    if row is None:
        raise ValidationError({name: MESSAGES[name]})
    return row
