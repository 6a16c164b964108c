"""Feedback of inspections in the admin: rounds, issues, their steps, the table above the list."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from chishang.core.dates import today
from discipline.enums import FeedbackState
from discipline.models import FeedbackCategory, FeedbackIssue, InspectionRound
from organizations.enums import DutyCode as D
from organizations.models import User
from tests.discipline.test_services_feedback import FEEDBACK, RECTIFIED, VERIFIED, make_issue, rectified
from tests.factories import Town
from tests.organizations.test_admin import sign_in

ISSUES, ROUNDS = "/admin/discipline/feedbackissue/", "/admin/discipline/inspectionround/"


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[D.DISCIPLINE_CLERK]


@pytest.fixture
def office(client: Client, town: Town) -> Client:
    """The clerk, signed in."""
    return sign_in(client, town, D.DISCIPLINE_CLERK)


def numbers(client: Client, query: str = "") -> list[str]:
    page: Any = client.get(f"{ISSUES}{query}")
    return [row.number for row in page.context["cl"].result_list]


def errors_of(answer: Any) -> str:
    context = answer.context
    form = context["adminform"].form if "adminform" in context else context["form"]
    return str(dict(form.errors))


def issue_form(**values: Any) -> dict[str, Any]:
    first = {
        "number": "XC-01",
        "round": InspectionRound.objects.get_or_create(feedback_on=FEEDBACK)[0].pk,
        "category": FeedbackCategory.objects.all()[0].pk,
    }
    facts = {"level": "village", "unit": "石桥村", "organization": "", "text": "账目公开不及时", "leader": ""}
    answers = {"responsible": "乔守信", "kind": "in_time", "deadline": "2017-08-10", "measures": ""}
    return {**first, **facts, **answers, **values}


def test_round_gets_the_day_of_its_report(office: Client) -> None:
    data = {"body": "区委巡察组", "feedback_on": "2017-05-10", "report_due_on": "", "reported_on": ""}
    assert office.post(f"{ROUNDS}add/", data).status_code == 302
    assert InspectionRound.objects.get().report_due_on == date(2017, 7, 10)
    page = office.get(ROUNDS).content.decode()
    assert "2017年7月10日 逾期" in page
    again = office.post(f"{ROUNDS}add/", data)
    assert "该单位这一天的反馈已经登记" in errors_of(again)
    late = {"feedback_on": (today() + timedelta(days=1)).isoformat()}
    assert "反馈日期不能晚于今天" in errors_of(office.post(f"{ROUNDS}add/", data | late))


def test_round_counts_its_issues(office: Client, clerk: User) -> None:
    rectified(clerk, make_issue())
    make_issue("XC-02")
    page: Any = office.get(ROUNDS)
    row = page.context["cl"].result_list[0]
    assert (row.issues_seen, row.issues_open) == (2, 1)
    assert numbers(office, f"?round__id__exact={row.pk}") == ["XC-01", "XC-02"]


def test_issue_runs_its_course_by_pages(client: Client, town: Town) -> None:
    sign_in(client, town, D.DISCIPLINE_CLERK)
    assert client.post(f"{ISSUES}add/", issue_form()).status_code == 302
    issue = FeedbackIssue.objects.get()
    base = f"{ISSUES}{issue.pk}/"
    assert "登记整改" in client.get(f"{base}change/").content.decode()
    done = {"rectified_on": "2017-07-01", "rectifier": "方明远", "result": "已公开"}
    assert "不能早于反馈日期" in errors_of(client.post(f"{base}rectify/", done | {"rectified_on": "2017-05-01"}))
    assert client.post(f"{base}rectify/", done).status_code == 302
    checked = {"verified_on": "2017-07-10", "verifier": "苏启文"}
    assert "登记整改的人不能核验同一问题" in errors_of(client.post(f"{base}verify/", checked))
    sign_in(client, town, D.DISCIPLINE_HEAD)
    assert client.get(f"{base}verify/").context["form"].initial["verifier"] == "纪委书记甲"  # type: ignore[index]
    same = client.post(f"{base}verify/", checked | {"verifier": "方明远"})
    assert (same.status_code, "整改人不能核验自己的整改" in errors_of(same)) == (422, True)
    assert client.post(f"{base}verify/", checked).status_code == 302
    assert client.post(f"{base}strike-off/", {"struck_off_on": "2017-07-11"}).status_code == 302
    assert FeedbackIssue.objects.get().state == FeedbackState.STRUCK_OFF
    assert not LogEntry.objects.exists()


def test_failed_verification_gives_it_back(office: Client, clerk: User) -> None:
    issue = rectified(clerk, make_issue())
    base = f"{ISSUES}{issue.pk}/"
    assert "reason" in errors_of(office.post(f"{base}return/", {"reason": " "}))
    assert office.post(f"{base}return/", {"reason": "公开栏没有明细"}).status_code == 302
    page = office.get(f"{base}change/").content.decode()
    assert "核验未通过：公开栏没有明细" in page
    history = office.get(f"{base}history/").content.decode()
    assert "方明远" in history


def test_step_that_is_not_open_is_told(office: Client, clerk: User) -> None:
    issue = make_issue()
    page = office.get(f"{ISSUES}{issue.pk}/verify/").content.decode()
    assert "不能“核验”" in page
    answer = office.post(f"{ISSUES}{issue.pk}/strike-off/", {"struck_off_on": "2017-07-11"})
    assert "先核验、后销号" in errors_of(answer)


def test_struck_off_issue_is_only_shown(office: Client, town: Town, clerk: User) -> None:
    head = town.people[D.DISCIPLINE_HEAD]
    issue = rectified(clerk, make_issue())
    FeedbackIssue.objects.update(verified_on=VERIFIED, verifier="苏启文", verified_by=head, struck_off_on=VERIFIED)
    address = f"{ISSUES}{issue.pk}/change/"
    page: Any = office.get(address)
    assert page.context["steps"] == []
    assert not page.context["adminform"].form.fields
    assert office.post(address, issue_form(unit="外村")).status_code == 403
    assert "已销号，不能再改" in errors_of(office.post(f"{ISSUES}{issue.pk}/return/", {"reason": "回头看不合格"}))
    assert FeedbackIssue.objects.get().unit == "石桥村"


def test_correction_of_what_was_said(office: Client, clerk: User) -> None:
    issue = rectified(clerk, make_issue())
    address = f"{ISSUES}{issue.pk}/change/"
    assert office.post(address, issue_form(unit="镇财政所", rectifier="苏启文")).status_code == 302
    issue = FeedbackIssue.objects.get()
    assert (issue.unit, issue.rectifier, issue.rectified_on) == ("镇财政所", "方明远", RECTIFIED)
    assert "整改时限不能早于反馈日期" in errors_of(office.post(address, issue_form(deadline="2017-05-09")))


def test_category_no_longer_in_use_is_not_offered_but_kept(office: Client) -> None:
    issue = make_issue()
    FeedbackCategory.objects.filter(pk=issue.category_id).update(is_active=False)
    form: Any = office.get(f"{ISSUES}add/").context["adminform"].form
    assert issue.category not in form.fields["category"].queryset
    data = issue_form(category=issue.category_id, unit="镇财政所")
    assert office.post(f"{ISSUES}{issue.pk}/change/", data).status_code == 302


def test_table_above_the_list_counts_what_is_listed(office: Client, clerk: User) -> None:
    other = FeedbackCategory.objects.all()[1]
    rectified(clerk, make_issue())
    make_issue("XC-02", deadline=today())
    make_issue("XC-03", category=other, level="town")
    page: Any = office.get(ISSUES)
    sums = page.context["sums"]
    assert [[number for number, _ in line["cells"]] for line in sums["lines"]] == [[1, 1, 0, 0], [1, 0, 0, 0]]
    assert (sums["totals"], sums["total"]) == ([2, 1, 0, 0], 3)
    link = sums["lines"][0]["cells"][1][1]
    assert numbers(office, link) == ["XC-01"]
    narrowed: Any = office.get(f"{ISSUES}?level__exact=town")
    assert narrowed.context["sums"]["total"] == 1


def test_filters(office: Client, clerk: User) -> None:
    rectified(clerk, make_issue())
    make_issue("XC-02")
    make_issue("XC-03", deadline=today(), level="town", category=FeedbackCategory.objects.all()[1])
    assert numbers(office, "?state=open") == ["XC-02", "XC-03"]
    assert numbers(office, "?state=rectified") == ["XC-01"]
    assert numbers(office, "?overdue=yes") == ["XC-02"]
    assert numbers(office, "?level__exact=town") == ["XC-03"]
    assert numbers(office, f"?category__id__exact={FeedbackCategory.objects.all()[1].pk}") == ["XC-03"]
    assert len(numbers(office, "?state=x&overdue=x")) == 3
    assert numbers(office, "?q=XC-02") == ["XC-02"]


@pytest.mark.parametrize("duty", [D.OFFICE_HEAD, D.TOWN_SECRETARY, D.SYSTEM_ADMINISTRATOR])
def test_for_others_there_is_no_such_address(client: Client, town: Town, duty: D) -> None:
    issue = make_issue()
    sign_in(client, town, duty)
    steps = [f"{ISSUES}{issue.pk}/{name}/" for name in ("change", "rectify", "verify", "return", "strike-off")]
    for address in (ISSUES, ROUNDS, f"{ROUNDS}{issue.round_id}/change/", *steps):
        assert client.get(address).status_code == 404
        assert client.post(address, {"reason": "x"}).status_code == 404


def test_rounds_go_out_as_a_sheet_and_issues_do_not(office: Client) -> None:
    make_issue()
    assert office.get(f"{ROUNDS}export/").status_code == 200
    assert office.get(f"{ROUNDS}import/").status_code == 200
    assert office.get(f"{ISSUES}export/").status_code == 403
    assert office.get(f"{ISSUES}import/").status_code == 403


def test_missing_row_is_not_found(office: Client) -> None:
    make_issue()
    for name in ("change", "rectify", "verify", "return", "strike-off"):
        assert office.get(f"{ISSUES}999999/{name}/").status_code == 404


@pytest.mark.parametrize(("register", "expected"), [(ISSUES, 15), (ROUNDS, 12)])
def test_list_takes_the_same_queries_for_one_row_and_three(
    office: Client, register: str, expected: int, django_assert_num_queries: Any
) -> None:
    make_issue()
    office.get(register)
    with django_assert_num_queries(expected):
        office.get(register)
    for number in (2, 3):
        round_ = InspectionRound.objects.create(feedback_on=FEEDBACK - timedelta(days=number))
        make_issue(f"XC-0{number}", round=round_, category=FeedbackCategory.objects.all()[number])
    with django_assert_num_queries(expected):
        office.get(register)
