"""Reads of the secretary's pages."""

from datetime import timedelta

import pytest

from chishang.core.dates import today
from organizations.enums import DutyCode
from tests.factories import HouseholdFactory, Town, UserFactory, VillageFactory, VisitFactory, appoint
from visits import selectors
from visits.enums import HouseholdKind

SECRETARY = DutyCode.BRANCH_SECRETARY


def test_visitors_are_those_of_village_branch_and_area_with_the_right_in_force(town: Town) -> None:
    gone, asleep = UserFactory(name="卸任"), UserFactory(name="停用", is_active=False)
    appoint(gone, SECRETARY, town.own.branch, ended_on=today() - timedelta(days=1))
    appoint(asleep, SECRETARY, town.own.branch)
    appoint(UserFactory(name="外村书记"), SECRETARY, town.foreign.branch)
    appoint(UserFactory(name="报账员"), DutyCode.VILLAGE_AGENT, town.own)

    found = selectors.visitors_of(town.own_household, besides=town.people[SECRETARY])

    assert {user.name for user in found} == {"片区长甲", "第一书记甲", "驻村指导员甲"}


def test_visitors_lists_each_person_once(town: Town) -> None:
    leader = town.people[DutyCode.AREA_LEADER]
    appoint(leader, DutyCode.FIRST_SECRETARY, town.own)

    found = selectors.visitors_of(town.own_household, besides=town.people[SECRETARY])

    assert list(found).count(leader) == 1


def test_households_not_yet_visited_are_those_of_the_newest_running_campaign(town: Town) -> None:
    VisitFactory(household=town.own_household, campaign=town.campaign, visited_on=today())
    other = HouseholdFactory(village=town.own, code="TV01-0002")
    user = town.people[SECRETARY]

    assert list(selectors.households_to_visit(user, not_yet=True)) == [other]

    town.campaign.ended_on = today() - timedelta(days=1)
    town.campaign.save()

    assert list(selectors.households_to_visit(user, not_yet=True)) == [town.own_household, other]


def test_households_are_in_the_order_of_their_numbers_and_enterprises_last(town: Town) -> None:
    HouseholdFactory(village=town.own, code="QY-001", kind=HouseholdKind.ENTERPRISE, persons=None)
    HouseholdFactory(village=town.own, code="TV01-0000", name="郑北明")

    found = selectors.households_to_visit(town.people[SECRETARY])

    assert [one.code for one in found] == ["TV01-0000", "TV01-0001", "QY-001"]


@pytest.mark.parametrize(
    ("duty", "several"), [(SECRETARY, False), (DutyCode.AREA_LEADER, True), (DutyCode.OFFICE_CLERK, True)]
)
def test_several_villages_are_told_from_one(town: Town, duty: DutyCode, several: bool) -> None:
    VillageFactory(area=town.own.area)

    assert selectors.visits_several_villages(town.people[duty]) is several


def test_file_holds_the_newest_visits_and_issues_of_that_household_only(town: Town) -> None:
    neighbour = HouseholdFactory(village=town.own)
    old = town.record(None, "自来水浑浊", visited_on=today() - timedelta(days=30))
    new = town.record(None, "路灯不亮")
    town.record(neighbour, "邻居的事")

    file = selectors.file_of(town.people[SECRETARY], town.own_household)

    assert file.visits == [new, old]
    assert [issue.description for issue in file.issues] == ["路灯不亮", "自来水浑浊"]


def test_stored_visit_is_found_by_its_sender_only(town: Town) -> None:
    visit = town.record()
    op_id = visit.operation.op_id

    assert selectors.stored_visit(town.people[DutyCode.OFFICE_HEAD], op_id) == visit
    assert selectors.stored_visit(town.people[SECRETARY], op_id) is None
