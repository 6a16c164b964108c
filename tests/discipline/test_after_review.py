"""What a review found: rows told by their persons, corrections that undid steps, grants that did not end."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from chishang.core.dates import today
from discipline.models import Case, CaseAccess, Person, Reading
from discipline.models.sealed import indexes_meaning, name_index
from discipline.services.cases import correct_case, end_access, grant_access, take_step
from discipline.services.people import correct_criticism, save_person
from discipline.services.sanctions import announce_sanction, correct_sanction
from organizations.enums import DutyCode as D
from organizations.models import Duty, User
from organizations.services import check_appointment
from tests.discipline.records import (
    make_case,
    make_criticism,
    make_lead,
    make_person,
    make_petition,
    make_sanction,
    name_on,
)
from tests.factories import Town, UserFactory
from tests.members.life import make_member


@pytest.fixture
def head(town: Town) -> User:
    return town.people[D.DISCIPLINE_HEAD]


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[D.DISCIPLINE_CLERK]


def entered(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="organizations.backends.AppointmentBackend")
    return client


def test_person_of_a_hidden_record_is_hidden(head: User, clerk: User) -> None:
    accused, leader, free = make_person("方明远"), make_person("乔守信"), make_person("叶知秋")
    case = make_case(accused)
    name_on(case, head)
    make_lead(person=leader, handler=head, handler_only=True)
    assert list(Person.objects.visible_to(clerk)) == [free]
    make_petition(person=leader)
    assert set(Person.objects.visible_to(clerk)) == {leader, free}
    name_on(case, clerk)
    assert set(Person.objects.visible_to(clerk)) == {accused, leader, free}


def test_link_to_a_member_of_one_sanctioned_out_of_sight_is_the_heads(head: User, clerk: User, town: Town) -> None:
    person = make_person("方明远")
    make_sanction(make_case(person))
    make_criticism(person)
    person.member = make_member(town.own.branch, "方明远")
    with pytest.raises(ValidationError, match="请由纪委书记登记"):
        save_person(actor=clerk, person=person)
    assert save_person(actor=head, person=person).member


def test_oneself_is_found_by_members_name_and_by_a_surname_of_two_characters(clerk: User, town: Town) -> None:
    make_person("老支书", member=make_member(town.own.branch, clerk.name))
    assert not Person.objects.visible_to(clerk).exists()
    assert name_index("欧阳某") in indexes_meaning("欧阳明")
    assert name_index("方某甲") in indexes_meaning("方明")
    assert name_index("方明某") not in indexes_meaning("方明")


def test_correction_keeps_what_others_did_meanwhile(head: User) -> None:
    person = make_person()
    case = make_case(person)
    name_on(case, head)
    sanction = make_sanction(case)
    stale = Case.objects.get(pk=case.pk)
    take_step(actor=head, case=case, step="reviewed_on", day=date(2017, 4, 20))
    stale.brief = "更正后的案情"
    corrected = correct_case(actor=head, case=stale, changed=["brief"])
    assert (corrected.reviewed_on, corrected.brief) == (date(2017, 4, 20), "更正后的案情")
    announce_sanction(actor=head, sanction=type(sanction).objects.get(), day=date(2017, 5, 20))
    sanction.document_no = "池纪〔2017〕3号"
    assert correct_sanction(actor=head, sanction=sanction, changed=["document_no"]).announced_on == date(2017, 5, 20)


def test_step_is_not_taken_back_from_below_a_later_one(head: User) -> None:
    days = {"reviewed_on": date(2017, 4, 1), "heard_on": date(2017, 4, 20), "decided_on": date(2017, 5, 5)}
    case = make_case(make_person(), **days)
    name_on(case, head)
    case.heard_on = None
    with pytest.raises(ValidationError, match="后面的步骤已经办理"):
        correct_case(actor=head, case=case, changed=["heard_on"])
    case.heard_on, case.decided_on = days["heard_on"], None
    assert correct_case(actor=head, case=case, changed=["decided_on"]).decided_on is None


def test_ending_a_grant_ends_all_of_that_person(head: User, clerk: User) -> None:
    case = make_case(make_person())
    CaseAccess.objects.create(
        case=case, user=clerk, since=today() - timedelta(days=700), until=today() + timedelta(days=20)
    )
    newest = grant_access(actor=head, case=case, user=clerk)
    assert CaseAccess.objects.in_force().count() == 1
    CaseAccess.objects.filter(case=case).update(until=today() + timedelta(days=9))
    end_access(actor=head, access=newest)
    assert not Case.objects.visible_to(clerk).exists()
    assert not CaseAccess.objects.in_force().exists()


def test_correcting_a_criticism_keeps_a_petition_out_of_sight(head: User, clerk: User) -> None:
    petition = make_petition(handler=clerk, handler_only=True)
    criticism = make_criticism(make_person(), petition=petition)
    entered(head)
    criticism.reason = "会议缺席"
    assert correct_criticism(actor=head, criticism=criticism, changed=["reason"]).petition == petition


@pytest.mark.parametrize("page", ["change", "history"])
def test_post_without_a_purpose_shows_nothing(head: User, page: str) -> None:
    case = make_case(make_person("方明远"), brief="账外收支")
    name_on(case, head)
    answer = entered(head).post(f"/admin/discipline/case/{case.pk}/{page}/", {"number": ""})
    assert "查阅目的" in answer.content.decode()
    assert "账外收支" not in answer.content.decode()
    assert "方明远" not in answer.content.decode()
    assert not Reading.objects.exists()


def test_history_of_a_lead_does_not_tell_of_a_case_out_of_sight(clerk: User) -> None:
    lead = make_lead(handler=clerk, disposal="verification", proposed_on=date(2017, 6, 25))
    lead.case = make_case(make_person(), number="池纪立〔2017〕9号")
    lead.save()
    client, address = entered(clerk), f"/admin/discipline/lead/{lead.pk}/history/"
    client.post(address, {"purpose": "核对线索办理"})
    shown = client.get(address).content.decode()
    assert "初步核实" in shown
    assert "其他单位的记录" not in shown


def test_nobody_appoints_himself_to_the_office(town: Town) -> None:
    user = UserFactory(is_superuser=True)
    with pytest.raises(ValidationError, match="不能办理自己的任职"):
        check_appointment(actor=user, user=user, duty=Duty.objects.get(code=D.DISCIPLINE_HEAD))
    check_appointment(actor=user, user=user, duty=Duty.objects.get(code=D.OFFICE_CLERK))
