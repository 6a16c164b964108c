"""Taking in the file that a phone exports (导出未上报记录), for when it cannot send by itself.

The file is JSON, written by the outbox page::

    {"format": "chishang-outbox", "version": 1, "exported_at": "2026-11-20T08:00:00+08:00", "device_id": "<uuid>",
     "waiting": 5, "records": [{"op_id": "<uuid>", "user": 12, "user_name": "…", "kind": "visit", "payload": {…},
                  "sha256": "<64 hex>", "made_at": "…", "photos": {"<sha256 of the bytes>": "<base64>"}}]}

Each record goes the way that it would have gone from the phone, under its own id and in its writer's name. To import a
file twice, or after the phone has sent it too, changes nothing. ``waiting`` is how many records of all its users wait,
by the rule by which those of the file are chosen; files of older pages lack it.
"""

import base64
import binascii
import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from organizations.models import User
from visits.enums import OperationKind, OperationState
from visits.models import Device, Operation
from visits.services.drafts import believable
from visits.services.operations import DECIDE, OperationBusy, SentOperation, doubt_about, receive_operation
from visits.services.photos import store_photo
from visits.services.visits import OperationReused, organization_concerned

FORMAT, VERSION = "chishang-outbox", 1
MOST_FILE_BYTES = 100 * 1024 * 1024
"""A month in the mountains: 240 photos of 300 KB, as base64."""
MOST_RECORDS = 5000
MOST_WAITING = 10**6
SECOND = "同一编号早先收到的是另一份内容，没有改动；这一份另外存下，请核对后决定。"
MALFORMED = (KeyError, ValueError, TypeError, AttributeError)
"""What reading raises where something is missing or of another type."""


class Outcome(TextChoices):
    """What became of a record of the file."""

    STORED = "stored", "已入库"
    HELD = "held", "待处理"
    KNOWN = "known", "早已收到"
    DIFFERENT = "different", "内容不同，另存待处理"
    BUSY = "busy", "手机正在上报"
    REFUSED = "refused", "没有存入"


@dataclass(frozen=True)
class ExportedRecord:
    """A record of the file: what is sent, who wrote it, its photos as base64 by their SHA-256."""

    sent: SentOperation
    user_id: int
    user_name: str
    photos: dict[str, str] = field(default_factory=dict)

    @property
    def kind_label(self) -> str:
        """What kind of record it is, in words."""
        return str(OperationKind(self.sent.kind).label)

    @property
    def text(self) -> str:
        """What was typed first: what was said, or the note."""
        return str(self.sent.payload.get("content") or self.sent.payload.get("note") or "")


