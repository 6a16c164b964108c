"""X11, X12, X13: the stock of members, sanctions with their decisions, rectification with its people.

Of the confidential registers only numbers are told, and only to those who are told the figure itself.
"""

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q

from chishang.core.figures import Question, find_figure
from chishang.core.scoping import Scope
from chishang.report.checks.base import Found, Unsaid, check
from discipline.enums import RectificationKind
from discipline.models import FeedbackIssue, Sanction
from members.enums import DECISIVE_KINDS, Standing
from members.models import MemberChange
from members.selectors.reconciliation import VIEW

if TYPE_CHECKING:
    from chishang.report.report import Report

NOT_TOLD = "无权核对，或数字过小不予显示。"


@check("X11", "上年末党员加增加减减少等于现有党员", MemberChange)
def stock_of_members(report: "Report") -> Found:
    """1384 + 45 − 17 = 1412, and so for each branch."""
    question, since = report.question, date(report.as_of.year - 1, 12, 31)
    period = Q(voided_at=None, occurred_on__gt=since, occurred_on__lte=report.as_of, kind__in=DECISIVE_KINDS)
    was_member, is_member = Q(from_standing=Standing.NORMAL), Q(to_standing=Standing.NORMAL)
    parts = {
        "opening": Q(pk__in=MemberChange.objects.counted_on(since).order_by().values("pk")),
        "closing": Q(pk__in=MemberChange.objects.counted_on(report.as_of).order_by().values("pk")),
        "came": period & is_member & ~was_member,
        "went": period & was_member & ~is_member,
        "moved": period & was_member & ~is_member & _to_branch_within(question),
    }
    counts = {name: Count("pk", filter=condition) for name, condition in parts.items()}
    by_branch = question.rows(MemberChange).order_by("branch__sort_no", "branch__code").values("branch__name")
    rows = list(by_branch.annotate(**counts))
    wrong = [row["branch__name"] for row in rows if row["opening"] + row["came"] - row["went"] != row["closing"]]
    opening, closing, came, went, moved = (
        sum(row[name] for row in rows) for name in ("opening", "closing", "came", "went", "moved")
    )
    told = f"{opening}＋{came - moved}（增加）－{went - moved}（减少） = {closing}"
    return told, closing - (opening + came - went) or len(wrong), wrong


def _to_branch_within(question: Question) -> Q:
    """Return the condition for a transfer to a branch that is asked about as well: it cancels for the whole."""
    scope: Scope = question.scope if question.user is None else question.scope & question.user.scope_for(VIEW)
    return Q(other_branch__isnull=False) if scope.everything else Q(other_branch__in=scope.organization_ids)


@check("X12", "受处分的人都有决定机关、决定日期和影响期")
def sanctions_with_decisions(report: "Report") -> Found:
    """8 persons, 8 with a deciding body, a date and the end of the effect."""
    people, rows = _counted(report, "discipline.members_sanctioned", Sanction)
    decided = rows.filter(decided_on__lte=report.as_of)
    wanting = decided.filter(Q(decided_by="") | Q(impact_until=None)).count()
    told = f"处分 {people} 人，{wanting} 个处分缺决定机关或影响期"
    return f"{told}，请镇纪委补填" if wanting else told, wanting, ()


@check("X13", "巡察反馈问题等于已整改、整改中、长期坚持之和，都有责任人和时限")
def rectification(report: "Report") -> Found:
    """73 = 73 + 0 + 0, each with a person and a date."""
    whole, rows = _counted(report, "discipline.feedback_issues", FeedbackIssue)
    if report.values["discipline.feedback_rectified"] is None:  # a part too small to be told on its own
        raise Unsaid(NOT_TOLD)
    day, long_term = report.as_of, Q(kind=RectificationKind.LONG_TERM)
    done = Q(rectified_on__lte=day)
    found = rows.fed_back_by(day).aggregate(
        rectified=Count("pk", filter=done),
        in_progress=Count("pk", filter=~done & ~long_term),
        long_term=Count("pk", filter=~done & long_term),
        wanting=Count("pk", filter=Q(responsible="") | Q(deadline=None)),
    )
    rectified, in_progress, lasting, wanting = found.values()
    told = f"{whole} = {rectified}（已整改）＋{in_progress}（整改中）＋{lasting}（长期坚持）"
    if wanting:
        told += f"；{wanting} 个缺责任人或时限，请镇纪委补填"
    return told, whole - rectified - in_progress - lasting or wanting, ()


def _counted(report: "Report", key: str, model: Any) -> tuple[int, Any]:
    """Return the value of a confidential figure and the rows of ``model`` that it counts, for adding up only."""
    figure, value = find_figure(key), report.values[key]
    if figure is None or figure.confidential is None or value is None:
        raise Unsaid(NOT_TOLD)
    return value, report.question.to_be_counted(figure.confidential).rows(model)
