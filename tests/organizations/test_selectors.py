"""What falls due: terms of branches and villagers' committees."""

from datetime import date, timedelta
from typing import Any

import pytest

from chishang.core.dates import add_months, today
from organizations.enums import DutyCode, ElectionBody
from organizations.models import Election, ElectionTerm, Organization, TermRule, Village
from organizations.selectors import terms_ending
from tests.factories import Town, VillageFactory

CLERK, LEADER = DutyCode.OFFICE_CLERK, DutyCode.AREA_LEADER


def ends(village: Village, day: date) -> None:
    """The term of the village's branch ends on the day."""
    Organization.objects.filter(pk=village.branch_id).update(term_ends_on=day)


def elected(village: Village, day: date | None, body: ElectionBody = ElectionBody.COMMITTEE) -> Election:
    term, _ = ElectionTerm.objects.get_or_create(name=f"{day}换届", defaults={"year": 2017})
    return Election.objects.create(term=term, village=village, body=body, completed_on=day)


def told(town: Town, duty: DutyCode = CLERK, **options: Any) -> list[tuple[str, str, date, bool]]:
    return [
        (one.name, one.body.label, one.ends_on, one.is_overdue) for one in terms_ending(town.people[duty], **options)
    ]


def test_branch_is_due_within_six_months_and_when_it_is_over(town: Town) -> None:
    last, over = add_months(today(), 6), today() - timedelta(days=1)
    ends(town.own, last)
    ends(town.foreign, over)
    assert told(town) == [("外村", "村党支部", over, True), ("本村", "村党支部", last, False)]


def test_branch_is_not_due_a_day_later(town: Town) -> None:
    ends(town.own, add_months(today(), 6) + timedelta(days=1))
    assert told(town) == []
    assert len(told(town, within_months=7)) == 1


def test_term_that_ends_today_is_not_over(town: Town) -> None:
    ends(town.own, today())
    assert told(town) == [("本村", "村党支部", today(), False)]


def test_dissolved_branch_is_not_due(town: Town) -> None:
    ends(town.own, today())
    Organization.objects.filter(pk=town.own.branch_id).update(dissolved_on=today())
    assert told(town) == []


@pytest.mark.parametrize(
    ("completed_on", "ends_on"),
    [(date(2017, 12, 10), date(2020, 12, 10)), (date(2018, 12, 29), date(2023, 12, 29))],
)
def test_committee_s_term_is_that_of_the_rule_in_force_on_the_day(
    town: Town, completed_on: date, ends_on: date
) -> None:
    elected(town.own, completed_on)
    assert told(town) == [("本村", "村民委员会", ends_on, ends_on < today())]


def test_last_completed_election_counts(town: Town) -> None:
    elected(town.own, date(2017, 12, 10))
    elected(town.own, today() - timedelta(days=30))
    elected(town.own, None)
    elected(town.foreign, date(2017, 12, 10), ElectionBody.BRANCH)
    assert told(town) == []


def test_committee_without_a_rule_on_its_day_is_left_out(town: Town) -> None:
    elected(town.own, date(2017, 12, 10))
    TermRule.objects.filter(body=ElectionBody.COMMITTEE, valid_from__lte=date(2017, 12, 10)).delete()
    assert told(town) == []


@pytest.fixture
def due_everywhere(town: Town) -> Town:
    for village in (town.own, town.foreign):
        ends(village, today())
        elected(village, date(2017, 12, 10))
    return town


def test_area_leader_sees_the_own_area(due_everywhere: Town) -> None:
    assert {name for name, *_ in told(due_everywhere, LEADER)} == {"本村"}
    assert {name for name, *_ in told(due_everywhere)} == {"本村", "外村"}


@pytest.mark.parametrize("duty", [DutyCode.ACCOUNTANT, DutyCode.VILLAGE_AGENT])
def test_duty_without_elections_sees_nothing(due_everywhere: Town, duty: DutyCode) -> None:
    assert told(due_everywhere, duty) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_reading_takes_three_queries(town: Town, django_assert_num_queries: Any, rows: int) -> None:
    for _ in range(rows):
        village = VillageFactory(branch__parent=town.root)
        ends(village, today())
        elected(village, date(2017, 12, 10))
    user = town.people[CLERK]
    user.access()
    with django_assert_num_queries(3):
        assert len(terms_ending(user)) == 2 * rows
