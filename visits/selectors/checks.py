"""Nothing lost, nothing doubled: what phones and forms sent, compared again with what stands in the portal.

Each function returns what it found wrong, in words; nothing when all is well. They look at every row, whoever asks:
they are for the operator's command, not for pages.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Count, Q

from visits.enums import OperationKind, OperationState, Source
from visits.models import Operation, Photo, Visit
from visits.selectors.operations import photos_named
from visits.services.drafts import digest_of
from visits.services.receipts import is_genuine

CHUNK = 2000
"""Rows read at a time."""
KEPT = ~Q(payload={})
"""Operations from before their content was kept have an empty one."""


def check_applied() -> list[str]:
    """Return the applied operations without the visit, or the event, that they brought."""
    visits = Q(kind=OperationKind.VISIT, visit__isnull=True)
    others = ~Q(kind=OperationKind.VISIT) & (Q(issue__isnull=True) | Q(event__isnull=True))
    lacking = Operation.objects.filter(visits | others, state=OperationState.APPLIED)
    return [f"{op_id}：已入库，却没有走访或办理记录。" for op_id in lacking.values_list("op_id", flat=True)]


def check_not_applied() -> list[str]:
    """Return the held and dismissed operations that have brought something all the same."""
    brought = Q(visit__isnull=False) | Q(event__isnull=False)
    found = Operation.objects.filter(brought).exclude(state=OperationState.APPLIED)
    return [f"{op_id}：没有入库，却有走访或办理记录。" for op_id in found.values_list("op_id", flat=True)]


def check_digests() -> list[str]:
    """Return the operations whose content is not that of its digest."""
    rows = Operation.objects.filter(KEPT).values_list("op_id", "payload", "payload_sha256")
    return [f"{row[0]}：内容与摘要不符。" for row in rows.iterator(CHUNK) if digest_of(row[1]) != row[2]]


def check_receipts() -> list[str]:
    """Return the operations whose receipt is that of another one, or of another content."""
    rows = Operation.objects.exclude(receipt={}).values_list("op_id", "payload_sha256", "receipt")
    wrong = (
        op_id
        for op_id, sha256, receipt in rows.iterator(CHUNK)
        if (receipt.get("op_id"), receipt.get("payload_sha256")) != (str(op_id), sha256)
    )
    return [f"{op_id}：回执不是这一份的。" for op_id in wrong]


def check_signatures() -> list[str]:
    """Return the operations whose receipt was not signed by us as it stands."""
    rows = Operation.objects.exclude(receipt={}).values_list("op_id", "receipt")
    return [f"{op_id}：回执的签名不对。" for op_id, receipt in rows.iterator(CHUNK) if not is_genuine(receipt)]


def check_issues() -> list[str]:
    """Return the visits that have not as many issues as were sent with them."""
    visits = Operation.objects.filter(KEPT, kind=OperationKind.VISIT, state=OperationState.APPLIED)
    rows = visits.annotate(raised=Count("visit__issues")).values_list("op_id", "payload", "raised")
    sums = ((op_id, len(payload.get("issues", [])), raised) for op_id, payload, raised in rows.iterator(CHUNK))
    return [f"{op_id}：上报 {sent} 个问题，登记了 {raised} 个。" for op_id, sent, raised in sums if sent != raised]


def check_visits() -> list[str]:
    """Return the visits from phones that no operation brought."""
    stray = Visit.objects.filter(source=Source.PHONE, operation__isnull=True).order_by("pk")
    return [f"走访 {key}：来自手机，却没有对应的上报。" for key in stray.values_list("pk", flat=True)]


def check_photos() -> list[str]:
    """Return the photos that their operation does not name."""
    photos = Photo.objects.select_related("operation").defer("content").order_by("pk")
    return [f"照片 {photo.pk}：它的上报里没有这张照片。" for photo in photos.iterator(CHUNK) if not _is_named(photo)]


def _is_named(photo: Photo) -> bool:
    return photo.sha256 in photo.operation.payload.get("photos", [])


CHECKS: list[tuple[str, Callable[[], list[str]]]] = [
    ("已入库的都有走访或办理记录", check_applied),
    ("没有入库的都没有", check_not_applied),
    ("内容与摘要相符", check_digests),
    ("回执与上报相符", check_receipts),
    ("回执的签名无误", check_signatures),
    ("问题一个不多、一个不少", check_issues),
    ("手机来的走访都有上报", check_visits),
    ("照片都属于自己的上报", check_photos),
]
"""What is checked, in words."""


def numbers() -> Iterator[tuple[str, int]]:
    """Yield how many there are of what, for the operator to compare."""
    by_state: dict[Any, int] = dict(Operation.objects.order_by().values_list("state").annotate(Count("pk")))
    for state in OperationState:
        yield f"{state.label}的上报", by_state.get(state, 0)
    yield "手机来的走访", Visit.objects.filter(source=Source.PHONE).count()
    yield "照片", Photo.objects.count()
    yield "还没有收到的照片", _missing_photos()


def _missing_photos() -> int:
    rows = Operation.objects.filter(payload__has_key="photos").annotate(here=Count("photos"))
    return sum(max(photos_named(row) - row.here, 0) for row in rows.only("payload").iterator(CHUNK))
