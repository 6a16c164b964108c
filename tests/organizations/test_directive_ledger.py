"""Sheet 文件下发 of workbook 05."""

from datetime import date

from chishang.core.ledgers import Options, Report, Status, load_ledgers
from organizations.enums import DutyCode
from organizations.models import DirectiveReceipt
from organizations.services import sign_directive
from tests.factories import Town
from tests.members.books import book

COLUMNS = ("文号", "标题", "印发日期", "接收党支部", "签收日期")


def take(town: Town, **values: object) -> Report:
    row = {"文号": "池发〔2017〕4号", "标题": "通知", "印发日期": "2017-02-06", "接收党支部": town.own.branch.name}
    (report,) = load_ledgers(book("05组织生活台账", "文件下发", COLUMNS, {**row, **values}), Options())
    return report


def test_signing_in_the_portal_is_not_undone_by_an_empty_cell(town: Town) -> None:
    take(town)
    receipt = sign_directive(actor=town.people[DutyCode.BRANCH_SECRETARY], receipt=DirectiveReceipt.objects.get())
    report = take(town)
    assert report.status == Status.LOADED
    stored = DirectiveReceipt.objects.get()
    assert (stored.signed_on, stored.signed_by) == (receipt.signed_on, receipt.signed_by)


def test_day_of_signing_before_the_document_is_refused(town: Town) -> None:
    report = take(town, 签收日期="2017-02-05")
    assert [fault.column for fault in report.faults] == ["签收日期"]


def test_document_moved_past_a_signing_is_refused_without_a_trace(town: Town) -> None:
    take(town, 签收日期="2017-02-08")
    report = take(town, 印发日期="2017-03-01")
    assert report.status == Status.REFUSED
    assert "签收日期不能早于印发日期" in report.faults[0].message
    assert DirectiveReceipt.objects.get().directive.issued_on == date(2017, 2, 6)
