"""Issues of an inspection: rectified, verified by another person, struck off; or given back."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from chishang.core.dates import today
from discipline.enums import FeedbackState, IssueLevel
from discipline.models import FeedbackCategory, FeedbackIssue, InspectionRound
from discipline.services.feedback import (
    correct_issue,
    rectify_issue,
    register_issue,
    return_issue,
    save_round,
    strike_off_issue,
    verify_issue,
)
from organizations.enums import DutyCode as D
from organizations.models import User
from tests.factories import Town

pytestmark = pytest.mark.django_db
FEEDBACK, RECTIFIED, VERIFIED = date(2017, 5, 10), date(2017, 7, 1), date(2017, 7, 10)
TOMORROW = today() + timedelta(days=1)


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[D.DISCIPLINE_CLERK]


@pytest.fixture
def head(town: Town) -> User:
    return town.people[D.DISCIPLINE_HEAD]


def new_issue(number: str = "XC-01", **fields: Any) -> FeedbackIssue:
    values: dict[str, Any] = {
        "round": InspectionRound.objects.get_or_create(feedback_on=FEEDBACK)[0],
        "category": FeedbackCategory.objects.first(),
        "level": IssueLevel.VILLAGE,
        "unit": "石桥村",
        "text": "账目公开不及时",
        "responsible": "乔守信",
        "deadline": date(2017, 8, 10),
    }
    return FeedbackIssue(number=number, **values | fields)


def make_issue(number: str = "XC-01", **fields: Any) -> FeedbackIssue:
    issue = new_issue(number, **fields)
    issue.save()
    return issue


def rectified(actor: User, issue: FeedbackIssue, rectifier: str = "方明远") -> FeedbackIssue:
    return rectify_issue(actor=actor, issue=issue, rectified_on=RECTIFIED, rectifier=rectifier, result="已公开")


def told(error: Any) -> str:
    return str(error.value.message_dict)


def test_issue_runs_its_course(clerk: User, head: User) -> None:
    issue = register_issue(actor=clerk, issue=new_issue())
    assert issue.state == FeedbackState.OPEN
    assert rectified(clerk, issue).state == FeedbackState.RECTIFIED
    assert verify_issue(actor=head, issue=issue, verified_on=VERIFIED, verifier="苏启文").state == (
        FeedbackState.VERIFIED
    )
    issue = strike_off_issue(actor=clerk, issue=issue, struck_off_on=VERIFIED)
    assert (issue.state, issue.rectified_by, issue.verified_by) == (FeedbackState.STRUCK_OFF, clerk, head)


@pytest.mark.parametrize("verifier", ["方明远", "方 明远", "乔守信", "苏启文、方明远"])
def test_who_rectified_or_answers_does_not_verify(clerk: User, head: User, verifier: str) -> None:
    issue = rectified(clerk, make_issue(), "方　明远、魏长青")
    with pytest.raises(ValidationError, match="整改人不能核验自己的整改（整改、核验须为两人），请由他人核验"):
        verify_issue(actor=head, issue=issue, verified_on=VERIFIED, verifier=verifier)
    assert FeedbackIssue.objects.get().verified_on is None


def test_account_that_registered_the_rectification_does_not_verify(clerk: User) -> None:
    issue = rectified(clerk, make_issue())
    with pytest.raises(ValidationError, match="登记整改的人不能核验同一问题"):
        verify_issue(actor=clerk, issue=issue, verified_on=VERIFIED, verifier="苏启文")


def test_who_rectified_does_not_register_anothers_verification(clerk: User, head: User) -> None:
    issue = rectified(clerk, make_issue(), head.name)
    with pytest.raises(ValidationError, match="整改人不能核验自己的整改"):
        verify_issue(actor=head, issue=issue, verified_on=VERIFIED, verifier="苏启文")


def test_names_of_one_character_in_common_are_two_people(clerk: User, head: User) -> None:
    issue = rectified(clerk, make_issue(), "方　明")
    assert verify_issue(actor=head, issue=issue, verified_on=VERIFIED, verifier="李　明").verified_on


def test_steps_are_taken_in_order(clerk: User, head: User) -> None:
    issue = make_issue()
    with pytest.raises(ValidationError, match="先整改、后核验"):
        verify_issue(actor=head, issue=issue, verified_on=VERIFIED, verifier="苏启文")
    with pytest.raises(ValidationError, match="不用退回"):
        return_issue(actor=head, issue=issue, reason="没有整改")
    rectified(clerk, issue)
    with pytest.raises(ValidationError, match="已登记整改"):
        rectified(clerk, issue)
    with pytest.raises(ValidationError, match="先核验、后销号"):
        strike_off_issue(actor=head, issue=issue, struck_off_on=VERIFIED)


@pytest.mark.parametrize(
    ("day", "rectifier", "result", "words"),
    [
        (date(2017, 5, 9), "方明远", "已公开", "整改完成日期不能早于反馈日期（2017-05-10）"),
        (TOMORROW, "方明远", "已公开", "整改完成日期不能晚于今天"),
        (RECTIFIED, " ", "已公开", "请填写整改人"),
        (RECTIFIED, "方明远", "", "请写明整改结果"),
    ],
)
def test_wrong_rectification_is_refused(clerk: User, day: date, rectifier: str, result: str, words: str) -> None:
    with pytest.raises(ValidationError) as error:
        rectify_issue(actor=clerk, issue=make_issue(), rectified_on=day, rectifier=rectifier, result=result)
    assert words in told(error)


@pytest.mark.parametrize(
    ("day", "words"), [(date(2017, 6, 30), "核验日期不能早于整改完成日期"), (TOMORROW, "核验日期不能晚于今天")]
)
def test_wrong_day_of_verification_is_refused(clerk: User, head: User, day: date, words: str) -> None:
    issue = rectified(clerk, make_issue())
    with pytest.raises(ValidationError) as error:
        verify_issue(actor=head, issue=issue, verified_on=day, verifier="苏启文")
    assert words in told(error)


@pytest.mark.parametrize(
    ("day", "words"), [(date(2017, 7, 9), "销号日期不能早于核验日期"), (TOMORROW, "销号日期不能晚于今天")]
)
def test_wrong_day_of_striking_off_is_refused(clerk: User, head: User, day: date, words: str) -> None:
    issue = rectified(clerk, make_issue())
    verify_issue(actor=head, issue=issue, verified_on=VERIFIED, verifier="苏启文")
    with pytest.raises(ValidationError) as error:
        strike_off_issue(actor=head, issue=issue, struck_off_on=day)
    assert words in told(error)


def test_failed_verification_gives_the_issue_back_and_history_keeps_it(clerk: User, head: User) -> None:
    issue = rectified(clerk, make_issue())
    with pytest.raises(ValidationError) as error:
        return_issue(actor=head, issue=issue, reason=" ")
    assert "请写明为什么退回" in told(error)
    issue = return_issue(actor=head, issue=issue, reason="公开栏没有明细")
    assert (issue.state, issue.rectifier, issue.rectified_by) == (FeedbackState.OPEN, "", None)
    assert issue.result == "核验未通过：公开栏没有明细"
    kept = list(issue.history.order_by("pgh_id").values_list("rectified_on", "rectifier", "result"))
    assert kept[1:] == [(RECTIFIED, "方明远", "已公开"), (None, "", "核验未通过：公开栏没有明细")]
    issue = rectify_issue(actor=head, issue=issue, rectified_on=RECTIFIED, rectifier="方明远", result="已补明细")
    assert verify_issue(actor=clerk, issue=issue, verified_on=VERIFIED, verifier="苏启文").result == "已补明细"


def test_struck_off_issue_does_not_change(clerk: User, head: User) -> None:
    issue = rectified(clerk, make_issue())
    verify_issue(actor=head, issue=issue, verified_on=VERIFIED, verifier="苏启文")
    issue = strike_off_issue(actor=head, issue=issue, struck_off_on=VERIFIED)
    issue.unit = "外村"
    for change in (
        lambda: correct_issue(actor=clerk, issue=issue, changed=["unit"]),
        lambda: return_issue(actor=clerk, issue=issue, reason="回头看不合格"),
        lambda: strike_off_issue(actor=clerk, issue=issue, struck_off_on=today()),
    ):
        with pytest.raises(ValidationError, match="已销号，不能再改"):
            change()
    assert FeedbackIssue.objects.get().unit == "石桥村"


def test_correction_takes_what_was_said_and_not_what_was_done(clerk: User) -> None:
    issue = rectified(clerk, make_issue())
    issue.unit, issue.rectifier = "镇财政所", "苏启文"
    issue = correct_issue(actor=clerk, issue=issue, changed=["unit", "rectifier"])
    assert (issue.unit, issue.rectifier) == ("镇财政所", "方明远")
    issue.deadline = FEEDBACK - timedelta(days=1)
    with pytest.raises(ValidationError) as error:
        correct_issue(actor=clerk, issue=issue, changed=["deadline"])
    assert "整改时限不能早于反馈日期" in told(error)


def test_responsible_person_may_not_become_the_verifier(clerk: User, head: User) -> None:
    issue = rectified(clerk, make_issue())
    issue = verify_issue(actor=head, issue=issue, verified_on=VERIFIED, verifier="苏启文")
    issue.responsible = "乔守信、苏启文"
    with pytest.raises(ValidationError, match="整改、核验须为两人"):
        correct_issue(actor=clerk, issue=issue, changed=["responsible"])


def test_others_take_no_step(town: Town, clerk: User) -> None:
    issue, other = make_issue(), town.people[D.OFFICE_HEAD]
    with pytest.raises(PermissionDenied):
        rectified(other, issue)
    with pytest.raises(PermissionDenied):
        register_issue(actor=other, issue=new_issue("XC-02"))
    with pytest.raises(PermissionDenied):
        save_round(actor=other, feedback_round=InspectionRound(feedback_on=FEEDBACK))


def test_day_of_the_report_follows_from_the_limit(clerk: User) -> None:
    filled = save_round(actor=clerk, feedback_round=InspectionRound(feedback_on=date(2016, 12, 31)))
    assert filled.report_due_on == date(2017, 2, 28)
    given = InspectionRound(feedback_on=FEEDBACK, report_due_on=date(2017, 8, 1))
    assert save_round(actor=clerk, feedback_round=given).report_due_on == date(2017, 8, 1)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"feedback_on": TOMORROW}, "反馈日期不能晚于今天"),
        ({"report_due_on": date(2017, 5, 9)}, "期限不能早于反馈日期"),
        ({"reported_on": date(2017, 5, 9)}, "报告日期不能早于反馈日期"),
    ],
)
def test_wrong_round_is_refused(clerk: User, fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as error:
        save_round(actor=clerk, feedback_round=InspectionRound(**{"feedback_on": FEEDBACK, **fields}))
    assert words in told(error)
