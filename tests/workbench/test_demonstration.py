"""What the demonstration township has under way, whatever day it is; the figures of 2017 stay as they are."""

import json
from datetime import date
from decimal import Decimal

import pytest

from chishang.core.guards import check_deferred
from chishang.report.report import build_report
from chishang.workbench.demonstration import add_present
from chishang.workbench.demonstration_discipline import add_discipline
from chishang.workbench.demonstration_funds import add_funds
from discipline.models import Case, FeedbackIssue, Lead, Petition
from discipline.selectors.deadlines import lines_for
from finance.models import Disbursement, Statement
from members.models import DevelopmentFile, DuesPayment, Transfer
from members.selectors.development import steps_due
from organizations.enums import DutyCode
from organizations.models import Appointment, Directive, Organization, User
from tests.township import LEDGERS, TRUTH, load

LAST_DAY = "2017-12-31"


@pytest.fixture
def office(township: None) -> User:
    load(LEDGERS / "06廉政台账.xlsx", confidential=True)
    appointment = Appointment.objects.in_force().filter(duty__code=DutyCode.OFFICE_HEAD).earliest("pk")
    return appointment.user


def test_things_are_under_way(office: User) -> None:
    branch = Organization.objects.get(name="牛栏峪村党支部")
    add_present(office=office, branch=branch)
    assert Transfer.objects.in_transit().get().from_branch == branch
    file = DevelopmentFile.objects.get()
    (due,) = steps_due(office)
    assert (due.file, due.step.code) == (file, "candidate")
    directive = Directive.objects.latest("pk")
    assert directive.receipts.count() == 67
    assert 0 < directive.receipts.unsigned().count() < 67
    assert DuesPayment.objects.values("member").distinct().count() > 20
    assert_report_of_the_ledgers()


def assert_report_of_the_ledgers() -> None:
    figures = build_report(as_of=date.fromisoformat(LAST_DAY)).as_data()["figures"]
    truth = json.loads(TRUTH.read_text())["as_of"][LAST_DAY]
    values = {key: figure["value"] for key, figure in figures.items() if key in truth}
    assert {key: str(one) if isinstance(one, Decimal) else one for key, one in values.items()} == {
        key: value for key, value in truth.items() if key in figures
    }


def test_money_is_under_way_and_last_quarters_are_public(office: User) -> None:
    duties = (DutyCode.VILLAGE_AGENT, DutyCode.FINANCE_HEAD, DutyCode.ACCOUNTANT, DutyCode.TOWN_SECRETARY)
    held = {duty: Appointment.objects.in_force().filter(duty__code=duty).earliest("pk") for duty in duties}
    village = held[DutyCode.VILLAGE_AGENT].village
    add_funds({duty: one.user for duty, one in held.items()}, village)
    check_deferred()
    states = Disbursement.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["posted", "approved", "submitted", "submitted", "draft"]
    public = Statement.objects.in_force().order_by("quarter")
    assert [(one.village, one.quarter) for one in public] == [(village, 1), (village, 2), (village, 3)]
    assert Statement.objects.exclude(state="released").count() == 1
    assert_report_of_the_ledgers()


def test_discipline_is_under_way(office: User) -> None:
    duties = (DutyCode.DISCIPLINE_HEAD, DutyCode.DISCIPLINE_CLERK, DutyCode.VILLAGE_AGENT)
    held = {duty: Appointment.objects.in_force().filter(duty__code=duty).earliest("pk") for duty in duties}
    people = {duty: one.user for duty, one in held.items()}
    add_discipline(people, held[DutyCode.VILLAGE_AGENT].village)
    check_deferred()
    head, clerk = people[DutyCode.DISCIPLINE_HEAD], people[DutyCode.DISCIPLINE_CLERK]
    assert Case.objects.visible_to(clerk).open().get().handler == clerk
    assert Petition.objects.visible_to(clerk).open().count() == 2
    assert Lead.objects.visible_to(clerk).count() == 2
    assert (
        FeedbackIssue.objects.in_state("verified").count() == FeedbackIssue.objects.in_state("struck_off").count() == 6
    )
    assert {"立案审查", "线索提出处置意见", "信访件告知受理"} <= {line.kind for line in lines_for(head)}
    assert_report_of_the_ledgers()
