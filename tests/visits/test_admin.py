"""The registers of visits in the admin."""

from datetime import timedelta

import pytest
from django.test import Client

from chishang.core.dates import today
from organizations.enums import DutyCode
from tests.factories import HouseholdFactory, Town, UnitFactory
from visits.enums import IssueState, MoveCode
from visits.models import Issue
from visits.services import MoveFacts, move_issue

OFFICE, LEADER, ACCOUNTANT = DutyCode.OFFICE_CLERK, DutyCode.AREA_LEADER, DutyCode.ACCOUNTANT
LISTS = "/admin/visits/"


def sign_in(client: Client, town: Town, duty: DutyCode) -> Client:
    client.force_login(town.people[duty], backend="organizations.backends.AppointmentBackend")
    return client


@pytest.fixture
def issues(town: Town) -> tuple[Issue, Issue]:
    """One of the own and one of the foreign village."""
    day = today() - timedelta(days=20)
    own = town.record(town.own_household, "本村自来水浑浊", visited_on=day).issues.get()
    return own, town.record(town.foreign_household, "外村道路塌方", visited_on=day).issues.get()


def test_list_shows_only_rows_of_the_place(client: Client, town: Town, issues: tuple[Issue, Issue]) -> None:
    page = sign_in(client, town, LEADER).get(f"{LISTS}issue/").content.decode()
    assert "本村自来水浑浊" in page
    assert "外村道路塌方" not in page
    page = sign_in(client, town, OFFICE).get(f"{LISTS}issue/").content.decode()
    assert "外村道路塌方" in page


@pytest.mark.parametrize("path", ["change/", "history/", "move/accept/"])
def test_row_of_another_village_is_404(client: Client, town: Town, issues: tuple[Issue, Issue], path: str) -> None:
    sign_in(client, town, LEADER)
    foreign = issues[1]
    assert client.get(f"{LISTS}issue/{foreign.pk}/{path}").status_code == 404
    assert client.get(f"{LISTS}issue/{foreign.pk + 1000}/{path}").status_code == 404


def test_move_on_a_visible_row_without_the_right_is_403(
    client: Client, town: Town, issues: tuple[Issue, Issue]
) -> None:
    sign_in(client, town, LEADER)
    assert client.get(f"{LISTS}issue/{issues[0].pk}/change/").status_code == 200
    assert client.get(f"{LISTS}issue/{issues[0].pk}/move/accept/").status_code == 403
    assert client.post(f"{LISTS}issue/{issues[0].pk}/move/accept/", {"occurred_on": today()}).status_code == 403
    issues[0].refresh_from_db()
    assert issues[0].state == IssueState.REGISTERED


def test_moves_are_buttons_that_lead_to_a_form_and_an_event(
    client: Client, town: Town, issues: tuple[Issue, Issue]
) -> None:
    sign_in(client, town, OFFICE)
    page = client.get(f"{LISTS}issue/{issues[0].pk}/change/").content.decode()
    assert f'chishang-button--main" href="{LISTS}issue/{issues[0].pk}/move/accept/"' in page
    assert page.count("chishang-button--main") == 1
    assert f'chishang-button" href="{LISTS}issue/{issues[0].pk}/move/return/"' in page
    assert "/move/resolve/" not in page
    answer = client.post(
        f"{LISTS}issue/{issues[0].pk}/move/accept/", {"occurred_on": today().isoformat(), "note": "已核"}, follow=True
    )
    assert "现在是“已受理”" in answer.content.decode()
    event = issues[0].events.get(move=MoveCode.ACCEPT)
    assert (event.actor, event.note) == (town.people[OFFICE], "已核")


def test_assignment_without_a_unit_says_so_at_the_field(
    client: Client, town: Town, issues: tuple[Issue, Issue]
) -> None:
    sign_in(client, town, OFFICE)
    move_issue(actor=town.people[OFFICE], issue=issues[0], move=MoveCode.ACCEPT, facts=MoveFacts())
    address = f"{LISTS}issue/{issues[0].pk}/move/assign/"
    answer = client.post(address, {"occurred_on": today().isoformat(), "due_on": today().isoformat()})
    assert "“交办”需要填写承办单位或责任人。" in answer.content.decode()
    assert "unit" in answer.context["form"].errors
    unit = UnitFactory()
    client.post(address, {"occurred_on": today().isoformat(), "due_on": today().isoformat(), "unit": unit.pk})
    issues[0].refresh_from_db()
    assert (issues[0].state, issues[0].unit) == (IssueState.ASSIGNED, unit)


def test_impossible_move_shows_the_reason(client: Client, town: Town, issues: tuple[Issue, Issue]) -> None:
    sign_in(client, town, OFFICE)
    answer = client.post(f"{LISTS}issue/{issues[0].pk}/move/close/", {"occurred_on": today().isoformat()})
    assert "问题现在是“已登记”，不能“销号”" in answer.content.decode()


