"""The one gate for rows."""

import pytest
from django.contrib.auth.models import AnonymousUser

from chishang.core.scoping import EVERYTHING, Scope
from organizations.enums import DutyCode
from organizations.models import Area, Village
from tests.factories import Town, UserFactory
from visits.models import Household, IssueCategory


def test_scopes_intersect() -> None:
    own = Scope(organization_ids=frozenset({1, 2}))
    assert own & Scope(organization_ids=frozenset({2, 3})) == Scope(organization_ids=frozenset({2}))
    assert own & EVERYTHING == EVERYTHING & own == own
    assert not own & Scope()


@pytest.mark.parametrize(
    ("duty", "sees_foreign"),
    [
        (DutyCode.OFFICE_CLERK, True),
        (DutyCode.TOWN_SECRETARY, True),
        (DutyCode.DISTRICT_CLIENT, True),
        (DutyCode.AREA_LEADER, False),
        (DutyCode.BRANCH_SECRETARY, False),
        (DutyCode.FIRST_SECRETARY, False),
        (DutyCode.VILLAGE_INSTRUCTOR, False),
    ],
)
def test_households_are_those_of_the_place(town: Town, duty: DutyCode, sees_foreign: bool) -> None:
    expected = {town.own_household, town.foreign_household} if sees_foreign else {town.own_household}
    assert set(Household.objects.visible_to(town.people[duty])) == expected


@pytest.mark.parametrize("duty", [DutyCode.ACCOUNTANT, DutyCode.DISCIPLINE_CLERK, DutyCode.SYSTEM_ADMINISTRATOR])
def test_household_does_not_exist_for_a_duty_without_the_permission(town: Town, duty: DutyCode) -> None:
    assert not Household.objects.visible_to(town.people[duty]).exists()


def test_nobody_sees_nothing(town: Town) -> None:
    for model in (Household, Village, IssueCategory):
        assert not model.objects.visible_to(AnonymousUser()).exists()
        assert not model.objects.visible_to(UserFactory()).exists()


def test_reference_data_is_whole_for_whoever_may_see_it(town: Town) -> None:
    secretary = town.people[DutyCode.BRANCH_SECRETARY]
    assert IssueCategory.objects.visible_to(secretary).count() == IssueCategory.objects.count() == 7


def test_path_through_several_rows_gives_each_row_once(town: Town) -> None:
    town.foreign.area = town.own.area
    town.foreign.save()
    assert list(Area.objects.visible_to(town.people[DutyCode.AREA_LEADER])) == [town.own.area]


def test_permission_for_another_action_has_its_own_scope(town: Town) -> None:
    leader = town.people[DutyCode.TOWN_SECRETARY]
    assert Household.objects.visible_to(leader, "visits.view_household").count() == 2
    assert Household.objects.visible_to(leader, "visits.change_household").count() == 0
