"""Taking in what phones send: stored first, judged afterwards, answered with a receipt.

An operation whose envelope is whole is kept for good, whatever it says: what a rule forbids is *held* with the reason,
and the office decides. Only an unknown fault stores nothing; the phone then keeps it and comes again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from psycopg2.errors import LockNotAvailable

from chishang.core.dates import today
from chishang.core.guards import told_in_words
from organizations.models import User
from visits.enums import MoveCode, OperationKind, OperationState, Satisfaction, Source
from visits.models import Device, Issue, Operation, Visit
from visits.services.drafts import IssueDraft, VisitDraft, believable, digest_of, key_of
from visits.services.issues import MoveFacts, move_issue, moves_of_others, record_feedback
from visits.services.receipts import signed
from visits.services.visits import (
    NOT_JUDGED,
    RECORD,
    OperationReused,
    appointments_to_record,
    organization_concerned,
    store_visit,
    with_fields,
)

DECIDE = "visits.decide_operation"
WAIT = "5s"
"""How long a request waits for another one with the same id, or from the same new phone."""
CLOCK_IS_OFF = timedelta(minutes=10)
"""So much a phone's clock may differ without anybody taking notice."""
MOST_PHOTOS = 3
NOT_READABLE = "内容的格式不对，可能是手机上的页面太旧。请镇党建办查看原文。"


class OperationBusy(Exception):
    """The same operation is being stored at this moment; come again in some seconds."""


class DigestMismatch(ValidationError):
    """What arrived is not what was sent."""

    def __init__(self) -> None:
        super().__init__("收到的内容与摘要不符，没有保存，请原样重发。")


class NotStorable(ValidationError):
    """A character that no text of the database may have: a NUL, or half of one that takes two (a cut emoji)."""

    def __init__(self) -> None:
        super().__init__("内容里有不能保存的字符（例如不完整的表情符号），没有保存，请删去后再存一次。")


@dataclass(frozen=True)
class SentOperation:
    """An operation as it came: the id and the digest made on the phone, and the content as JSON-able data."""

    op_id: UUID
    kind: str
    payload: dict[str, Any]
    sha256: str
    made_at: datetime | None = None
    device: Device | None = None


def may_send(user: User) -> bool:
    """Say whether what ``user``'s phone holds is taken: who records visits, and who did so under a duty that ended."""
    once = appointments_to_record().filter(user=user, started_on__lte=today())
    return user.has_perm(RECORD) or once.exists()


def doubt_about(sender: User) -> str:
    """Return why a person must look at whatever ``sender`` sends today; empty when nothing speaks against it."""
    if not sender.is_active:
        return "提交人的账号已经停用，由镇党建办核对后决定。"
    if not sender.has_perm(RECORD):
        return "提交人现在没有记录走访的职务，由镇党建办核对后决定。"
    return ""


@contextmanager
def brief_wait() -> Iterator[None]:
    """Run a block in a transaction that waits at most ``WAIT`` for another one; raise OperationBusy after that."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = %s", [WAIT])
            yield
            cursor.execute("SET LOCAL lock_timeout = DEFAULT")
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise OperationBusy from error
        raise


def receive_operation(*, user: User, sent: SentOperation, doubt: str = "") -> tuple[Operation, bool]:
    """Store what ``user`` sent, once for ever; return it and whether it was there before.

    The row goes in first: a second request with the same id waits at the unique key and gets the first one's receipt.
    With a ``doubt`` the operation is held for that reason, whatever it says; so is what comes from somebody who does
    not record visits today.
    Raises DigestMismatch and NotStorable (nothing stored), OperationReused when the id came before with another
    content or from another account, and OperationBusy.
    """
    if digest_of(sent.payload) != sent.sha256:
        raise DigestMismatch
    with transaction.atomic():
        operation = _claim(user, sent)
        if operation is None:
            return _stored(user, sent), True
        _judge(operation, doubt)
        operation.receipt = receipt_of(operation)
        operation.save()
        operation.refresh_from_db(fields=["receipt"])  # the very form in which it is given out again
    return operation, False


def _claim(user: User, sent: SentOperation) -> Operation | None:
    """Insert the operation's row; None when there is one."""
    try:
        with brief_wait():
            return Operation.objects.create(
                op_id=sent.op_id,
                user=user,
                kind=sent.kind,
                payload=sent.payload,
                payload_sha256=sent.sha256,
                organization=organization_concerned(user, sent.payload.get("household_id")),
                device=sent.device,
                made_at=believable(sent.made_at),
                state=OperationState.HELD,
                reason=NOT_JUDGED,
            )
    except DataError as error:
        raise NotStorable from error
    except IntegrityError:
        if not Operation.objects.filter(op_id=sent.op_id).exists():
            raise
        return None


