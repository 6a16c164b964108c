"""Disbursement requests from draft to voucher: who may take which step, under which locks.

Locks are taken in one order: budget, request, counter of the year. Whoever takes money from a pool holds its row.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils import timezone

from chishang.core.dates import in_words, today
from chishang.core.guards import told_in_words
from finance.enums import DRAFT, MOVES, SEAL_PERMISSION, RequestMove, RequestState, SealKind
from finance.models import Budget, Disbursement, DisbursementEvent, Seal, Voucher, VoucherLine
from organizations.models import Appointment, User
from organizations.permissions import Tree

SEAL_MOVE = {SealKind.CHECK: RequestMove.CHECK, SealKind.APPROVE: RequestMove.APPROVE}
NOTE_LIMIT = 200


class RequestRefused(ValidationError):
    """The step is not open: the state is another one by now, or the account may not take it."""


@dataclass(frozen=True)
class RequestDraft:
    """A request as typed: the budget's key, yuan, payee, purpose; the decision behind it; sheets of evidence."""

    budget_id: int | None
    amount: Decimal
    payee: str
    purpose: str
    decision: str = ""
    attachments: int = 0


def draft_request(*, actor: User, op_id: UUID, draft: RequestDraft) -> tuple[Disbursement, bool]:
    """Store a draft, once for ever under ``op_id``; return it and whether it is new.

    Raises ValidationError (by field) when the draft is wrong, or when the id was used for another one.
    """
    budget = _budget_for(actor, draft.budget_id)
    row = Disbursement(op_id=op_id, organization=budget.organization, subject=budget.subject, maker=actor)
    return _store_draft(row, draft)


def draft_reversal(*, actor: User, op_id: UUID, voucher: Voucher, reason: str) -> tuple[Disbursement, bool]:
    """Store a draft that asks to reverse ``voucher`` (its own amount, unit and subject); the same seals are needed."""
    if not (reason := reason.strip()):
        raise ValidationError({"reason": "请写明为什么冲销。"})
    if not Voucher.objects.visible_to(actor, DRAFT).filter(pk=voucher.pk).exists():
        raise RequestRefused("您没有办理这一步的权限。")
    if voucher.reverses_id:
        raise RequestRefused("冲销凭证本身不能再冲销；请重新拨付。")
    row = Disbursement(
        op_id=op_id,
        organization_id=voucher.organization_id,
        subject_id=voucher.subject_id,
        reverses=voucher,
        maker=actor,
    )
    purpose = f"冲销{voucher.code}：{reason}"
    if len(purpose) > NOTE_LIMIT:
        raise ValidationError({"reason": f"冲销理由太长，请写短些，最多 {NOTE_LIMIT - len(voucher.code) - 3} 个字。"})
    draft = RequestDraft(voucher.budget_id, voucher.amount, voucher.payee or "原凭证未记收款人", purpose)
    return _store_draft(row, draft)


def _store_draft(row: Disbursement, draft: RequestDraft) -> tuple[Disbursement, bool]:
    for name, value in asdict(draft).items():
        setattr(row, name, value)
    with told_in_words():
        # Of two presses of one button the second waits here, and finds the first one's row.
        stored = Disbursement.objects.filter(op_id=row.op_id).first()
        if stored is None:
            row.full_clean()
            stored, is_new = Disbursement.objects.get_or_create(
                op_id=row.op_id, defaults={**asdict(draft), **_place(row)}
            )
            if is_new:
                _write_event(stored, RequestMove.DRAFT, "", row.maker)
                return stored, True
    if stored.maker_id != row.maker_id or any(getattr(stored, name) != value for name, value in asdict(draft).items()):
        raise RequestRefused("这张表单已经保存过，内容不同。原申请没有改动；请打开原申请，或重新填一张。")
    return stored, False


def _place(row: Disbursement) -> dict[str, object]:
    names = ("organization_id", "subject_id", "reverses_id", "maker_id")
    return {name: getattr(row, name) for name in names}


def _budget_for(actor: User, key: int | None) -> Budget:
    rows = Budget.objects.visible_to(actor, DRAFT).select_related("organization", "subject")
    budget: Budget | None = rows.filter(pk=key, subject__is_active=True).first()
    if budget is None:
        raise ValidationError({"budget_id": "请从列表里选择一项预算。"})
    return budget


