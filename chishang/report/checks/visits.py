"""X3, X4, X5: issues by outcome, by category and village, and the visits that raised them."""

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery

from chishang.report.checks.base import Found, check
from organizations.models import Village
from visits.models import Household, Issue, IssueEvent, Visit

if TYPE_CHECKING:
    from chishang.report.report import Report

VILLAGE = "visit__household__village__name"


@check("X3", "反映问题等于已解决加未解决，办理情况与办理过程一致", Issue)
def issues_by_outcome(report: "Report") -> Found:
    """1083 = 807 + 276; and the state in the register is where the events lead."""
    raised, resolved, pending, escalated, explained = (
        report.values[f"issues.{name}"] for name in ("raised", "resolved", "pending", "escalated", "explained")
    )
    course = IssueEvent.objects.filter(issue=OuterRef("pk"))
    reached = Subquery(course.order_by("-occurred_on", "-pk").values("to_state")[:1])
    # What happened after the day is not compared: the register knows today's state only.
    settled = _issues(report).filter(~Exists(course.filter(occurred_on__gt=report.as_of))).annotate(reached=reached)
    wrong = _names(settled.filter(Q(reached=None) | ~Q(state=F("reached"))))
    told = f"{raised} = {resolved}（已解决）＋{pending}（未解决，其中上报 {escalated}、已解释 {explained}）"
    return told, raised - resolved - pending or len(wrong), wrong


@check("X4", "按类别、按村合计都等于反映问题", Issue, Village)
def issues_by_category_and_village(report: "Report") -> Found:
    """By category 1083 = by village 1083 = all 1083."""
    raised = report.values["issues.raised"]
    here = Q(visit__household__village__in=Village.objects.existing_on(report.as_of).order_by().values("pk"))
    counts = _issues(report).order_by("category", VILLAGE).values_list("category", VILLAGE)
    rows = list(counts.annotate(count=Count("pk"), here=Count("pk", filter=here)))
    by_category, by_village = (sum(row[place] for row in rows) for place in (2, 3))
    strays = dict.fromkeys(village for _, village, count, here in rows if here < count)
    told = f"按类别 {by_category} = 按村和企业 {by_village} = 反映问题 {raised}"
    return told, raised - by_village or raised - by_category, strays


@check("X5", "走访户不多于登记户，每个问题都在走访当天反映", Issue, Visit, Household)
def issues_of_visits(report: "Report") -> Found:
    """8675 of 8675; 1083 issues, each with its visit."""
    visited, registered = report.values["visits.households"], report.question.rows(Household).count()
    wrong = _names(_issues(report).exclude(raised_on=F("visit__visited_on")))
    told = f"走访 {visited} 户，登记 {registered} 户；{report.values['issues.raised']} 个问题都有走访"
    return told, max(visited - registered, 0) or len(wrong), wrong


def _issues(report: "Report") -> Any:
    return report.question.rows(Issue).raised_by(report.as_of)


def _names(issues: Any) -> list[str]:
    """Return how each issue is called: its village and its number."""
    return [f"{village}第 {key} 号问题" for key, village in issues.order_by("pk").values_list("pk", VILLAGE)]
