"""What the demonstration township has under way, whatever day it is; the figures of 2017 stay as they are."""

import json
from datetime import date

import pytest

from chishang.report.report import build_report
from chishang.workbench.demonstration import add_present
from members.models import DevelopmentFile, DuesPayment, Transfer
from members.selectors.development import steps_due
from organizations.enums import DutyCode
from organizations.models import Appointment, Directive, Organization, User
from tests.township import TRUTH

LAST_DAY = "2017-12-31"


@pytest.fixture
def office(undone: None) -> User:
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
    figures = build_report(as_of=date.fromisoformat(LAST_DAY))["figures"]
    truth = json.loads(TRUTH.read_text())["as_of"][LAST_DAY]
    assert {key: figure["value"] for key, figure in figures.items() if key in truth} == {
        key: value for key, value in truth.items() if key in figures
    }