def revise_request(*, actor: User, request: Disbursement, draft: RequestDraft) -> Disbursement:
    """Change a draft; only its maker may."""
    with _step(request, RequestMove.REVISE, actor, pools={request.budget_id, draft.budget_id}) as locked:
        if locked.reverses_id:
            raise RequestRefused("冲销申请的内容由原凭证决定，不能修改；写错理由的请撤回重写。")
        budget = _budget_for(actor, draft.budget_id)
        locked.organization, locked.subject = budget.organization, budget.subject
        for name, value in asdict(draft).items():
            setattr(locked, name, value)
        locked.full_clean()
        locked.save()
        _write_event(locked, RequestMove.REVISE, RequestState.DRAFT, actor)
    return locked


def submit_request(*, actor: User, request: Disbursement) -> Disbursement:
    """Hand in a draft: from now on its content is fixed and its amount is held in the pool. Twice changes nothing."""
    with _step(request, RequestMove.SUBMIT, actor, done=RequestState.SUBMITTED) as locked:
        if locked.state == RequestState.DRAFT:
            _check_free(locked)
            locked.submitted_at = timezone.now()
            _to_state(locked, RequestMove.SUBMIT, RequestState.SUBMITTED, actor)
    return locked


def seal_request(*, actor: User, request: Disbursement, kind: SealKind) -> Disbursement:
    """Put a seal on a request; the second one makes it ready to be posted. The same seal again changes nothing.

    The maker may not seal, nobody twice, and the account must hold the duty today. Raises ValidationError.
    """
    with _step(request, SEAL_MOVE[kind], actor, done=RequestState.APPROVED) as locked:
        if locked.seals.filter(kind=kind, signer=actor).exists():
            return locked
        _check_state(locked, MOVES[SEAL_MOVE[kind]].sources)
        seal = Seal(disbursement=locked, kind=kind, signer=actor, duty=_duties(actor, SEAL_PERMISSION[kind], locked))
        seal.maker_id, seal.amount = locked.maker_id, locked.amount
        seal.payee, seal.purpose = locked.payee, locked.purpose
        seal.full_clean()
        seal.save()
        complete = locked.seals.count() == len(SealKind)
        _to_state(locked, SEAL_MOVE[kind], RequestState.APPROVED if complete else RequestState.SUBMITTED, actor)
    return locked


def reject_request(*, actor: User, request: Disbursement, note: str) -> Disbursement:
    """Send a request back for good, with the reason; the maker writes another one."""
    if not (note := note.strip()):
        raise ValidationError({"note": "请写明退回的原因，经办人要据此重写。"})
    with _step(request, RequestMove.REJECT, actor) as locked:
        _to_state(locked, RequestMove.REJECT, RequestState.REJECTED, actor, note)
    return locked


def withdraw_request(*, actor: User, request: Disbursement, note: str = "") -> Disbursement:
    """Take back one's own request before it is posted. Twice changes nothing."""
    with _step(request, RequestMove.WITHDRAW, actor, done=RequestState.WITHDRAWN) as locked:
        if locked.state != RequestState.WITHDRAWN:
            _to_state(locked, RequestMove.WITHDRAW, RequestState.WITHDRAWN, actor, note.strip())
    return locked


def post_request(*, actor: User, request: Disbursement, day: date | None = None) -> Voucher:
    """Enter a sealed request in the ledger, dated ``day`` (default today), and return its voucher.

    Posting again returns the same voucher. Both signers must still hold their duties, the month must be open, and the
    day lie between the last seal and today. Raises ValidationError; then nothing is stored.
    """
    with _step(request, RequestMove.POST, actor, done=RequestState.POSTED) as locked:
        if locked.state == RequestState.POSTED:
            return locked.voucher
        seals = {seal.kind: seal for seal in locked.seals.select_related("signer")}
        _check_signers(locked, seals)
        day = day or today()
        _check_day(day, seals)
        _to_state(locked, RequestMove.POST, RequestState.POSTED, actor)
        return _write_voucher(locked, seals, day, actor)


@contextmanager
def _step(
    request: Disbursement,
    move: RequestMove,
    actor: User,
    done: RequestState | None = None,
    pools: set[int | None] | None = None,
) -> Iterator[Disbursement]:
    """Lock budget and request, check that ``actor`` may take the step, and give the locked row.

    ``pools`` are the keys of the budgets when there is more than the request's own. A request that stands at ``done``
    already passes, so that pressing twice does no harm. What the database refuses becomes a ValidationError.
    """
    with told_in_words():
        keys = (pools or {request.budget_id}) - {None}
        list(Budget.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))
        locked = Disbursement.objects.select_for_update(of=("self",), no_key=True).get(pk=request.pk)
        if locked.budget_id != request.budget_id:
            raise RequestRefused("这份申请刚才改过，请刷新页面看最新情况。")
        allowed = MOVES[move]
        rows = Disbursement.objects.filter(pk=locked.pk)
        if not any(rows.visible_to(actor, permission).exists() for permission in allowed.permissions):
            raise RequestRefused("您没有办理这一步的权限。")
        if allowed.maker and locked.maker_id != actor.pk:
            raise RequestRefused("只有经办人自己可以办理这一步。")
        if locked.state != done:
            _check_state(locked, allowed.sources)
        yield locked


