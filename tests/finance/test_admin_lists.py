"""Reference lists of money in the admin."""

from typing import Any

import pytest
from django.test import Client

from finance.enums import SubjectCode
from finance.models import Account, DisclosureRule, IncomeKind, Subject
from organizations.enums import DutyCode as D
from tests.factories import Town
from tests.finance.registers import LISTS, faults, listed, take_out, upload
from tests.organizations.test_admin import sign_in


@pytest.fixture
def accountant(client: Client, town: Town) -> Client:
    return sign_in(client, town, D.ACCOUNTANT)


def subject_form(**values: Any) -> dict[str, Any]:
    debit, credit = (Account.objects.get(code=code).pk for code in ("514", "503"))
    named = {"code": "road", "name": "修路专项", "level": "town", "debit_account": debit, "credit_account": credit}
    return {**named, "sort_no": 50, "is_active": "on", **values}


def test_subject_is_added_and_keeps_its_code(accountant: Client) -> None:
    assert accountant.post(f"{LISTS}subject/add/", subject_form()).status_code == 302
    operation = Subject.objects.get(code=SubjectCode.OPERATION)
    data = subject_form(code="other", name="运转经费", level="village")
    assert accountant.post(f"{LISTS}subject/{operation.pk}/change/", data).status_code == 302
    operation.refresh_from_db()
    assert (operation.code, operation.name) == (SubjectCode.OPERATION, "运转经费")


def test_subject_of_one_account_is_an_error_of_the_form(accountant: Client) -> None:
    one = Account.objects.get(code="503").pk
    answer = accountant.post(f"{LISTS}subject/add/", subject_form(debit_account=one))
    assert "不能是同一个会计科目" in faults(answer)
    assert not Subject.objects.filter(code="road").exists()


def test_changed_deadline_is_a_new_row(accountant: Client) -> None:
    data = {"due_days": 15, "valid_from": "2020-01-01", "source": "镇里核定"}
    assert accountant.post(f"{LISTS}disclosurerule/add/", data).status_code == 302
    assert "已经登记" in faults(accountant.post(f"{LISTS}disclosurerule/add/", data))
    assert DisclosureRule.objects.count() == 2


@pytest.mark.parametrize(
    ("register", "rows", "expected"), [("account", 42, 12), ("subject", 4, 12), ("incomekind", 10, 12)]
)
def test_list_takes_a_constant_number_of_queries(
    accountant: Client, register: str, rows: int, expected: int, django_assert_num_queries: Any
) -> None:
    assert len(listed(accountant, register)) == rows
    with django_assert_num_queries(expected):
        accountant.get(f"{LISTS}{register}/")
    model: Any = {"account": Account, "subject": Subject, "incomekind": IncomeKind}[register]
    one = model.objects.first()
    one.pk, one.name, one.code = None, "另一个", "another"
    one.save()
    with django_assert_num_queries(expected):
        accountant.get(f"{LISTS}{register}/")


def test_who_reads_does_not_write(client: Client, town: Town) -> None:
    sign_in(client, town, D.TOWN_SECRETARY)
    for register in ("account", "subject", "incomekind", "disclosurerule"):
        assert client.get(f"{LISTS}{register}/").status_code == 200
        assert client.get(f"{LISTS}{register}/add/").status_code == 403
        assert client.get(f"{LISTS}{register}/import/").status_code == 403
        assert client.get(f"{LISTS}{register}/export/").status_code == 200
    sign_in(client, town, D.VILLAGE_AGENT)
    assert client.get(f"{LISTS}account/").status_code in {302, 403}


def test_lists_come_in_and_go_out_by_sheet(accountant: Client) -> None:
    rows = take_out(accountant, "incomekind")
    assert rows[0] == ("收入来源", "会计科目", "计入集体收入", "排序号", "使用中")
    assert rows[1][:3] == ("合作社分红", "502", "是")
    upload(accountant, "incomekind", dict(zip(rows[0], ("光伏发电", "501", "否", 1, "是"), strict=True)))
    assert not IncomeKind.objects.get(name="光伏发电").counts_as_income
    page = upload(accountant, "incomekind", dict(zip(rows[0], ("旅游", "999", "是", 1, "是"), strict=True)))
    assert "没有“999”" in page