@dataclass(frozen=True)
class ExportedFile:
    """What a phone exported; ``faulty`` has (number in the file, from 1; what is wrong) of what is no record."""

    device_id: UUID
    exported_at: datetime
    records: list[ExportedRecord]
    waiting: int | None = None
    """How many records of all its users waited on the phone; None where the file does not say."""
    faulty: list[tuple[int, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many entries it has, readable or not."""
        return len(self.records) + len(self.faulty)


@dataclass(frozen=True)
class Taken:
    """What became of one record, and in words why. ``photos`` of those in the file are stored now."""

    record: ExportedRecord
    outcome: Outcome
    reason: str = ""
    operation: Operation | None = None
    photos: int = 0

    @property
    def needs_a_look(self) -> bool:
        """Whether a person has to do something about it."""
        return self.outcome not in {Outcome.STORED, Outcome.KNOWN}


def read_exported(content: bytes) -> ExportedFile:
    """Read an exported file; raise ValidationError with a Chinese message when it is none."""
    told = _parsed(content)
    exported_at, entries = _time(told.get("exported_at")), told.get("records")
    if exported_at is None or not isinstance(entries, list) or not entries:
        raise ValidationError("文件里没有记录，或者内容不完整。请在手机上重新导出。")
    if len(entries) > MOST_RECORDS:
        raise ValidationError(f"一份文件最多 {MOST_RECORDS} 条记录。")
    try:
        file = ExportedFile(UUID(told["device_id"]), exported_at, [], _count(told.get("waiting")))
    except MALFORMED as error:
        raise ValidationError("文件里没有手机的编号，请在手机上重新导出。") from error
    for number, entry in enumerate(entries, 1):
        try:
            file.records.append(_record(entry))
        except MALFORMED:
            file.faulty.append((number, "格式不对，没有读出来。"))
    return file


def _parsed(content: bytes) -> dict[str, Any]:
    """Return the whole of it, when it is a file of ours."""
    try:
        told = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ValidationError("这不是手机导出的记录文件，或者文件不完整。请在手机上重新导出。") from error
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise ValidationError("这不是手机“导出未上报记录”得到的文件。")
    if told.get("version") != VERSION:
        raise ValidationError("这份文件的版本门户还不认识，请联系系统管理员更新门户后再导入。")
    return told


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _time(value: Any) -> datetime | None:
    """Return a time with its zone; None for anything else."""
    try:
        time = parse_datetime(value)
    except (TypeError, ValueError):
        return None
    return time if time and timezone.is_aware(time) else None


def _count(value: Any) -> int | None:
    """Return a number of records; None for anything else."""
    return value if type(value) is int and 0 <= value <= MOST_WAITING else None


def _record(entry: dict[str, Any]) -> ExportedRecord:
    """Read one record; raise an error of what is missing or of another type."""
    payload, photos, user = entry["payload"], entry.get("photos", {}), entry["user"]
    if not isinstance(payload, dict) or not isinstance(photos, dict) or type(user) is not int:
        raise TypeError
    sent = SentOperation(
        op_id=UUID(entry["op_id"]),
        kind=OperationKind(entry["kind"]),
        payload=payload,
        sha256=str(entry["sha256"]),
        made_at=_time(entry.get("made_at")),
    )
    return ExportedRecord(sent, user, str(entry.get("user_name", "")), photos)


@transaction.atomic
def take_in(*, actor: User, file: ExportedFile) -> list[Taken]:
    """Take in the records of ``file``, each in its writer's name; return what became of each, in their order.

    ``actor`` decides on held operations, and takes in records of those only for whom he may decide. What he imports is
    written in the history as done by him. Nothing is raised for a single record: the others go in.
    """
    _wait_for_turn(file.device_id)
    user_ids = {record.user_id for record in file.records}
    senders = {user.pk: user for user in User.objects.visible_to(actor, DECIDE).filter(pk__in=user_ids)}
    device, is_new = _phone(file, next(iter(senders.values()), None))
    taken = [_take(record, senders.get(record.user_id), device) for record in file.records]
    if device is not None and (is_new or file.exported_at <= timezone.now()):  # else its clock is wrong
        _note_waiting(device, file, taken)
    return taken


def _wait_for_turn(device_id: UUID) -> None:
    """Take in one file of a phone at a time, until the transaction ends; the phone itself may go on sending."""
    with connection.cursor() as cursor:
        lock = "SELECT pg_advisory_xact_lock('visits_device'::regclass::oid::int, hashtext(%s))"
        cursor.execute(lock, [str(device_id)])


def _take(record: ExportedRecord, sender: User | None, device: Device | None) -> Taken:
    if sender is None:
        return Taken(record, Outcome.REFUSED, "门户里没有这个提交人的账号，或不归您管。")
    try:
        operation, outcome = _store_both(sender, replace(record.sent, device=device), _doubt(record, sender))
    except OperationBusy:
        return Taken(record, Outcome.BUSY, "请稍后再导入一次，看它是否已经收到。")
    except ValidationError as error:
        return Taken(record, Outcome.REFUSED, " ".join(error.messages))
    photos, faults = _store_photos(record, sender)
    known = outcome == Outcome.KNOWN
    reason = f"现在是“{operation.get_state_display()}”。" if known else operation.reason
    return Taken(record, outcome, reason + faults, operation, photos)


def _store_both(sender: User, sent: SentOperation, doubt: str) -> tuple[Operation, Outcome]:
    """Store what was sent. Where its id came before with another content, both stay.

    The second one is held under an id made of its own id and content, so that it is stored once, too.
    """
    try:
        return _store(sender, sent, doubt)
    except OperationReused:
        second = replace(sent, op_id=uuid5(sent.op_id, sent.sha256))
        operation, outcome = _store(sender, second, SECOND + doubt)
        return operation, Outcome.DIFFERENT if outcome == Outcome.HELD else outcome


def _store(sender: User, sent: SentOperation, doubt: str) -> tuple[Operation, Outcome]:
    operation, known = receive_operation(user=sender, sent=sent, doubt=doubt)
    if known:
        return operation, Outcome.KNOWN
    return operation, Outcome.HELD if operation.state == OperationState.HELD else Outcome.STORED


def _doubt(record: ExportedRecord, sender: User) -> str:
    """Return why a person must look at the record before it counts; empty when nothing speaks against it."""
    if not record.user_name:
        return f"文件里没有写提交人的姓名，这个账号现在是“{sender.name}”，请核对后决定。"
    if record.user_name != sender.name:
        return f"文件里的提交人是“{record.user_name}”，这个账号现在是“{sender.name}”，请核对后决定。"
    return doubt_about(sender)


def _store_photos(record: ExportedRecord, sender: User) -> tuple[int, str]:
    """Store the photos of a record that is here; return how many of them are stored, and what is wrong with others."""
    stored, faults = 0, []
    for sha256, text in record.photos.items():
        try:
            with transaction.atomic():
                store_photo(user=sender, sha256=sha256, content=_bytes(text))
        except ValidationError as error:
            faults.append(" ".join(error.messages))
        else:
            stored += 1
    return stored, "".join(f"有一张照片没有存入：{fault}" for fault in faults)


def _bytes(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise ValidationError("照片没有收全。") from error


def _phone(file: ExportedFile, user: User | None) -> tuple[Device | None, bool]:
    """Return the phone that exported, stored now where it never reached the portal, and whether it was."""
    if user is None:
        return None, False
    at = min(file.exported_at, timezone.now())
    first = {"user": user, "organization": organization_concerned(user, None)}
    return Device.objects.get_or_create(
        device_id=file.device_id, defaults=first | {"first_contact_at": at, "last_contact_at": at}
    )


def _note_waiting(device: Device, file: ExportedFile, taken: list[Taken]) -> None:
    """Note what the phone holds that is not here, unless it has told something newer by itself, be it just now.

    It holds what other users wrote, too: of that the file has no more than the number.
    """
    rows = Device.objects.select_for_update(no_key=True)
    told = rows.filter(pk=device.pk, last_contact_at__lte=file.exported_at).first()
    if told is None:
        return
    refused = [one.record.sent for one in taken if one.outcome == Outcome.REFUSED]
    here, total = len(taken) - len(refused), file.count if file.waiting is None else file.waiting
    times = [believable(sent.made_at) for sent in refused]
    told.waiting = max(0, total - here)
    if told.waiting > len(refused) + len(file.faulty):
        times.append(told.oldest_waiting_at)
    told.oldest_waiting_at = min((time for time in times if time), default=None) if told.waiting else None
    told.last_contact_at = min(file.exported_at, timezone.now())
    told.save(update_fields=["waiting", "oldest_waiting_at", "last_contact_at"])
