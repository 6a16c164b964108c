"""Cases: filing, steps in their order, persons, and who may read them until when."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from chishang.core.dates import add_months, today
from discipline.enums import CaseStage, Disposal
from discipline.models import Case, CaseAccess, Lead, LeadSource
from discipline.services.cases import (
    Naming,
    assign_handler,
    correct_case,
    end_access,
    file_case,
    grant_access,
    involve_person,
    office_holders,
    take_step,
)
from discipline.services.people import PersonFacts
from organizations.enums import DutyCode as D
from organizations.models import User
from tests.discipline.records import make_case, make_lead, make_person, name_on
from tests.factories import Town

pytestmark = pytest.mark.django_db
FANG = PersonFacts("方明远", "石桥村")


@pytest.fixture
def head(town: Town) -> User:
    return town.people[D.DISCIPLINE_HEAD]


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[D.DISCIPLINE_CLERK]


def typed(handler: User | None = None, **fields: Any) -> Case:
    values = {"number": "池纪立〔2017〕1号", "filed_on": date(2017, 3, 17), **fields}
    case = Case(source=LeadSource.objects.first(), handler=handler, **values)
    case.brief = "案情"
    return case


def test_case_is_filed_for_its_handler_and_those_named(head: User, clerk: User) -> None:
    case = file_case(actor=head, case=typed(clerk), people=[FANG], naming=Naming((head,)))
    assert [one.person.name for one in case.involvements.all()] == ["方明远"]
    for user in (head, clerk):
        assert Case.objects.visible_to(user).get() == case
    assert {one.until for one in case.accesses.all()} == {add_months(today(), 12)}
    assert {one.granted_by for one in case.accesses.all()} == {head}


@pytest.mark.parametrize(
    ("fields", "people", "told"),
    [
        ({"filed_on": today() + timedelta(days=1)}, [FANG], "立案日期不能晚于今天"),
        ({"number": "1号"}, [FANG], "案号应写成"),
        ({}, [], "至少一人"),
        ({"handler": None}, [FANG], "请指定承办人"),
        ({"decided_on": date(2017, 3, 16)}, [FANG], "先立案、后决定"),
    ],
)
def test_wrong_filing_is_refused_and_nothing_stored(
    head: User, fields: dict[str, Any], people: list[PersonFacts], told: str
) -> None:
    with pytest.raises(ValidationError, match=told):
        file_case(actor=head, case=typed(**{"handler": head, **fields}), people=people)
    assert not Case.objects.exists()


def test_clerk_names_nobody_but_himself(head: User, clerk: User) -> None:
    with pytest.raises(ValidationError, match="只能指定自己"):
        file_case(actor=clerk, case=typed(head), people=[FANG])
    assert file_case(actor=clerk, case=typed(clerk), people=[FANG]).accesses.get().user == clerk


def test_case_is_not_filed_for_a_person_of_it(head: User, clerk: User) -> None:
    with pytest.raises(ValidationError, match="须回避"):
        file_case(actor=head, case=typed(clerk), people=[PersonFacts(clerk.name, "镇纪委")])
    with pytest.raises(ValidationError, match="由其他纪检人员登记"):
        file_case(actor=head, case=typed(head), people=[PersonFacts(head.name, "镇纪委")])


def test_leads_are_linked_after_verification_and_once(head: User) -> None:
    verified = {"disposal": Disposal.VERIFICATION, "received_on": date(2017, 3, 1), "proposed_on": date(2017, 3, 9)}
    lead, other = make_lead(**verified), make_lead("XS-2")
    with pytest.raises(ValidationError, match="只有经初步核实"):
        file_case(actor=head, case=typed(head), people=[FANG], leads=[other])
    case = file_case(actor=head, case=typed(head), people=[FANG], leads=[lead])
    assert list(case.leads.all()) == [lead]
    with pytest.raises(ValidationError, match="已经立案"):
        file_case(actor=head, case=typed(head, number="池纪立〔2017〕2号"), people=[FANG], leads=[lead])


def test_lead_that_one_may_not_see_is_not_linked(head: User, clerk: User) -> None:
    verified = {"disposal": Disposal.VERIFICATION, "received_on": date(2017, 3, 1), "proposed_on": date(2017, 3, 9)}
    lead = make_lead(handler=clerk, handler_only=True, **verified)
    with pytest.raises(ValidationError, match="列表"):
        file_case(actor=head, case=typed(head), people=[FANG], leads=[lead])
    assert Lead.objects.get().case is None


def test_steps_follow_their_order(head: User) -> None:
    case = file_case(actor=head, case=typed(head), people=[FANG])
    with pytest.raises(ValidationError, match="请先登记“审查终结”"):
        take_step(actor=head, case=case, step="decided_on", day=date(2017, 5, 1))
    days = {"reviewed_on": 4, "heard_on": 5, "decided_on": 6, "executed_on": 7, "closed_on": 8}
    for step, month in days.items():
        with pytest.raises(ValidationError, match="不能早于"):
            take_step(actor=head, case=case, step=step, day=date(2017, month - 2, 1))
        case = take_step(actor=head, case=case, step=step, day=date(2017, month, 1))
    assert case.stage == CaseStage.CLOSED
    with pytest.raises(ValidationError, match="已经登记过"):
        take_step(actor=head, case=case, step="closed_on", day=date(2017, 8, 2))


def test_step_is_taken_today_and_not_tomorrow(head: User) -> None:
    case = file_case(actor=head, case=typed(head, filed_on=today()), people=[FANG])
    with pytest.raises(ValidationError, match="不能晚于今天"):
        take_step(actor=head, case=case, step="reviewed_on", day=today() + timedelta(days=1))
    assert take_step(actor=head, case=case, step="reviewed_on", day=today()).reviewed_on == today()


def test_case_is_written_by_those_named_on_it_only(head: User, clerk: User) -> None:
    case = file_case(actor=head, case=typed(head), people=[FANG])
    with pytest.raises(PermissionDenied):
        take_step(actor=clerk, case=case, step="reviewed_on", day=today())
    with pytest.raises(PermissionDenied):
        involve_person(actor=clerk, case=case, facts=FANG)
    with pytest.raises(PermissionDenied):
        correct_case(actor=clerk, case=case, changed={"number"})


def test_person_is_involved_once(head: User) -> None:
    case = file_case(actor=head, case=typed(head), people=[FANG])
    involve_person(actor=head, case=case, facts=PersonFacts("乔守信", "石桥村"))
    with pytest.raises(ValidationError, match="已登记在本案中"):
        involve_person(actor=head, case=case, facts=FANG)
    assert case.involvements.count() == 2


def test_correction_keeps_steps_and_handler(head: User, clerk: User) -> None:
    case = file_case(actor=head, case=typed(head), people=[FANG])
    case.reviewed_on = today()
    with pytest.raises(ValidationError, match="登记步骤"):
        correct_case(actor=head, case=case, changed={"reviewed_on"})
    case.reviewed_on, case.handler = None, clerk
    with pytest.raises(ValidationError, match="改派"):
        correct_case(actor=head, case=case, changed={"handler"})
    case.handler, case.filed_on = head, date(2017, 3, 18)
    correct_case(actor=head, case=case, changed={"filed_on"})
    assert Case.objects.get().filed_on == date(2017, 3, 18)


def test_access_is_granted_by_the_head_also_where_he_reads_nothing(head: User, clerk: User) -> None:
    case = make_case(make_person())
    with pytest.raises(PermissionDenied):
        grant_access(actor=clerk, case=case, user=clerk)
    grant_access(actor=head, case=case, user=clerk)
    assert Case.objects.visible_to(clerk).get() == case
    assert not Case.objects.visible_to(head).exists()


def test_case_about_the_head_is_handed_out_by_somebody_else(head: User, clerk: User) -> None:
    case = make_case(make_person(head.name))
    with pytest.raises(PermissionDenied):
        grant_access(actor=head, case=case, user=clerk)


@pytest.mark.parametrize("duty", [D.TOWN_SECRETARY, D.OFFICE_HEAD, D.SYSTEM_ADMINISTRATOR])
def test_nobody_outside_the_office_is_named(head: User, town: Town, duty: D) -> None:
    with pytest.raises(ValidationError, match="现任纪检职务"):
        grant_access(actor=head, case=make_case(make_person()), user=town.people[duty])
    assert set(office_holders()) == {head, town.people[D.DISCIPLINE_CLERK]}


def test_person_of_the_case_is_not_named(head: User, clerk: User) -> None:
    with pytest.raises(ValidationError, match="须回避"):
        grant_access(actor=head, case=make_case(make_person(clerk.name)), user=clerk)


def test_access_lasts_two_years_at_most(head: User, clerk: User) -> None:
    case, last = make_case(make_person()), add_months(today(), 24)
    with pytest.raises(ValidationError, match="最长两年"):
        grant_access(actor=head, case=case, user=clerk, until=last + timedelta(days=1))
    with pytest.raises(ValidationError, match="不能早于今天"):
        grant_access(actor=head, case=case, user=clerk, until=today() - timedelta(days=1))
    assert grant_access(actor=head, case=case, user=clerk, until=last).until == last


def test_second_grant_sets_the_last_day_anew(head: User, clerk: User) -> None:
    case = make_case(make_person())
    first = name_on(case, clerk)
    CaseAccess.objects.update(since=add_months(today(), -20))
    assert grant_access(actor=head, case=case, user=clerk, until=today()).pk == first.pk
    longer = grant_access(actor=head, case=case, user=clerk, until=add_months(today(), 12))
    assert (longer.pk != first.pk, longer.since) == (True, today())


def test_access_ends_at_once_and_keeps_its_row(head: User, clerk: User) -> None:
    case = make_case(make_person())
    for _ in range(3):
        access = grant_access(actor=head, case=case, user=clerk)
        with pytest.raises(PermissionDenied):
            end_access(actor=clerk, access=access)
        end_access(actor=head, access=access)
        assert not Case.objects.visible_to(clerk).exists()
    assert CaseAccess.objects.count() == 3
    with pytest.raises(ValidationError, match="已经到期"):
        end_access(actor=head, access=CaseAccess.objects.first())
    assert access.history.count() == 2


def test_handler_is_named_too(head: User, clerk: User) -> None:
    case = make_case(make_person())
    assign_handler(actor=head, case=case, user=clerk)
    assert Case.objects.visible_to(clerk).get().handler == clerk
