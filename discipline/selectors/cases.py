"""What is known of a case in one place: its course, its deadline, who may read it; and the cases to be handed out."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch

from chishang.core.dates import today
from discipline.enums import CaseStage, LimitCode
from discipline.models import Case, CaseAccess, Lead, Sanction
from discipline.models.cases import STEPS
from discipline.models.petitions import ASSIGN
from discipline.selectors.limits import Due, Limits

STEP_NAMES = dict(zip(STEPS, ("立案", "审查终结", "审理终结", "处理决定", "执行完毕", "结案"), strict=True))
"""The steps in words, by the column of their date."""
LIMIT_OF = {"reviewed_on": (LimitCode.CASE_REVIEW, "filed_on"), "heard_on": (LimitCode.CASE_HEARING, "reviewed_on")}
"""The steps that have a time limit, and from which step it counts."""
AWAITED = {CaseStage.FILED: "reviewed_on", CaseStage.REVIEWED: "heard_on"}


@dataclass(frozen=True)
class Event:
    """Something that happened in a case on a day; ``due`` where it came too late."""

    day: date
    text: str
    detail: str = ""
    due: Due | None = None


def next_step(case: Case) -> str | None:
    """Return the column of the first step that has no date yet; None when all are taken."""
    return next((name for name in STEPS if getattr(case, name) is None), None)


def deadline_of(case: Case, limits: Limits) -> Due | None:
    """Return when the review or the hearing of a case must be over; None at other stages."""
    step = AWAITED.get(case.stage)
    return _due(case, step, limits) if step else None


def course_of(user: Any, case: Case, limits: Limits) -> list[Event]:
    """Return all dated facts of a case, the oldest first; leads as far as ``user`` may see them."""
    steps = [
        Event(getattr(case, name), STEP_NAMES[name], due=_missed(_due(case, name, limits), getattr(case, name)))
        for name in STEPS
        if getattr(case, name)
    ]
    sanctions = Sanction.objects.filter(involvement__case=case).select_related("involvement__person")
    leads = Lead.objects.visible_to(user).filter(case=case)
    found = [event for lead in leads for event in _of_lead(lead)]
    found += steps + [event for sanction in sanctions for event in _of_sanction(sanction, limits)]
    # On one day in the order in which they were put together: leads, steps, sanctions.
    return sorted(found, key=lambda event: event.day)


def sanction_dues(sanction: Sanction, limits: Limits) -> tuple[Due | None, Due | None]:
    """Return when a sanction must be announced, and when its execution must be reported."""
    day = sanction.decided_on
    return limits.due(LimitCode.SANCTION_ANNOUNCEMENT, day), limits.due(LimitCode.SANCTION_REPORT, day)


def cases_to_assign(user: Any) -> list[Case]:
    """Return all cases that ``user`` may hand out, with who is named on each today; those with nobody come first.

    None that is about him. Two queries.
    """
    in_force = CaseAccess.objects.in_force().select_related("user").order_by("user__pinyin")
    rows = Case.not_about(Case.objects.within(user.scope_for(ASSIGN)), user).only("number", "filed_on", "handler")
    cases = rows.select_related("handler").prefetch_related(Prefetch("accesses", in_force, to_attr="named"))
    return sorted(cases, key=lambda case: bool(case.named))


def _due(case: Case, step: str, limits: Limits) -> Due | None:
    code, start = LIMIT_OF.get(step, (None, ""))
    since = getattr(case, start) if code else None
    return limits.due(code, since) if code and since else None


def _missed(due: Due | None, done_on: date | None) -> Due | None:
    return due if due and due.is_missed(today(), done_on) else None


def _of_sanction(sanction: Sanction, limits: Limits) -> list[Event]:
    name, (announce, report) = sanction.involvement.person.name, sanction_dues(sanction, limits)
    facts = (
        (sanction.decided_on, f"处分决定：{sanction.get_measure_display()}", None),
        (sanction.effective_on, "处分生效", None),
        (sanction.announced_on, "宣布处分", announce),
        (sanction.reported_on, "报告处分执行情况", report),
        (sanction.impact_until, "影响期满", None),
    )
    return [Event(day, text, name, _missed(due, day)) for day, text, due in facts if day]


def _of_lead(lead: Lead) -> list[Event]:
    facts = (
        (lead.received_on, f"收到线索 {lead.number}", ""),
        (lead.proposed_on, f"线索 {lead.number} 提出处置意见", lead.get_disposal_display()),
        (lead.finished_on, f"线索 {lead.number} 办结", ""),
    )
    return [Event(day, text, detail) for day, text, detail in facts if day]
