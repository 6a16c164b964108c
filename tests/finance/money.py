"""Small steps with money, for tests: a budget, a request at some state, a posted voucher."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from chishang.core.dates import today
from finance.enums import SealKind, SubjectCode
from finance.models import Budget, Disbursement, Subject, Voucher
from finance.services import RequestDraft, draft_request, post_request, seal_request, submit_request
from organizations.enums import DutyCode
from tests.factories import Town

YUAN = Decimal


def make_budget(
    organization: Any, amount: str = "1000.00", subject: str = SubjectCode.OPERATION, **fields: Any
) -> Budget:
    """A budget of this year, of village operation unless said otherwise."""
    fields.setdefault("year", today().year)
    row = Subject.objects.get(code=subject)
    return Budget.objects.create(organization=organization, subject=row, amount=YUAN(amount), **fields)


def draft_of(budget: Budget, amount: str = "100.00", **fields: Any) -> RequestDraft:
    """What an agent types."""
    return RequestDraft(budget.pk, YUAN(amount), **{"payee": "池上文具店", "purpose": "购办公用品"} | fields)


def make_request(town: Town, budget: Budget | None = None, amount: str = "100.00", **fields: Any) -> Disbursement:
    """A draft of the own village's agent."""
    budget = budget or make_budget(town.own.branch)
    actor = fields.pop("actor", town.people[DutyCode.VILLAGE_AGENT])
    return draft_request(actor=actor, op_id=uuid4(), draft=draft_of(budget, amount, **fields))[0]


def make_submitted(town: Town, budget: Budget | None = None, amount: str = "100.00", **fields: Any) -> Disbursement:
    """A request that waits for its seals."""
    request = make_request(town, budget, amount, **fields)
    return submit_request(actor=request.maker, request=request)


def seal_both(town: Town, request: Disbursement) -> Disbursement:
    """The finance head checks, the town's secretary approves."""
    seal_request(actor=town.people[DutyCode.FINANCE_HEAD], request=request, kind=SealKind.CHECK)
    return seal_request(actor=town.people[DutyCode.TOWN_SECRETARY], request=request, kind=SealKind.APPROVE)


def make_voucher(town: Town, budget: Budget | None = None, amount: str = "100.00", **fields: Any) -> Voucher:
    """A posted voucher of today."""
    request = seal_both(town, make_submitted(town, budget, amount, **fields))
    return post_request(actor=town.people[DutyCode.ACCOUNTANT], request=request)


def import_voucher(organization: Any, day: date, amount: str, **fields: Any) -> Voucher:
    """A voucher as the ledger brings it, with its entries, dated in the past."""
    subject = Subject.objects.get(code=fields.pop("subject", SubjectCode.OPERATION))
    number = fields.pop("number", 0) or (Voucher.objects.filter(year=day.year).count() + 1)
    names = {"maker_name": "甲", "checker_name": "乙", "approver_name": "丙"}
    voucher = Voucher.objects.create(
        **{"summary": "拨付", **names, **fields},
        year=day.year, number=number, date=day, organization=organization, subject=subject,
        amount=YUAN(amount), imported=True,
    )  # fmt: skip
    voucher.refresh_from_db()
    voucher.lines.create(number=1, account=subject.debit_account, debit=YUAN(amount))
    voucher.lines.create(number=2, account=subject.credit_account, credit=YUAN(amount))
    return voucher
