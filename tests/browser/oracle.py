"""What is lost and what is doubled: phone, database and receipts laid side by side, after every test of faults."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

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
    for op_id in on_phone.keys() | set(shown):
        verdict.lost += _lost(op_id, on_phone.get(op_id), on_server.get(op_id))
    for op_id in on_phone.keys() & on_server.keys():
        verdict.wrong += _different(on_phone[op_id], on_server[op_id])
    verdict.doubled = _doubled(on_server.values())
    verdict.wrong += [fault for _, check in CHECKS for fault in check()]
    return verdict


def _lost(op_id: str, record: Record | None, operation: Operation | None) -> list[str]:
    """What is nowhere any more, or what the phone believes to be on the server and is not."""
    if record is None:
        return [] if operation else [f"{op_id}: shown as stored, and nowhere"]
    if record["state"] in WAITS or record["state"] == "forked":
        return []
    if operation is None:
        return [f"{op_id}: {record['state']} on the phone, not on the server"]
    here = {photo.sha256 for photo in operation.photos.all()}
    return [f"{op_id}: photo {photo} sent, not there" for photo in record["photos_sent"] if photo not in here]


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


def _doubled(operations: Iterable[Operation]) -> list[str]:
    """The visits beyond one for each applied operation, and visits that no operation brought."""
    visits = Counter(Visit.objects.exclude(source=Source.LEDGER).values_list("operation", flat=True))
    stray = visits.pop(None, 0)
    found = [f"{stray} visits without an operation"] if stray else []
    brought = {one.op_id for one in operations if one.state == OperationState.APPLIED}
    return found + [f"{op_id}: {count} visits" for op_id, count in visits.items() if count > (op_id in brought)]


def is_waiting(record: Record) -> bool:
    """Whether something of the record is on the phone alone."""
    if record["state"] in WAITS:
        return True
    photos = record["payload"].get("photos", [])
    return record["state"] != "forked" and any(photo not in record["photos_sent"] for photo in photos)


def examine_phone(page: Page, shown: Iterable[str] = ()) -> Verdict:
    """Examine one phone. When it says that nothing waits, the server must have everything that was shown as stored."""
    records = stored(page)
    verdict = examine(records, shown)
    if not any(map(is_waiting, records)):
        here = {str(key) for key in Operation.objects.values_list("pk", flat=True)}
        gone = [op_id for op_id in shown if op_id not in here]
        verdict.lost += [f"{op_id}: the phone says 0, the server has it not" for op_id in gone]
    return verdict
