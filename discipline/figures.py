"""Figures ``discipline.*``. The count is told to those with ``discipline.count_case``; the rows stay in the office."""

from typing import Any

from chishang.core.figures import Confidential, Question, figure
from discipline.models import (
    Case,
    FeedbackCategory,
    FeedbackIssue,
    IntegrityEvent,
    Person,
    Petition,
    PowerList,
    ResponsibilityList,
    StyleInspection,
)
from organizations.models import Village

COUNTED = Confidential(counted_with="discipline.count_case", seen_with="discipline.view_case")


@figure(
    "discipline.responsibility_lists",
    label="责任清单",
    unit="份",
    definition="截至日已印发的责任清单。",
    confidential=COUNTED,
)
def responsibility_lists(question: Question) -> Any:
    """The lists issued up to the day."""
    return question.rows(ResponsibilityList).filter(issued_on__lte=question.as_of)


@figure(
    "discipline.integrity_lessons",
    label="廉政教育活动",
    unit="次",
    definition="当年截至日的廉政课、廉政微课堂和廉政谈话。",
    confidential=COUNTED,
)
def integrity_lessons(question: Question) -> Any:
    """The lessons and talks of the year."""
    return question.rows(IntegrityEvent).filter(held_on__gte=question.year_start, held_on__lte=question.as_of)


@figure(
    "discipline.style_inspections",
    label="作风检查",
    unit="次",
    definition="当年截至日的作风检查。",
    confidential=COUNTED,
)
def style_inspections(question: Question) -> Any:
    """The inspections of the year."""
    days = {"inspected_on__gte": question.year_start, "inspected_on__lte": question.as_of}
    return question.rows(StyleInspection).filter(**days)


@figure(
    "discipline.micro_power_villages",
    label="微权力清单村",
    unit="个",
    definition="截至日已完成微权力清单清理的村；只知道月份的，从当月 1 日起计。",
    confidential=COUNTED,
    share_of="org.villages",
)
def micro_power_villages(question: Question) -> Any:
    """The villages whose list is settled."""
    settled = question.rows(PowerList).settled_by(question.as_of)
    return question.rows(Village).filter(pk__in=settled.order_by().values("village"))


@figure(
    "discipline.petitions_received",
    label="巡察转办信访件",
    unit="件",
    definition="截至日收到的巡察转办信访件。",
    confidential=COUNTED,
)
def petitions_received(question: Question) -> Any:
    """The petitions that inspections handed over."""
    return question.rows(Petition).handed_over_by(question.as_of)


@figure(
    "discipline.petitions_closed",
    label="信访件办结",
    unit="件",
    definition="上述信访件中截至日已办结的。",
    confidential=COUNTED,
    share_of="discipline.petitions_received",
)
def petitions_closed(question: Question) -> Any:
    """Those of them that are closed."""
    return question.rows(Petition).closed_by(question.as_of)


@figure(
    "discipline.feedback_categories",
    label="巡察反馈问题类别",
    unit="类",
    definition="截至日反馈的巡察问题所属的类别数。",
    confidential=COUNTED,
)
def feedback_categories(question: Question) -> Any:
    """The categories of the issues handed over."""
    issues = question.rows(FeedbackIssue).fed_back_by(question.as_of)
    return question.rows(FeedbackCategory).filter(pk__in=issues.order_by().values("category"))


@figure(
    "discipline.feedback_issues",
    label="巡察反馈问题",
    unit="条",
    definition="截至日反馈的巡察问题。",
    confidential=COUNTED,
)
def feedback_issues(question: Question) -> Any:
    """The issues handed over."""
    return question.rows(FeedbackIssue).fed_back_by(question.as_of)


@figure(
    "discipline.feedback_rectified",
    label="巡察问题完成整改",
    unit="条",
    definition="上述问题中截至日已完成整改的。",
    confidential=COUNTED,
    share_of="discipline.feedback_issues",
)
def feedback_rectified(question: Question) -> Any:
    """Those of them that are rectified."""
    return question.rows(FeedbackIssue).rectified_by(question.as_of)


@figure(
    "discipline.cases",
    label="查处案件",
    unit="件",
    definition="截至日已立案的案件。",
    confidential=COUNTED,
)
def cases(question: Question) -> Any:
    """The cases filed."""
    return question.rows(Case).filed_by(question.as_of)


@figure(
    "discipline.cases_closed",
    label="结案",
    unit="件",
    definition="上述案件中截至日已结案的。",
    confidential=COUNTED,
    share_of="discipline.cases",
)
def cases_closed(question: Question) -> Any:
    """Those of them that are closed."""
    return question.rows(Case).closed_by(question.as_of)


@figure(
    "discipline.members_sanctioned",
    label="处分党员",
    unit="人",
    definition="截至日已作出处分决定的党员，一人只计一次。",
    confidential=COUNTED,
)
def members_sanctioned(question: Question) -> Any:
    """The persons with a sanction."""
    return question.rows(Person).sanctioned_by(question.as_of)


@figure(
    "discipline.criticised",
    label="批评教育",
    unit="人",
    definition="截至日受到批评教育（第一种形态）的人，一人只计一次。",
    confidential=COUNTED,
)
def criticised(question: Question) -> Any:
    """The persons criticised."""
    return question.rows(Person).criticised_by(question.as_of)
