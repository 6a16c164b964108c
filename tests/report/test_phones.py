"""What still waits on phones stands beside the report's totals: on the page, and in the workbook of a draft."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from chishang.report.enums import FileFormat
from chishang.report.files import write_report
from chishang.report.report import build_report
from organizations.enums import DutyCode
from tests.factories import Town
from tests.report.test_excel import LAST_DAY, sheets_of
from tests.report.test_page import page
from visits.models import Device

HEARD = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


@pytest.fixture
def phone(town: Town) -> Device:
    user, place = town.people[DutyCode.BRANCH_SECRETARY], town.own.branch
    told = {"waiting": 3, "last_contact_at": HEARD}
    return Device.objects.create(device_id=uuid4(), user=user, organization=place, **told)


def test_page_tells_it_as_of_now_on_every_day(town: Town, phone: Device) -> None:
    for query in ({}, {"as_of": LAST_DAY.isoformat()}):
        assert "现在手机里还有 3 条记录没有报上来（1 部手机" in page(town, **query)
    assert "手机里还有" not in page(town, DutyCode.AREA_LEADER)


def test_workbook_of_a_draft_tells_it_and_an_issued_one_does_not(town: Town, phone: Device) -> None:
    report = build_report(as_of=LAST_DAY)
    draft = write_report(report, FileFormat.XLSX)
    told = {row[0]: row[1] for row in sheets_of(draft)["说明"]}["手机里的记录"]
    assert told == "手机里还有3条记录没有报上来（1部手机，2026年1月2日11:04最近一次联系），本册不含这些"
    assert write_report(build_report(as_of=LAST_DAY), FileFormat.XLSX) == draft
    issued = write_report(replace(report, issue="第1版"), FileFormat.XLSX)
    assert "手机里的记录" not in {row[0] for row in sheets_of(issued)["说明"]}
