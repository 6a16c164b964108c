"""The sections of the yearly report, in the order of its text: which figures stand where, and which tables."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """One section: its title, and the keys of its figures and of the tables that are drawn below them."""

    key: str
    title: str
    figures: tuple[str, ...]
    tables: tuple[str, ...] = ()


SECTIONS = (
    Section(
        "overview",
        "基本情况",
        (
            *("org.villages", "org.population", "members.total", "members.probationary"),
            *("org.committees.composite", "org.branches", "org.branches.agency", "org.branches.institution"),
            *("org.branches.enterprise", "org.branches.village"),
        ),
        ("members.by_age",),
    ),
    Section(
        "visits",
        "一、“两学一做”学习教育和走访",
        (
            *("org.directive_recipients", "visits.villages_covered", "visits.households", "visits.count"),
            *("issues.categories", "issues.raised", "issues.resolved", "issues.pending"),
            *("issues.escalated", "issues.explained"),
        ),
        ("issues.by_category", "issues.by_month", "issues.villages_by_category"),
    ),
    Section(
        "villages",
        "二、村级组织建设",
        (
            *("finance.village_disbursed", "finance.village_undisbursed"),
            *("finance.special_party_fund", "finance.special_two_new_fund"),
            *("org.areas", "org.area_projects_completed"),
            *("elections.assessed", "elections.completed", "elections.meetings"),
            *("finance.dividend_villages", "finance.dividend_households", "finance.dividend_persons"),
            *("finance.dividend_amount", "finance.income_over_30k_villages"),
            *("finance.solar_villages", "finance.solar_income"),
        ),
        ("finance.by_subject",),
    ),
    Section(
        "talent",
        "三、人才和培训",
        (
            *("talent.outstanding_cadres", "talent.honours", "talent.young_returnees"),
            *("training.outbound_attendances", "members.trained", "org.first_secretaries"),
        ),
    ),
    Section(
        "discipline",
        "四、党风廉政建设",
        (
            *("discipline.responsibility_lists", "discipline.integrity_lessons", "discipline.style_inspections"),
            *("discipline.micro_power_villages", "discipline.petitions_received", "discipline.petitions_closed"),
            *("discipline.feedback_categories", "discipline.feedback_issues", "discipline.feedback_rectified"),
            *("discipline.cases", "discipline.cases_closed", "discipline.members_sanctioned"),
            "discipline.criticised",
        ),
    ),
)
