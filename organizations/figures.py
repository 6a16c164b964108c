"""Figures ``org.*``: villages, branches, areas, posts."""

from typing import Any

from django.db.models import Exists, OuterRef, Q

from chishang.core.figures import Question, figure
from organizations.enums import BranchType, DutyCode, ElectionBody, OrganizationKind
from organizations.models import (
    Appointment,
    Area,
    AreaProject,
    DirectiveReceipt,
    Election,
    ElectionForecast,
    ElectionTerm,
    Organization,
    Village,
    VillageStatistic,
)


@figure("org.villages", label="行政村", unit="个", definition="截至日存在的行政村。")
def villages(question: Question) -> Any:
    """Villages that exist at the date."""
    return question.rows(Village).existing_on(question.as_of)


@figure(
    "org.population",
    label="总人口",
    unit="人",
    definition="截至日存在的行政村人口之和，取当年及以前最近一年的村情统计。",
    total="population",
    unknown_without_rows=True,
)
def population(question: Question) -> Any:
    """Newest statistics of each village of a year up to that of the date."""
    return question.rows(VillageStatistic).latest_on(question.as_of)


@figure("org.committees.composite", label="非公综合党委", unit="个", definition="截至日存在的综合党委。")
def composite_committees(question: Question) -> Any:
    """Composite committees that exist at the date."""
    return question.rows(Organization).existing_on(question.as_of).filter(kind=OrganizationKind.COMPOSITE_COMMITTEE)


@figure("org.branches", label="基层党支部", unit="个", definition="截至日存在的党支部，不含综合党委。")
def branches(question: Question) -> Any:
    """Branches that exist at the date."""
    return question.rows(Organization).existing_on(question.as_of).branches()


def _declare_branches_by_type() -> None:
    labels = {
        BranchType.AGENCY: "机关党支部",
        BranchType.INSTITUTION: "驻地事业单位党支部",
        BranchType.ENTERPRISE: "非公企业党支部",
        BranchType.VILLAGE: "村级党支部",
    }
    for branch_type, label in labels.items():

        @figure(f"org.branches.{branch_type}", label=label, unit="个", definition=f"截至日存在的{label}。")
        def branches_of_type(question: Question, branch_type: BranchType = branch_type) -> Any:
            return branches(question).filter(branch_type=branch_type)


_declare_branches_by_type()


@figure("org.areas", label="片区", unit="个", definition="截至日存在的片区。")
def areas(question: Question) -> Any:
    """Areas that exist at the date."""
    return question.rows(Area).existing_on(question.as_of)


@figure(
    "org.area_projects_completed",
    label="书记领办片区项目完成",
    unit="个",
    definition="完成日期在截至日或以前的书记领办项目；只知道月份的从当月一日起算。",
)
def area_projects_completed(question: Question) -> Any:
    """Projects completed on or before the date."""
    return question.rows(AreaProject).filter(completed_on__lte=question.as_of)


@figure("org.first_secretaries", label="第一书记", unit="人", definition="截至日在任的第一书记任职。")
def first_secretaries(question: Question) -> Any:
    """Appointments as first secretary in force at the date."""
    return question.rows(Appointment).in_force(question.as_of).filter(duty__code=DutyCode.FIRST_SECRETARY)


@figure(
    "org.directive_recipients",
    label="实施方案签收支部",
    unit="个",
    definition="截至日已签收“两学一做”学习教育常态化制度化实施方案的党支部。",
    share_of="org.branches",
)
def directive_recipients(question: Question) -> Any:
    """The first receipt of each branch for the plan, when it was signed on or before the date."""
    plan = Q(directive__title__endswith="实施方案")
    for word in ("两学一做", "常态化制度化"):
        plan &= Q(directive__title__contains=word)
    of_branches = question.rows(DirectiveReceipt).filter(plan, organization__kind=OrganizationKind.BRANCH)
    signed = of_branches.signed_by(question.as_of)
    before = Q(signed_on__lt=OuterRef("signed_on")) | Q(signed_on=OuterRef("signed_on"), pk__lt=OuterRef("pk"))
    return signed.filter(~Exists(signed.filter(before, organization=OuterRef("organization"))))


def _term(question: Question) -> Any:
    """The newest round of elections of a year up to that of the date."""
    return ElectionTerm.objects.filter(year__lte=question.as_of.year).order_by("-year", "-pk").values("pk")[:1]


@figure(
    "elections.assessed",
    label="选情预判村",
    unit="个",
    definition="最近一次换届中，截至日已做选情预判的行政村（只计村数，等级不公开）。",
    share_of="org.villages",
)
def assessed(question: Question) -> Any:
    """Villages; the forecasts themselves are confidential."""
    forecasts = ElectionForecast.objects.filter(assessed_on__lte=question.as_of, term__in=_term(question))
    return question.rows(Village).filter(Exists(forecasts.filter(village=OuterRef("pk"))))


@figure(
    "elections.completed",
    label="换届完成村",
    unit="个",
    definition="最近一次换届中，截至日村党支部和村民委员会两项选举都已完成的行政村。",
    share_of="org.villages",
)
def completed(question: Question) -> Any:
    """Villages where both bodies are elected."""
    done = Election.objects.completed_by(question.as_of).filter(village=OuterRef("pk"), term__in=_term(question))
    both = [Exists(done.filter(body=body)) for body in ElectionBody.values]
    return question.rows(Village).filter(*both)
