"""Documents: sent to chosen branches, later to those that lack them; who has not signed."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from chishang.core.dates import today
from organizations.enums import BranchType, DutyCode
from organizations.models import Directive, DirectiveReceipt, Organization
from organizations.resources import DirectiveReceiptResource, DirectiveResource
from organizations.services import issue_directive, sign_directive
from tests.core.test_resources import sheet
from tests.factories import OrganizationFactory, Town, UserFactory, appoint
from tests.organizations.test_admin import sign_in

LISTS = "/admin/organizations/"
CLERK, LEADER = DutyCode.OFFICE_CLERK, DutyCode.AREA_LEADER
NUMBER = "池发〔2017〕9号"


def form(branches: Any, **values: Any) -> dict[str, Any]:
    return {
        "number": NUMBER,
        "title": "关于开展大走访的通知",
        "issued_on": today().isoformat(),
        "recipients": [branch.pk for branch in branches],
        **values,
    }


@pytest.fixture
def company(town: Town) -> Organization:
    """A branch of another kind."""
    return OrganizationFactory(parent=town.root, name="蜂业党支部", branch_type=BranchType.ENTERPRISE)


@pytest.fixture
def directive(town: Town) -> Directive:
    """Sent to both villages ten days ago, signed by the own one."""
    row = Directive.objects.create(number=NUMBER, title="通知", issued_on=today() - timedelta(days=10))
    issue_directive(actor=town.people[CLERK], directive=row, branches=[town.own.branch, town.foreign.branch])
    secretary = town.people[DutyCode.BRANCH_SECRETARY]
    sign_directive(actor=secretary, receipt=row.receipts.get(organization=town.own.branch))
    return row


def test_all_existing_branches_are_ticked_at_first(client: Client, town: Town, company: Organization) -> None:
    OrganizationFactory(parent=town.root, name="已撤销党支部", dissolved_on=today())
    page = sign_in(client, town, CLERK).get(f"{LISTS}directive/add/").content.decode()
    ticked = set(re.findall(r'name="recipients" value="(\d+)" id="\S+" checked', page))
    assert ticked == {str(branch.pk) for branch in (town.own.branch, town.foreign.branch, company)}
    assert "已撤销党支部" not in page
    assert "中共测试镇委员会" not in page


def test_document_goes_to_the_ticked_branches(client: Client, town: Town, company: Organization) -> None:
    sign_in(client, town, CLERK)
    answer = client.post(f"{LISTS}directive/add/", form([town.own.branch, company]), follow=True)
    assert "已下发给 2 个党支部。" in answer.content.decode()
    receipts = DirectiveReceipt.objects.all()
    assert {receipt.organization for receipt in receipts} == {town.own.branch, company}
    assert {receipt.issued_on for receipt in receipts} == {today()}


def test_types_narrow_the_ticked_branches(client: Client, town: Town, company: Organization) -> None:
    sign_in(client, town, CLERK)
    everybody = [town.own.branch, town.foreign.branch, company]
    client.post(f"{LISTS}directive/add/", form(everybody, only_types=[BranchType.ENTERPRISE]))
    assert [receipt.organization for receipt in DirectiveReceipt.objects.all()] == [company]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"recipients": []}, "请至少勾选一个接收党支部"),
        ({"only_types": ["agency"]}, "勾选的党支部里没有这些类型的"),
        ({"issued_on": "2099-01-01"}, "印发日期不能晚于今天"),
        ({"number": ""}, "必填"),
    ],
)
def test_wrong_document_is_not_stored(client: Client, town: Town, values: dict[str, Any], message: str) -> None:
    sign_in(client, town, CLERK)
    answer = client.post(f"{LISTS}directive/add/", form([town.own.branch], **values))
    assert message in answer.content.decode()
    assert not Directive.objects.exists()


def test_office_of_one_branch_sends_to_that_branch_only(client: Client, town: Town) -> None:
    user = UserFactory()
    appoint(user, CLERK, town.own.branch)
    client.force_login(user, backend="organizations.backends.AppointmentBackend")
    client.post(f"{LISTS}directive/add/", form([town.own.branch, town.foreign.branch]))
    assert not Directive.objects.exists()
    client.post(f"{LISTS}directive/add/", form([town.own.branch]))
    assert DirectiveReceipt.objects.get().organization == town.own.branch


def test_missing_branches_are_added_later(
    client: Client, town: Town, directive: Directive, company: Organization
) -> None:
    sign_in(client, town, CLERK)
    address = f"{LISTS}directive/{directive.pk}/issue/"
    assert address in client.get(f"{LISTS}directive/{directive.pk}/change/").content.decode()
    page = client.get(address).content.decode()
    assert re.findall(r'name="recipients" value="(\d+)"', page) == [str(company.pk)]
    client.post(address, {"recipients": [company.pk, town.own.branch_id]})
    assert directive.receipts.count() == 2
    assert "已补发给 1 个党支部" in client.post(address, {"recipients": [company.pk]}, follow=True).content.decode()
    assert directive.receipts.get(organization=company).issued_on == directive.issued_on
    assert directive.receipts.signed_by(today()).count() == 1


def test_issuing_needs_its_right(client: Client, town: Town, directive: Directive) -> None:
    sign_in(client, town, LEADER)
    address = f"{LISTS}directive/{directive.pk}/issue/"
    assert client.get(address).status_code == 403
    assert client.post(address, {"recipients": [town.own.branch_id]}).status_code == 403
    assert client.get(f"{LISTS}directive/add/").status_code == 403
    assert client.get(f"{LISTS}directive/{directive.pk + 1}/issue/").status_code == 404


def test_page_names_who_has_not_signed(client: Client, town: Town, directive: Directive) -> None:
    page = sign_in(client, town, CLERK).get(f"{LISTS}directive/{directive.pk}/change/").content.decode()
    assert re.search(r"<textarea[^>]*readonly>(.*?)</textarea>", page).group(1) == town.foreign.branch.name  # type: ignore[union-attr]
    assert "已签收 1，共下发 2" in page


def test_area_leader_sees_the_own_branch_s_receipts_only(client: Client, town: Town, directive: Directive) -> None:
    sign_in(client, town, LEADER)
    page = client.get(f"{LISTS}directive/{directive.pk}/change/").content.decode()
    assert town.foreign.branch.name not in page
    assert "已签收 1，共下发 1" in page
    assert "1/1" in client.get(f"{LISTS}directive/").content.decode()
    page = client.get(f"{LISTS}directivereceipt/").content.decode()
    assert town.own.branch.name in page
    assert town.foreign.branch.name not in page
    foreign = directive.receipts.get(organization=town.foreign.branch)
    assert client.get(f"{LISTS}directivereceipt/{foreign.pk}/change/").status_code == 404


def rows_of(page: str) -> str:
    return page.partition('id="result_list"')[2]


@pytest.mark.parametrize(("choice", "sees"), [("no", (False, True)), ("yes", (True, False)), ("", (True, True))])
def test_receipts_are_filtered_by_signature(
    client: Client, town: Town, directive: Directive, choice: str, sees: tuple[bool, bool]
) -> None:
    page = sign_in(client, town, CLERK).get(f"{LISTS}directivereceipt/?signed={choice}").content.decode()
    names = (town.own.branch.name, town.foreign.branch.name)
    assert tuple(name in rows_of(page) for name in names) == sees


@pytest.mark.parametrize("register", ["directive", "directivereceipt"])
def test_list_takes_the_same_queries_for_one_row_and_three(
    client: Client, town: Town, register: str, django_assert_num_queries: Any
) -> None:
    expected = {"directive": 14, "directivereceipt": 13}[register]
    sign_in(client, town, CLERK)

    def add(number: int) -> None:
        row = Directive.objects.create(number=f"池发〔2017〕{number}号", title="通知", issued_on=today())
        issue_directive(actor=town.people[CLERK], directive=row, branches=[town.own.branch])

    add(1)
    client.get(f"{LISTS}{register}/")
    with django_assert_num_queries(expected):
        client.get(f"{LISTS}{register}/")
    add(2)
    add(3)
    with django_assert_num_queries(expected):
        client.get(f"{LISTS}{register}/")


def test_page_of_a_document_takes_the_same_queries_with_more_receipts(
    client: Client, town: Town, directive: Directive, django_assert_num_queries: Any
) -> None:
    sign_in(client, town, CLERK)
    address = f"{LISTS}directive/{directive.pk}/change/"
    client.get(address)
    with django_assert_num_queries(24):
        client.get(address)
    branches = [OrganizationFactory(parent=town.root) for _ in range(3)]
    issue_directive(actor=town.people[CLERK], directive=directive, branches=branches)
    with django_assert_num_queries(24):
        client.get(address)


def test_day_of_signing_is_put_right(client: Client, town: Town, directive: Directive) -> None:
    sign_in(client, town, CLERK)
    receipt = directive.receipts.get(organization=town.own.branch)
    address = f"{LISTS}directivereceipt/{receipt.pk}/change/"
    early = (directive.issued_on - timedelta(days=1)).isoformat()
    assert "签收日期不能早于印发日期" in client.post(address, {"signed_on": early}).content.decode()
    assert "签收日期不能晚于今天" in client.post(address, {"signed_on": "2099-01-01"}).content.decode()
    assert client.post(address, {"signed_on": ""}).status_code == 302
    receipt.refresh_from_db()
    assert (receipt.signed_on, receipt.signed_by) == (None, None)


def test_corrected_date_is_carried_to_the_receipts(client: Client, town: Town, directive: Directive) -> None:
    sign_in(client, town, CLERK)
    inline = {"receipts-TOTAL_FORMS": 0, "receipts-INITIAL_FORMS": 0}
    data = {"number": NUMBER, "title": "通知", "issued_on": (today() - timedelta(days=5)).isoformat(), **inline}
    address = f"{LISTS}directive/{directive.pk}/change/"
    assert client.post(address, data).status_code == 302
    assert {receipt.issued_on for receipt in directive.receipts.all()} == {today() - timedelta(days=5)}
    receipt = directive.receipts.get(organization=town.own.branch)
    receipt.signed_on = today() - timedelta(days=3)
    receipt.save()
    answer = client.post(address, data | {"issued_on": today().isoformat()})
    assert "有 1 个党支部在这一天以前已经签收" in answer.content.decode()
    assert set(directive.receipts.values_list("issued_on", flat=True)) == {today() - timedelta(days=5)}


def test_import_carries_a_corrected_date_too(town: Town, directive: Directive) -> None:
    day = today() - timedelta(days=5)
    row = {"文号": NUMBER, "标题": "通知", "印发日期": day.isoformat()}
    resource = DirectiveResource(user=town.people[CLERK])
    assert resource.import_data(sheet(row)).totals["update"] == 1
    assert set(directive.receipts.values_list("issued_on", flat=True)) == {day}
    result = resource.import_data(sheet(row | {"印发日期": "2099-01-01"}))
    assert "印发日期不能晚于今天" in str(result.invalid_rows[0].error)


def test_receipts_are_imported_by_document_and_branch(town: Town, directive: Directive) -> None:
    resource = DirectiveReceiptResource(user=town.people[CLERK])
    row = {"文件": NUMBER, "接收党支部": town.foreign.branch.code, "签收日期": today().isoformat()}
    assert resource.import_data(sheet(row)).totals["update"] == 1
    early = (directive.issued_on - timedelta(days=1)).isoformat()
    result = resource.import_data(sheet(row | {"签收日期": early}))
    assert "签收日期不能早于印发日期" in str(result.invalid_rows[0].error)
    exported = resource.export(DirectiveReceipt.objects.all())
    assert resource.import_data(exported).totals["skip"] == 2
