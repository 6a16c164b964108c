"""The ledger import in the admin."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chishang.core.ledgers import Status
from discipline.enums import AccessKind
from discipline.models import Criticism, Petition, Reading
from organizations.enums import DutyCode
from tests.core.test_workbooks import bomb
from tests.discipline.books import SOUND
from tests.discipline.books import book as secret_book
from tests.discipline.records import make_criticism, make_person
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


@pytest.mark.parametrize(
    "duty",
    [DutyCode.AREA_LEADER, DutyCode.SYSTEM_ADMINISTRATOR, DutyCode.TOWN_SECRETARY, DutyCode.DISCIPLINE_CLERK],
)
def test_page_is_for_those_who_may_import(client: Client, town: Town, duty: DutyCode) -> None:
    client.force_login(town.people[duty], backend="organizations.backends.AppointmentBackend")
    assert client.get(ADDRESS).status_code == 403
    assert ADDRESS not in client.get("/").content.decode()


# ---- the confidential workbook ----------------------------------------------------------------------------------


def upload_secret(client: Client, **values: object) -> str:
    """Upload the discipline office's workbook; return the address of its preview."""
    rows = {"信访件": [SOUND["信访件"] | values], "批评教育": [SOUND["批评教育"] | {"姓名": "钱守信"}]}
    name, file = secret_book(rows)
    answer = client.post(ADDRESS, {"workbook": SimpleUploadedFile(name, file.read())})
    assert answer.status_code == 302
    return answer.headers["Location"]


def test_head_of_the_discipline_office_imports_its_workbook(client: Client, town: Town) -> None:
    user = town.people[DutyCode.DISCIPLINE_HEAD]
    client.force_login(user, backend="organizations.backends.AppointmentBackend")
    assert "您可以导入：廉政台账。" in client.get(ADDRESS).text

    address = upload_secret(client)
    preview = client.get(address)

    assert preview.context["report"].counts["信访件"].new == 1
    assert not any(word in preview.text for word in ("钱守信", "XF-2017-01", "账目公开", "帮扶走访"))
    assert not Petition.objects.exists()
    assert Reading.objects.get().purpose == "检查台账"
    assert "信访件新增 1" in client.post(address, follow=True).text
    assert (Petition.objects.count(), Criticism.objects.get().person.name) == (1, "钱守信")
    lines = Reading.objects.order_by("pk")
    assert [line.purpose for line in lines] == ["检查台账", "导入台账"]
    for line in lines:
        assert (line.user, line.kind, line.subject) == (user, AccessKind.IMPORTED, "06廉政台账.xlsx")


def test_refused_upload_of_the_head_leaves_a_line_as_well(client: Client, town: Town) -> None:
    head = town.people[DutyCode.DISCIPLINE_HEAD]
    client.force_login(head, backend="organizations.backends.AppointmentBackend")
    answer = client.post(upload_secret(client, 处理结果=None))
    assert answer.context["report"].status == Status.REFUSED
    assert not Petition.objects.exists()
    line = Reading.objects.get()
    assert (line.user, line.purpose, line.subject) == (head, "检查台账", "06廉政台账.xlsx")


def test_preview_of_faults_tells_no_stored_name(client: Client, town: Town) -> None:
    make_criticism(make_person("钱守信", "本村", remark="1965年生"))
    make_criticism(make_person("钱守信", "本村", remark="1970年生"))
    client.force_login(town.people[DutyCode.DISCIPLINE_HEAD], backend="organizations.backends.AppointmentBackend")
    page = client.get(upload_secret(client, 处理结果=None)).text
    assert "办结的信访件必须有处理结果" in page
    assert "几名同名的人" in page
    assert "钱守信" not in page


@pytest.mark.parametrize("duty", [DutyCode.OFFICE_CLERK, DutyCode.OFFICE_HEAD])
def test_others_are_told_nothing_of_what_is_inside(client: Client, town: Town, duty: DutyCode) -> None:
    client.force_login(town.people[duty], backend="organizations.backends.AppointmentBackend")
    assert "廉政" not in client.get(ADDRESS).content.decode()

    address = upload_secret(client, 办结日期="2017-01-01")
    preview, stored = client.get(address), client.post(address)

    for answer in (preview, stored):
        assert "涉密工作簿，由纪委书记导入" in answer.text
        assert (answer.context["report"].counts, answer.context["report"].faults) == ({}, [])
        assert not any(word in answer.text for word in ("钱守信", "XF-2017-01", "信访件", "批评教育", "处理结果"))
    assert not Petition.objects.exists()
    assert not Reading.objects.exists()
