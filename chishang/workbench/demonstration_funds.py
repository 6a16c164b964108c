"""Village money that is under way today in the demonstration township, and statements of last year's ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import uuid4

from chishang.core.dates import today
from finance.enums import SealKind, SubjectCode
from finance.models import Budget, Disbursement, Subject
from finance.services import (
    RequestDraft,
    check_statement,
    draft_request,
    draft_statement,
    post_request,
    release_statement,
    seal_request,
    submit_request,
)
from organizations.enums import DutyCode
from organizations.models import User, Village

LEDGER_YEAR = 2017
"""The year of the demonstration's workbooks."""
PLANS = {SubjectCode.OPERATION: ("60000.00", "6000.00"), SubjectCode.SECRETARY_PAY: ("42000.00", "5000.00")}
"""Subject → yuan of the year, and how much of it waits for the assessment."""
MONEY_GROUP = "孙志远、周桂香、吴建国"


@dataclass(frozen=True)
class Wish:
    """A request: how far it went (seals, posted), and what it is for."""

    amount: str
    payee: str
    purpose: str
    seals: tuple[SealKind, ...] | None = None
    """None for a draft."""
    posted: bool = False


BOTH = (SealKind.CHECK, SealKind.APPROVE)
WISHES = (
    Wish("12600.00", "池上镇供电所", "村委会和水井房电费", BOTH, posted=True),
    Wish("3850.50", "淄河印刷社", "宣传栏更换和会议材料印制", BOTH),
    Wish("2400.00", "村卫生保洁队", "二季度环境整治用工", (SealKind.CHECK,)),
    Wish("960.00", "池上文具店", "办公用品", ()),
    Wish("1500.00", "旺达五金", "路灯维修材料"),
)


def add_funds(people: Mapping[DutyCode, User], village: Village) -> None:
    """Give ``village`` budgets and requests of this year at every step, and public statements of the ledger's year.

    ``people`` holds one account for each duty; the village agent's place is ``village``.
    """
    for code, (amount, held) in PLANS.items():
        subject = Subject.objects.get(code=code)
        values = {"amount": Decimal(amount), "held": Decimal(held), "source": f"池发〔{today().year}〕3号"}
        Budget.objects.create(year=today().year, organization=village.branch, subject=subject, **values)
    budget = Budget.objects.get(year=today().year, organization=village.branch, subject__code=SubjectCode.OPERATION)
    for wish in WISHES:
        _ask(people, budget, wish)
    for quarter in (1, 2, 3, 4):
        _publish(people, village, quarter)


def _ask(people: Mapping[DutyCode, User], budget: Budget, wish: Wish) -> None:
    agent = people[DutyCode.VILLAGE_AGENT]
    draft = RequestDraft(budget.pk, Decimal(wish.amount), wish.payee, wish.purpose, attachments=1)
    request, _ = draft_request(actor=agent, op_id=uuid4(), draft=draft)
    if wish.seals is None:
        return
    submit_request(actor=agent, request=request)
    signers = {SealKind.CHECK: DutyCode.FINANCE_HEAD, SealKind.APPROVE: DutyCode.TOWN_SECRETARY}
    for kind in wish.seals:
        seal_request(actor=people[signers[kind]], request=request, kind=kind)
    if wish.posted:
        post_request(actor=people[DutyCode.ACCOUNTANT], request=Disbursement.objects.get(pk=request.pk))


def _publish(people: Mapping[DutyCode, User], village: Village, quarter: int) -> None:
    """Draw up a statement; those of the first three quarters are checked and public."""
    accountant, agent = people[DutyCode.ACCOUNTANT], people[DutyCode.VILLAGE_AGENT]
    statement = draft_statement(actor=accountant, village=village, year=LEDGER_YEAR, quarter=quarter)
    if quarter <= 3:  # noqa: PLR2004  the last one waits for the money group
        check_statement(actor=agent, statement=statement, checkers=MONEY_GROUP)
        release_statement(actor=people[DutyCode.FINANCE_HEAD], statement=statement)
