"""Writes of the visits app: one file a noun."""

from visits.services.issues import MoveFacts, MoveRefused, move_issue, moves_open_to, raise_issue, record_feedback
from visits.services.visits import IssueDraft, OperationReused, VisitDraft, record_visit

__all__ = [
    "IssueDraft",
    "MoveFacts",
    "MoveRefused",
    "OperationReused",
    "VisitDraft",
    "move_issue",
    "moves_open_to",
    "raise_issue",
    "record_feedback",
    "record_visit",
]
