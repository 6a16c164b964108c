"""Figures ``visits.*`` and ``issues.*``: whom one visited, what was raised, what became of it."""

from typing import Any

from django.db.models import Exists, OuterRef

from chishang.core.figures import Question, figure
from organizations.models import Village
from visits.models import Household, Issue, IssueCategory, Visit


@figure(
    "visits.villages_covered",
    label="走访覆盖村",
    unit="个",
    definition="截至日有走访记录（农户或企业）的行政村，企业计入所在村。",
    share_of="org.villages",
)
def villages_covered(question: Question) -> Any:
    """Villages with a visit up to the date."""
    made = question.rows(Visit).up_to(question.as_of).filter(household__village=OuterRef("pk"))
    return question.rows(Village).filter(Exists(made))


@figure(
    "visits.households",
    label="走访户数",
    unit="户",
    definition="截至日走访过的农户和企业，一户多次走访只计一户。",
)
def households(question: Question) -> Any:
    """Households and enterprises visited up to the date, each once."""
    made = question.rows(Visit).up_to(question.as_of).filter(household=OuterRef("pk"))
    return question.rows(Household).filter(Exists(made))


@figure("visits.count", label="走访次数", unit="次", definition="截至日的走访次数，一户多次走访计多次。")
def visits(question: Question) -> Any:
    """Visits up to the date."""
    return question.rows(Visit).up_to(question.as_of)


@figure("issues.categories", label="问题类别", unit="类", definition="截至日所反映问题涉及的类别。")
def categories(question: Question) -> Any:
    """Categories of the issues raised up to the date."""
    raised = question.rows(Issue).raised_by(question.as_of).filter(category=OuterRef("pk"))
    return question.rows(IssueCategory).filter(Exists(raised))


@figure("issues.raised", label="反映问题", unit="条", definition="走访日期在截至日或以前的走访中反映的问题。")
def raised(question: Question) -> Any:
    """Issues raised by visits up to the date."""
    return question.rows(Issue).raised_by(question.as_of)


@figure(
    "issues.resolved",
    label="已解决问题",
    unit="条",
    definition="解决日期在截至日或以前、截至日未重新办理的问题。",
    share_of="issues.raised",
)
def resolved(question: Question) -> Any:
    """Issues resolved on or before the date."""
    return question.rows(Issue).resolved_on_date(question.as_of)


@figure(
    "issues.pending",
    label="未解决问题",
    unit="条",
    definition="反映问题减去已解决问题；含已解释无法办理的和已合并的。",
)
def pending(question: Question) -> Any:
    """Raised minus resolved."""
    return question.rows(Issue).pending_on(question.as_of)


@figure(
    "issues.escalated",
    label="上报协调问题",
    unit="条",
    definition="未解决问题中，截至日已上报区挂包领导或区直部门的。",
    share_of="issues.pending",
)
def escalated(question: Question) -> Any:
    """Pending issues that were escalated to the district on or before the date."""
    return question.rows(Issue).pending_on(question.as_of).escalated_by(question.as_of)


@figure(
    "issues.explained",
    label="已解释无法办理问题",
    unit="条",
    definition="未解决问题中，截至日已向群众解释、确实无法办理的；既不算解决，也不算在办。",
)
def explained(question: Question) -> Any:
    """Pending issues whose outcome at the date is an explanation."""
    return question.rows(Issue).explained_on(question.as_of)
