"""Persons: found by name and unit, linked to their account, told apart from namesakes; criticism."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from chishang.core.dates import today
from discipline.models import Criticism, Namesake, Person
from discipline.services.people import (
    PersonFacts,
    accounts_named_as,
    confirm_namesake,
    find_or_make_person,
    record_criticism,
    save_person,
)
from organizations.enums import DutyCode as D
from organizations.models import User
from tests.discipline.records import make_criticism, make_person, make_petition
from tests.factories import Town, UserFactory, appoint
from tests.members.life import make_member

pytestmark = pytest.mark.django_db
UNIT = "石桥村"


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[D.DISCIPLINE_CLERK]


def test_person_is_found_again_by_name_and_unit(clerk: User) -> None:
    first = find_or_make_person(actor=clerk, facts=PersonFacts("方 明远", UNIT))
    assert find_or_make_person(actor=clerk, facts=PersonFacts("方明远", f" {UNIT}")) == first
    assert find_or_make_person(actor=clerk, facts=PersonFacts("方明远", "外村")) != first
    assert find_or_make_person(actor=clerk, facts=PersonFacts("方明远", UNIT, "1960年生")) != first
    assert Person.objects.count() == 3
    assert first.name == "方明远"


@pytest.mark.parametrize(("name", "unit", "field"), [(" ", UNIT, "name"), ("方某", " ", "unit")])
def test_person_without_name_or_unit_is_refused(clerk: User, name: str, unit: str, field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        find_or_make_person(actor=clerk, facts=PersonFacts(name, unit))
    assert field in refused.value.message_dict
    assert not Person.objects.exists()


def test_nobody_registers_himself_whole_or_masked(clerk: User) -> None:
    for name in (clerk.name, f"{clerk.name[0]}某", f"{clerk.name[0]}某某"):
        with pytest.raises(ValidationError, match="由其他纪检人员登记"):
            find_or_make_person(actor=clerk, facts=PersonFacts(name, UNIT))
        make_person(name)
        # Whether a record exists makes no difference.
        with pytest.raises(ValidationError, match="由其他纪检人员登记"):
            find_or_make_person(actor=clerk, facts=PersonFacts(name, UNIT))


def test_others_duties_write_no_persons(town: Town) -> None:
    with pytest.raises(PermissionDenied):
        find_or_make_person(actor=town.people[D.OFFICE_HEAD], facts=PersonFacts("方明远", UNIT))


def test_only_account_of_the_name_is_linked(clerk: User) -> None:
    account = UserFactory(name="方明远")
    assert find_or_make_person(actor=clerk, facts=PersonFacts("方明远", UNIT)).account == account
    assert find_or_make_person(actor=clerk, facts=PersonFacts("方某", UNIT)).account is None


@pytest.mark.parametrize("by_member", [True, False])
def test_of_two_accounts_the_one_at_the_branch_is_linked(clerk: User, town: Town, by_member: bool) -> None:
    near, _far = UserFactory(name="方明远"), UserFactory(name="方明远")
    appoint(near, D.BRANCH_SECRETARY, town.own.branch)
    person = Person(unit=UNIT, organization=None if by_member else town.own.branch)
    person.name = "方明远"
    person.member = make_member(town.own.branch, "方明远") if by_member else None
    assert save_person(actor=clerk, person=person).account == near


def test_of_two_accounts_none_is_guessed_and_both_stay_out(clerk: User, town: Town) -> None:
    head = town.people[D.DISCIPLINE_HEAD]
    UserFactory(name=head.name)
    person = find_or_make_person(actor=clerk, facts=PersonFacts(head.name, UNIT))
    assert person.account is None
    assert not Person.objects.visible_to(head).exists()
    assert len(accounts_named_as(person)) == 2


def test_namesake_is_confirmed_by_another_and_sees_the_record(clerk: User, town: Town) -> None:
    head = town.people[D.DISCIPLINE_HEAD]
    person = find_or_make_person(actor=clerk, facts=PersonFacts(head.name, UNIT))
    assert person.account == head
    confirm_namesake(actor=clerk, person=person, user=head)
    assert list(Person.objects.visible_to(head)) == [person]
    assert save_person(actor=clerk, person=Person.objects.get()).account is None


def test_namesake_is_not_confirmed_by_himself_nor_of_another_name(clerk: User, town: Town) -> None:
    own, other = make_person(clerk.name), make_person("方明远")
    with pytest.raises(ValidationError, match="要由他人核实"):
        confirm_namesake(actor=clerk, person=own, user=clerk)
    with pytest.raises(ValidationError, match="不同名"):
        confirm_namesake(actor=clerk, person=other, user=town.people[D.DISCIPLINE_HEAD])
    assert not Namesake.objects.exists()


def test_criticism_of_the_future_or_of_oneself_is_refused(clerk: User) -> None:
    person, own = make_person(), make_person(clerk.name)
    for criticised, day, told in ((person, today() + timedelta(days=1), "不能晚于今天"), (own, today(), "同名")):
        row = Criticism(person=criticised, occurred_on=day, form="criticism")
        row.reason = "工作纪律松弛"
        with pytest.raises(ValidationError, match=told):
            record_criticism(actor=clerk, criticism=row)
    assert not Criticism.objects.exists()


def test_criticism_is_stored_with_a_petition_that_one_may_see(clerk: User, town: Town) -> None:
    hidden = make_petition("XF-2", handler=town.people[D.DISCIPLINE_HEAD])
    row = Criticism(person=make_person(), occurred_on=date(2017, 2, 18), form="criticism", petition=hidden)
    row.reason = "工作纪律松弛"
    with pytest.raises(ValidationError, match="信访件"):
        record_criticism(actor=clerk, criticism=row)
    row.petition = make_petition()
    assert record_criticism(actor=clerk, criticism=row).reason == "工作纪律松弛"


def test_same_criticism_twice_is_refused(clerk: User) -> None:
    first = make_criticism(make_person())
    row = Criticism(person=first.person, occurred_on=first.occurred_on, form=first.form)
    row.reason = "再来一次"
    with pytest.raises(ValidationError, match="已经登记"):
        record_criticism(actor=clerk, criticism=row)
