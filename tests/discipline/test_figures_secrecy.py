"""Who is told the counts of the discipline office, and when a count is too small to be told."""

from datetime import date
from typing import Any

import pytest

from chishang.core.figures import Question, all_figures, compute, find_figure
from chishang.core.scoping import EVERYTHING, Scope
from chishang.report.report import build_report
from organizations.enums import DutyCode as D
from organizations.models import Organization, User
from organizations.permissions import Tree
from tests.api import api_client, key_headers
from tests.discipline.planted import OFFICE
from tests.discipline.records import make_case, make_person, make_petition
from tests.factories import OrganizationFactory, Town, UserFactory, appoint

COUNTING = {*OFFICE, D.TOWN_SECRETARY, D.OFFICE_HEAD, D.OFFICE_CLERK, D.DISTRICT_CLIENT}
CASES, DAY = "discipline.cases", date(2017, 12, 31)
ADDRESS = f"/api/v1/report/?as_of={DAY.isoformat()}"
KEYS = sorted(figure.key for figure in all_figures() if figure.key.startswith("discipline."))


def file_cases(place: Organization | None, count: int, year: int = 2017) -> None:
    for number in range(1, count + 1):
        make_case(number=f"池纪立〔{year}〕{number}号", organization=place, filed_on=date(2017, 3, 17))


def cases(user: User | None, scope: Scope = EVERYTHING) -> Any:
    """The number of cases as ``user`` is told it."""
    figure = find_figure(CASES)
    assert figure is not None
    return compute(Question(DAY, scope, user), [figure])[CASES]


def below(place: Organization) -> Scope:
    return Tree.load().below(place.pk)


def test_every_figure_of_the_office_is_confidential() -> None:
    figures = [figure for figure in all_figures() if figure.key in KEYS]
    assert len(figures) == 13
    assert all(figure.confidential for figure in figures)


@pytest.mark.parametrize("duty", D)
def test_counts_are_told_to_leaders_and_the_office(town: Town, duty: D) -> None:
    file_cases(town.own.branch, 2)
    make_petition(organization=town.foreign.branch)
    answer = api_client(town.people[duty]).get(ADDRESS)
    if answer.status_code == 403:
        assert duty not in COUNTING
        return
    told = {key: answer.json()["figures"][key]["value"] for key in KEYS}
    if duty in COUNTING:
        assert (told[CASES], told["discipline.petitions_received"]) == (2, 1)
        assert None not in told.values()
    else:
        assert set(told.values()) == {None}


def test_being_superuser_tells_no_count(town: Town) -> None:
    file_cases(town.own.branch, 4)
    user = UserFactory(is_superuser=True)
    figures = api_client(user).get(ADDRESS).json()["figures"]
    assert figures["visits.households"]["value"] is not None
    assert {figures[key]["value"] for key in KEYS} == {None}


def test_district_has_the_counts_by_its_key(town: Town) -> None:
    file_cases(town.own.branch, 2)
    headers = key_headers(town.people[D.DISTRICT_CLIENT])
    assert api_client(None).get(ADDRESS, headers=headers).json()["figures"][CASES]["value"] == 2


@pytest.mark.parametrize(("count", "told"), [(0, None), (1, None), (2, None), (3, 3), (4, 4)])
@pytest.mark.parametrize("duty", sorted(COUNTING - OFFICE))
def test_small_count_of_one_village_is_not_told_outside_the_office(
    town: Town, duty: D, count: int, told: int | None
) -> None:
    file_cases(town.own.branch, count)
    file_cases(town.foreign.branch, 2, year=2016)
    user = town.people[duty]
    assert cases(user, below(town.own.branch)) == told
    assert cases(user) == count + 2, "that of the whole town names nobody"
    answer = api_client(user).get(f"{ADDRESS}&organization={town.own.branch.code}")
    assert answer.json()["figures"][CASES]["value"] == told


@pytest.mark.parametrize("count", [0, 1, 2, 3])
@pytest.mark.parametrize("duty", sorted(OFFICE))
def test_the_office_is_told_small_counts(town: Town, duty: D, count: int) -> None:
    file_cases(town.own.branch, count)
    file_cases(town.foreign.branch, 2, year=2016)
    assert cases(town.people[duty], below(town.own.branch)) == count


def test_small_count_of_a_part_of_the_town_is_not_told(town: Town) -> None:
    """Neither to one whose duty covers that part only, and who asks for all that he sees."""
    file_cases(town.own.branch, 2)
    clerk = UserFactory()
    appoint(clerk, D.OFFICE_CLERK, town.own.branch)
    assert cases(clerk) is None
    file_cases(town.own.branch, 1, year=2016)
    assert cases(clerk) == 3
    file_cases(town.foreign.branch, 3, year=2015)
    assert cases(clerk) == 3


def test_count_ignores_who_is_named_and_whom_it_is_about(town: Town) -> None:
    """Otherwise the number would tell somebody that there is a record about himself."""
    head = town.people[D.DISCIPLINE_HEAD]
    make_case(make_person(head.name, account=head), organization=town.own.branch)
    assert cases(head) == cases(town.people[D.DISCIPLINE_CLERK]) == cases(None) == 1


def test_cases_of_the_town_as_a_whole_are_in_no_part_of_it(town: Town) -> None:
    file_cases(None, 3)
    assert cases(None) == 3
    assert cases(town.people[D.OFFICE_HEAD]) == 3
    assert cases(town.people[D.OFFICE_HEAD], below(town.own.branch)) is None
    assert cases(town.people[D.DISCIPLINE_HEAD], below(town.own.branch)) == 0


def test_count_of_a_composite_committee_is_of_all_below_it(town: Town) -> None:
    committee = OrganizationFactory(kind="composite_committee", branch_type="", parent=town.root, code="T-W09")
    Organization.objects.filter(pk=town.own.branch_id).update(parent=committee)
    file_cases(town.own.branch, 3)
    question = build_report(as_of=DAY, user=town.people[D.OFFICE_CLERK], organization=committee.code).question
    figure = find_figure(CASES)
    assert figure is not None
    assert compute(question, [figure])[CASES] == 3


@pytest.mark.parametrize("key", KEYS)
def test_no_figure_of_the_office_opens_its_rows(town: Town, key: str) -> None:
    """The same answer as for a figure that does not exist; for the office and the superuser, too."""
    file_cases(town.own.branch, 3)
    for user in (*(town.people[duty] for duty in sorted(COUNTING)), UserFactory(is_superuser=True)):
        client = api_client(user)
        answers = [client.get(f"/api/v1/report/{one}/rows/?as_of={DAY}") for one in (key, "discipline.nothing")]
        assert [answer.status_code for answer in answers] == [404, 404], user
        assert answers[0].content == answers[1].content
