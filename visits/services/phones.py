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


def note_phone(user: User, report: PhoneReport) -> Device:
    """Store what the phone says of itself, and that ``user`` was signed in on it; return the phone.

    It belongs to the body where ``user`` serves today, so that a phone goes along with whoever is transferred.
    """
    said = {
        "user": user,
        "organization": organization_concerned(user, None),
        "last_contact_at": timezone.now(),
        "waiting": report.waiting,
        "oldest_waiting_at": report.oldest_waiting_at if report.waiting else None,
        "sent_total": report.sent_total,
    }
    device, _ = Device.objects.update_or_create(device_id=report.device_id, defaults=said)
    return device


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


def call_the_roll(user: User, sent: Iterable[tuple[UUID, str]]) -> RollCall:
    """Compare the phone's operations (id, digest) with those that ``user`` sent. Two queries.

    Another account's operation is unknown here: nobody learns what others sent.
    """
    asked = dict(sent)
    rows = Operation.objects.filter(user=user, op_id__in=asked)
    stored = rows.values_list("op_id", "payload_sha256", "state", "payload__photos")
    found: dict[Any, list[Any]] = {op_id: told for op_id, *told in stored}
    answer: dict[str, list[UUID]] = {name: [] for name in ("known", "unknown", "held", "dismissed", "mismatch")}
    places = {OperationState.HELD: "held", OperationState.DISMISSED: "dismissed"}
    for op_id, sha256 in asked.items():
        told = found.get(op_id)
        if told is None:
            answer["unknown"].append(op_id)
        elif told[0] != sha256:
            answer["mismatch"].append(op_id)
        else:
            answer[places.get(OperationState(told[1]), "known")].append(op_id)
    named = {(op_id, photo) for op_id, (_, _, photos) in found.items() for photo in _texts_of(photos)}
    here = set(Photo.objects.filter(operation__in=rows).values_list("operation", "sha256"))
    return RollCall(**answer, photos=sorted({photo for _, photo in named - here}))


def _texts_of(photos: Any) -> list[str]:
    """Return the names of photos; a held operation may have anything in their place."""
    return [name for name in photos if isinstance(name, str)] if isinstance(photos, list) else []
