"""Petitions are received, acknowledged, closed and handed out; what is against the rules is refused."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from chishang.core.dates import today
from discipline.enums import PetitionOrigin
from discipline.models import Petition
from discipline.selectors.handling import deadlines_of, late_among, next_deadline, petition_state
from discipline.selectors.limits import Limits
from discipline.services.handling import assign_handler, handlers_for
from discipline.services.petitions import (
    acknowledge_petition,
    close_petition,
    correct_petition,
    receive_petition,
)
from organizations.enums import DutyCode as D
from organizations.models import Appointment, User
from tests.discipline.records import make_person, make_petition
from tests.factories import Town

pytestmark = pytest.mark.django_db
TOMORROW = today() + timedelta(days=1)


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[D.DISCIPLINE_CLERK]


@pytest.fixture
def head(town: Town) -> User:
    return town.people[D.DISCIPLINE_HEAD]


def new_petition(summary: str = "反映某村账目公开不完整", **fields: Any) -> Petition:
    values = {
        "number": "XF-1",
        "origin": PetitionOrigin.LETTER,
        "sender": "区信访局",
        "received_on": date(2017, 6, 14),
    }
    petition = Petition(**values | fields)
    petition.summary = summary
    return petition


def told(error: Any) -> str:
    return str(error.value.message_dict)


def test_petition_is_received_acknowledged_and_closed(clerk: User) -> None:
    petition = receive_petition(actor=clerk, petition=new_petition(is_signed=True))
    assert petition_state(petition) == "waiting"
    petition = acknowledge_petition(actor=clerk, petition=petition, acknowledged_on=date(2017, 6, 20))
    assert petition_state(petition) == "open"
    petition = close_petition(
        actor=clerk, petition=petition, closed_on=date(2017, 8, 9), result=" 反映属实，已补公开 "
    )
    stored = Petition.objects.get()
    assert (stored.closed_on, stored.result, petition_state(stored)) == (
        date(2017, 8, 9),
        "反映属实，已补公开",
        "closed",
    )


@pytest.mark.parametrize(
    ("petition", "words"),
    [
        ({"summary": " "}, "请填写反映内容摘要"),
        ({"summary": "长" * 501}, "最多 500 个字"),
        ({"received_on": TOMORROW}, "收到日期不能晚于今天"),
        ({"handler_only": True}, "请先选定承办人"),
        ({"number": "XF-2017-01"}, "这个编号不能用"),
        ({"sender": ""}, "sender"),
    ],
)
def test_wrong_petition_is_refused(head: User, petition: dict[str, Any], words: str) -> None:
    make_petition()
    with pytest.raises(ValidationError) as error:
        receive_petition(actor=head, petition=new_petition(**petition))
    assert words in told(error)
    assert Petition.objects.count() == 1


def test_petition_about_oneself_is_a_colleagues_work(clerk: User) -> None:
    with pytest.raises(ValidationError) as error:
        receive_petition(actor=clerk, petition=new_petition(person=make_person(clerk.name)))
    assert "其他纪检人员登记" in told(error)


@pytest.mark.parametrize(
    ("closed_on", "result", "words"),
    [
        (date(2017, 8, 9), " ", "必须有处理结果"),
        (date(2017, 6, 19), "查无实据", "办结日期不能早于告知受理日期（2017-06-20）"),
        (TOMORROW, "查无实据", "办结日期不能晚于今天"),
    ],
)
def test_petition_is_not_closed_against_the_rules(clerk: User, closed_on: date, result: str, words: str) -> None:
    petition = make_petition(acknowledged_on=date(2017, 6, 20))
    with pytest.raises(ValidationError) as error:
        close_petition(actor=clerk, petition=petition, closed_on=closed_on, result=result)
    assert words in told(error)
    assert Petition.objects.get().closed_on is None


def test_nothing_is_done_before_receipt(clerk: User) -> None:
    petition, before = make_petition(), date(2017, 6, 13)
    for words, step in (
        ("告知受理日期", lambda: acknowledge_petition(actor=clerk, petition=petition, acknowledged_on=before)),
        ("办结日期", lambda: close_petition(actor=clerk, petition=petition, closed_on=before, result="查无实据")),
    ):
        with pytest.raises(ValidationError) as error:
            step()
        assert f"{words}不能早于收到日期（2017-06-14）" in told(error)


def test_each_step_is_taken_once(clerk: User) -> None:
    petition, day = make_petition(), date(2017, 6, 14)
    acknowledge_petition(actor=clerk, petition=petition, acknowledged_on=day)
    with pytest.raises(ValidationError, match="已于 2017-06-14 告知受理"):
        acknowledge_petition(actor=clerk, petition=petition, acknowledged_on=date(2017, 6, 15))
    close_petition(actor=clerk, petition=petition, closed_on=day, result="了结")
    with pytest.raises(ValidationError, match="已于 2017-06-14 办结"):
        close_petition(actor=clerk, petition=petition, closed_on=date(2017, 6, 16), result="另一结果")
    assert Petition.objects.get().result == "了结"


def test_correction_leaves_what_others_did_meanwhile(clerk: User) -> None:
    petition = make_petition()
    opened = Petition.objects.get()
    close_petition(actor=clerk, petition=petition, closed_on=date(2017, 8, 9), result="了结")
    before = bytes(Petition.objects.get().summary_cipher)
    opened.number, opened.sender = "XF-2017-09", "区纪委"
    stored = correct_petition(actor=clerk, petition=opened, changed=["number", "summary", "handler"])
    assert (stored.number, stored.sender, stored.closed_on) == ("XF-2017-09", "区委巡察组", date(2017, 8, 9))
    assert bytes(Petition.objects.get().summary_cipher) == before
    opened.summary = "改写的摘要"
    assert correct_petition(actor=clerk, petition=opened, changed=["summary"]).summary == "改写的摘要"


def test_corrected_result_may_not_be_emptied(clerk: User) -> None:
    petition = make_petition(closed_on=date(2017, 8, 9), result="了结")
    petition.result = ""
    with pytest.raises(ValidationError) as error:
        correct_petition(actor=clerk, petition=petition, changed=["result"])
    assert "必须有处理结果" in told(error)


def test_others_take_no_step(town: Town, clerk: User, head: User) -> None:
    petition = make_petition(handler=head, handler_only=True)
    for user in (clerk, town.people[D.OFFICE_HEAD]):
        with pytest.raises(PermissionDenied):
            close_petition(actor=user, petition=petition, closed_on=today(), result="了结")
    with pytest.raises(PermissionDenied):
        receive_petition(actor=town.people[D.TOWN_SECRETARY], petition=new_petition())
    assert Petition.objects.get().closed_on is None


def test_only_the_head_hands_out(clerk: User, head: User) -> None:
    petition = make_petition()
    with pytest.raises(PermissionDenied):
        assign_handler(actor=clerk, row=petition, handler=clerk)
    with pytest.raises(PermissionDenied):
        receive_petition(actor=clerk, petition=new_petition(handler=clerk))
    assert assign_handler(actor=head, row=petition, handler=clerk, handler_only=True).handler == clerk
    assert not Petition.objects.visible_to(head).exists()


def test_handler_holds_the_duty_today_and_is_not_the_person(town: Town, clerk: User, head: User) -> None:
    petition = make_petition(person=make_person(f"{clerk.name[0]}某"))
    assert list(handlers_for(petition)) == []  # both are named 纪…, as the person may be
    with pytest.raises(ValidationError) as error:
        assign_handler(actor=head, row=make_petition("XF-2"), handler=town.people[D.OFFICE_HEAD])
    assert "不担任纪检职务" in told(error)
    other = make_petition("XF-3")
    assert set(handlers_for(other)) == {clerk, head}
    Appointment.objects.filter(user=clerk).update(ended_on=today() - timedelta(days=1))
    fresh = User.objects.get(pk=clerk.pk)
    with pytest.raises(ValidationError) as error:
        assign_handler(actor=head, row=other, handler=fresh)
    assert "不担任纪检职务" in told(error)
    assert set(handlers_for(other)) == {head}


def test_handler_is_not_the_person_whose_account_is_known(clerk: User, head: User) -> None:
    petition = make_petition(person=make_person("方某", account=clerk))
    assert list(handlers_for(petition)) == [head]
    with pytest.raises(ValidationError) as error:
        assign_handler(actor=head, row=petition, handler=clerk)
    assert "要回避" in told(error)
    given = make_petition("XF-2", handler=clerk)
    given.person = petition.person
    with pytest.raises(ValidationError) as error:
        correct_petition(actor=head, petition=given, changed=["person"])
    assert "请先改派承办人" in told(error)


def test_closed_to_others_only_with_a_handler(head: User) -> None:
    with pytest.raises(ValidationError) as error:
        assign_handler(actor=head, row=make_petition(), handler=None, handler_only=True)
    assert "请先选定承办人" in told(error)
    with pytest.raises(ValidationError):
        Petition(handler_only=True).full_clean()


def test_deadlines_of_a_signed_petition_and_of_another(clerk: User) -> None:
    limits = Limits.load()
    signed, other = make_petition(is_signed=True), make_petition("XF-2", received_on=today())
    assert [one.label for one in deadlines_of(signed, limits)] == ["信访件告知受理", "信访件办结"]
    assert next_deadline(signed, limits).label == "信访件告知受理"  # type: ignore[union-attr]
    assert [one.label for one in deadlines_of(other, limits)] == ["信访件办结"]
    assert late_among(Petition.objects.open()) == [signed.pk]
    closed = close_petition(actor=clerk, petition=signed, closed_on=today(), result="了结")
    assert next_deadline(closed, limits) is None
    assert [one.is_late for one in deadlines_of(closed, limits)] == [True, True]


@pytest.mark.parametrize(("days", "late"), [(90, False), (91, True)])
def test_petition_is_late_from_the_day_after_the_last(days: int, late: bool) -> None:
    make_petition(received_on=today() - timedelta(days=days))
    assert bool(late_among(Petition.objects.open())) == late
