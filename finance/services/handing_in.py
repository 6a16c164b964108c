"""Writing a request and submitting it with one press: all of it, or nothing."""

from uuid import UUID

from django.db import transaction

from finance.enums import RequestState
from finance.models import Disbursement, Voucher
from finance.services.requests import RequestDraft, draft_request, draft_reversal, revise_request, submit_request
from organizations.models import User


@transaction.atomic
def hand_in_request(*, actor: User, op_id: UUID, draft: RequestDraft) -> tuple[Disbursement, bool]:
    """Store a request and submit it; return it and whether it is new. Raises ValidationError, then nothing is stored.

    The second of two presses finds the first one's request and changes nothing.
    """
    return _submitted(actor, draft_request(actor=actor, op_id=op_id, draft=draft))


@transaction.atomic
def hand_in_reversal(*, actor: User, op_id: UUID, voucher: Voucher, reason: str) -> tuple[Disbursement, bool]:
    """Store a request to reverse ``voucher`` and submit it; as ``hand_in_request``."""
    return _submitted(actor, draft_reversal(actor=actor, op_id=op_id, voucher=voucher, reason=reason))


@transaction.atomic
def hand_in_revision(*, actor: User, request: Disbursement, draft: RequestDraft) -> Disbursement:
    """Change a draft and submit it. Raises ValidationError, then the draft is as it was."""
    return submit_request(actor=actor, request=revise_request(actor=actor, request=request, draft=draft))


def _submitted(actor: User, stored: tuple[Disbursement, bool]) -> tuple[Disbursement, bool]:
    request, is_new = stored
    if request.state == RequestState.DRAFT:
        request = submit_request(actor=actor, request=request)
    return request, is_new
