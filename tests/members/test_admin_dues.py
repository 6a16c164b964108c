"""Dues in the admin: registers, the sheet of a branch, recording for many, reversal, import and export."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from chishang.core.dates import add_months, today
from members.enums import DuesPayer
from members.models import DuesExemption, DuesPayment, DuesStandard, Member
from members.services import PaymentFacts, record_payments, set_standard
from organizations.enums import DutyCode
from tests.factories import Town
from tests.members.life import make_member
from tests.organizations.test_admin import sign_in

LISTS = "/admin/members/"
PAYMENTS = f"{LISTS}duespayment/"
CLERK, LEADER, ACCOUNTANT = DutyCode.OFFICE_CLERK, DutyCode.AREA_LEADER, DutyCode.ACCOUNTANT
DISCIPLINE = DutyCode.DISCIPLINE_HEAD
LAST_MONTH = add_months(today().replace(day=1), -1)


@pytest.fixture
def clerk(client: Client, town: Town) -> Client:
    return sign_in(client, town, CLERK)


def owing(town: Town, name: str = "赵东强", *, foreign: bool = False, months: int = 8) -> Member:
    """A farmer of 0.50 yuan a month, for so many months that are over."""
    member = make_member(town.foreign.branch if foreign else town.own.branch, name)
    since = add_months(today().replace(day=1), -months)
    owed = DuesStandard(member=member, payer=DuesPayer.FARMER, amount=Decimal("0.50"), valid_from=since)
    set_standard(actor=None, standard=owed)
    return member


def pay(town: Town, member: Member, month: date = LAST_MONTH) -> DuesPayment:
    facts = PaymentFacts(today())
    return record_payments(actor=town.people[CLERK], members=[member], months=[month], facts=facts)[0]


def payment_form(member: Member, **values: Any) -> dict[str, Any]:
    own = {"month": f"{LAST_MONTH:%Y-%m}", "amount": "0.50", "paid_on": today().isoformat(), "method": "cash"}
    return {"member": member.pk, **own, "receipt_no": "", **values}


def upload(client: Client, register: str, titles: list[str], *rows: list[Any]) -> Any:
    """Upload a workbook to the import of a register and confirm it; return the last page."""
    book, content = Workbook(), BytesIO()
    for row in (titles, *rows):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(content)
    file = SimpleUploadedFile("a.xlsx", content.getvalue())
    page = client.post(f"{LISTS}{register}/import/", {"import_file": file, "format": "0"})
    form = page.context.get("confirm_form")
    if form is None:
        return page
    return client.post(f"{LISTS}{register}/process_import/", form.initial, follow=True)


def test_standard_is_worked_out_from_the_base(clerk: Client, town: Town) -> None:
    member = make_member(town.own.branch)
    data = {"member": member.pk, "payer": "wage", "base": "3000.01", "amount": "", "valid_from": "2017-03"}
    answer = clerk.post(f"{LISTS}duesstandard/add/", data)
    assert answer.status_code == 302
    standard = DuesStandard.objects.get()
    assert (standard.amount, standard.valid_from) == (Decimal("30.00"), date(2017, 3, 1))
    page = clerk.get(f"{LISTS}duesstandard/{standard.pk}/change/").content.decode()
    assert 'value="2017-03"' in page


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"amount": "1.01"}, "amount", "0.20 元到 1.00 元之间"),
        ({"valid_from": "2017"}, "valid_from", "请写到月份"),
        ({"valid_from": "去年"}, "valid_from", "不是月份"),
        ({"payer": "wage"}, "base", "请填写计算基数"),
    ],
)
def test_standard_outside_the_rules_is_told_at_its_field(
    clerk: Client, town: Town, values: dict[str, str], field: str, words: str
) -> None:
    member = make_member(town.own.branch)
    data = {"member": member.pk, "payer": "farmer", "base": "", "amount": "0.50", "valid_from": "2017-03", **values}
    answer = clerk.post(f"{LISTS}duesstandard/add/", data)
    assert words in answer.context["adminform"].form.errors[field][0]
    assert not DuesStandard.objects.exists()


def test_exemption_is_stored_and_a_second_one_for_the_same_months_refused(clerk: Client, town: Town) -> None:
    data = {"member": owing(town).pk, "from_month": "2017-03", "until_month": "2017-08", "amount": "0"}
    data |= {"decided_on": "2017-03-05", "decided_by": "镇党委", "reason": "生活困难"}
    assert clerk.post(f"{LISTS}duesexemption/add/", data).status_code == 302
    again = clerk.post(f"{LISTS}duesexemption/add/", {**data, "from_month": "2017-08", "until_month": "2017-09"})
    assert "2017年3月至2017年8月已有减免" in again.context["adminform"].form.errors["from_month"][0]
    assert DuesExemption.objects.count() == 1
    assert clerk.get(f"{LISTS}duesexemption/{DuesExemption.objects.get().pk}/change/").status_code == 200


def test_payment_is_recorded_with_who_recorded_it(clerk: Client, town: Town) -> None:
    member = owing(town)
    assert clerk.post(f"{PAYMENTS}add/", payment_form(member)).status_code == 302
    payment = DuesPayment.objects.get()
    assert (payment.month, payment.recorded_by) == (LAST_MONTH, town.people[CLERK])
    again = clerk.post(f"{PAYMENTS}add/", payment_form(member, receipt_no="2"))
    assert "已经交清" in again.context["adminform"].form.errors["amount"][0]


def test_extra_of_1000_yuan_is_pointed_out(clerk: Client, town: Town) -> None:
    data = payment_form(owing(town), month="", amount="1000.00")
    page = clerk.post(f"{PAYMENTS}add/", data, follow=True).content.decode()
    assert "大额党费，要全额上交中央" in page
    payment = DuesPayment.objects.get()
    assert "大额党费" in clerk.get(f"{PAYMENTS}{payment.pk}/change/").content.decode()
    pay(town, payment.member)
    page = clerk.get(f"{PAYMENTS}?payment=large").content.decode()
    assert page.count(f"{PAYMENTS}{payment.pk}/change/") > 0
    assert f"{PAYMENTS}{DuesPayment.objects.get(month=LAST_MONTH).pk}/change/" not in page


def test_stored_payment_is_not_changed_but_reversed(clerk: Client, town: Town) -> None:
    payment = pay(town, owing(town))
    clerk.post(f"{PAYMENTS}{payment.pk}/change/", payment_form(payment.member, amount="0.10"))
    payment.refresh_from_db()
    assert payment.amount == Decimal("0.50")
    assert "冲销这一笔" in clerk.get(f"{PAYMENTS}{payment.pk}/change/").content.decode()
    page = clerk.post(f"{PAYMENTS}{payment.pk}/reverse/", {"reason": ""}, follow=True).content.decode()
    assert "请写明冲销的理由" in page
    assert DuesPayment.objects.count() == 1
    page = clerk.post(f"{PAYMENTS}{payment.pk}/reverse/", {"reason": "月份录错"}, follow=True).content.decode()
    assert "理由：月份录错" in page
    assert "月份录错" in clerk.get(PAYMENTS).content.decode()
    assert "已冲销：赵东强 0.50 元" in page
    assert "冲销这一笔" not in page
    again = clerk.post(f"{PAYMENTS}{payment.pk}/reverse/", {"reason": "再"}, follow=True)
    assert "这一笔已经冲销过" in again.content.decode()
    assert DuesPayment.objects.count() == 2
    assert clerk.get(f"{PAYMENTS}{payment.pk}/reverse/").status_code == 405


def test_reversal_needs_the_right_and_a_row_of_one_s_own(client: Client, town: Town) -> None:
    own, foreign = pay(town, owing(town)), pay(town, owing(town, "钱西明", foreign=True))
    sign_in(client, town, LEADER)
    assert client.post(f"{PAYMENTS}{own.pk}/reverse/", {"reason": "录错"}).status_code == 403
    assert client.post(f"{PAYMENTS}{foreign.pk}/reverse/", {"reason": "录错"}).status_code == 404
    assert DuesPayment.objects.count() == 2


def test_sheet_shows_members_by_months_with_sums(clerk: Client, town: Town) -> None:
    late, plain = owing(town), make_member(town.own.branch, "赵南")
    pay(town, late)
    owing(town, "钱西明", foreign=True)
    page = clerk.get(f"{PAYMENTS}sheet/?branch={town.own.branch_id}&year={LAST_MONTH.year}")
    text = page.content.decode()
    assert [row.member for row in page.context["rows"]] == [late, plain]
    assert f"{LAST_MONTH.year}年{LAST_MONTH.month}月：应交 0.50，已交 0.50" in text
    assert "未定标准" in text
    assert "连续 7 个月未交" in text
    assert "钱西明" not in text


def test_sums_of_branches_lead_to_sheet_and_arrears(client: Client, town: Town) -> None:
    owing(town)
    owing(town, "钱西明", foreign=True)
    sign_in(client, town, LEADER)
    page = client.get(f"{PAYMENTS}sheet/")
    assert [one.branch for one in page.context["sums"]] == [town.own.branch]
    assert f"arrears/?branch={town.own.branch_id}" in page.content.decode()
    assert client.get(f"{PAYMENTS}sheet/?year=%E2%91%A0&branch=").status_code == 200
    sign_in(client, town, CLERK)
    assert len(client.get(f"{PAYMENTS}sheet/").context["sums"]) == 2


def test_arrears_name_who_is_behind(client: Client, town: Town) -> None:
    owing(town)
    owing(town, "赵南", months=2)
    owing(town, "钱西明", foreign=True)
    page = sign_in(client, town, LEADER).get(f"{PAYMENTS}arrears/")
    assert [(one.member.name, one.in_a_row) for one in page.context["arrears"]] == [("赵东强", 8), ("赵南", 2)]
    assert (page.context["amount"], page.context["flagged"]) == (Decimal("5.00"), 1)
    assert "钱西明" not in page.content.decode()


@pytest.mark.parametrize("page", ["sheet", "record", "arrears"])
def test_pages_of_another_branch_are_404(client: Client, town: Town, page: str) -> None:
    sign_in(client, town, LEADER)
    assert client.get(f"{PAYMENTS}{page}/?branch={town.foreign.branch_id}").status_code == 404
    assert client.get(f"{PAYMENTS}{page}/?branch=x").status_code == 404
    sign_in(client, town, DISCIPLINE)
    assert client.get(f"{PAYMENTS}{page}/?branch={town.own.branch_id}").status_code == 403


def test_record_lists_who_has_not_paid_and_stores_the_ticked_ones(clerk: Client, town: Town) -> None:
    late, other = owing(town), owing(town, "赵南")
    pay(town, late)
    since = add_months(LAST_MONTH, -1)
    address = f"{PAYMENTS}record/?branch={town.own.branch_id}&since={since:%Y-%m}&until={LAST_MONTH:%Y-%m}"
    page = clerk.get(address)
    told = [(one.member, len(one.months), str(one.amount), ticked) for one, ticked in page.context["rows"]]
    assert told == [(late, 1, "0.50", True), (other, 2, "1.00", True)]
    data = {"members": [other.pk], "paid_on": today().isoformat(), "method": "cash", "receipt_no": "12"}
    answer = clerk.post(address, data, follow=True)
    assert "已登记 1 名党员、2 笔，共 1.00 元" in answer.content.decode()
    assert DuesPayment.objects.filter(receipt_no="12").count() == 2
    again = clerk.post(address, data)
    assert "赵南在所选月份没有要交的党费" in again.content.decode()
    assert DuesPayment.objects.filter(receipt_no="12").count() == 2


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"members": []}, "请至少选一名党员"),
        ({"paid_on": (today() + timedelta(days=1)).isoformat()}, "交纳日期不能晚于今天"),
        ({"paid_on": "昨天"}, "不是日期"),
    ],
)
def test_record_keeps_the_form_with_its_fault(clerk: Client, town: Town, values: dict[str, Any], words: str) -> None:
    member = owing(town)
    data = {"members": [member.pk], "paid_on": today().isoformat(), "method": "cash", "receipt_no": "12"} | values
    page = clerk.post(f"{PAYMENTS}record/?branch={town.own.branch_id}", data).content.decode()
    assert words in page
    assert 'value="12"' in page
    assert not DuesPayment.objects.exists()


def test_record_does_not_take_a_member_of_another_branch(clerk: Client, town: Town) -> None:
    owing(town)
    data = {"members": [owing(town, "钱西明", foreign=True).pk], "paid_on": today().isoformat(), "method": "cash"}
    page = clerk.post(f"{PAYMENTS}record/?branch={town.own.branch_id}", data).content.decode()
    assert "钱西明" not in page
    assert not DuesPayment.objects.exists()


@pytest.mark.parametrize("period", ["since=2017-05&until=2017-03", "since=2010-01&until=2017-03", "since=x"])
def test_record_refuses_months_that_make_no_sense(clerk: Client, town: Town, period: str) -> None:
    owing(town)
    page = clerk.get(f"{PAYMENTS}record/?branch={town.own.branch_id}&{period}")
    assert page.context["period"].errors
    assert page.context["rows"] == []


def test_who_only_looks_does_not_record(client: Client, town: Town) -> None:
    owing(town)
    sign_in(client, town, LEADER)
    assert "登记党费" not in client.get(f"{PAYMENTS}sheet/?branch={town.own.branch_id}").content.decode()
    assert client.get(f"{PAYMENTS}record/?branch={town.own.branch_id}").status_code == 403
    assert client.get(f"{PAYMENTS}add/").status_code == 403


def test_accountant_sees_dues_without_the_member_register(client: Client, town: Town) -> None:
    payment = pay(town, owing(town))
    sign_in(client, town, ACCOUNTANT)
    assert client.get(f"{PAYMENTS}{payment.pk}/change/").status_code == 200
    assert client.get(f"{PAYMENTS}sheet/").status_code == 200
    assert client.get(f"{LISTS}member/").status_code == 403


@pytest.mark.parametrize("register", ["duesstandard", "duespayment", "duesexemption"])
def test_rows_of_another_branch_are_neither_listed_nor_found(client: Client, town: Town, register: str) -> None:
    rows: list[Any] = []
    for foreign, name in ((False, "赵东强"), (True, "钱西明")):
        member = owing(town, name, foreign=foreign)
        facts = {"decided_on": today(), "decided_by": "镇党委", "reason": "困难"}
        month = date(2016, 1, 1)
        less = DuesExemption.objects.create(member=member, from_month=month, until_month=month, **facts)
        found = {"duesstandard": member.dues_standards.get(), "duespayment": pay(town, member)}
        rows.append({**found, "duesexemption": less}[register])
    sign_in(client, town, LEADER)
    page = client.get(f"{LISTS}{register}/").content.decode()
    assert "赵东强" in page
    assert "钱西明" not in page
    assert client.get(f"{LISTS}{register}/{rows[1].pk}/change/").status_code == 404
    assert client.get(f"{LISTS}{register}/{rows[0].pk}/change/").status_code == 200
    assert client.get(f"{LISTS}{register}/{rows[0].pk}/history/").status_code == 200


@pytest.mark.parametrize(
    ("address", "expected"),
    [("duesstandard/", 13), ("duespayment/", 15), ("duespayment/sheet/", 17), ("duespayment/arrears/", 15)],
)
def test_lists_take_the_same_queries_for_one_member_and_three(
    clerk: Client, town: Town, address: str, expected: int, django_assert_num_queries: Any
) -> None:
    pay(town, owing(town))
    clerk.get(f"{LISTS}{address}")
    with django_assert_num_queries(expected):
        clerk.get(f"{LISTS}{address}")
    for name in ("赵南", "赵西"):
        pay(town, owing(town, name))
    with django_assert_num_queries(expected):
        clerk.get(f"{LISTS}{address}")


def test_import_of_payments_finds_members_by_branch_and_name(clerk: Client, town: Town) -> None:
    member = owing(town)
    owing(town, "赵东强", foreign=True)
    titles = ["所在党支部", "党员", "所属月份", "金额（元）", "交纳日期", "方式", "收据号"]
    row = [town.own.branch.name, "赵东强", f"{LAST_MONTH:%Y-%m}", "0.5", today().isoformat(), "现金", "12"]
    for _ in range(2):  # the second time it changes nothing
        upload(clerk, "duespayment", titles, row)
        payment = DuesPayment.objects.get()
        assert (payment.member, payment.amount, payment.recorded_by) == (member, Decimal("0.50"), town.people[CLERK])
    page = upload(clerk, "duespayment", titles, [*row[:3], "0.4", *row[4:]]).content.decode()
    assert "不能用导入修改" in page
    page = upload(clerk, "duespayment", titles, ["", *row[1:]]).content.decode()
    assert "有多位“赵东强”" in page
    assert DuesPayment.objects.count() == 1


def test_import_of_standards_works_out_the_amount(clerk: Client, town: Town) -> None:
    member = make_member(town.own.branch)
    titles = ["所在党支部", "党员", "交纳人", "计算基数（元/月）", "每月应交（元）", "从哪个月起"]
    upload(clerk, "duesstandard", titles, [town.own.branch.name, "赵东强", "离退休", "5000", "", "2017年3月"])
    standard = DuesStandard.objects.get()
    assert (standard.member, standard.amount, standard.valid_from) == (member, Decimal("25.00"), date(2017, 3, 1))
    page = upload(clerk, "duesstandard", titles, [town.own.branch.name, "赵东强", "农民", "", "5", "2017年4月"])
    assert "0.20 元到 1.00 元之间" in page.content.decode()


def test_export_names_branch_member_and_month(clerk: Client, town: Town) -> None:
    pay(town, owing(town))
    answer = clerk.post(f"{PAYMENTS}export/", {"format": "0", "resource": "0", **_all_columns(clerk)})
    rows = list(load_workbook(BytesIO(answer.content)).active.values)  # type: ignore[union-attr]
    assert rows[0][:4] == ("所在党支部", "党员", "所属月份", "金额（元）")
    assert rows[1][:4] == (town.own.branch.name, "赵东强", f"{LAST_MONTH:%Y-%m}", "0.50")


def _all_columns(client: Client) -> dict[str, str]:
    form = client.get(f"{PAYMENTS}export/").context["form"]
    return {name: "on" for name in form.fields if name.startswith("duespaymentresource_")}
