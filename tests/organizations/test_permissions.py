"""Access follows the appointment."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from chishang.core.dates import today
from organizations.enums import DutyCode, OrganizationKind
from organizations.models import Appointment, Duty, User
from tests.factories import OrganizationFactory, Town, UserFactory, appoint
from visits.models import Household

SECRETARY = DutyCode.BRANCH_SECRETARY


def fresh(user: User) -> User:
    """The account as the next request loads it."""
    return User.objects.get(pk=user.pk)


def households(user: User) -> set[str]:
    return {household.village.name for household in Household.objects.visible_to(fresh(user))}


@pytest.mark.parametrize(("ended", "sees"), [(-1, set()), (0, {"本村"}), (1, {"本村"}), (None, {"本村"})])
def test_access_ends_the_day_after_the_appointment(town: Town, ended: int | None, sees: set[str]) -> None:
    user = UserFactory()
    ended_on = None if ended is None else today() + timedelta(days=ended)
    appoint(user, SECRETARY, town.own.branch, ended_on=ended_on)
    assert households(user) == sees
    assert fresh(user).has_perm("visits.add_visit") is bool(sees)


@pytest.mark.parametrize(("started", "sees"), [(0, {"本村"}), (1, set())])
def test_access_begins_with_the_first_day(town: Town, started: int, sees: set[str]) -> None:
    user = UserFactory()
    appoint(user, SECRETARY, town.own.branch, started_on=today() + timedelta(days=started))
    assert households(user) == sees


def test_secretary_with_two_branches_sees_both(town: Town) -> None:
    user = UserFactory()
    appoint(user, SECRETARY, town.own.branch)
    appoint(user, SECRETARY, town.foreign.branch)
    assert households(user) == {"本村", "外村"}


def test_permission_holds_only_where_its_duty_is_held(town: Town) -> None:
    user = UserFactory()
    appoint(user, SECRETARY, town.own.branch)
    appoint(user, DutyCode.VILLAGE_AGENT, town.foreign)
    assert {row.name for row in type(town.own).objects.visible_to(user)} == {"本村", "外村"}
    assert households(user) == {"本村"}


def test_committee_covers_all_below_it(town: Town) -> None:
    composite = OrganizationFactory(
        kind=OrganizationKind.COMPOSITE_COMMITTEE, branch_type="", parent=town.root, code="T-W01"
    )
    town.own.branch.parent = composite
    town.own.branch.save()
    user = UserFactory()
    appoint(user, DutyCode.OFFICE_CLERK, composite)
    assert households(user) == {"本村"}


def test_inactive_account_may_do_nothing(town: Town) -> None:
    user = town.people[DutyCode.OFFICE_HEAD]
    user.is_active = False
    user.save()
    assert households(user) == set()
    assert not fresh(user).has_perm("visits.view_household")
    assert not fresh(user).is_staff


def test_group_of_a_duty_is_edited_and_its_holders_have_it_at_the_next_request(town: Town) -> None:
    user = town.people[DutyCode.OFFICE_CLERK]
    duty = Duty.objects.get(code=DutyCode.OFFICE_CLERK)
    duty.group.permissions.remove(*duty.group.permissions.filter(codename="view_household"))
    assert households(user) == set()


@pytest.mark.parametrize(
    ("duty", "staff"), [(DutyCode.OFFICE_CLERK, True), (SECRETARY, False), (DutyCode.DISTRICT_CLIENT, False)]
)
def test_admin_is_for_duties_that_work_there(town: Town, duty: DutyCode, staff: bool) -> None:
    assert fresh(town.people[duty]).is_staff is staff


def test_access_takes_a_constant_number_of_queries(town: Town) -> None:
    user = UserFactory()
    counts = []
    for place in (town.own.branch, town.foreign.branch):
        appoint(user, SECRETARY, place)
        loaded = fresh(user)
        with CaptureQueriesContext(connection) as queries:
            loaded.has_perm("visits.add_visit")
            loaded.scope_for("visits.add_visit")
        counts.append(len(queries))
    assert counts == [3, 3]


def test_appointment_has_exactly_one_place_also_from_the_shell(town: Town) -> None:
    duty = Duty.objects.get(code=SECRETARY)
    for places in ({}, {"organization": town.root, "village": town.own}):
        with pytest.raises(IntegrityError, match="appointment_has_one_place"), transaction.atomic():
            Appointment.objects.create(user=UserFactory(), duty=duty, started_on=date(2017, 1, 1), **places)


def test_appointment_at_a_place_of_the_wrong_kind_says_which_kind(town: Town) -> None:
    duty = Duty.objects.get(code=SECRETARY)
    appointment = Appointment(user=UserFactory(), duty=duty, area=town.own.area, started_on=date(2017, 1, 1))
    with pytest.raises(ValidationError, match="任职单位应为党组织"):
        appointment.full_clean()
