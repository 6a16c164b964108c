"""Figures of members, training, elections and talents at the edges of their definitions."""

from datetime import date
from typing import Any

import pytest

from chishang.core.figures import Question, compute, find_figure
from chishang.core.scoping import Scope
from members.enums import ChangeKind, HonourLevel, TalentKind, TrainingKind
from members.models import Honour, Meeting, MeetingKind, Member, Talent, Training, TrainingAttendance, Transfer
from members.services import (
    ChangeFacts,
    receive_transfer,
    record_change,
    register_member,
    rejoin_member,
    start_transfer,
)
from organizations.enums import DutyCode, ElectionBody, ForecastLevel
from organizations.models import Election, ElectionForecast, ElectionTerm, Organization, Village
from tests.factories import Town

DAY = date(2017, 6, 30)
BEFORE, AFTER = date(2017, 6, 29), date(2017, 7, 1)


def value(key: str, as_of: date = DAY, **question: Any) -> Any:
    """The figure, after checking that it is the number of its rows."""
    figure = find_figure(key)
    assert figure is not None
    asked = Question(as_of=as_of, **question)
    found = compute(asked, [figure])[key]
    if found is not None:
        assert found == len(figure.rows(asked))
    return found


def of(branch: Organization) -> dict[str, Any]:
    return {"scope": Scope(organization_ids=frozenset({branch.pk}))}


def join(branch: Organization, day: date = date(2001, 7, 1), name: str = "赵东强", **fields: Any) -> Member:
    return register_member(actor=None, member=Member(name=name, sex="1", branch=branch, joined_on=day, **fields))


def test_member_counts_from_the_day_of_joining(town: Town) -> None:
    join(town.own.branch, DAY)
    assert [value("members.total", day) for day in (BEFORE, DAY)] == [0, 1]


@pytest.mark.parametrize("kind", [ChangeKind.DIED, ChangeKind.EXPELLED, ChangeKind.SUSPENDED, ChangeKind.WITHDREW])
def test_member_does_not_count_from_the_day_of_leaving(town: Town, kind: ChangeKind) -> None:
    record_change(actor=None, member=join(town.own.branch), kind=kind, occurred_on=DAY)
    assert [value("members.total", day) for day in (BEFORE, DAY, AFTER)] == [1, 0, 0]


def test_restored_member_counts_again(town: Town) -> None:
    member = join(town.own.branch)
    record_change(actor=None, member=member, kind=ChangeKind.SUSPENDED, occurred_on=BEFORE)
    record_change(actor=None, member=member, kind=ChangeKind.RESTORED, occurred_on=AFTER)
    assert [value("members.total", day) for day in (DAY, AFTER)] == [0, 1]


def test_floating_and_lost_members_still_count(town: Town) -> None:
    member = join(town.own.branch)
    record_change(actor=None, member=member, kind=ChangeKind.FLOATED, occurred_on=BEFORE)
    record_change(actor=None, member=member, kind=ChangeKind.LOST, occurred_on=BEFORE)
    assert value("members.total") == 1


def test_member_in_transit_belongs_to_the_old_branch_until_received(town: Town) -> None:
    member, head = join(town.own.branch), town.people[DutyCode.OFFICE_HEAD]
    transfer = Transfer(member=member, to_branch=town.foreign.branch, started_on=BEFORE)
    transfer = start_transfer(actor=head, transfer=transfer)
    receive_transfer(actor=head, transfer=transfer, received_on=AFTER)
    branches = (town.own.branch, town.foreign.branch)
    assert [value("members.total", DAY, **of(branch)) for branch in branches] == [1, 0]
    assert [value("members.total", AFTER, **of(branch)) for branch in branches] == [0, 1]
    assert value("members.total", AFTER) == 1


def test_probation_ends_on_the_day_of_full_membership(town: Town) -> None:
    member = join(town.own.branch, date(2016, 6, 30))
    record_change(actor=None, member=member, kind=ChangeKind.BECAME_FULL, occurred_on=DAY)
    assert [value("members.probationary", day) for day in (BEFORE, DAY)] == [1, 0]


def test_extended_probation_is_probation_still(town: Town) -> None:
    member, facts = join(town.own.branch, date(2016, 6, 30)), ChangeFacts(until=date(2017, 12, 30))
    record_change(actor=None, member=member, kind=ChangeKind.PROBATION_EXTENDED, occurred_on=DAY, facts=facts)
    assert value("members.probationary", AFTER) == 1


def test_one_who_joined_again_was_full_before_and_is_on_probation_anew(town: Town) -> None:
    member = join(town.own.branch, date(2010, 1, 1), full_member_on=date(2011, 1, 1))
    record_change(actor=None, member=member, kind=ChangeKind.WITHDREW, occurred_on=date(2014, 1, 1))
    rejoin_member(actor=None, member=member, branch=town.own.branch, joined_on=DAY)
    days = (date(2010, 6, 1), date(2011, 1, 1), date(2013, 12, 31), date(2014, 1, 1), DAY)
    assert [value("members.probationary", day) for day in days] == [1, 0, 0, 0, 1]
    assert [value("members.total", day) for day in days] == [1, 1, 1, 0, 1]


def attend(
    town: Town, branch: Organization, member: Member | None, day: date, kind: TrainingKind, name: str = "轮训"
) -> None:
    training, _ = Training.objects.get_or_create(
        name=name, kind=kind, started_on=day, place="镇党校", defaults={"ended_on": day, "organizer": town.root}
    )
    who = member.name if member else "孙干部"
    TrainingAttendance.objects.create(training=training, branch=branch, member=member, name=who)


