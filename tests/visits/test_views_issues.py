"""Issues on the secretary's pages: the list, the course, feedback, and sending in again."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from chishang.core.dates import in_words, today
from organizations.enums import DutyCode
from organizations.models import Appointment
from tests.factories import Town, UnitFactory
from visits.enums import IssueState, MoveCode, Satisfaction
from visits.models import Issue
from visits.services import MoveFacts, move_issue

SECRETARY = DutyCode.BRANCH_SECRETARY


@pytest.fixture
def secretary(client: Client, town: Town) -> Client:
    client.force_login(town.people[SECRETARY])
    return client


def go(town: Town, issue: Issue, move: MoveCode, **facts: object) -> Issue:
    return move_issue(actor=town.people[DutyCode.OFFICE_CLERK], issue=issue, move=move, facts=MoveFacts(**facts))


def resolved(town: Town, text: str = "自来水浑浊") -> Issue:
    issue = town.record(None, text).issues.get()
    go(town, issue, MoveCode.ACCEPT)
    go(town, issue, MoveCode.ASSIGN, unit=UnitFactory(name="镇水利站"), due_on=today())
    return go(town, issue, MoveCode.RESOLVE, note="换了水泵")


def returned(town: Town, text: str = "路不好走") -> Issue:
    return go(town, town.record(None, text).issues.get(), MoveCode.RETURN, note="请写明哪一段路")


def test_list_filters_what_waits_for_me_what_is_open_and_all(secretary: Client, town: Town) -> None:
    waiting, back = resolved(town), returned(town)
    new = town.record(None, "想种连翘").issues.get()
    town.record(town.foreign_household, "外村的问题")

    def listed(**query: str) -> set[Issue]:
        return set(secretary.get(reverse("visits:issues"), query).context["page"])

    assert listed(show="todo") == {waiting, back}
    assert listed(show="open") == listed() == listed(show="nonsense") == {back, new}
    assert listed(show="all") == {waiting, back, new}


def test_home_counts_what_waits_for_me(secretary: Client, town: Town) -> None:
    resolved(town)
    returned(town)
    town.record(town.foreign_household, "外村的问题")

    assert "2 个问题等您处理" in secretary.get(reverse("visits:home")).text


def test_list_says_state_and_lateness_in_words(secretary: Client, town: Town) -> None:
    issue = town.record(None, "自来水浑浊", visited_on=today() - timedelta(days=9)).issues.get()
    go(town, issue, MoveCode.ACCEPT)
    go(town, issue, MoveCode.ASSIGN, unit=UnitFactory(), due_on=today())
    due = today() - timedelta(days=1)
    Issue.objects.filter(pk=issue.pk).update(due_on=due)

    text = secretary.get(reverse("visits:issues")).text

    assert "已交办" in text
    assert "已超期" in text
    assert f"{in_words(due)}到期" in text


def test_issue_shows_its_dated_course(secretary: Client, town: Town) -> None:
    issue = resolved(town)

    response = secretary.get(reverse("visits:issue", args=[issue.pk]))

    moves = [event.get_move_display() for event in response.context["course"]]
    assert moves == ["登记", "受理", "交办", "办结"]
    assert "换了水泵" in response.text
    assert "镇水利站" in response.text


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (Satisfaction.SATISFIED, IssueState.CONFIRMED),
        (Satisfaction.MOSTLY, IssueState.CONFIRMED),
        (Satisfaction.UNSATISFIED, IssueState.REOPENED),
    ],
)
def test_feedback_stores_what_the_household_said(
    secretary: Client, town: Town, said: Satisfaction, state: IssueState
) -> None:
    issue = resolved(town)

    response = secretary.post(
        reverse("visits:feedback", args=[issue.pk]), {"satisfaction": said, "note": "水清了"}, follow=True
    )

    issue.refresh_from_db()
    assert (issue.state, issue.satisfaction) == (state, said)
    assert "水清了" in issue.events.last().note
    assert "群众的意见已经记下。" in response.text
    assert response.context.get("feedback_form") is None


@pytest.mark.parametrize("said", ["", "maybe"])
def test_feedback_without_a_choice_is_refused_at_the_field(secretary: Client, town: Town, said: str) -> None:
    issue = resolved(town)

    response = secretary.post(reverse("visits:feedback", args=[issue.pk]), {"satisfaction": said, "note": "水清了"})

    issue.refresh_from_db()
    assert response.status_code == 422
    assert "请选择群众是否满意。" in response.text
    assert "水清了" in response.text
    assert issue.state == IssueState.RESOLVED


def test_feedback_beyond_the_limit_is_refused(secretary: Client, town: Town) -> None:
    issue = resolved(town)
    words = {"satisfaction": Satisfaction.SATISFIED, "note": "长" * 1001}

    response = secretary.post(reverse("visits:feedback", args=[issue.pk]), words)

    assert response.status_code == 422
    assert "最多 1000 个字" in response.text


def test_feedback_pressed_twice_is_stored_once(secretary: Client, town: Town) -> None:
    issue = resolved(town)
    address, words = reverse("visits:feedback", args=[issue.pk]), {"satisfaction": Satisfaction.SATISFIED}

    first, second = (secretary.post(address, words) for _ in range(2))

    assert (first.status_code, second.status_code) == (302, 422)
    assert "问题现在是“已反馈”" in second.text
    assert issue.events.filter(move=MoveCode.CONFIRM).count() == 1


@pytest.mark.parametrize(
    ("make", "page", "words"),
    [
        ("resolved", "feedback", {"satisfaction": "satisfied"}),
        ("resolved", "feedback", {"satisfaction": "unsatisfied", "note": "又浑了"}),
        ("returned", "resubmit", {"note": "村口到三组"}),
    ],
)
def test_form_sent_again_after_a_lost_answer_is_told_like_the_first_time(
    secretary: Client, town: Town, make: str, page: str, words: dict[str, str]
) -> None:
    issue = {"resolved": resolved, "returned": returned}[make](town)
    words = words | {"seen": str(issue.events.order_by("pk").last().pk)}
    address, before = reverse(f"visits:{page}", args=[issue.pk]), issue.events.count()

    first, second = (secretary.post(address, words, follow=True) for _ in range(2))

    assert [message.message for message in first.context["messages"]] == [
        message.message for message in second.context["messages"]
    ]
    assert second.redirect_chain == first.redirect_chain
    assert issue.events.count() == before + 1


def test_resubmit_sends_a_returned_issue_in_again(secretary: Client, town: Town) -> None:
    issue = returned(town)

    response = secretary.post(reverse("visits:resubmit", args=[issue.pk]), {"note": "村口到三组"}, follow=True)

    issue.refresh_from_db()
    assert issue.state == IssueState.REGISTERED
    assert issue.events.last().note == "村口到三组"
    assert "已经补充并重新上报。" in response.text


def test_resubmit_without_words_is_refused(secretary: Client, town: Town) -> None:
    issue = returned(town)

    response = secretary.post(reverse("visits:resubmit", args=[issue.pk]), {"note": " "})

    issue.refresh_from_db()
    assert response.status_code == 422
    assert "请补充说明。" in response.text
    assert issue.state == IssueState.RETURNED


def test_forms_are_offered_only_where_the_state_allows(secretary: Client, town: Town) -> None:
    def offered(issue: Issue) -> tuple[bool, bool]:
        context = secretary.get(reverse("visits:issue", args=[issue.pk])).context
        return "feedback_form" in context, "resubmit_form" in context

    assert offered(resolved(town)) == (True, False)
    assert offered(returned(town)) == (False, True)
    assert offered(town.record(None, "想种连翘").issues.get()) == (False, False)


@pytest.mark.parametrize("page", ["feedback", "resubmit"])
def test_action_on_a_visible_issue_without_the_right_is_forbidden(client: Client, town: Town, page: str) -> None:
    issue = resolved(town)
    client.force_login(town.people[DutyCode.AREA_LEADER])

    shown = client.get(reverse("visits:issue", args=[issue.pk]))
    response = client.post(reverse(f"visits:{page}", args=[issue.pk]), {"satisfaction": "satisfied", "note": "好"})

    assert shown.status_code == 200
    assert "feedback_form" not in shown.context
    assert response.status_code == 403
    assert issue.events.count() == 4


@pytest.mark.parametrize("page", ["feedback", "resubmit"])
def test_action_on_an_issue_of_another_village_is_not_found(secretary: Client, town: Town, page: str) -> None:
    issue = town.record(town.foreign_household, "外村的问题").issues.get()
    go(town, issue, MoveCode.RETURN, note="请补充")

    response = secretary.post(reverse(f"visits:{page}", args=[issue.pk]), {"satisfaction": "satisfied", "note": "好"})

    assert response.status_code == 404
    assert issue.events.count() == 2


@pytest.mark.parametrize("page", ["feedback", "resubmit"])
def test_action_is_forbidden_the_day_after_the_term(secretary: Client, town: Town, page: str) -> None:
    issue = resolved(town)
    Appointment.objects.filter(user=town.people[SECRETARY]).update(ended_on=today() - timedelta(days=1))

    response = secretary.post(reverse(f"visits:{page}", args=[issue.pk]), {"satisfaction": "satisfied", "note": "好"})

    assert response.status_code == 403
    assert secretary.get(reverse(f"visits:{page}", args=[issue.pk])).status_code == 405
