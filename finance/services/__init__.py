"""Writes of village money."""

from finance.services.requests import (
    RequestDraft,
    RequestRefused,
    draft_request,
    draft_reversal,
    post_request,
    reject_request,
    revise_request,
    seal_request,
    submit_request,
    withdraw_request,
)
from finance.services.statements import (
    StatementRefused,
    check_statement,
    draft_statement,
    release_statement,
    withdraw_statement,
)

__all__ = [
    "RequestDraft",
    "RequestRefused",
    "StatementRefused",
    "check_statement",
    "draft_request",
    "draft_reversal",
    "draft_statement",
    "post_request",
    "reject_request",
    "release_statement",
    "revise_request",
    "seal_request",
    "submit_request",
    "withdraw_request",
    "withdraw_statement",
]
