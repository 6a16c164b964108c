"""Organizations and places: rows, filters, scope, and the number of queries."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from organizations.enums import DutyCode
from tests.api import api_client, keys_of
from tests.factories import AreaFactory, OrganizationFactory, Town, VillageFactory

BASE = "/api/v1"


@pytest.fixture
def office(town: Town) -> Client:
    return api_client(town.people[DutyCode.OFFICE_CLERK])


@pytest.fixture
def secretary(town: Town) -> Client:
    return api_client(town.people[DutyCode.BRANCH_SECRETARY])


def test_village_shows_area_and_branch(town: Town, secretary: Client) -> None:
    assert secretary.get(f"{BASE}/villages/{town.own.pk}/").json() == {
        "id": town.own.pk,
        "code": "TV01",
        "name": "本村",
        "area": {"id": town.own.area_id, "name": town.own.area.name},
        "branch": {"id": town.own.branch_id, "name": town.own.branch.name},
        "on_poverty_list": False,
        "founded_on": None,
        "abolished_on": None,
    }


def test_phone_of_an_organization_is_masked(town: Town, office: Client) -> None:
    branch = OrganizationFactory(parent=town.root, phone="15400001234")

    assert office.get(f"{BASE}/organizations/{branch.pk}/").json()["phone"] == "154****1234"


def test_foreign_rows_are_404_and_not_listed(town: Town, secretary: Client) -> None:
    for kind, own, foreign in [
        ("organizations", town.own.branch_id, town.foreign.branch_id),
        ("villages", town.own.pk, town.foreign.pk),
        ("areas", town.own.area_id, town.foreign.area_id),
    ]:
        assert keys_of(secretary, f"{BASE}/{kind}/") == [own]
        assert secretary.get(f"{BASE}/{kind}/{own}/").status_code == 200
        for missing in (foreign, 10**6, 10**30):
            assert secretary.get(f"{BASE}/{kind}/{missing}/").status_code == 404


def test_filters_narrow_the_list(town: Town, office: Client) -> None:
    assert keys_of(office, f"{BASE}/villages/?area={town.own.area_id}") == [town.own.pk]
    assert keys_of(office, f"{BASE}/organizations/?kind=committee") == [town.root.pk]
    assert keys_of(office, f"{BASE}/organizations/?branch_type=agency") == []
    assert len(keys_of(office, f"{BASE}/organizations/?parent={town.root.pk}")) == 2


def test_foreign_key_in_a_filter_is_answered_like_one_that_does_not_exist(town: Town, secretary: Client) -> None:
    answers = [
        secretary.get(f"{BASE}/villages/", {"area": key})
        for key in (town.foreign.area_id, 10**6, 10**30, "abc", "-1", "1.5")
    ]

    assert {(answer.status_code, str(answer.json()["errors"])) for answer in answers} == {
        (400, "{'area': ['没有这个编号。']}")
    }


@pytest.mark.parametrize("query", ["kind=unknown", "branch_type=x", "colour=red", "parent__phone=1", "kind=%00"])
def test_unknown_filter_or_value_is_refused(office: Client, query: str) -> None:
    response = office.get(f"{BASE}/organizations/?{query}")

    assert (response.status_code, list(response.json()["errors"])) == (400, [query.partition("=")[0]])


@pytest.mark.parametrize("kind", ["organizations", "villages", "areas"])
@pytest.mark.parametrize("more", [0, 2])
def test_lists_take_the_same_number_of_queries_for_more_rows(
    town: Town, kind: str, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(more):
        VillageFactory(branch__parent=town.own.branch, area=AreaFactory())
    client = api_client(town.people[DutyCode.BRANCH_SECRETARY])

    with django_assert_num_queries(11):
        response = client.get(f"{BASE}/{kind}/")

    assert len(response.json()["results"]) == 1 + more
