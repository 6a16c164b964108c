"""Writing a roster: members in bulk, and the dated changes that it tells of."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

from chishang.core.bulk import insert_rows
from chishang.core.id_numbers import IdNumber
from chishang.core.ledgers import Run
from members.enums import ChangeKind, Standing
from members.ledger.known import Course, Known
from members.models import Member, MemberChange
from members.models.id_numbers import id_number_index
from members.models.people import probation_end

FROM_LEDGER = "台账记载"
KEPT_WHEN_BLANK = ("education", "occupation_id", "phone", "remark", "full_member_on", "full_member_precision")
"""What an empty cell leaves as the portal has it."""


@dataclass
class Record:
    """A good row: the member's columns, the ID number, whom it means, and what it says of floating and hardship."""

    columns: dict[str, Any]
    number: IdNumber | None
    member: Member | None
    """The stored member; somebody new has one once the members are written."""
    is_floating: bool
    in_hardship: bool


def store_members(records: list[Record], run: Run) -> None:
    """Write new members and what differs of stored ones; afterwards every record has its member."""
    new = [record for record in records if record.member is None]
    keys = insert_rows(Member, [record.columns | _only_of_new(record) for record in new])
    changed: list[Member] = []
    names: set[str] = set()
    for record in records:
        if record.member is not None:
            differing = _differing(record, record.member)
            if differing:
                vars(record.member).update(differing)
                changed.append(record.member)
                names |= differing.keys()
    columns = {Member._meta.get_field(name.removesuffix("_id")).name for name in names}
    if changed:
        Member.objects.bulk_update(changed, columns, batch_size=500)
    made = Member.objects.in_bulk(keys)
    for record, key in zip(new, keys, strict=True):
        record.member = made[key]
    run.count(Member, new=len(new), changed=len(changed), unchanged=len(records) - len(new) - len(changed))


def _differing(record: Record, member: Member) -> dict[str, Any]:
    wanted = dict(record.columns)
    if record.columns["full_member_on"] is None:
        wanted.pop("full_member_precision")
    for name in KEPT_WHEN_BLANK:
        if not wanted.get(name):
            wanted.pop(name, None)
    if member.id_override_reason:
        wanted.pop("sex")
    if record.number and member.id_number_index != id_number_index(record.number.text):
        wanted |= _sealed(record.number, member.uid)
    return {name: value for name, value in wanted.items() if vars(member).get(name) != value}


def _only_of_new(record: Record) -> dict[str, Any]:
    """Return the columns that only a new member gets from the ledger."""
    uid, on_probation = uuid4(), record.columns["full_member_on"] is None
    return {
        "uid": uid,
        "probation_ends_on": probation_end(record.columns["joined_on"]) if on_probation else None,
        **(_sealed(record.number, uid) if record.number else {}),
    }


def _sealed(number: IdNumber, uid: Any) -> dict[str, Any]:
    return {"id_number_index": id_number_index(number.text), "id_number_cipher": Member.seal(uid, number.text)}


def store_changes(records: list[Record], known: Known, as_of: date, run: Run) -> None:
    """Write the days of joining and full membership as changes, and who floats or is in hardship as of the ledger."""
    new: list[dict[str, Any]] = []
    moved: list[MemberChange] = []
    restated: list[Member] = []
    for record in records:
        member = record.member
        assert member is not None  # noqa: S101  store_members gave every record its member
        course = known.course_of(member)
        _date(member, course, new, moved)
        circumstances = _circumstances(member, record, course, as_of)
        if circumstances:
            restated.append(member)
            new += circumstances
    insert_rows(MemberChange, new)
    MemberChange.objects.bulk_update(moved, ["occurred_on"], batch_size=500)
    Member.objects.bulk_update(restated, ["floating_since", "hardship_since"], batch_size=500)
    run.count(MemberChange, new=len(new), changed=len(moved))


def _date(member: Member, course: Course, new: list[dict[str, Any]], moved: list[MemberChange]) -> None:
    """Bring the changes whose days the file gives into line with it, and write those that the portal lacks."""
    dated = (
        (ChangeKind.JOINED, course.joined, member.joined_on),
        (ChangeKind.BECAME_FULL, course.became_full, member.full_member_on),
    )
    for kind, change, day in dated:
        if change is None and day is not None and _is_missing(kind, course, day):
            new.append(_change(member, kind, day))
        elif change is not None and day is not None and change.occurred_on != day:
            change.occurred_on = day
            moved.append(change)


def _is_missing(kind: ChangeKind, course: Course, day: date) -> bool:
    """Say whether the portal lacks a change: who came by transfer did not join here, nor what lay before."""
    return not course.days or (kind == ChangeKind.BECAME_FULL and day >= min(course.days))


def _circumstances(member: Member, record: Record, course: Course, as_of: date) -> list[dict[str, Any]]:
    """Return the changes by which floating and hardship become what the ledger says, unless the portal knows newer."""
    if member.standing != Standing.NORMAL or max(course.days, default=date.min) > as_of:
        return []
    day, found = max(as_of, member.joined_on), []
    for column, says, begins, ends in (
        ("floating_since", record.is_floating, ChangeKind.FLOATED, ChangeKind.FLOAT_ENDED),
        ("hardship_since", record.in_hardship, ChangeKind.HARDSHIP, ChangeKind.HARDSHIP_ENDED),
    ):
        if says != (getattr(member, column) is not None):
            setattr(member, column, day if says else None)
            found.append(_change(member, begins if says else ends, day))
    return found


def _change(member: Member, kind: ChangeKind, day: date) -> dict[str, Any]:
    return {
        "member_id": member.pk,
        "kind": kind,
        "from_standing": "" if kind == ChangeKind.JOINED else Standing.NORMAL,
        "to_standing": Standing.NORMAL,
        "branch_id": member.branch_id,
        "occurred_on": day,
        "note": FROM_LEDGER,
    }
