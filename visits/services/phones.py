"""What a phone says of itself, and the roll-call: which of its operations the server has."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from organizations.models import User
from visits.enums import OperationState
from visits.models import Device, Operation
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
    """Store what the phone says of itself, and that ``user`` was signed in on it; return the phone."""
    said = {
        "user": user,
        "last_contact_at": timezone.now(),
        "waiting": report.waiting,
        "oldest_waiting_at": report.oldest_waiting_at if report.waiting else None,
        "sent_total": report.sent_total,
    }
    first = {"organization": organization_concerned(user, None)}
    device, _ = Device.objects.update_or_create(
        device_id=report.device_id, defaults=said, create_defaults=said | first
    )
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


def call_the_roll(user: User, sent: Iterable[tuple[UUID, str]]) -> RollCall:
    """Compare the phone's operations (id, digest) with those that ``user`` sent. One query.

    Another account's operation is unknown here: nobody learns what others sent.
    """
    asked = dict(sent)
    rows = Operation.objects.filter(user=user, op_id__in=asked).values_list("op_id", "payload_sha256", "state")
    found: dict[Any, tuple[str, str]] = {op_id: (sha256, state) for op_id, sha256, state in rows}
    answer: dict[str, list[UUID]] = {name: [] for name in ("known", "unknown", "held", "dismissed", "mismatch")}
    places = {OperationState.HELD: "held", OperationState.DISMISSED: "dismissed"}
    for op_id, sha256 in asked.items():
        stored = found.get(op_id)
        if stored is None:
            answer["unknown"].append(op_id)
        elif stored[0] != sha256:
            answer["mismatch"].append(op_id)
        else:
            answer[places.get(OperationState(stored[1]), "known")].append(op_id)
    return RollCall(**answer)
