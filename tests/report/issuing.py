"""Issued reports for tests: drawn up by the clerk, signed by the office's head."""

from datetime import date
from typing import Any

from chishang.report.models import IssuedReport
from chishang.report.services import draft_report, release_report
from organizations.enums import DutyCode as D
from tests.factories import Town

DAY = date(2017, 12, 31)


def make_draft(town: Town, as_of: date = DAY, reason: str = "") -> IssuedReport:
    return draft_report(actor=town.people[D.OFFICE_CLERK], as_of=as_of, reason=reason)


def make_released(town: Town, as_of: date = DAY, reason: str = "") -> IssuedReport:
    return release_report(actor=town.people[D.OFFICE_HEAD], report=make_draft(town, as_of, reason))


def contents(report: IssuedReport) -> dict[str, bytes]:
    """Format → the stored bytes."""
    return {one.format: bytes(one.content) for one in report.files.all()}


def add_late_visit(town: Town, **fields: Any) -> None:
    """A visit of that year that somebody records only now."""
    town.record(town.own_household, "补录的问题", visited_on=fields.pop("visited_on", date(2017, 12, 20)))
