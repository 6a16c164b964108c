"""Writes of the visits app: one file a noun."""

from visits.services.drafts import IssueDraft, VisitDraft
from visits.services.issues import (
    MoveFacts,
    MoveRefused,
    answer_issue,
    feedback_as_move,
    move_issue,
    moves_open_to,
    raise_issue,
    record_feedback,
)
from visits.services.operations import (
    DigestMismatch,
    OperationBusy,
    SentOperation,
    apply_held,
    dismiss_held,
    doubt_about,
    may_send,
    receive_operation,
)
from visits.services.phones import PhoneReport, RollCall, call_the_roll, note_phone, phone_of
from visits.services.photos import PhotoNotExpected, PhotoTooLarge, store_photo
from visits.services.visits import NotTakenIn, OperationReused, record_visit

__all__ = [
    "DigestMismatch",
    "IssueDraft",
    "MoveFacts",
    "MoveRefused",
    "NotTakenIn",
    "OperationBusy",
    "OperationReused",
    "PhoneReport",
    "PhotoNotExpected",
    "PhotoTooLarge",
    "RollCall",
    "SentOperation",
    "VisitDraft",
    "answer_issue",
    "apply_held",
    "call_the_roll",
    "dismiss_held",
    "doubt_about",
    "feedback_as_move",
    "may_send",
    "move_issue",
    "moves_open_to",
    "note_phone",
    "phone_of",
    "raise_issue",
    "receive_operation",
    "record_feedback",
    "record_visit",
    "store_photo",
]
