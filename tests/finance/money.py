"""Small steps with money, for tests: a budget, a request at some state, a posted voucher."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import transaction

from chishang.core.dates import today
from finance.enums import SealKind, SubjectCode
from finance.models import (
    Budget,
    CollectiveIncome,
    Disbursement,
    Dividend,
    DividendScheme,
    IncomeKind,
    SolarPlant,
    Statement,
    Subject,
    Voucher,
)
from finance.models.statements import digest
from finance.services import RequestDraft, draft_request, post_request, seal_request, submit_request
from organizations.enums import DutyCode
from organizations.models import User, Village
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


@transaction.atomic
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


def fill_money(village: Village, actor: User) -> dict[str, Any]:
    """A row of each register of money that belongs to the village, by the model's name in small letters."""
    day, decided = date(2017, 6, 30), {"decided_by": f"{village.name}村委会"}
    budget = make_budget(village.branch, year=2017, held=YUAN("100.00"))
    scheme = DividendScheme.objects.create(
        village=village, enterprise=f"{village.name}的企业", capital=YUAN("1000.00")
    )
    dividend = Dividend.objects.create(
        scheme=scheme, year=2017, amount=YUAN("80.00"), village_amount=YUAN("24.00"), households=1, persons=1
    )
    plant = SolarPlant.objects.create(village=village, capacity_kw=28)
    names = {"household": f"{village.name}的户主", "name": f"{village.name}的受益人"}
    kind = IncomeKind.objects.get(name="土地发包")
    return {
        "budget": budget,
        "budgetadjustment": budget.adjustments.create(amount=YUAN("1.00"), decided_on=day, reason="追加", **decided),
        "assessment": budget.assessments.create(assessed_on=day, result="优秀", released=YUAN("1.00"), **decided),
        "disbursement": Disbursement.objects.create(
            budget=budget,
            organization=village.branch,
            subject=budget.subject,
            amount=YUAN("1.00"),
            payee=f"{village.name}的收款人",
            purpose=f"{village.name}的用途",
            maker=actor,
        ),
        "voucher": import_voucher(village.branch, day, "1.00", budget=budget, summary=f"{village.name}的摘要"),
        "collectiveincome": CollectiveIncome.objects.create(
            year=2017, village=village, kind=kind, amount=YUAN("30000.01")
        ),
        "dividendscheme": scheme,
        "dividend": dividend,
        "beneficiary": dividend.beneficiaries.create(household_no=1, **names),
        "solarplant": plant,
        "solarsettlement": plant.settlements.create(
            started_on=date(2017, 1, 1), ended_on=date(2017, 12, 31), amount=YUAN("1.00")
        ),
        "statement": Statement.objects.create(
            village=village, year=2017, quarter=2, content={}, sha256=digest({}), drafted_by=actor
        ),
    }