def test_persons_and_person_times_are_two_figures(town: Town) -> None:
    member = join(town.own.branch)
    for kind in (TrainingKind.ROTATION, TrainingKind.OUTBOUND):
        attend(town, town.own.branch, member, DAY, kind, name="上午")
        attend(town, town.own.branch, member, DAY, kind, name="下午")
    assert (value("members.trained"), value("training.outbound_attendances")) == (1, 2)
    assert (value("members.trained", BEFORE), value("training.outbound_attendances", BEFORE)) == (0, 0)


def test_training_of_last_year_does_not_count(town: Town) -> None:
    member = join(town.own.branch)
    attend(town, town.own.branch, member, date(2016, 12, 31), TrainingKind.ROTATION)
    assert value("members.trained") == 0
    attend(town, town.own.branch, member, date(2017, 1, 1), TrainingKind.ROTATION)
    assert value("members.trained") == 1


def test_cadre_who_is_no_member_is_not_a_trained_member(town: Town) -> None:
    attend(town, town.own.branch, None, DAY, TrainingKind.ROTATION)
    attend(town, town.own.branch, None, DAY, TrainingKind.OUTBOUND)
    assert (value("members.trained"), value("training.outbound_attendances")) == (0, 1)


def test_member_trained_in_two_branches_counts_once_for_the_town(town: Town) -> None:
    member = join(town.own.branch)
    attend(town, town.own.branch, member, BEFORE, TrainingKind.ROTATION)
    attend(town, town.foreign.branch, member, DAY, TrainingKind.ROTATION)
    assert value("members.trained") == 1
    assert [value("members.trained", **of(branch)) for branch in (town.own.branch, town.foreign.branch)] == [1, 1]


def meet(town: Town, kind: str, topic: str, day: date = DAY, also: str = "") -> None:
    kinds = {one.code: one for one in MeetingKind.objects.all()}
    Meeting.objects.create(
        organization=town.own.branch,
        held_on=day,
        kind=kinds[kind],
        also_kind=kinds.get(also),
        topic=topic,
        due=9,
        present=8,
    )


def test_election_meetings_are_of_three_kinds_and_on_that_topic(town: Town) -> None:
    meet(town, "mobilization", "村“两委”换届工作动员")
    meet(town, "theme_day", "换届纪律学习", also="special_life_meeting")
    meet(town, "mobilization", "森林防火动员")
    meet(town, "members_meeting", "换届选举大会")
    meet(town, "training_meeting", "换届业务培训", AFTER)
    meet(town, "training_meeting", "换届业务培训", date(2016, 12, 31))
    assert (value("elections.meetings"), value("elections.meetings", AFTER)) == (2, 3)


def elect(term: ElectionTerm, village: Village, body: ElectionBody, day: date | None) -> None:
    Election.objects.create(term=term, village=village, body=body, completed_on=day)


def test_village_has_elected_when_both_bodies_have(town: Town) -> None:
    term = ElectionTerm.objects.create(name="2017年换届", year=2017)
    elect(term, town.own, ElectionBody.BRANCH, BEFORE)
    elect(term, town.own, ElectionBody.COMMITTEE, DAY)
    elect(term, town.foreign, ElectionBody.BRANCH, BEFORE)
    elect(term, town.foreign, ElectionBody.COMMITTEE, None)
    assert [value("elections.completed", day) for day in (BEFORE, DAY)] == [0, 1]


def test_new_round_of_elections_begins_at_zero(town: Town) -> None:
    for year in (2017, 2021):
        term = ElectionTerm.objects.create(name=f"{year}年换届", year=year)
        for body in ElectionBody:
            elect(term, town.own, body, date(year, 6, 30))
        ElectionForecast.objects.create(
            term=term, village=town.own, assessed_on=date(year, 6, 1), level=ForecastLevel.STABLE
        )
    days = (date(2020, 12, 31), date(2021, 1, 1), date(2021, 6, 1), date(2021, 6, 30))
    assert [value("elections.completed", day) for day in days] == [1, 0, 0, 1]
    assert [value("elections.assessed", day) for day in days] == [1, 0, 1, 1]


def test_forecast_is_counted_for_one_who_may_not_read_it(town: Town) -> None:
    term = ElectionTerm.objects.create(name="2017年换届", year=2017)
    ElectionForecast.objects.create(term=term, village=town.own, assessed_on=DAY, level=ForecastLevel.COMPLEX)
    district = town.people[DutyCode.DISTRICT_CLIENT]
    assert not ElectionForecast.objects.visible_to(district).exists()
    assert value("elections.assessed", user=district) == 1


def test_honour_counts_from_the_grant_to_the_day_before_its_revocation(town: Town) -> None:
    kinds = (TalentKind.YOUNG_RETURNEE, TalentKind.OUTSTANDING_CADRE)
    people = [Talent.objects.create(name="吴", kind=kind, village=town.own, recorded_on=DAY) for kind in kinds]
    Honour.objects.create(
        talent=people[0],
        title="创业之星",
        level=HonourLevel.DISTRICT,
        granted_by="共青团区委",
        granted_on=DAY,
        revoked_on=date(2018, 1, 1),
    )
    days = (BEFORE, DAY, date(2017, 12, 31), date(2018, 1, 1))
    assert [value("talent.honours", day) for day in days] == [0, 1, 1, 0]
    assert [value("talent.young_returnees", day) for day in days] == [0, 1, 1, 1]
    assert [value("talent.outstanding_cadres", day) for day in days] == [0, 1, 1, 1]