def _stored(user: User, sent: SentOperation) -> Operation:
    stored = Operation.objects.get(op_id=sent.op_id)
    if stored.user_id != user.pk:
        raise OperationReused
    if stored.payload_sha256 != sent.sha256:
        raise OperationReused(stored)
    if stored.device_id is None and sent.device is not None:  # it came by the page, or from a file
        stored.device = sent.device
        stored.save(update_fields=["device"])
    stored.receipt = stored.receipt or receipt_of(stored)  # it came by the page
    return stored


def _judge(operation: Operation, doubt: str) -> None:
    """Apply the operation, or hold it with the reason why not."""
    try:
        if doubt := doubt or doubt_about(operation.user):
            raise ValidationError(doubt)
        with told_in_words():
            _apply(operation, gate=operation.user)
    except ValidationError as error:
        operation.visit = operation.issue = operation.event = None
        operation.reason = " ".join(with_fields(error).messages)[:500]
    else:
        operation.state, operation.reason = OperationState.APPLIED, ""


def _apply(operation: Operation, *, gate: User, **changed: Any) -> None:
    """Bring what was sent, as its sender's deed and within the rights of ``gate``; it belongs where it was brought."""
    visit = APPLY[OperationKind(operation.kind)](operation, gate, changed)
    operation.organization = visit.household.village.branch


def _apply_visit(operation: Operation, gate: User, changed: dict[str, Any]) -> Visit:
    draft = replace(visit_draft(operation.payload), **changed)
    operation.visit = store_visit(gate=gate, sender=operation.user, draft=draft, source=Source.PHONE)
    return operation.visit


def _apply_feedback(operation: Operation, gate: User, changed: dict[str, Any]) -> Visit:
    told = _texts(operation.payload, "satisfaction", "note")
    if told["satisfaction"] not in Satisfaction.values:
        raise ValidationError(NOT_READABLE)
    issue = _issue_of(operation, gate)
    record_feedback(actor=operation.user, gate=gate, issue=issue, **told)
    operation.issue, operation.event = issue, issue.events.order_by("-pk").first()
    return issue.visit


def _apply_resubmit(operation: Operation, gate: User, changed: dict[str, Any]) -> Visit:
    issue, told = _issue_of(operation, gate), _texts(operation.payload, "note")
    facts = MoveFacts(note=told["note"])
    move_issue(actor=operation.user, gate=gate, issue=issue, move=MoveCode.RESUBMIT, facts=facts)
    operation.issue, operation.event = issue, issue.events.order_by("-pk").first()
    return issue.visit


APPLY: dict[OperationKind, Callable[[Operation, User, dict[str, Any]], Visit]] = {
    OperationKind.VISIT: _apply_visit,
    OperationKind.FEEDBACK: _apply_feedback,
    OperationKind.RESUBMIT: _apply_resubmit,
}


def visit_draft(payload: dict[str, Any]) -> VisitDraft:
    """Read a visit from what a phone sent; raise ValidationError where it makes no sense."""
    try:
        given = dict(payload)
        issues = [IssueDraft(**one) for one in given.pop("issues", [])]
        draft = VisitDraft(**given | {"visited_on": date.fromisoformat(given["visited_on"]), "issues": issues})
    except (KeyError, TypeError, ValueError) as error:
        raise ValidationError(NOT_READABLE) from error
    numbers = (draft.household_id, draft.visitor_id, draft.campaign_id, *(one.category_id for one in issues))
    photos = draft.photos if isinstance(draft.photos, list) else [None]
    texts = (draft.content, draft.companions, draft.remark, *photos)
    texts += tuple(text for one in issues for text in (one.description, one.urgency))
    sound = all(number is None or key_of(number) for number in numbers) and all(isinstance(one, str) for one in texts)
    if not sound or len(photos) > MOST_PHOTOS:
        raise ValidationError(NOT_READABLE)
    return draft