def _check_state(request: Disbursement, sources: tuple[RequestState, ...]) -> None:
    if request.state not in sources:
        raise RequestRefused(f"这份申请现在是“{request.get_state_display()}”，不能这样办理。请刷新页面看最新情况。")


def _check_free(request: Disbursement) -> None:
    if request.reverses_id:
        return
    free = Budget.objects.with_balance().get(pk=request.budget_id).free
    if request.amount > free:
        raise ValidationError({"amount": f"这项预算现在只有 {free:.2f} 元可用，不够拨付 {request.amount:.2f} 元。"})


def _check_signers(request: Disbursement, seals: dict[str, Seal]) -> None:
    rows = Disbursement.objects.filter(pk=request.pk)
    for kind, permission in SEAL_PERMISSION.items():
        seal = seals.get(kind)
        if seal is None or not rows.visible_to(seal.signer, permission).exists():
            who = seal.signer.name if seal else kind.label
            raise RequestRefused(f"{who}现在已不担任盖章时的职务，印鉴失效。请退回这份申请，由经办人重写、重新盖章。")


def _check_day(day: date, seals: dict[str, Seal]) -> None:
    first = max(timezone.localdate(seal.sealed_at) for seal in seals.values())
    if not first <= day <= today():
        raise ValidationError({"day": f"入账日期应在盖章那天（{in_words(first)}）到今天之间。"})


def _to_state(request: Disbursement, move: RequestMove, target: RequestState, actor: User, note: str = "") -> None:
    source, request.state = request.state, target
    request.save(update_fields=["state", "submitted_at"])
    _write_event(request, move, source, actor, note)


def _write_event(request: Disbursement, move: RequestMove, source: str, actor: User, note: str = "") -> None:
    event = DisbursementEvent(
        disbursement=request, move=move, from_state=source, to_state=request.state, actor=actor, note=note
    )
    event.full_clean()
    event.save()


def _write_voucher(request: Disbursement, seals: dict[str, Seal], day: date, actor: User) -> Voucher:
    checker, approver = seals[SealKind.CHECK].signer, seals[SealKind.APPROVE].signer
    voucher = Voucher(
        year=day.year,
        date=day,
        organization_id=request.organization_id,
        subject_id=request.subject_id,
        budget_id=request.budget_id,
        amount=request.amount,
        payee=request.payee,
        summary=request.purpose,
        disbursement=request,
        reverses_id=request.reverses_id,
        maker=request.maker,
        maker_name=request.maker.name,
        checker=checker,
        checker_name=checker.name,
        approver=approver,
        approver_name=approver.name,
        posted_by=actor,
    )
    entries = _entries(request)
    voucher.line_count = len(entries)
    voucher.save(force_insert=True)
    voucher.refresh_from_db()  # the database has numbered it
    for number, entry in enumerate(entries, 1):
        VoucherLine.objects.create(voucher=voucher, number=number, **entry)
    return voucher


def _entries(request: Disbursement) -> list[dict[str, object]]:
    """Return the entries: those of the subject, or for a reversal the original's with the sides changed."""
    if request.reverses_id:
        lines = VoucherLine.objects.filter(voucher=request.reverses_id)
        return [{"account_id": one.account_id, "debit": one.credit, "credit": one.debit} for one in lines]
    subject = request.subject
    return [
        {"account_id": subject.debit_account_id, "debit": request.amount},
        {"account_id": subject.credit_account_id, "credit": request.amount},
    ]


def _duties(actor: User, permission: str, request: Disbursement) -> str:
    """Return the names of the duties under which ``actor`` holds ``permission`` over the request's unit today."""
    codename = permission.partition(".")[2]
    appointments = Appointment.objects.in_force().filter(user=actor, duty__group__permissions__codename=codename)
    appointments = appointments.select_related("duty", "village").prefetch_related("area__villages")
    scopes = [(one, Tree.load().scope_of(one)) for one in appointments]
    here = [one for one, scope in scopes if scope.everything or request.organization_id in scope.organization_ids]
    names = dict.fromkeys(one.duty.name for one in here)
    return "、".join(names)[:100] or "系统管理员"
