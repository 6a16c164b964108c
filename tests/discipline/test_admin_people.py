"""Persons and criticism in the admin: masked lists, exact names, purposes, namesakes, nothing about oneself."""

from datetime import date
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from chishang.core.dates import add_months, today
from discipline.models import Criticism, Person, Reading
from members.models import ImpactFlag
from organizations.enums import DutyCode as D
from organizations.models import User
from tests.discipline.pages import CASES, CRITICISMS, PEOPLE, READINGS, SANCTIONS, fault, named, opened, sign_in
from tests.discipline.records import make_case, make_criticism, make_person, make_sanction
from tests.factories import Town
from tests.members.life import make_member

pytestmark = pytest.mark.django_db
REGISTERS = (CASES, PEOPLE, SANCTIONS, CRITICISMS, READINGS)


@pytest.fixture
def head(town: Town) -> User:
    return town.people[D.DISCIPLINE_HEAD]


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[D.DISCIPLINE_CLERK]


@pytest.fixture
def at_desk(client: Client, clerk: User) -> Client:
    return sign_in(client, clerk)


def typed(**values: Any) -> dict[str, Any]:
    """What one types on the form of a person."""
    return {
        "name": "方明远",
        "unit": "石桥村",
        "remark": "",
        "organization": "",
        "member": "",
        "account": "",
        **values,
    }


def criticised(**values: Any) -> dict[str, Any]:
    """What one types to record a criticism."""
    own = {"name": "方明远", "unit": "石桥村", "organization": "", "petition": "", "reason": "工作纪律松弛"}
    return {**own, "occurred_on": "2017-02-18", "form": "criticism", **values}


@pytest.mark.parametrize("duty", [D.OFFICE_HEAD, D.TOWN_SECRETARY, D.SYSTEM_ADMINISTRATOR])
def test_registers_do_not_exist_for_others(client: Client, town: Town, duty: D) -> None:
    sign_in(client, town.people[duty])
    person = make_person("方明远")
    row = make_sanction(make_case(person))
    unknown = client.get("/admin/discipline/nothing/")
    keys = {PEOPLE: person.pk, SANCTIONS: row.pk, CASES: row.involvement.case_id}
    addresses = [*REGISTERS, f"{CASES}assign/", *(f"{register}add/" for register in keys)]
    pages = ("change", "history", "step", "involve", "assign", "announce", "report", "namesake")
    addresses += [f"{register}{key}/{page}/" for register, key in keys.items() for page in pages]
    for address in addresses:
        for answer in (client.get(address), client.post(address, {"purpose": "看一看内容"})):
            assert (answer.status_code, answer.content) == (404, unknown.content), address
    assert not Reading.objects.exists()


@pytest.mark.parametrize("register", [CASES, PEOPLE, SANCTIONS, CRITICISMS, READINGS])
def test_nothing_comes_in_or_goes_out_as_a_sheet(at_desk: Client, register: str) -> None:
    assert at_desk.get(f"{register}import/").status_code == 403
    assert at_desk.get(f"{register}export/").status_code == 403


def test_lists_show_masked_names_and_nothing_about_oneself(at_desk: Client, clerk: User) -> None:
    for name, unit in (("方明远", "石桥村"), (clerk.name, "本人单位"), (f"{clerk.name[0]}某", "可能单位")):
        make_criticism(make_person(name, unit))
    for register in (PEOPLE, CRITICISMS):
        page = at_desk.get(register).content.decode()
        assert "方某某" in page
        for hidden in ("方明远", "工作纪律松弛", "本人单位", "可能单位"):
            assert hidden not in page


@pytest.mark.parametrize("register", [PEOPLE, CRITICISMS])
@pytest.mark.parametrize(("query", "found"), [("方明远", True), ("方 明远", True), ("方明", False), ("石桥", True)])
def test_person_is_found_by_whole_name_or_unit(at_desk: Client, register: str, query: str, found: bool) -> None:
    make_criticism(make_person("方明远"))
    make_criticism(make_person("乔守信", "东村"))
    page = at_desk.get(register, {"q": query}).content.decode()
    assert ("方某某" in page) == found
    assert "乔某某" not in page


@pytest.mark.parametrize(("register", "expected"), [(PEOPLE, 13), (CRITICISMS, 12), (READINGS, 12)])
def test_list_takes_the_same_queries_for_one_row_and_three(
    at_desk: Client, clerk: User, register: str, expected: int, django_assert_num_queries: Any
) -> None:
    def add(number: int) -> None:
        row = make_criticism(make_person(f"方{number}"))
        opened(at_desk, f"{CRITICISMS}{row.pk}/change/")

    add(1)
    at_desk.get(register)
    with django_assert_num_queries(expected):
        at_desk.get(register)
    add(2)
    add(3)
    with django_assert_num_queries(expected):
        at_desk.get(register)


def test_person_comes_with_a_record_only(at_desk: Client) -> None:
    assert at_desk.get(f"{PEOPLE}add/").status_code == 403
    assert at_desk.post(f"{PEOPLE}add/", typed()).status_code == 403


