"""What is lost and what is doubled: phone, database and receipts laid side by side, after every test of faults."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.phone import stored
from visits.enums import OperationState, Source
from visits.models import Operation, Visit
from visits.selectors.checks import CHECKS
from visits.services.drafts import digest_of

WAITS = ("ready", "sending")
Record = dict[str, Any]


@dataclass
class Verdict:
    """What the oracle found, in words."""

    operations: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.doubled or self.wrong)


def examine(records: Iterable[Record], shown: Iterable[str]) -> Verdict:
    """Compare the ``records`` on the phones, and the ids that were ``shown`` as stored, with what the server has."""
    on_phone = {record["op_id"]: record for record in records}
    on_server = {str(one.op_id): one for one in Operation.objects.prefetch_related("photos")}
    verdict = Verdict(operations=len(on_phone.keys() | on_server.keys()))
    known = on_phone.keys() | set(shown) | {record.get("forked_to") for record in on_phone.values()}
    verdict.doubled = [f"{op_id}: nobody sent it" for op_id in on_server.keys() - known]
    for op_id in on_phone.keys() | set(shown):
        verdict.lost += _lost(op_id, on_phone.get(op_id), on_server.get(op_id))
    for op_id in on_phone.keys() & on_server.keys():
        verdict.wrong += _different(on_phone[op_id], on_server[op_id])
    verdict.doubled += _doubled(on_server.values())
    verdict.wrong += [fault for _, check in CHECKS for fault in check()]
    return verdict


def _lost(op_id: str, record: Record | None, operation: Operation | None) -> list[str]:
    """What is nowhere any more, or what the phone believes to be on the server and is not."""
    if operation is None:
        waits = record is not None and record["state"] in (*WAITS, "forked")
        where = f"{record['state']} on the phone" if record else "shown as stored"
        return [] if waits else [f"{op_id}: {where}, not on the server"]
    here = {photo.sha256 for photo in operation.photos.all()}
    return [f"{op_id}: photo {photo} is gone" for photo in (record or {}).get("photos_sent", []) if photo not in here]


def _different(record: Record, operation: Operation) -> list[str]:
    if record["state"] == "forked":
        return []
    digests = {record["sha256"], digest_of(record["payload"]), operation.payload_sha256, digest_of(operation.payload)}
    found = [] if len(digests) == 1 else [f"{operation.op_id}: another content"]
    receipt = record.get("receipt")
    if receipt and (receipt["op_id"], receipt["payload_sha256"]) != (record["op_id"], record["sha256"]):
        found.append(f"{operation.op_id}: the receipt of another record")
    if receipt and operation.receipt and receipt != operation.receipt:
        found.append(f"{operation.op_id}: not the receipt that was given")
    return found


def _doubled(operations: Collection[Operation]) -> list[str]:
    """The visits beyond one for each applied operation, those that no operation brought, and the same said twice."""
    visits = Counter(Visit.objects.exclude(source=Source.LEDGER).values_list("operation", flat=True))
    stray = visits.pop(None, 0)
    found = [f"{stray} visits without an operation"] if stray else []
    contents = Counter(
        (one.user_id, one.payload_sha256) for one in operations if one.state != OperationState.DISMISSED
    )
    found += [f"{times} operations with one content: {digest}" for (_, digest), times in contents.items() if times > 1]
    brought = {one.op_id for one in operations if one.state == OperationState.APPLIED}
    return found + [f"{op_id}: {count} visits" for op_id, count in visits.items() if count > (op_id in brought)]


def is_waiting(record: Record) -> bool:
    """Whether something of the record is on the phone alone."""
    if record["state"] in WAITS:
        return True
    photos = record["payload"].get("photos", [])
    return record["state"] != "forked" and any(photo not in record["photos_sent"] for photo in photos)


def examine_phone(page: Page, shown: Iterable[str] = ()) -> Verdict:
    """Examine one phone: its records, the photos that nobody else has, and what it says on its screen.

    When it says that nothing waits, the server must have everything that was shown as stored.
    """
    records, shown = stored(page), set(shown)
    verdict = examine(records, shown)
    verdict.lost += _photos_without_bytes(page, records)
    verdict.lost += _photos_let_go(shown - {record["op_id"] for record in records})
    nothing_waits = not any(map(is_waiting, records))
    screen = page.locator("[data-sum]")
    if screen.count():
        (expect(screen).to_have_text if nothing_waits else expect(screen).not_to_have_text)("没有待上报的记录。")
    if nothing_waits:
        here = {str(key) for key in Operation.objects.values_list("pk", flat=True)}
        verdict.lost += [f"{op_id}: the phone says 0, the server has it not" for op_id in shown - here]
    return verdict


def _photos_without_bytes(page: Page, records: Iterable[Record]) -> list[str]:
    """Photos that have yet to be sent, and are not there."""
    here = {(blob["op_id"], blob["sha256"]) for blob in stored(page, "blobs")}
    left = [
        (record["op_id"], photo)
        for record in filter(is_waiting, records)
        for photo in record["payload"].get("photos", [])
        if photo not in record["photos_sent"]
    ]
    return [f"{op_id}: photo {photo} has no bytes" for op_id, photo in left if (op_id, photo) not in here]


def _photos_let_go(op_ids: Iterable[str]) -> list[str]:
    """Photos of records that have left the phone, and that the server lacks."""
    return [
        f"{operation.op_id}: photo {photo} was let go"
        for operation in Operation.objects.filter(pk__in=op_ids).prefetch_related("photos")
        for photo in set(operation.payload.get("photos", [])) - {one.sha256 for one in operation.photos.all()}
    ]
