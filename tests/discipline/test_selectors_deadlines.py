"""What is due until when: each kind on its last day and the day after, and nothing that one may not see."""

from datetime import date, timedelta
from typing import Any

import pytest

from discipline.enums import Disposal, EducationKind, IssueLevel, ListKind, Measure
from discipline.models import (
    CaseAccess,
    FeedbackCategory,
    FeedbackIssue,
    InspectionRound,
    IntegrityEvent,
    ResponsibilityItem,
    ResponsibilityList,
)
from discipline.selectors.deadlines import Line, Urgency, lines_for, pressing
from organizations.enums import DutyCode
from organizations.models import CalendarDay, User
from tests.discipline.records import make_case, make_lead, make_person, make_petition, make_sanction, name_on
from tests.factories import Town

DAY = date(2017, 7, 3)


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[DutyCode.DISCIPLINE_CLERK]


def lines(user: User, kind: str, day: date = DAY) -> list[Line]:
    return [line for line in lines_for(user, day) if line.kind == kind]


def told(user: User, kind: str, day: date = DAY) -> list[tuple[str, date, str]]:
    """Number, last day and urgency of the lines of a kind."""
    return [(line.record, line.on, line.urgency(day).name) for line in lines(user, kind, day)]


def make_issue(**fields: Any) -> FeedbackIssue:
    round_, _ = InspectionRound.objects.get_or_create(feedback_on=date(2017, 6, 20))
    values = {"number": "XC-001", "unit": "民政办", "text": "记录不全", "responsible": "房长亮", **fields}
    category = FeedbackCategory.objects.first()
    deadline = values.pop("deadline", date(2017, 7, 17))
    return FeedbackIssue.objects.create(
        round=round_, category=category, level=IssueLevel.TOWN, deadline=deadline, **values
    )


def test_last_day_is_in_time_and_the_day_after_is_not(clerk: User) -> None:
    make_issue()
    make_issue(number="XC-002", rectified_on=date(2017, 7, 1))
    kind, on = "巡察问题整改", date(2017, 7, 17)
    assert told(clerk, kind, on) == [("XC-001", on, "SOON")]
    assert told(clerk, kind, on + timedelta(days=1)) == [("XC-001", on, "OVERDUE")]
    assert told(clerk, kind, on - timedelta(days=14)) == [("XC-001", on, "SOON")]
    assert told(clerk, kind, on - timedelta(days=15)) == [("XC-001", on, "LATER")]


def test_petitions_signed_ones_are_acknowledged_and_all_are_closed(clerk: User, town: Town) -> None:
    make_petition(is_signed=True)
    make_petition(number="XF-2", is_signed=True, acknowledged_on=date(2017, 6, 15))
    make_petition(number="XF-3", closed_on=date(2017, 6, 20), result="属实")
    make_petition(number="XF-4", is_signed=True, handler=town.people[DutyCode.DISCIPLINE_HEAD])
    acknowledge = lines(clerk, "信访件告知受理")
    assert [one.record for one in acknowledge] == ["XF-2017-01"]
    assert [(one.record, one.on) for one in lines(clerk, "信访件办结")] == [
        ("XF-2", date(2017, 9, 12)),
        ("XF-2017-01", date(2017, 9, 12)),
    ]
    assert "15个工作日" in acknowledge[0].rule


def test_day_counted_without_the_calendar_of_its_year_says_so(clerk: User) -> None:
    CalendarDay.objects.all().delete()
    make_petition(is_signed=True, received_on=date(2017, 12, 20))
    (line,) = lines(clerk, "信访件告知受理")
    assert (line.on, line.unknown_years) == (date(2018, 1, 10), (2017, 2018))
    CalendarDay.objects.create(day=date(2017, 10, 2), is_workday=False)
    CalendarDay.objects.create(day=date(2018, 1, 1), is_workday=False)
    (line,) = lines(clerk, "信访件告知受理")
    assert (line.on, line.unknown_years) == (date(2018, 1, 11), ())


def test_leads_proposal_and_inquiry(clerk: User) -> None:
    make_lead()
    make_lead("XS-2", disposal=Disposal.INQUIRY, proposed_on=date(2017, 6, 25))
    make_lead("XS-3", disposal=Disposal.ON_HOLD, proposed_on=date(2017, 6, 25))
    assert told(clerk, "线索提出处置意见") == [("XS-2017-01", date(2017, 7, 20), "LATER")]
    assert told(clerk, "谈话函询办结") == [("XS-2", date(2017, 7, 25), "LATER")]


def test_cases_review_and_hearing_of_those_one_is_named_on(clerk: User) -> None:
    for number, fields in (
        ("池纪立〔2017〕1号", {}),
        ("池纪立〔2017〕2号", {"reviewed_on": date(2017, 6, 1)}),
        ("池纪立〔2017〕3号", {"closed_on": date(2017, 6, 1)}),
    ):
        name_on(
            make_case(make_person(), number=number, **fields) if number[-2] == "1" else _other(number, fields), clerk
        )
    _other("池纪立〔2017〕9号", {})
    assert told(clerk, "立案审查") == [("池纪立〔2017〕1号", date(2017, 6, 15), "OVERDUE")]
    assert told(clerk, "案件审理") == [("池纪立〔2017〕2号", date(2017, 7, 1), "OVERDUE")]


