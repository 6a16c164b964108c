"""The secretary's pages: who gets in, and what the lists and pages show."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chishang.core.dates import in_words, today
from organizations.enums import DutyCode
from organizations.models import Appointment, Directive, DirectiveReceipt, User
from organizations.services import sign_directive
from tests.factories import HouseholdFactory, Town, appoint, make_issue
from tests.members.life import make_meeting
from visits.models import Household

SECRETARY = DutyCode.BRANCH_SECRETARY
LISTS = ["home", "issues"]
PAGES = ["household", "record", "receipt", "issue"]


@pytest.fixture
def secretary(client: Client, town: Town) -> Client:
    client.force_login(town.people[SECRETARY])
    return client


def address(town: Town, page: str, household: Household | None = None) -> str:
    """The address of ``page`` for a household, its visit or its issue, which are made here."""
    household = household or town.own_household
    if page in LISTS:
        return reverse(f"visits:{page}")
    if page in {"household", "record"}:
        return reverse(f"visits:{page}", args=[household.pk])
    visit = town.record(household, "自来水浑浊")
    return reverse(f"visits:{page}", args=[visit.pk if page == "receipt" else visit.issues.get().pk])


@pytest.mark.parametrize("page", [*LISTS, *PAGES])
def test_page_opens_for_the_secretary_of_the_village(secretary: Client, town: Town, page: str) -> None:
    assert secretary.get(address(town, page), follow=True).status_code == 200


@pytest.mark.parametrize("page", [*LISTS, *PAGES])
@pytest.mark.parametrize("duty", [DutyCode.VILLAGE_AGENT, DutyCode.DISTRICT_CLIENT, DutyCode.TOWN_SECRETARY])
def test_page_is_forbidden_without_the_right_to_visit(client: Client, town: Town, page: str, duty: DutyCode) -> None:
    client.force_login(town.people[duty])

    assert client.get(address(town, page)).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_page_of_another_village_looks_like_one_that_does_not_exist(secretary: Client, town: Town, page: str) -> None:
    foreign = secretary.get(address(town, page, town.foreign_household))
    missing = secretary.get(reverse(f"visits:{page}", args=[987654321]))
    overflow = secretary.get(reverse(f"visits:{page}", args=[10**30]))

    assert (foreign.status_code, missing.status_code, overflow.status_code) == (404, 404, 404)
    assert foreign.content == missing.content == overflow.content


@pytest.mark.parametrize("page", [*LISTS, *PAGES])
def test_page_asks_the_anonymous_to_sign_in(client: Client, town: Town, page: str) -> None:
    where = address(town, page)

    assert client.get(where).url == f"{reverse('login')}?next={where}"


def test_home_lists_only_the_households_of_the_own_village(secretary: Client, town: Town) -> None:
    response = secretary.get(reverse("visits:home"))

    assert [household.name for household in response.context["page"]] == ["赵东强"]
    assert "钱西明" not in response.text


@pytest.mark.parametrize("text", ["赵东", "zdq", "ZDQ", "zhaodong", "tv01-0001", "1", "0001", "ｚｄｑ"])
def test_home_finds_a_household_by_name_pinyin_or_number(secretary: Client, town: Town, text: str) -> None:
    HouseholdFactory(village=town.own, name="孙北华", code="TV01-0002")
    HouseholdFactory(village=town.foreign, name="赵东强", code="TV02-0002")

    response = secretary.get(reverse("visits:home"), {"q": text})

    assert [household.code for household in response.context["page"]] == ["TV01-0001"]


def test_home_says_what_to_do_when_nothing_is_found(secretary: Client) -> None:
    assert "没有找到" in secretary.get(reverse("visits:home"), {"q": "钱西明"}).text


def test_home_shows_last_visit_and_open_issues_of_each_household(secretary: Client, town: Town) -> None:
    day = today() - timedelta(days=3)
    town.record(None, "自来水浑浊", "路不好走", visited_on=day)
    town.record(visited_on=day - timedelta(days=9))

    response = secretary.get(reverse("visits:home"))

    [household] = response.context["page"]
    assert (household.last_visited_on, household.open_issues) == (day, 2)
    assert f"上次走访 {in_words(day)}" in response.text


def test_home_can_leave_only_those_not_yet_visited_in_the_campaign(secretary: Client, town: Town) -> None:
    other = HouseholdFactory(village=town.own, code="TV01-0002")
    town.record()

    response = secretary.get(reverse("visits:home"), {"show": "not_yet"})

    assert list(response.context["page"]) == [other]


def test_home_pages_through_many_households(secretary: Client, town: Town) -> None:
    for number in range(2, 33):
        HouseholdFactory(village=town.own, code=f"TV01-{number:04d}")

    first = secretary.get(reverse("visits:home"))
    second = secretary.get(reverse("visits:home"), {"page": "2"})
    beyond = secretary.get(reverse("visits:home"), {"page": "x"})

    assert [len(response.context["page"]) for response in (first, second, beyond)] == [30, 2, 30]


def test_secretary_whose_term_ended_yesterday_sees_nothing(secretary: Client, town: Town) -> None:
    appointment = Appointment.objects.filter(user=town.people[SECRETARY])
    appointment.update(ended_on=today())
    on_the_last_day = secretary.get(reverse("visits:home")).status_code
    appointment.update(ended_on=today() - timedelta(days=1))

    assert on_the_last_day == 200
    assert [secretary.get(address(town, page)).status_code for page in [*LISTS, *PAGES]] == [403] * 6


def test_secretary_of_two_branches_sees_both_and_which_is_which(secretary: Client, town: Town) -> None:
    appoint(town.people[SECRETARY], SECRETARY, town.foreign.branch)

    response = secretary.get(reverse("visits:home"))

    assert [household.name for household in response.context["page"]] == ["赵东强", "钱西明"]
    assert "外村" in response.text


def test_home_says_when_a_document_waits_or_the_meeting_of_the_month_is_missing(secretary: Client, town: Town) -> None:
    directive = Directive.objects.create(number="池发〔2017〕4号", title="通知", issued_on=date(2017, 3, 1))
    receipts = {
        branch: DirectiveReceipt.objects.create(
            directive=directive, organization=branch, issued_on=directive.issued_on
        )
        for branch in (town.own.branch, town.foreign.branch)
    }

    waiting = secretary.get(reverse("visits:home")).text
    sign_directive(actor=town.people[SECRETARY], receipt=receipts[town.own.branch])
    make_meeting(town.own.branch, today())
    nothing = secretary.get(reverse("visits:home")).text

    assert "1 份文件等您签收" in waiting
    assert "本月还没开：主题党日" in waiting
    assert "等您签收" not in nothing
    assert "本月还没开" not in nothing


@pytest.mark.parametrize("rows", [1, 3])
def test_home_takes_as_many_queries_for_three_rows_as_for_one(
    secretary: Client, town: Town, django_assert_num_queries: Any, rows: int
) -> None:
    households = [town.own_household, *HouseholdFactory.create_batch(rows - 1, village=town.own)]
    for household in households:
        town.record(household, "自来水浑浊")

    with django_assert_num_queries(19):
        secretary.get(reverse("visits:home"))


@pytest.mark.parametrize("rows", [1, 3])
def test_issues_take_as_many_queries_for_three_rows_as_for_one(
    secretary: Client, town: Town, django_assert_num_queries: Any, rows: int
) -> None:
    for household in [town.own_household, *HouseholdFactory.create_batch(rows - 1, village=town.own)]:
        town.record(household, "自来水浑浊")

    with django_assert_num_queries(13):
        secretary.get(reverse("visits:issues"))


@pytest.mark.parametrize("rows", [1, 3])
def test_household_takes_as_many_queries_for_three_rows_as_for_one(
    secretary: Client, town: Town, django_assert_num_queries: Any, rows: int
) -> None:
    for _ in range(rows):
        town.record(None, "自来水浑浊")

    with django_assert_num_queries(13):
        secretary.get(reverse("visits:household", args=[town.own_household.pk]))


def test_household_does_not_show_rows_that_only_the_right_to_visit_would_open(client: Client, town: Town) -> None:
    """The gate of visits and issues is asked, not only that of households."""
    user = town.people[SECRETARY]
    town.record(None, "自来水浑浊")
    duty = Appointment.objects.get(user=user).duty
    duty.group.permissions.remove(*duty.group.permissions.filter(codename__in=["view_visit", "view_issue"]))
    client.force_login(user)

    response = client.get(reverse("visits:household", args=[town.own_household.pk]))

    assert response.status_code == 200
    assert "自来水浑浊" not in response.text


def test_receipt_shows_what_was_recorded(secretary: Client, town: Town) -> None:
    visit = town.record(None, "自来水浑浊")

    response = secretary.get(reverse("visits:receipt", args=[visit.pk]))

    for text in ("已上报", f"<strong>{visit.pk}</strong>", "赵东强", in_words(today()), "谈了用水", "自来水浑浊"):
        assert text in response.text


def test_pages_say_the_day_in_words_and_carry_the_strict_policy(secretary: Client, town: Town) -> None:
    response = secretary.get(address(town, "issue"))

    assert in_words(today()) in response.text
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "no-store, private"
    assert " style=" not in response.text
    assert "<style" not in response.text


@pytest.mark.parametrize("page", ["receipt", "issues", "issue", "household", "home"])
def test_reading_pages_take_no_post(secretary: Client, town: Town, page: str) -> None:
    assert secretary.post(address(town, page)).status_code == 405


def test_every_form_choice_of_visitor_is_a_person_of_the_village(secretary: Client, town: Town) -> None:
    """A secretary of the foreign village is a row that could leak into the list."""
    stranger: User = make_issue().visit.visitor
    appoint(stranger, SECRETARY, town.foreign.branch)

    response = secretary.get(address(town, "record"), follow=True)

    queryset = response.context["sheet"].visit.fields["visitor"].queryset
    assert {user.name for user in queryset} == {"片区长甲", "第一书记甲", "驻村指导员甲"}
    assert stranger.name not in response.text
