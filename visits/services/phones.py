"""What a phone says of itself, and the roll-call: which of its operations the server has."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from organizations.models import User
from visits.enums import OperationState
from visits.models import Device, Operation, Photo
from visits.services.drafts import believable
from visits.services.operations import brief_wait
from visits.services.visits import organization_concerned

MOST_CALLED = 1000
"""Operations in one roll-call; a phone with more asks several times."""


@dataclass(frozen=True)
class PhoneReport:
    """What a phone holds: records waiting, when the oldest was stored, how many it sent in all."""

    device_id: UUID
    waiting: int = 0
    oldest_waiting_at: datetime | None = None
    sent_total: int = 0


def phone_of(user: User, device_id: UUID) -> Device:
    """Return the phone, which is stored at its first contact by ``user``. Raises OperationBusy."""
    known = Device.objects.filter(pk=device_id).first()
    if known is not None:
        return known
    first = {"user": user, "organization": organization_concerned(user, None)}
    with brief_wait():
        return Device.objects.get_or_create(device_id=device_id, defaults=first)[0]


def note_phone(user: User, report: PhoneReport) -> None:
    """Store what the phone says of itself, and that ``user`` was signed in on it.

    It belongs to the body where ``user`` serves today, so that a phone goes along with whoever is transferred. This
    comes last in a request: until its end, whatever else the phone says has to wait. Raises OperationBusy.
    """
    device = phone_of(user, report.device_id)
    Device.objects.filter(pk=device.pk).update(
        user=user,
        organization=organization_concerned(user, None),
        last_contact_at=timezone.now(),
        waiting=report.waiting,
        oldest_waiting_at=believable(report.oldest_waiting_at) if report.waiting else None,
        sent_total=report.sent_total,
    )


@dataclass(frozen=True)
class RollCall:
    """What the server knows of the operations that a phone says it has sent, by their ids."""

    known: list[UUID]
    unknown: list[UUID]
    """Not here (any more): the phone sends them again. So a restored server gets back what its backup lacked."""
    held: list[UUID]
    dismissed: list[UUID]
    mismatch: list[UUID]
    """Here with another content: a fault of the program, which a person must look at."""
    photos: list[str]
    """Photos that these operations name and that are not here: the phone sends them again."""
    reasons: dict[str, str]
    """Why those are held or dismissed, by their ids."""


def call_the_roll(user: User, sent: Iterable[tuple[UUID, str]]) -> RollCall:
    """Compare the phone's operations (id, digest) with those that ``user`` sent. Two queries.

    Another account's operation is unknown here: nobody learns what others sent.
    """
    asked = dict(sent)
    rows = Operation.objects.filter(user=user, op_id__in=asked)
    columns = ("payload_sha256", "state", "reason", "decision", "payload__photos")
    found = {row["op_id"]: row for row in rows.values("op_id", *columns)}
    answer: dict[str, list[UUID]] = {name: [] for name in ("known", "unknown", "held", "dismissed", "mismatch")}
    reasons = {}
    for op_id, sha256 in asked.items():
        row = found.get(op_id)
        if row is None:
            answer["unknown"].append(op_id)
        elif row["payload_sha256"] != sha256:
            answer["mismatch"].append(op_id)
        elif row["state"] == OperationState.APPLIED:
            answer["known"].append(op_id)
        else:
            answer[row["state"]].append(op_id)
            reasons[str(op_id)] = row["reason"] if row["state"] == OperationState.HELD else row["decision"]
    named = {(op_id, photo) for op_id, row in found.items() for photo in _texts_of(row["payload__photos"])}
    here = set(Photo.objects.filter(operation__in=rows).values_list("operation", "sha256"))
    return RollCall(**answer, photos=sorted({photo for _, photo in named - here}), reasons=reasons)


def _texts_of(photos: Any) -> list[str]:
    """Return the names of photos; a held operation may have anything in their place."""
    return [name for name in photos if isinstance(name, str)] if isinstance(photos, list) else []
