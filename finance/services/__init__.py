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

__all__ = [
    "RequestDraft",
    "RequestRefused",
    "draft_request",
    "draft_reversal",
    "post_request",
    "reject_request",
    "revise_request",
    "seal_request",
    "submit_request",
    "withdraw_request",
]
