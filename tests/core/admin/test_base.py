"""Two duties of one person: the rights of one are not carried to the place of the other."""

import pytest
from django.test import Client

from organizations.enums import DutyCode
from organizations.models import Organization, User, VillageStatistic
from organizations.resources import OrganizationResource
from tests.core.test_resources import export_of, sheet
from tests.factories import OrganizationFactory, Town, UserFactory, VillageFactory, appoint
from visits.models import Household

HOUSEHOLDS = "/admin/visits/household/"
NO_VISITS = {"visits-TOTAL_FORMS": 0, "visits-INITIAL_FORMS": 0}


@pytest.fixture
def two_hats(town: Town) -> User:
    """Clerk of the own branch, and leader of the foreign area, who only looks."""
    user = UserFactory()
    appoint(user, DutyCode.OFFICE_CLERK, town.own.branch)
    appoint(user, DutyCode.AREA_LEADER, town.foreign.area)
    return user


@pytest.fixture
def office(client: Client, two_hats: User) -> Client:
    client.force_login(two_hats, backend="organizations.backends.AppointmentBackend")
    return client


def household(town: Town, **values: object) -> dict[str, object]:
    return {"code": "TV-9", "kind": "household", "village": town.own.pk, "name": "孙强", **NO_VISITS, **values}


def test_row_is_added_where_the_right_is_held(office: Client, town: Town) -> None:
    assert office.post(f"{HOUSEHOLDS}add/", household(town)).status_code == 302
    assert Household.objects.get(code="TV-9").village == town.own


def test_row_is_not_added_where_one_only_looks(office: Client, town: Town) -> None:
    answer = office.post(f"{HOUSEHOLDS}add/", household(town, village=town.foreign.pk))
    assert "village" in answer.context["adminform"].form.errors
    assert not Household.objects.filter(code="TV-9").exists()


def test_row_is_not_moved_to_where_one_only_looks(office: Client, town: Town) -> None:
    own = town.own_household
    data = household(town, code=own.code, village=town.foreign.pk)
    assert office.post(f"{HOUSEHOLDS}{own.pk}/change/", data).status_code == 200
    own.refresh_from_db()
    assert own.village == town.own


def test_row_where_one_only_looks_is_shown_and_not_changed(office: Client, town: Town) -> None:
    foreign = town.foreign_household
    assert office.get(f"{HOUSEHOLDS}{foreign.pk}/change/").status_code == 200
    data = household(town, code=foreign.code, village=town.foreign.pk)
    assert office.post(f"{HOUSEHOLDS}{foreign.pk}/change/", data).status_code == 403
    foreign.refresh_from_db()
    assert foreign.name == "钱西明"


def test_inline_rows_are_changed_only_by_one_who_may_change_all_that_he_sees(office: Client, town: Town) -> None:
    statistic = VillageStatistic.objects.create(village=town.own, year=2016, households=1, population=2)
    rows = {"statistics-TOTAL_FORMS": 1, "statistics-INITIAL_FORMS": 1, "statistics-0-id": statistic.pk}
    rows |= {"statistics-0-year": 2016, "statistics-0-households": 99, "statistics-0-population": 2}
    own = town.own
    data = {"code": own.code, "name": own.name, "area": own.area_id, "branch": own.branch_id, "sort_no": 0, **rows}
    office.post(f"/admin/organizations/village/{own.pk}/change/", data)
    statistic.refresh_from_db()
    assert statistic.households == 1


def test_export_holds_only_what_may_be_exported(office: Client, town: Town) -> None:
    assert "钱西明" in office.get(HOUSEHOLDS).content.decode()
    assert {row[0] for row in export_of(office)[1:]} == {"TV01-0001"}


def test_filters_name_only_what_one_sees(client: Client, town: Town) -> None:
    client.force_login(town.people[DutyCode.AREA_LEADER], backend="organizations.backends.AppointmentBackend")
    town.record(town.own_household, "水浑")
    VillageFactory(area=town.own.area, name="邻村")  # a filter with one choice is not shown
    for register in ("visits/household", "visits/visit", "visits/issue", "organizations/village"):
        page = client.get(f"/admin/{register}/").content.decode()
        assert "邻村" in page, register
        assert town.foreign.area.name not in page, register
        assert town.foreign.name not in page, register


def test_history_does_not_name_rows_of_another_body(client: Client, town: Town) -> None:
    own = town.own_household
    for village in (town.foreign, town.own):
        own.village = village
        own.save()
    client.force_login(town.people[DutyCode.AREA_LEADER], backend="organizations.backends.AppointmentBackend")
    page = client.get(f"{HOUSEHOLDS}{own.pk}/history/").content.decode()
    assert "外村" not in page
    assert f"其他单位的记录 {town.foreign.pk}" in page


def test_history_takes_the_same_queries_for_one_change_and_three(
    client: Client, town: Town, django_assert_num_queries: object
) -> None:
    client.force_login(town.people[DutyCode.OFFICE_CLERK], backend="organizations.backends.AppointmentBackend")
    own = town.own_household
    address = f"{HOUSEHOLDS}{own.pk}/history/"
    client.get(address)
    own.name = "赵东"
    own.save()
    with django_assert_num_queries(14):  # type: ignore[operator]
        client.get(address)
    for name in ("赵东升", "赵东来"):
        own.name = name
        own.save()
    with django_assert_num_queries(14):  # type: ignore[operator]
        client.get(address)


def organization(parent: Organization | None, **values: object) -> dict[str, object]:
    return {
        "code": "X-1",
        "name": "新支部",
        "kind": "branch",
        "branch_type": "village",
        "parent": parent.pk if parent else "",
        "founded_on": "2017-01-01",
        "founded_precision": "day",
        "has_committee": "unknown",
        "party_groups": 0,
        "sort_no": 0,
        **values,
    }


def test_organization_is_added_below_one_s_own_only(office: Client, town: Town) -> None:
    for parent in (None, town.root, town.foreign.branch):
        answer = office.post("/admin/organizations/organization/add/", organization(parent))
        assert "parent" in answer.context["adminform"].form.errors
    answer = office.post("/admin/organizations/organization/add/", organization(town.own.branch))
    assert answer.status_code == 302


def test_organization_keeps_its_place_unless_one_looks_after_the_whole_tree(office: Client, town: Town) -> None:
    own = town.own.branch
    data = organization(town.foreign.branch, code=own.code, branch_type=own.branch_type)
    assert office.post(f"/admin/organizations/organization/{own.pk}/change/", data).status_code == 302
    own.refresh_from_db()
    assert (own.name, own.parent) == ("新支部", town.root)


def test_organizations_import_keeps_to_one_s_part_of_the_tree(two_hats: User, town: Town) -> None:
    row = {"编码": "X-1", "名称": "新支部", "类别": "党支部", "支部类型": "村", "成立日期": "2017年1月1日"}
    label = OrganizationFactory.build(branch_type="village").get_branch_type_display()
    row |= {"支部类型": label, "上级党组织": town.foreign.branch.code}
    result = OrganizationResource(user=two_hats).import_data(sheet(row))
    assert result.totals["new"] == 0
    row["上级党组织"] = town.own.branch.code
    result = OrganizationResource(user=two_hats).import_data(sheet(row))
    assert result.totals["new"] == 1, [one.error for one in result.invalid_rows]