def test_late_deadline_is_red_and_says_so(client: Client, town: Town, issues: tuple[Issue, Issue]) -> None:
    Issue.objects.filter(pk=issues[0].pk).update(due_on=today() - timedelta(days=1))
    page = sign_in(client, town, OFFICE).get(f"{LISTS}issue/").content.decode()
    assert page.count("chishang-late") == 1
    assert "逾期" in page


def test_several_are_accepted_at_once_but_only_one_s_own(
    client: Client, town: Town, issues: tuple[Issue, Issue]
) -> None:
    sign_in(client, town, OFFICE)
    selected = [issue.pk for issue in issues]
    client.post(f"{LISTS}issue/", {"action": "accept_selected", "_selected_action": selected})
    assert set(Issue.objects.values_list("state", flat=True)) == {IssueState.ACCEPTED}


def test_state_cannot_be_typed(client: Client, town: Town, issues: tuple[Issue, Issue]) -> None:
    sign_in(client, town, OFFICE)
    data = {"category": issues[0].category_id, "urgency": "urgent", "state": "closed", "resolved_on": today()}
    client.post(f"{LISTS}issue/{issues[0].pk}/change/", data)
    issues[0].refresh_from_db()
    assert (issues[0].urgency, issues[0].state) == ("urgent", IssueState.REGISTERED)


@pytest.mark.parametrize("register", ["issue", "visit", "household"])
def test_list_takes_the_same_queries_for_one_row_and_three(
    client: Client, town: Town, register: str, django_assert_num_queries: object
) -> None:
    expected = {"issue": 18, "visit": 17, "household": 14}[register]
    sign_in(client, town, OFFICE)
    town.foreign_household.delete()
    town.record(town.own_household, "水", visited_on=today())
    client.get(f"{LISTS}{register}/")
    with django_assert_num_queries(expected):  # type: ignore[operator]
        client.get(f"{LISTS}{register}/")
    for _ in range(2):
        town.record(HouseholdFactory(village=town.own), "电", visited_on=today())
    with django_assert_num_queries(expected):  # type: ignore[operator]
        client.get(f"{LISTS}{register}/")


def test_search_finds_by_pinyin_initials(client: Client, town: Town) -> None:
    sign_in(client, town, OFFICE)
    page = client.get(f"{LISTS}household/?q=zdq").content.decode()
    assert "赵东强" in page
    assert "钱西明" not in page


def test_autocomplete_offers_only_rows_of_the_place(client: Client, town: Town) -> None:
    query = "?app_label=visits&model_name=household&field_name=village&term="
    sign_in(client, town, OFFICE)
    assert len(client.get(f"/admin/autocomplete/{query}").json()["results"]) == 2
    sign_in(client, town, LEADER)
    found = client.get(f"/admin/autocomplete/{query}").json()["results"]
    assert [row["text"] for row in found] == ["本村"]


@pytest.mark.parametrize("path", ["import/", "export/"])
@pytest.mark.parametrize("register", ["issue", "visit", "household", "campaign"])
def test_import_and_export_need_their_own_permission(client: Client, town: Town, register: str, path: str) -> None:
    assert sign_in(client, town, OFFICE).get(f"{LISTS}{register}/{path}").status_code == 200
    assert sign_in(client, town, LEADER).get(f"{LISTS}{register}/{path}").status_code == 403


def test_duty_without_households_does_not_see_the_register(client: Client, town: Town) -> None:
    sign_in(client, town, ACCOUNTANT)
    assert client.get("/admin/").status_code == 200
    assert client.get(f"{LISTS}household/").status_code == 403


def test_secretary_does_not_enter_the_admin(client: Client, town: Town) -> None:
    sign_in(client, town, DutyCode.BRANCH_SECRETARY)
    assert client.get(f"{LISTS}issue/", follow=True).status_code == 403


def test_anonymous_is_sent_to_the_portals_sign_in(client: Client, town: Town) -> None:
    answer = client.get(f"{LISTS}issue/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/?next=")


def test_history_says_who_changed_what(client: Client, town: Town) -> None:
    sign_in(client, town, OFFICE)
    household = town.own_household
    data = {"code": household.code, "kind": "household", "village": town.own.pk, "name": "赵东升", "persons": 4}
    data |= {"visits-TOTAL_FORMS": 0, "visits-INITIAL_FORMS": 0}
    assert client.post(f"{LISTS}household/{household.pk}/change/", data).status_code == 302
    page = client.get(f"{LISTS}household/{household.pk}/history/").content.decode()
    assert "党建办干事甲" in page
    assert "<del>赵东强</del> → 赵东升" in page
