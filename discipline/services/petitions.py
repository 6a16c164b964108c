"""Petitions: received, acknowledged, closed. What was mistyped is corrected; the history keeps what stood before."""

from collections.abc import Collection
from datetime import date

from django.core.exceptions import ValidationError

from chishang.core.dates import refuse_future
from chishang.core.guards import told_in_words
from discipline.models import Petition
from discipline.services.corrections import take_over
from discipline.services.handling import check_handler, check_order, check_person, check_place, check_texts, lock_row
from organizations.models import User

DATES = ("received_on", "acknowledged_on", "closed_on")
CORRECTABLE = frozenset(
    ("number", "origin", "sender", "is_signed", "organization", "person", "summary", "result", *DATES)
)
"""What is put right where it was mistyped. The handler is assigned, never typed over."""
WITHOUT_RESULT = "办结的信访件必须有处理结果，请填写处理结果。"


def receive_petition(*, actor: User, petition: Petition) -> Petition:
    """Store a new petition and return it.

    A handler may be given at once by whoever hands petitions out. Raises PermissionDenied without the right to add,
    ValidationError (by field) for what is missing, in the future, of another place, or about the actor.
    """
    with told_in_words():
        check_place(actor, petition, "add")
        if petition.handler is not None or petition.handler_only:
            check_handler(actor, petition)
        _check(actor, petition)
        petition.save()
    return petition


def correct_petition(*, actor: User, petition: Petition, changed: Collection[str]) -> Petition:
    """Put right the columns and texts ``changed`` of a stored petition and return it; what others did meanwhile stays.

    Raises PermissionDenied, or ValidationError (by field) as ``receive_petition``.
    """
    with told_in_words():
        locked: Petition = lock_row(actor, petition)
        take_over(locked, petition, CORRECTABLE.intersection(changed))
        check_place(actor, locked, "change")
        _check(actor, locked)
        locked.save()
    return locked


def acknowledge_petition(*, actor: User, petition: Petition, acknowledged_on: date) -> Petition:
    """Note on which day the sender was told that the petition was taken on, and return it.

    Raises ValidationError when that was noted already, for a day in the future, before receipt or after closing.
    """
    with told_in_words():
        locked: Petition = lock_row(actor, petition)
        if locked.acknowledged_on:
            raise ValidationError(f"已于 {locked.acknowledged_on:%Y-%m-%d} 告知受理；日期填错的，请在信访件页面改正。")
        locked.acknowledged_on = acknowledged_on
        _check(actor, locked)
        locked.save()
    return locked


def close_petition(*, actor: User, petition: Petition, closed_on: date, result: str) -> Petition:
    """Close a petition with its result and return it.

    Raises ValidationError without a result, when it is closed already, for a day in the future or before an earlier
    step.
    """
    with told_in_words():
        locked: Petition = lock_row(actor, petition)
        if locked.closed_on:
            raise ValidationError(f"已于 {locked.closed_on:%Y-%m-%d} 办结；填错的，请在信访件页面改正。")
        locked.closed_on, locked.result = closed_on, result.strip()
        _check(actor, locked)
        locked.save()
    return locked


def _check(actor: User, petition: Petition) -> None:
    check_texts(petition)
    refuse_future(petition, *DATES)
    check_order(petition, *DATES)
    if petition.closed_on and not petition.result.strip():
        raise ValidationError({"result": WITHOUT_RESULT})
    check_person(actor, petition)
    petition.full_clean()
