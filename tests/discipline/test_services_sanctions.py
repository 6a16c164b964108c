"""Sanctions: the end of the effect follows from the rules, and the member's flag from all sanctions."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from chishang.core.dates import add_months, today
from discipline.enums import Measure
from discipline.models import Involvement, MeasureRule, Person, Sanction
from discipline.services.people import save_person
from discipline.services.sanctions import announce_sanction, correct_sanction, decide_sanction, report_execution
from members.models import ImpactFlag, Member
from organizations.enums import DutyCode as D
from organizations.models import User
from tests.discipline.records import make_case, make_person, name_on
from tests.factories import Town
from tests.members.life import make_member

pytestmark = pytest.mark.django_db
DAY = date(2017, 5, 5)


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[D.DISCIPLINE_CLERK]


@pytest.fixture
def member(town: Town) -> Member:
    return make_member(town.own.branch, "方明远")


def involve(clerk: User, member: Member | None = None, number: int = 1) -> Involvement:
    """A person in a case that the clerk may write in."""
    person = Person.objects.first() or make_person("方明远", member=member)
    case = make_case(person, number=f"池纪立〔2017〕{number}号")
    name_on(case, clerk)
    return case.involvements.get()


def typed(involvement: Involvement | None, **fields: Any) -> Sanction:
    values = {"measure": Measure.WARNING, "decided_on": DAY, "effective_on": DAY, **fields}
    sanction = Sanction(involvement=involvement, **values)
    sanction.grounds = "违纪事实"
    return sanction


@pytest.mark.parametrize(
    ("measure", "effective_on", "probation", "until"),
    [
        (Measure.WARNING, DAY, None, date(2018, 5, 4)),
        (Measure.SERIOUS_WARNING, date(2017, 8, 31), None, date(2019, 2, 27)),
        (Measure.REMOVAL, date(2017, 12, 31), None, date(2019, 12, 30)),
        (Measure.PROBATION, DAY, 12, date(2020, 5, 4)),
        (Measure.PROBATION, DAY, 24, date(2021, 5, 4)),
        (Measure.EXPULSION, date(2020, 2, 29), None, date(2025, 2, 27)),
    ],
)
def test_end_of_effect_follows_from_the_measure(
    clerk: User, member: Member, measure: Measure, effective_on: date, probation: int | None, until: date
) -> None:
    fields = {"measure": measure, "effective_on": effective_on, "probation_months": probation}
    sanction = decide_sanction(actor=clerk, sanction=typed(involve(clerk, member), **fields), impact_until=until)
    assert sanction.impact_until == until
    assert ImpactFlag.objects.get().until == until


def test_rule_is_that_of_the_day_of_the_decision(clerk: User) -> None:
    MeasureRule.objects.create(measure=Measure.WARNING, months=6, valid_from=DAY + timedelta(days=1), source="新规定")
    first = decide_sanction(actor=clerk, sanction=typed(involve(clerk), effective_on=date(2017, 6, 1)))
    assert first.impact_until == date(2018, 5, 31)
    later = {"decided_on": DAY + timedelta(days=1), "effective_on": date(2017, 6, 1)}
    second = decide_sanction(actor=clerk, sanction=typed(involve(clerk, number=2), **later))
    assert second.impact_until == date(2017, 11, 30)


def test_typed_end_that_disagrees_is_refused_with_the_rule(clerk: User) -> None:
    with pytest.raises(ValidationError, match=r"警告的影响期为 12 个月.*至2018年5月4日") as refused:
        decide_sanction(actor=clerk, sanction=typed(involve(clerk)), impact_until=date(2018, 5, 5))
    assert "impact_until" in refused.value.message_dict
    assert "中国共产党纪律处分条例" in str(refused.value)
    assert not Sanction.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field", "told"),
    [
        ({"decided_on": date(2017, 3, 16)}, "decided_on", "先立案、后处分"),
        ({"decided_on": today() + timedelta(days=1)}, "decided_on", "不能晚于今天"),
        ({"effective_on": date(2017, 5, 4)}, "__all__", "生效日期不能早于"),
        ({"measure": Measure.PROBATION}, "probation_months", "12 或 24"),
        ({"probation_months": 12}, "probation_months", "12 或 24"),
        ({"measure": Measure.EXPULSION, "decided_by": "town_committee"}, "__all__", "须由区纪委批准"),
        ({"announced_on": date(2017, 5, 4)}, "__all__", "宣布日期不能早于"),
    ],
)
def test_sanction_against_the_rules_is_refused(clerk: User, fields: dict[str, Any], field: str, told: str) -> None:
    with pytest.raises(ValidationError, match=told) as refused:
        decide_sanction(actor=clerk, sanction=typed(involve(clerk), **fields))
    assert field in refused.value.message_dict
    assert not Sanction.objects.exists()


def test_sanction_without_a_case_that_one_sees_is_refused(clerk: User, town: Town) -> None:
    hidden = make_case(make_person()).involvements.get()
    for involvement in (None, hidden):
        with pytest.raises(ValidationError, match="先立案、后处分"):
            decide_sanction(actor=clerk, sanction=typed(involvement))
    with pytest.raises(PermissionDenied):
        decide_sanction(actor=town.people[D.OFFICE_HEAD], sanction=typed(hidden))


def test_second_sanction_in_one_case_is_refused(clerk: User) -> None:
    involvement = involve(clerk)
    decide_sanction(actor=clerk, sanction=typed(involvement))
    with pytest.raises(ValidationError, match="此人在本案中的处分已经登记"):
        decide_sanction(actor=clerk, sanction=typed(involvement))


def test_flag_says_the_latest_end_of_all_sanctions(clerk: User, member: Member) -> None:
    longer = typed(involve(clerk, member), measure=Measure.REMOVAL)
    decide_sanction(actor=clerk, sanction=longer)
    decide_sanction(actor=clerk, sanction=typed(involve(clerk, member, 2)))
    assert ImpactFlag.objects.get().until == date(2019, 5, 4)
    longer.measure = Measure.WARNING
    longer.effective_on = date(2017, 5, 6)
    correct_sanction(actor=clerk, sanction=longer, changed={"measure", "effective_on"})
    assert ImpactFlag.objects.get().until == date(2018, 5, 5)


def test_flag_moves_with_the_link_to_the_member(clerk: User, member: Member, town: Town) -> None:
    involvement = involve(clerk)
    decide_sanction(actor=clerk, sanction=typed(involvement, decided_on=today(), effective_on=today()))
    assert not ImpactFlag.objects.exists()
    until = add_months(today(), 12) - timedelta(days=1)
    person = involvement.person
    person.member = member
    save_person(actor=clerk, person=person)
    assert ImpactFlag.objects.in_effect().get().member == member
    person.member = other = make_member(town.foreign.branch, "方明远")
    save_person(actor=clerk, person=person)
    assert dict(ImpactFlag.objects.values_list("member", "until")) == {
        member.pk: today() - timedelta(days=1),
        other.pk: until,
    }


def test_corrected_to_another_person_the_flag_goes_to_what_remains(clerk: User, member: Member) -> None:
    sanction = decide_sanction(actor=clerk, sanction=typed(involve(clerk, member)))
    other = make_case(make_person("乔守信"), number="池纪立〔2017〕9号")
    name_on(other, clerk)
    sanction.involvement = other.involvements.get()
    correct_sanction(actor=clerk, sanction=sanction, changed={"involvement"})
    # It had run out before: nothing changes it, and no day later than that is written.
    assert ImpactFlag.objects.get().until == date(2018, 5, 4)
    assert not ImpactFlag.objects.in_effect().exists()


def test_sanction_that_one_may_not_see_is_not_corrected(clerk: User, town: Town) -> None:
    sanction = decide_sanction(actor=clerk, sanction=typed(involve(clerk)))
    head = town.people[D.DISCIPLINE_HEAD]
    with pytest.raises(PermissionDenied):
        correct_sanction(actor=head, sanction=sanction, changed={"grounds"})
    with pytest.raises(PermissionDenied):
        announce_sanction(actor=head, sanction=sanction, day=DAY)


def test_late_announcement_is_told_and_stored(clerk: User) -> None:
    first = decide_sanction(actor=clerk, sanction=typed(involve(clerk)))
    second = decide_sanction(actor=clerk, sanction=typed(involve(clerk, number=2)))
    assert announce_sanction(actor=clerk, sanction=first, day=date(2017, 6, 5)) is None
    late = announce_sanction(actor=clerk, sanction=second, day=date(2017, 6, 6))
    assert late is not None
    assert late.on == date(2017, 6, 5)
    assert Sanction.objects.get(pk=second.pk).announced_on == date(2017, 6, 6)


def test_announcement_and_report_are_noted_once_and_not_before_the_decision(clerk: User) -> None:
    sanction = decide_sanction(actor=clerk, sanction=typed(involve(clerk)))
    for note in (announce_sanction, report_execution):
        for day, told in ((DAY - timedelta(days=1), "不能早于"), (today() + timedelta(days=1), "不能晚于今天")):
            with pytest.raises(ValidationError, match=told):
                note(actor=clerk, sanction=sanction, day=day)
        note(actor=clerk, sanction=sanction, day=date(2017, 5, 20))
        with pytest.raises(ValidationError, match="已经登记过"):
            note(actor=clerk, sanction=sanction, day=DAY)
