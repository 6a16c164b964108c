"""The ledger import in the admin."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from organizations.enums import DutyCode
from tests.core.test_workbooks import bomb
from tests.factories import Town, UserFactory
from tests.visits.test_ledger import book, row
from visits.models import Visit

ADDRESS = "/admin/ledgers/"


@pytest.fixture
def office(client: Client, town: Town) -> Client:
    UserFactory(name="王走访")
    client.force_login(town.people[DutyCode.OFFICE_CLERK], backend="organizations.backends.AppointmentBackend")
    return client


def upload(client: Client, *rows: dict[str, object]) -> str:
    """Upload a workbook; return the address of its preview."""
    name, file = book(*rows)[0]
    answer = client.post(ADDRESS, {"workbook": SimpleUploadedFile(name, file.read())})
    assert answer.status_code == 302
    return answer.headers["Location"]


def test_preview_shows_what_would_change_and_stores_nothing(office: Client) -> None:
    page = office.get(upload(office, row()))
    assert page.context["report"].counts["走访"].new == 1
    assert Visit.objects.count() == 0


def test_confirmation_stores_and_ends_the_upload(office: Client, town: Town) -> None:
    address = upload(office, row())
    answer = office.post(address, follow=True)
    assert "走访新增 1" in answer.content.decode()
    assert Visit.objects.get().entered_by == town.people[DutyCode.OFFICE_CLERK]
    assert office.get(address).status_code == 404


def test_workbook_with_faults_stores_nothing_unless_the_good_rows_are_asked_for(office: Client) -> None:
    address = upload(office, row(), row(走访日期="2017年6月31日"))
    page = office.get(address).content.decode()
    assert "“2017年6月31日”不是存在的日期" in page
    assert "只导入没有问题的行" in page
    office.post(address)
    assert Visit.objects.count() == 0
    office.post(address, {"take_good_rows": "on"})
    assert Visit.objects.count() == 1


def test_same_workbook_again_says_that_nothing_changed(office: Client) -> None:
    office.post(upload(office, row()))
    answer = office.post(upload(office, row()), follow=True)
    assert "内容与门户一致，没有变化。" in answer.content.decode()


@pytest.mark.parametrize(("content", "message"), [(b"no workbook", "不是 Excel 工作簿"), (b"", "这个文件是空的")])
def test_file_that_is_no_workbook_is_refused_at_the_field(office: Client, content: bytes, message: str) -> None:
    answer = office.post(ADDRESS, {"workbook": SimpleUploadedFile("x.xlsx", content)})
    assert message in answer.content.decode()


def test_bomb_is_refused_before_it_is_parsed(office: Client) -> None:
    answer = office.post(ADDRESS, {"workbook": SimpleUploadedFile("x.xlsx", bytes(bomb(1 << 30)))})
    assert "解压后太大" in answer.content.decode()


def test_workbook_that_no_app_takes_is_named_as_skipped(office: Client) -> None:
    file = io.BytesIO()
    openpyxl.Workbook().save(file)
    answer = office.post(ADDRESS, {"workbook": SimpleUploadedFile("菜谱.xlsx", file.getvalue())}, follow=True)
    assert "门户还不接收这个工作簿" in answer.content.decode()


def test_upload_belongs_to_its_session(office: Client, town: Town) -> None:
    address = upload(office, row())
    other = Client()
    other.force_login(town.people[DutyCode.OFFICE_HEAD], backend="organizations.backends.AppointmentBackend")
    assert other.get(address).status_code == 404
    assert other.post(address).status_code == 404
    assert Visit.objects.count() == 0


@pytest.mark.parametrize("duty", [DutyCode.AREA_LEADER, DutyCode.DISCIPLINE_HEAD, DutyCode.TOWN_SECRETARY])
def test_page_is_for_those_who_may_import(client: Client, town: Town, duty: DutyCode) -> None:
    client.force_login(town.people[duty], backend="organizations.backends.AppointmentBackend")
    assert client.get(ADDRESS).status_code == 403
    assert ADDRESS not in client.get("/").content.decode()
