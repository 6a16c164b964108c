"""What no ledger of the demonstration township has: things that are under way today, made by the services."""

from datetime import date, timedelta
from decimal import Decimal

from chishang.core.dates import add_months, today
from chishang.core.id_numbers import check_character
from members.enums import DuesPayer, Sex
from members.models import DevelopmentFile, DevelopmentStep, DuesStandard, Member, Transfer
from members.services import set_standard, start_transfer
from members.services.development import StepFacts, open_file, record_step
from members.services.dues import PaymentFacts, record_payments
from organizations.models import Directive, Organization, User
from organizations.services import issue_directive, sign_directive

TITLE = "关于开展今冬明春走访慰问困难党员的通知"
STEPS_TAKEN = (("talk", 0), ("activist", 8), ("activist_filing", 8), ("contacts", 9), ("education", 14))
"""Steps of the applicant's file, and how many months after the application."""


def add_present(*, office: User, branch: Organization) -> None:
    """Let things be under way in ``branch``: dues, an applicant, a transfer; and a document that waits for all."""
    members = list(Member.objects.current().full().filter(branch=branch).order_by("pk"))
    _collect_dues(office, members[1:])
    _develop(office, branch)
    elsewhere = Organization.objects.branches().exclude(pk=branch.pk).order_by("-sort_no").first()
    day = today() - timedelta(days=20)
    start_transfer(actor=office, transfer=Transfer(member=members[0], to_branch=elsewhere, started_on=day))
    _issue(office)


def _collect_dues(office: User, members: list[Member]) -> None:
    """Farmers' dues since New Year: paid up to last month, but by the last of the list only in January."""
    first = date(today().year, 1, 1)
    for member in members:
        standard = DuesStandard(member=member, payer=DuesPayer.FARMER, amount=Decimal("0.50"), valid_from=first)
        set_standard(actor=office, standard=standard)
    months = [date(first.year, month, 1) for month in range(1, today().month)]
    facts = PaymentFacts(paid_on=today())
    if months:
        record_payments(actor=office, members=members[:-1], months=months, facts=facts)
        record_payments(actor=office, members=members[-1:], months=months[:1], facts=facts)


def _develop(office: User, branch: Organization) -> None:
    """An applicant who was made an activist a year ago and may become a candidate."""
    applied_on, born_on = add_months(today(), -21), date(1995, 4, 12)
    number = f"370399{born_on:%Y%m%d}231"
    file = DevelopmentFile(
        branch=branch, name="苏小河", sex=Sex.MALE, born_on=born_on, phone="15400000123", address=f"{branch}二组 8 号"
    )
    open_file(actor=office, file=file, applied_on=applied_on, id_number=number + check_character(number))
    for code, months in STEPS_TAKEN:
        step = DevelopmentStep.objects.get(code=code)
        day = add_months(applied_on, months) + timedelta(days=7)
        record_step(actor=office, file=file, step=step, occurred_on=day, facts=StepFacts(decision="同意"))


def _issue(office: User) -> None:
    """A document of last week, which every third branch has signed for."""
    number = f"池发〔{today().year}〕18号"
    directive = Directive.objects.create(number=number, title=TITLE, issued_on=today() - timedelta(days=6))
    issue_directive(actor=office, directive=directive, branches=Organization.objects.branches().existing_on(today()))
    for count, receipt in enumerate(directive.receipts.order_by("organization__sort_no")):
        if count % 3 == 0:
            sign_directive(actor=office, receipt=receipt)