def test_person_is_corrected(at_desk: Client, town: Town) -> None:
    person = make_person("方明远")
    address = f"{PEOPLE}{person.pk}/change/"
    assert "方明远" not in at_desk.get(address).content.decode()
    assert "方明远" in opened(at_desk, address)
    assert at_desk.post(address, typed(name="方明", account=town.people[D.BRANCH_SECRETARY].pk)).status_code == 302
    person.refresh_from_db()
    assert (person.name, person.account) == ("方明", town.people[D.BRANCH_SECRETARY])
    assert not LogEntry.objects.exists()


def test_second_person_of_the_name_in_the_unit_needs_a_remark(at_desk: Client) -> None:
    make_person("方明远")
    address = f"{PEOPLE}{make_person('方远').pk}/change/"
    opened(at_desk, address)
    assert "请在“区分”中写明" in fault(at_desk.post(address, typed()))
    assert at_desk.post(address, typed(remark="1960年生")).status_code == 302


def test_nobody_is_made_oneself(at_desk: Client, clerk: User) -> None:
    person = make_person("方明远")
    address = f"{PEOPLE}{person.pk}/change/"
    opened(at_desk, address)
    assert "其他纪检人员" in fault(at_desk.post(address, typed(name=clerk.name)))
    assert "其他纪检人员" in fault(at_desk.post(address, typed(account=clerk.pk)))
    person.refresh_from_db()
    assert (person.name, person.account) == ("方明远", None)


def test_link_to_the_member_sets_the_flag(at_desk: Client, clerk: User, town: Town) -> None:
    person, member = make_person("方明远"), make_member(town.own.branch, "方明远")
    until = add_months(today(), 12).replace(day=1)
    fresh = {"decided_on": until.replace(year=until.year - 1), "effective_on": until.replace(year=until.year - 1)}
    last = date.fromordinal(until.toordinal() - 1)
    make_sanction(named(make_case(person), clerk), impact_until=last, **fresh)
    assert not ImpactFlag.objects.exists()
    address = f"{PEOPLE}{person.pk}/change/"
    opened(at_desk, address)
    assert at_desk.post(address, typed(member=member.pk)).status_code == 302
    assert ImpactFlag.objects.get().until == last


def test_page_lists_records_that_one_may_see(at_desk: Client, clerk: User) -> None:
    person = make_person("方明远")
    make_sanction(named(make_case(person), clerk))
    make_case(person, number="池纪立〔2017〕2号")
    make_criticism(person)
    page = opened(at_desk, f"{PEOPLE}{person.pk}/change/")
    for text in ("池纪立〔2017〕1号", "警告", "批评教育", "准备案件审理"):
        assert text in page
    assert "池纪立〔2017〕2号" not in page


def test_namesake_is_told_apart_on_its_page(at_desk: Client, head: User) -> None:
    person = make_person(head.name)
    page = opened(at_desk, f"{PEOPLE}{person.pk}/change/")
    assert "可能是本人" in page
    assert not Person.objects.visible_to(head).exists()
    opened(at_desk, f"{PEOPLE}{person.pk}/namesake/")
    assert at_desk.post(f"{PEOPLE}{person.pk}/namesake/", {"user": head.pk}).status_code == 302
    assert Person.objects.visible_to(head).exists()
    assert "不是同一人" in at_desk.get(f"{PEOPLE}{person.pk}/change/").content.decode()


def test_criticism_finds_its_person_again(at_desk: Client) -> None:
    assert at_desk.post(f"{CRITICISMS}add/", criticised()).status_code == 302
    assert at_desk.post(f"{CRITICISMS}add/", criticised(form="reminder")).status_code == 302
    assert "已经登记" in fault(at_desk.post(f"{CRITICISMS}add/", criticised()))
    assert (Person.objects.count(), Criticism.objects.count()) == (1, 2)
    assert not LogEntry.objects.exists()


def test_wrong_criticism_registers_nobody(at_desk: Client, clerk: User) -> None:
    tomorrow = date.fromordinal(today().toordinal() + 1).isoformat()
    assert "不能晚于今天" in fault(at_desk.post(f"{CRITICISMS}add/", criticised(occurred_on=tomorrow)))
    assert "其他纪检人员" in fault(at_desk.post(f"{CRITICISMS}add/", criticised(name=clerk.name)))
    assert not Person.objects.exists()


def test_criticism_is_read_with_a_purpose_and_corrected(at_desk: Client) -> None:
    row = make_criticism(make_person("方明远"))
    address = f"{CRITICISMS}{row.pk}/change/"
    assert "工作纪律松弛" not in at_desk.get(address).content.decode()
    page = opened(at_desk, address)
    assert "工作纪律松弛" in page
    assert "方明远" in page
    assert at_desk.post(address, criticised(reason="改写事由")).status_code == 302
    row.refresh_from_db()
    assert row.reason == "改写事由"
