"""What a review found: rows told by their persons, corrections that undid steps, grants that did not end."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from chishang.core.dates import today
from discipline.models import Case, CaseAccess, LeadSource, Person, Reading
from discipline.models.sealed import indexes_meaning, name_index
from discipline.selectors.deadlines import lines_for
from discipline.services.cases import correct_case, end_access, file_case, grant_access, take_step
from discipline.services.feedback import _names, save_round
from discipline.services.people import PersonFacts, correct_criticism, save_person
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


def test_step_taken_while_the_form_was_open_is_kept(head: User) -> None:
    case = make_case(make_person())
    name_on(case, head)
    client, address = entered(head), f"/admin/discipline/case/{case.pk}/change/"
    client.post(address, {"purpose": "更正案情摘要"})
    typed = {"number": case.number, "source": case.source_id, "filed_on": "2017-03-17", "brief": "更正"}
    Case.objects.update(reviewed_on=date(2017, 4, 1))
    assert client.post(address, typed).status_code == 302
    case = Case.objects.get()
    assert (case.reviewed_on, case.brief) == (date(2017, 4, 1), "更正")


def test_text_of_a_step_outlives_the_purpose(head: User) -> None:
    petition = make_petition()
    client, address = entered(head), f"/admin/discipline/petition/{petition.pk}/close/"
    client.post(address, {"purpose": "办结信访件"})
    session = client.session
    purpose, until = session["discipline_purposes"][str(petition.uid)]
    session["discipline_purposes"] = {str(petition.uid): (purpose, until - 16 * 60)}
    session.save()
    assert "查阅目的" in client.get(address).content.decode()
    client.post(address, {"closed_on": "2017-08-09", "result": "属实，已立案"})
    petition.refresh_from_db()
    assert petition.result == "属实，已立案"


def test_missing_quarters_of_last_year_stay_due(head: User) -> None:
    labels = [line.record for line in lines_for(head, date(2018, 1, 1)) if line.kind == "一季一堂廉政课"]
    assert labels == [*(f"2017年第{number}季度" for number in (1, 2, 3, 4)), "2018年第1季度"]


def test_case_is_not_filed_before_its_lead_came_in(head: User) -> None:
    lead = make_lead(handler=head, disposal="verification", proposed_on=date(2017, 7, 1))
    case = Case(number="池纪立〔2017〕1号", source=lead.source, handler=head, filed_on=date(2017, 3, 17))
    with pytest.raises(ValidationError, match="收到日期晚于立案日期"):
        file_case(actor=head, case=case, people=[PersonFacts("方明远", "石桥村")], leads=[lead])
    case.filed_on = date(2017, 7, 2)
    file_case(actor=head, case=case, people=[PersonFacts("方明远", "石桥村")], leads=[lead])
    case.filed_on = date(2017, 6, 19)
    with pytest.raises(ValidationError, match="线索的收到日期"):
        correct_case(actor=head, case=case, changed=["filed_on"])


def test_name_too_long_for_a_person_is_refused(head: User) -> None:
    case = Case(number="池纪立〔2017〕1号", source=LeadSource.objects.earliest("pk"), handler=head, filed_on=today())
    with pytest.raises(ValidationError, match="姓名最多 50 个字"):
        file_case(actor=head, case=case, people=[PersonFacts("方" * 51, "石桥村")])
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("张三和李四", {"张三", "李四"}),
        ("王和平", {"王和平"}),
        ("李和平与张三", {"李和平", "张三"}),
        ("和平", {"和平"}),
    ],
)
def test_names_joined_by_a_word_are_told_apart(text: str, names: set[str]) -> None:
    assert names <= _names(text)


def test_feedback_is_not_dated_after_its_issues(rows: dict[str, Any], head: User) -> None:
    feedback_round = rows["feedbackissue"][0].round
    feedback_round.feedback_on = date(2017, 11, 1)
    with pytest.raises(ValidationError, match="晚于其中问题的整改时限"):
        save_round(actor=head, feedback_round=feedback_round)