def _texts(payload: dict[str, Any], *names: str) -> dict[str, str]:
    texts = {name: payload.get(name, "") for name in names}
    if not all(isinstance(text, str) for text in texts.values()):
        raise ValidationError(NOT_READABLE)
    return texts


def _issue_of(operation: Operation, gate: User) -> Issue:
    key = key_of(operation.payload.get("issue_id"))
    issue = Issue.objects.visible_to(gate).filter(pk=key).first() if key else None
    if issue is None:
        raise ValidationError("没有这个问题，或它已不归您的村。")
    if gate == operation.user and _has_moved_on(issue, operation):
        raise ValidationError("您填写之后，这个问题又有变化，请镇党建办核对。")
    return issue


def _has_moved_on(issue: Issue, operation: Operation) -> bool:
    """Say whether others have moved the issue since its state that the sender answers to.

    The phone tells the last event that it knew; one that does not, only when it was asked, by its own clock.
    """
    seen = operation.payload.get("seen")
    if seen is not None and key_of(seen) is None:
        raise ValidationError(NOT_READABLE)
    moves = moves_of_others(issue, operation.user)
    if seen is not None:
        return moves.filter(pk__gt=seen).exists()
    return operation.made_at is not None and moves.filter(recorded_at__gt=operation.made_at + CLOCK_IS_OFF).exists()


def receipt_of(operation: Operation) -> dict[str, Any]:
    """Return what the phone gets, the same for ever: the id and digest it made itself, and what became of it.

    The signature shows later that a printed or exported receipt is ours.
    """
    return signed(
        {
            "op_id": str(operation.op_id),
            "payload_sha256": operation.payload_sha256,
            "kind": str(operation.kind),
            "state": str(operation.state),
            "reason": operation.reason,
            "visit": operation.visit_id,
            "issue": operation.issue_id,
            "received_at": timezone.localtime(operation.received_at).isoformat(timespec="seconds"),
        }
    )


def apply_held(
    *, actor: User, operation: Operation, household_id: int | None = None, visited_on: date | None = None
) -> Operation:
    """Take in a held operation within the rights of ``actor``; a visit also to another household or on another day.

    What was sent stays as it is; the sender stays the visitor. Raises ValidationError, by field for a visit.
    """
    with told_in_words():
        locked = _locked(actor, operation)
        changed = {"household_id": household_id, "visited_on": visited_on}
        _apply(locked, gate=actor, **{name: value for name, value in changed.items() if value})
        _decide(locked, actor, OperationState.APPLIED, "已入库")
    return locked


def dismiss_held(*, actor: User, operation: Operation, decision: str) -> Operation:
    """Note why a held operation is not taken in; its content is kept. Raises ValidationError."""
    if not decision.strip():
        raise ValidationError({"decision": "请写明为什么不采用。"})
    with told_in_words():
        locked = _locked(actor, operation)
        _decide(locked, actor, OperationState.DISMISSED, decision.strip())
    return locked


def _locked(actor: User, operation: Operation) -> Operation:
    locked = (
        Operation.objects.visible_to(actor, DECIDE).select_for_update(of=("self",)).filter(pk=operation.pk).first()
    )
    if locked is None:
        raise ValidationError("您没有处理这份上报的权限。")
    if locked.state != OperationState.HELD:
        raise ValidationError(f"这份上报已经是“{locked.get_state_display()}”，不用再处理。")
    return locked


def _decide(operation: Operation, actor: User, state: OperationState, decision: str) -> None:
    operation.state, operation.decision = state, decision
    operation.decided_by, operation.decided_at = actor, timezone.now()
    operation.full_clean(exclude={"payload", "receipt"})
    operation.save()
