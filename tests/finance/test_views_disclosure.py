"""What everybody may read without signing in: released statements, unchanged, and nothing else."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from finance.enums import StatementState
from finance.models import Statement
from organizations.enums import DutyCode as D
from tests.factories import AreaFactory, Town, VillageFactory
from tests.finance.disclosure import DAY, fill_ledger, make_checked, make_draft, make_released, releaser, tamper
from tests.finance.money import import_voucher

INDEX = "/disclosure/"
OWN, FOREIGN = f"{INDEX}TV01/", f"{INDEX}TV02/"
QUERIES_OF_A_PAGE = 3
"""One, between the two ends of the transaction of each request."""


def release_own(town: Town, **fields: Any) -> Statement:
    fill_ledger(town.own, **fields)
    return make_released(town)


def test_pages_need_no_sign_in_and_leave_no_session(client: Client, town: Town) -> None:
    release_own(town)

    for address in (INDEX, OWN, f"{OWN}2017/1/", f"{OWN}2017/1/1/"):
        response = client.get(address)
        assert response.status_code == 200, address
        assert not response.cookies
        assert response["Cache-Control"] == "public, max-age=60"
        assert "<nav" not in response.text
        assert client.post(address).status_code == 405
    assert Session.objects.count() == 0


def test_pages_say_nothing_of_who_is_signed_in(client: Client, town: Town) -> None:
    release_own(town)
    anonymous = client.get(f"{OWN}2017/1/").text
    client.force_login(releaser(town))

    assert client.get(f"{OWN}2017/1/").text == anonymous
    assert releaser(town).name not in anonymous


def test_statement_shows_title_unit_sums_and_hash(client: Client, town: Town) -> None:
    statement = release_own(town)

    page = client.get(f"{OWN}2017/1/").text

    for text in (
        "池上镇本村 2017年第一季度村级经费收支公开表",
        "单位：元",
        "填报单位：池上镇本村",
        "2017年2月10日",
        "1,000.00",
        "700.00",
        "合计",
        "制表：",
        "村务监督委员会：",
        statement.sha256,
        f"http://testserver{OWN}2017/1/1/",
    ):
        assert text in page, text


def test_statement_has_no_person_on_it(client: Client, town: Town) -> None:
    statement = release_own(town, payee="王小明", summary="付王小明误工费")

    page = client.get(f"{OWN}2017/1/").text

    for name in ("王小明", statement.checkers, statement.drafted_by.name, "甲", "乙", "丙"):
        assert name not in page, name


@pytest.mark.parametrize("state", ["draft", "checked", "withdrawn"])
def test_only_released_statements_are_found(client: Client, town: Town, state: str) -> None:
    fill_ledger(town.own)
    statement = make_draft(town) if state != "checked" else make_checked(town)
    if state == "withdrawn":
        Statement.objects.filter(pk=statement.pk).update(state=StatementState.WITHDRAWN)
    fill_ledger(town.foreign)
    make_released(town, town.foreign)

    for signed_in in (False, True):
        if signed_in:
            client.force_login(town.people[D.ACCOUNTANT])
        for address in (OWN, f"{OWN}2017/1/", f"{OWN}2017/1/1/"):
            assert client.get(address).status_code == 404, address
        index = client.get(INDEX).text
        assert town.own.name not in index
        assert town.foreign.name in index


def test_unknown_addresses_give_the_same_page_as_everywhere(client: Client, town: Town) -> None:
    release_own(town)
    other = client.get("/finance-that-is-not-there/").text
    for address in (
        f"{INDEX}TV99/",
        f"{OWN}2017/2/",
        f"{OWN}2017/9/",
        f"{OWN}2017/1/2/",
        f"{OWN}2017/1/0/",
        f"{OWN}99999999999999999999/1/",
        f"{INDEX}%00/",
        f"{INDEX}%00/2017/1/",
        FOREIGN,
    ):
        response = client.get(address)
        assert response.status_code == 404, address
        assert response.text == other
        assert "public" not in response.get("Cache-Control", "")


def test_index_shows_the_newest_quarter_of_each_village_by_area(client: Client, town: Town) -> None:
    fill_ledger(town.own)
    make_released(town)
    newest = make_released(town, quarter=3)
    make_draft(town, quarter=4)
    area = AreaFactory(name="最后的片区", sort_no=99)
    last = VillageFactory(name="末村", area=area, branch__parent=town.root)
    other = make_released(town, last)

    found = client.get(INDEX).context["areas"]

    assert [(str(one), statements) for one, statements in found] == [
        (town.own.area.name, [newest]),
        ("最后的片区", [other]),
    ]


@pytest.mark.parametrize(("text", "is_found"), [("本", True), ("bc", True), ("外村", False), ("%", False)])
def test_village_is_found_by_name_or_initials(client: Client, town: Town, text: str, is_found: bool) -> None:
    release_own(town)

    response = client.get(INDEX, {"q": text})

    assert (OWN in response.text) == is_found
    assert ("没有找到" in response.text) != is_found


def test_corrected_statement_stays_readable_and_names_the_new_one(client: Client, town: Town) -> None:
    first = release_own(town)
    wrong = import_voucher(town.own.branch, DAY, "55.00")
    assert "55.00" not in client.get(f"{OWN}2017/1/").text
    second = make_released(town, reason="补记漏记的一笔")

    old, new = client.get(f"{OWN}2017/1/1/").text, client.get(f"{OWN}2017/1/").text

    assert "已被第 2 版更正" in old
    assert "补记漏记的一笔" in old
    assert first.sha256 in old
    assert second.sha256 in new
    assert wrong.code not in old
    assert wrong.code in new
    assert "这是第" not in new
    assert client.get(OWN).context["statements"] == [second]


def test_new_version_that_is_not_released_yet_does_not_show(client: Client, town: Town) -> None:
    first = release_own(town)
    import_voucher(town.own.branch, DAY, "55.00")
    make_checked(town, reason="补记漏记的一笔")

    assert client.get(f"{OWN}2017/1/").context["statement"] == first
    assert "补记" not in client.get(f"{OWN}2017/1/").text
    assert client.get(f"{OWN}2017/1/2/").status_code == 404


@pytest.mark.parametrize("address", [f"{OWN}2017/1/", f"{OWN}2017/1/1/"])
def test_changed_content_is_told_and_not_shown(client: Client, town: Town, address: str) -> None:
    statement = release_own(town)
    content = dict(statement.content)
    assert "1,000.00" in client.get(address).text
    content["subjects_total"] = {**content["subjects_total"], "plan": "9999.00"}
    tamper(statement, content)

    response = client.get(address)

    assert response.status_code == 200
    assert "没有通过核对" in response.text
    assert "校验码不符" in response.text
    assert statement.sha256 in response.text
    for figure in ("1,000.00", "9,999.00", "300.00"):
        assert figure not in response.text


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_have_the_same_number_of_queries(
    client: Client, town: Town, django_assert_num_queries: Any, rows: int
) -> None:
    budget = fill_ledger(town.own).budget
    for number in range(rows):
        import_voucher(town.own.branch, DAY, "1.00", budget=budget)
        make_released(town, reason=f"第{number}笔" if number else "")
    for quarter in range(2, 2 + rows):
        make_released(town, quarter=quarter)
    client.get(INDEX)

    for address in (INDEX, OWN, f"{OWN}2017/1/", f"{OWN}2017/1/1/"):
        with django_assert_num_queries(QUERIES_OF_A_PAGE):
            client.get(address)


def test_index_leads_to_the_pages(client: Client, town: Town) -> None:
    release_own(town)
    assert f'href="{OWN}"' in client.get(INDEX).text
    assert f'href="{OWN}2017/1/"' in client.get(OWN).text
    assert reverse("finance:disclosure") == INDEX
