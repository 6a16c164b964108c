"""Writes of village money."""

from finance.services.budgets import adjust_budget, record_assessment, save_budget
from finance.services.dividends import (
    DividendRefused,
    Person,
    pay_dividend,
    record_dividend,
    save_beneficiary,
    set_beneficiaries,
    split_dividend,
)
from finance.services.periods import ask_reopening, close_months, close_period, decline_reopening, reopen_period
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
    "DividendRefused",
    "Person",
    "RequestDraft",
    "RequestRefused",
    "StatementRefused",
    "adjust_budget",
    "ask_reopening",
    "check_statement",
    "close_months",
    "close_period",
    "decline_reopening",
    "draft_request",
    "draft_reversal",
    "draft_statement",
    "pay_dividend",
    "post_request",
    "record_assessment",
    "record_dividend",
    "reject_request",
    "release_statement",
    "reopen_period",
    "revise_request",
    "save_beneficiary",
    "save_budget",
    "seal_request",
    "set_beneficiaries",
    "split_dividend",
    "submit_request",
    "withdraw_request",
    "withdraw_statement",
]
