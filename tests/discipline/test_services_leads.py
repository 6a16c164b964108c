"""Leads are opened, disposed of in one of four ways, finished, and linked to petitions."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from chishang.core.dates import today
from discipline.enums import Disposal
from discipline.models import Lead, LeadPetition, LeadSource
from discipline.selectors.handling import deadlines_of, late_among, lead_state, next_deadline
from discipline.selectors.limits import Limits
from discipline.services.handling import assign_handler
from discipline.services.leads import correct_lead, finish_lead, link_petition, open_lead, propose_disposal
from organizations.enums import DutyCode as D
from organizations.models import User
from tests.discipline.records import make_case, make_lead, make_person, make_petition, name_on
from tests.factories import Town

pytestmark = pytest.mark.django_db
PROPOSED, FINISHED = date(2017, 7, 1), date(2017, 8, 1)


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[D.DISCIPLINE_CLERK]


@pytest.fixture
def head(town: Town) -> User:
    return town.people[D.DISCIPLINE_HEAD]


def new_lead(**fields: Any) -> Lead:
    lead = Lead(**{"number": "XS-1", "source": LeadSource.objects.first(), "received_on": date(2017, 6, 20)} | fields)
    lead.content = "线索内容"
    return lead


def proposed(disposal: Disposal = Disposal.VERIFICATION, **fields: Any) -> Lead:
    return make_lead(disposal=disposal, proposed_on=PROPOSED, **fields)


def told(error: Any) -> str:
    return str(error.value.message_dict)


@pytest.mark.parametrize("disposal", list(Disposal))
def test_lead_is_disposed_of_in_four_ways(clerk: User, disposal: Disposal) -> None:
    petition = make_petition()
    lead = open_lead(actor=clerk, lead=new_lead(), petition=petition)
    assert (lead_state(lead), LeadPetition.objects.get().petition) == ("new", petition)
    lead = propose_disposal(actor=clerk, lead=lead, disposal=disposal, proposed_on=PROPOSED)
    assert lead_state(lead) == "open"
    lead = finish_lead(actor=clerk, lead=lead, finished_on=FINISHED, outcome="了结")
    assert (lead_state(lead), Lead.objects.get().outcome) == ("finished", "了结")


@pytest.mark.parametrize(
    ("disposal", "day", "words"),
    [
        (Disposal.INQUIRY, date(2017, 6, 19), "提出处置意见日期不能早于收到日期"),
        (Disposal.INQUIRY, today() + timedelta(days=1), "不能晚于今天"),
        ("whatever", PROPOSED, "请从四种处置方式中选一种"),
    ],
)
def test_wrong_proposal_is_refused(clerk: User, disposal: str, day: date, words: str) -> None:
    with pytest.raises(ValidationError) as error:
        propose_disposal(actor=clerk, lead=make_lead(), disposal=disposal, proposed_on=day)
    assert words in told(error)


def test_each_step_is_taken_once_and_in_order(clerk: User) -> None:
    lead = make_lead()
    with pytest.raises(ValidationError) as error:
        finish_lead(actor=clerk, lead=lead, finished_on=FINISHED, outcome="了结")
    assert "先提出处置意见" in told(error)
    propose_disposal(actor=clerk, lead=lead, disposal=Disposal.DISMISSED, proposed_on=PROPOSED)
    with pytest.raises(ValidationError, match="已于 2017-07-01 提出“予以了结”"):
        propose_disposal(actor=clerk, lead=lead, disposal=Disposal.INQUIRY, proposed_on=PROPOSED)
    for day, outcome, words in ((date(2017, 6, 30), "了结", "不能早于提出处置意见日期"), (FINISHED, "", "处置结果")):
        with pytest.raises(ValidationError) as error:
            finish_lead(actor=clerk, lead=lead, finished_on=day, outcome=outcome)
        assert words in told(error)
    finish_lead(actor=clerk, lead=lead, finished_on=FINISHED, outcome="了结")
    with pytest.raises(ValidationError, match="已于 2017-08-01 办结"):
        finish_lead(actor=clerk, lead=lead, finished_on=FINISHED, outcome="另一结果")


def test_verification_may_lead_to_a_case_that_one_sees(clerk: User, head: User) -> None:
    case, hidden = (make_case(number=f"池纪立〔2017〕{n}号", filed_on=date(2017, 7, 20)) for n in (1, 2))
    name_on(case, clerk)
    name_on(hidden, head)
    lead = proposed()
    with pytest.raises(ValidationError) as error:
        finish_lead(actor=clerk, lead=lead, finished_on=FINISHED, outcome="立案", case=hidden)
    assert "请从列表里选择案件" in told(error)
    assert finish_lead(actor=clerk, lead=lead, finished_on=FINISHED, outcome="立案", case=case).case == case


@pytest.mark.parametrize(
    ("disposal", "filed_on", "words"),
    [
        (Disposal.INQUIRY, date(2017, 7, 20), "只有经初步核实的线索才能立案"),
        (Disposal.VERIFICATION, date(2017, 6, 19), "立案日期早于线索收到日期"),
    ],
)
def test_case_against_the_rules_is_refused(clerk: User, disposal: Disposal, filed_on: date, words: str) -> None:
    case = make_case(filed_on=filed_on)
    name_on(case, clerk)
    with pytest.raises(ValidationError) as error:
        finish_lead(actor=clerk, lead=proposed(disposal), finished_on=FINISHED, outcome="立案", case=case)
    assert words in told(error)
    assert Lead.objects.get().case is None


def test_lead_with_a_case_stays_one_of_verification(clerk: User) -> None:
    case = make_case(filed_on=date(2017, 7, 20))
    lead = proposed(case=case)
    lead.disposal = Disposal.INQUIRY
    with pytest.raises(ValidationError, match="只有经初步核实的线索才能立案"):
        correct_lead(actor=clerk, lead=lead, changed=["disposal"])
    lead.number = "XS-9"
    assert correct_lead(actor=clerk, lead=lead, changed=["number"]).disposal == Disposal.VERIFICATION


def test_petition_is_linked_once_and_only_one_that_is_seen(clerk: User, head: User) -> None:
    lead, petition = make_lead(), make_petition()
    link_petition(actor=clerk, lead=lead, petition=petition)
    for refused, words in (
        (petition, "已关联到这条线索"),
        (make_petition("XF-2", handler=head), "请从列表里选择信访件"),
    ):
        with pytest.raises(ValidationError) as error:
            link_petition(actor=clerk, lead=lead, petition=refused)
        assert words in told(error)
    assert LeadPetition.objects.count() == 1


def test_lead_of_its_handler_only_is_nobody_elses(clerk: User, head: User) -> None:
    lead = open_lead(actor=head, lead=new_lead(handler=clerk, handler_only=True))
    with pytest.raises(PermissionDenied):
        propose_disposal(actor=head, lead=lead, disposal=Disposal.INQUIRY, proposed_on=PROPOSED)
    with pytest.raises(PermissionDenied):
        assign_handler(actor=head, row=lead, handler=head)
    assert propose_disposal(actor=clerk, lead=lead, disposal=Disposal.INQUIRY, proposed_on=PROPOSED).proposed_on


def test_lead_without_what_it_needs_is_refused(clerk: User) -> None:
    lead = new_lead(person=make_person(clerk.name))
    with pytest.raises(ValidationError):
        open_lead(actor=clerk, lead=lead)
    lead = new_lead()
    lead.content = ""
    with pytest.raises(ValidationError) as error:
        open_lead(actor=clerk, lead=lead)
    assert "请填写线索内容" in told(error)
    assert not Lead.objects.exists()


def test_deadlines_follow_the_way_of_disposal(town: Town) -> None:
    limits = Limits.load()
    new, asked, checked = make_lead(), proposed(Disposal.INQUIRY, number="XS-2"), proposed(number="XS-3")
    assert next_deadline(new, limits).due.on == date(2017, 7, 20)  # type: ignore[union-attr]
    assert next_deadline(asked, limits).due.on == date(2017, 7, 31)  # type: ignore[union-attr]
    assert next_deadline(checked, limits) is None
    assert [one.is_late for one in deadlines_of(checked, limits)] == [False]
    assert set(late_among(Lead.objects.open())) == {new.pk, asked.pk}
