"""What the office has to do until when: everything due or overdue that the reader may see, on one page."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from chishang.core.dates import today
from discipline.enums import LimitCode
from discipline.models import (
    Case,
    CaseAccess,
    FeedbackIssue,
    InspectionRound,
    Lead,
    Petition,
    ResponsibilityItem,
    Sanction,
)
from discipline.selectors.cases import deadline_of, sanction_dues
from discipline.selectors.education import lessons_by_quarter
from discipline.selectors.handling import deadlines_of
from discipline.selectors.limits import Due, Limits

SOON = timedelta(days=14)
"""What is due within so many days stands in the second group; a grant is told so long before its end."""
EFFECT_ENDS = timedelta(days=30)
"""The end of the effect of a sanction is told so long before."""
LESSON_RULE = "一季一堂廉政课：每季度至少一次"
ISSUE_RULE = "巡察反馈确定的整改时限"
ITEM_RULE = "责任清单确定的完成时限"
ACCESS_RULE = "查阅授权到期后不能再查阅，需要的请重新指定"
EFFECT_RULE = "处分影响期规定：期满当天仍在影响期内"


class Urgency(Enum):
    """How pressing something is, with what people call it."""

    OVERDUE = "已逾期"
    SOON = "14 天内到期"
    LATER = "以后到期"


@dataclass(frozen=True)
class Line:
    """One thing to be done: what, of which record (its number, never a name), until when, by which rule."""

    kind: str
    record: str
    on: date
    rule: str
    address: str
    unknown_years: tuple[int, ...] = ()
    """Years whose holidays the calendar lacks, so that the day may be wrong."""

    def urgency(self, day: date) -> Urgency:
        """Say how pressing it is on ``day``; on its last day it is not overdue yet."""
        if self.on < day:
            return Urgency.OVERDUE
        return Urgency.SOON if self.on <= day + SOON else Urgency.LATER


def lines_for(user: Any, day: date | None = None) -> list[Line]:
    """Return all that is to be done, of what ``user`` may see, the most urgent first (``day``: today).

    A constant number of queries, however many rows there are.
    """
    day, limits = day or today(), Limits.load()
    found = [
        *_handled(user, limits),
        *_cases(user, limits),
        *_sanctions(user, limits),
        *_effects(user, day),
        *_issues(user),
        *_rounds(user, limits),
        *_items(user),
        *_grants(user, day),
        *_lessons(user, day),
    ]
    return sorted(found, key=lambda line: (line.on, line.kind, line.record))


SHOWN_QUARTERS = 5


def pressing(user: Any, day: date | None = None) -> int:
    """Return how many of the lines are overdue or due within 14 days."""
    day = day or today()
    return sum(line.urgency(day) != Urgency.LATER for line in lines_for(user, day))


def _handled(user: Any, limits: Limits) -> Iterator[Line]:
    for rows in (Petition.objects.visible_to(user).open(), Lead.objects.visible_to(user).open()):
        for row in rows.order_by("pk"):
            for one in deadlines_of(row, limits):
                if one.done_on is None:
                    yield _due(one.label, row, one.due, limits, row.received_on)


def _cases(user: Any, limits: Limits) -> Iterator[Line]:
    for case in Case.objects.visible_to(user).open().order_by("pk"):
        if due := deadline_of(case, limits):
            yield _due(due.limit.get_code_display(), case, due, limits, case.filed_on)


def _sanctions(user: Any, limits: Limits) -> Iterator[Line]:
    waiting = Q(announced_on__isnull=True) | Q(reported_on__isnull=True)
    for sanction in _with_case(Sanction.objects.visible_to(user).filter(waiting)):
        done = (sanction.announced_on, sanction.reported_on)
        for due, done_on in zip(sanction_dues(sanction, limits), done, strict=True):
            if due and done_on is None:
                label = due.limit.get_code_display()
                yield _due(label, sanction, due, limits, sanction.decided_on, sanction.involvement.case.number)


def _effects(user: Any, day: date) -> Iterator[Line]:
    ending = Sanction.objects.visible_to(user).filter(impact_until__range=(day, day + EFFECT_ENDS))
    for sanction in _with_case(ending):
        number = sanction.involvement.case.number
        yield Line("处分影响期满", number, sanction.impact_until, EFFECT_RULE, _page(sanction))


def _issues(user: Any) -> Iterator[Line]:
    for issue in FeedbackIssue.objects.visible_to(user).filter(rectified_on__isnull=True).order_by("pk"):
        yield Line("巡察问题整改", issue.number, issue.deadline, ISSUE_RULE, _page(issue))


def _rounds(user: Any, limits: Limits) -> Iterator[Line]:
    for one in InspectionRound.objects.visible_to(user).filter(reported_on__isnull=True).order_by("pk"):
        due = limits.due(LimitCode.ROUND_REPORT, one.feedback_on)
        label, on = LimitCode.ROUND_REPORT.label, one.report_due_on or (due and due.on)
        if on:
            yield Line(label, str(one), on, _told(due) if due else "", _page(one))


def _items(user: Any) -> Iterator[Line]:
    rows = ResponsibilityItem.objects.visible_to(user).filter(done_on__isnull=True)
    for item in rows.select_related("responsibility_list").order_by("pk"):
        of = item.responsibility_list
        yield Line("责任清单事项", f"{of} 第{item.number}项", item.due_on, ITEM_RULE, _page(of))


def _grants(user: Any, day: date) -> Iterator[Line]:
    longer = CaseAccess.objects.filter(case=OuterRef("case"), user=OuterRef("user"), until__gt=OuterRef("until"))
    ending = CaseAccess.objects.visible_to(user).in_force(day).filter(~Exists(longer), until__lte=day + SOON)
    by_case = ending.order_by("until", "case").values_list("case", "until", "case__number").distinct()
    may_assign = user.has_perm("discipline.assign_case")
    for case, until, number in by_case:
        page = "admin:discipline_case_assign" if may_assign else "admin:discipline_case_change"
        yield Line("查阅授权到期", number, until, ACCESS_RULE, reverse(page, args=[case]))


def _lessons(user: Any, day: date) -> Iterator[Line]:
    """Quarters without a lesson: the one that runs, and the four before it."""
    if not user.has_perm("discipline.view_integrityevent"):
        return
    quarters = [*lessons_by_quarter(user, day.year - 1, day), *lessons_by_quarter(user, day.year, day)]
    begun = [quarter for quarter in quarters if quarter.first <= day]
    for quarter in begun[-SHOWN_QUARTERS:]:
        if quarter.is_missing or quarter.is_waiting:
            address = reverse("admin:discipline_integrityevent_changelist")
            yield Line("一季一堂廉政课", quarter.label, quarter.last, LESSON_RULE, address)


def _with_case(rows: Any) -> Iterable[Sanction]:
    found: Iterable[Sanction] = rows.select_related("involvement__case").order_by("pk")
    return found


def _due(label: str, row: Any, due: Due, limits: Limits, since: date, number: str = "") -> Line:
    known = {day.year for day in limits.calendar.exceptions}
    years = () if due.is_certain else tuple(year for year in range(since.year, due.on.year + 1) if year not in known)
    return Line(label, number or row.number, due.on, _told(due), _page(row), years)


def _told(due: Due) -> str:
    return f"{due.limit}（{due.limit.source}）"


def _page(row: Any) -> str:
    return reverse(f"admin:discipline_{row._meta.model_name}_change", args=[row.pk])