def _other(number: str, fields: dict[str, Any]) -> Any:
    return make_case(make_person(f"方{number}"), number=number, **fields)


def test_sanctions_announcement_report_and_end_of_effect(clerk: User) -> None:
    case = make_case(make_person())
    name_on(case, clerk)
    sanction = make_sanction(case, Measure.WARNING)
    number = case.number
    assert told(clerk, "宣布处分决定") == [(number, date(2017, 6, 5), "OVERDUE")]
    assert told(clerk, "报告处分执行情况") == [(number, date(2017, 11, 5), "LATER")]
    sanction.announced_on = sanction.reported_on = date(2017, 5, 6)
    sanction.save()
    assert not told(clerk, "宣布处分决定") + told(clerk, "报告处分执行情况") + told(clerk, "处分影响期满")
    last = date(2018, 5, 4)
    assert told(clerk, "处分影响期满", last) == [(number, last, "SOON")]
    assert told(clerk, "处分影响期满", last - timedelta(days=30)) == [(number, last, "LATER")]
    assert not told(clerk, "处分影响期满", last - timedelta(days=31))
    assert not told(clerk, "处分影响期满", last + timedelta(days=1))


def test_sanction_of_a_case_that_one_is_not_named_on_is_not_told(town: Town) -> None:
    make_sanction(make_case(make_person()))
    assert not told(town.people[DutyCode.DISCIPLINE_HEAD], "宣布处分决定")
    assert not lines_for(town.people[DutyCode.OFFICE_HEAD], DAY)


def test_rounds_until_they_are_reported(clerk: User) -> None:
    one = InspectionRound.objects.create(feedback_on=date(2017, 6, 20), report_due_on=date(2017, 8, 1))
    InspectionRound.objects.create(feedback_on=date(2017, 6, 21))
    assert [line.on for line in lines(clerk, "报告巡察整改情况")] == [date(2017, 8, 1), date(2017, 8, 21)]
    one.reported_on = date(2017, 7, 1)
    one.save()
    assert [line.on for line in lines(clerk, "报告巡察整改情况")] == [date(2017, 8, 21)]


def test_items_of_lists_until_they_are_done(clerk: User) -> None:
    of = ResponsibilityList.objects.create(kind=ListKind.COMMITTEE, bearer="镇党委", issued_on=date(2017, 3, 10))
    items = {"responsibility_list": of, "content": "研究党建", "owner": "房长亮", "due_on": date(2017, 6, 30)}
    ResponsibilityItem.objects.create(number=1, **items)
    ResponsibilityItem.objects.create(number=2, **items, done_on=date(2017, 6, 1), evidence="会议记录")
    assert told(clerk, "责任清单事项") == [
        ("党委主体责任清单（2017年） 第1项", date(2017, 6, 30), "OVERDUE"),
    ]


def test_grants_that_end_within_a_fortnight_unless_a_longer_one_follows(town: Town, clerk: User) -> None:
    case, other = make_case(make_person()), _other("池纪立〔2017〕2号", {})
    until = DAY + timedelta(days=14)
    grant = {"user": clerk, "since": date(2017, 6, 1)}
    CaseAccess.objects.create(case=case, until=until, **grant)
    CaseAccess.objects.create(case=other, until=until, **grant)
    CaseAccess.objects.create(case=other, user=clerk, since=DAY, until=until + timedelta(days=30))
    head = town.people[DutyCode.DISCIPLINE_HEAD]
    assert told(head, "查阅授权到期") == [(case.number, until, "SOON")]
    assert not told(head, "查阅授权到期", DAY - timedelta(days=1))
    assert not told(head, "查阅授权到期", until + timedelta(days=1))


def test_quarters_of_the_year_without_a_lesson(clerk: User) -> None:
    event = {"topic": "家风", "audience": "干部", "attendees": 9}
    IntegrityEvent.objects.create(kind=EducationKind.MICRO_LESSON, held_on=date(2017, 5, 2), **event)
    IntegrityEvent.objects.create(kind=EducationKind.LESSON, held_on=date(2017, 2, 24), **event)
    assert told(clerk, "一季一堂廉政课") == [
        ("2016年第3季度", date(2016, 9, 30), "OVERDUE"),
        ("2016年第4季度", date(2016, 12, 31), "OVERDUE"),
        ("2017年第2季度", date(2017, 6, 30), "OVERDUE"),
        ("2017年第3季度", date(2017, 9, 30), "LATER"),
    ]


def test_pressing_counts_what_is_overdue_or_due_within_a_fortnight(clerk: User) -> None:
    make_issue()
    make_issue(number="XC-002", deadline=date(2017, 7, 18))
    before = [line for line in lines_for(clerk, DAY) if line.urgency(DAY) != Urgency.LATER]
    assert pressing(clerk, DAY) == len(before)
    assert {line.record for line in before} >= {"XC-001"}
    assert "XC-002" not in {line.record for line in before}
