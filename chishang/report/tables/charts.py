"""The tables that the page draws: issues by category, month and village, funds by subject, members by age."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Case, Count, DateField, OuterRef, Q, Subquery, Sum, When
from django.db.models.functions import TruncMonth

from chishang.core.figures import Question
from chishang.core.money import ZERO
from chishang.report.tables.base import Column, Kind, table
from finance.models import Budget, Voucher
from members.enums import BandKind
from members.models import MemberChange, StatisticBand
from organizations.models import Village
from visits.enums import IssueState
from visits.models import Issue, IssueEvent

Content = tuple[Iterable[Column], Iterable[tuple[Any, ...]]]


@table("issues.by_category", title="各类问题办理情况", note="单位：条。未解决的分为已上报、未上报但已解释和其余三种。")
def issues_by_category(question: Question) -> Content:
    """How many issues of each category were raised, and how they stood on the day."""
    day = question.as_of
    resolved, pending, escalated, explained = (
        Q(pk__in=rows.order_by().values("pk"))
        for rows in (
            Issue.objects.resolved_on_date(day),
            Issue.objects.pending_on(day),
            Issue.objects.pending_on(day).escalated_by(day),
            Issue.objects.explained_on(day),
        )
    )
    columns = (
        Column("类别", Kind.TEXT),
        Column("反映问题", figure="issues.raised"),
        Column("已解决", figure="issues.resolved"),
        Column("未解决", figure="issues.pending"),
        Column("其中已上报协调", figure="issues.escalated"),
        Column("其中未上报、已解释"),
        Column("其余未解决"),
    )
    rows = question.rows(Issue).raised_by(day).order_by("category__sort_no", "category__name").values("category__name")
    counted = rows.annotate(
        raised=Count("pk"),
        resolved=Count("pk", filter=resolved),
        pending=Count("pk", filter=pending),
        escalated=Count("pk", filter=escalated),
        explained=Count("pk", filter=explained & ~escalated),
        rest=Count("pk", filter=pending & ~escalated & ~explained),
    )
    names = ("category__name", "raised", "resolved", "pending", "escalated", "explained", "rest")
    return columns, counted.values_list(*names)


@table("issues.by_month", title="各月反映和解决的问题", note="单位：条。反映按走访日期，解决按最后一次办结的日期。")
def issues_by_month(question: Question) -> Content:
    """How many issues were raised and resolved in each month of the year, up to the day; older ones in one row."""
    day, start = question.as_of, question.year_start
    resolutions = IssueEvent.objects.filter(issue=OuterRef("pk"), occurred_on__lte=day, to_state=IssueState.RESOLVED)
    last = Subquery(resolutions.order_by("-occurred_on", "-pk").values("occurred_on")[:1], output_field=DateField())
    is_resolved = Q(pk__in=Issue.objects.resolved_on_date(day).order_by().values("pk"))
    issues = question.rows(Issue).raised_by(day).order_by()
    months = issues.annotate(
        raised=TruncMonth("raised_on"),
        resolved=TruncMonth(Case(When(is_resolved, then=last), output_field=DateField())),
    )
    sums: dict[int, list[int]] = {month: [0, 0] for month in range(day.month + 1)}
    for *reached, count in months.values_list("raised", "resolved").annotate(count=Count("pk")):
        for place, month in enumerate(reached):
            if month:
                sums[month.month if month >= start else 0][place] += count
    columns = (
        Column("月份", Kind.TEXT),
        Column("反映", figure="issues.raised"),
        Column("解决", figure="issues.resolved"),
    )
    before, *year = ((f"{month}月" if month else "以前年度", *numbers) for month, numbers in sums.items())
    return columns, [before, *year] if any(sums[0]) else year


@table("issues.villages_by_category", title="各村各类问题", note="单位：条。企业反映的问题计入所在村。")
def villages_by_category(question: Question) -> Content:
    """The number of issues raised in each village, by category."""
    village = "visit__household__village__"
    order = ("sort_no", "code", "name")
    found = question.rows(Issue).raised_by(question.as_of).order_by("category__sort_no", "category__name")
    found = found.values_list("category__name", *(f"{village}{name}" for name in order)).annotate(count=Count("pk"))
    villages = question.rows(Village).existing_on(question.as_of).values_list(*order)
    counts: dict[tuple[Any, ...], dict[str, int]] = {place: {} for place in villages}
    categories: dict[str, None] = {}
    for category, *place, count in found:
        categories[category] = None
        counts.setdefault(tuple(place), {})[category] = count
    columns = (
        Column("村", Kind.TEXT),
        *(Column(category) for category in categories),
        Column("合计", figure="issues.raised"),
    )
    rows = (
        (place[-1], *(row.get(category, 0) for category in categories), sum(row.values()))
        for place, row in sorted(counts.items())
    )
    return columns, rows


@table(
    "finance.by_subject",
    title="各科目经费拨付",
    note="单位：元。预算含截至日的调整；已拨付减去冲销的。",
)
def by_subject(question: Question) -> Content:
    """Planned, disbursed and left of each subject in the year of the day; None where there is no budget for it."""
    place = ("subject__sort_no", "subject__name")
    sums: dict[tuple[Any, ...], list[Any]] = defaultdict(lambda: [None, ZERO, None])
    budgets = question.rows(Budget).filter(year=question.as_of.year).planned_on(question.as_of)
    for *subject, planned, waiting in budgets.values_list(*place, "planned", "waiting"):
        sums[tuple(subject)][0] = (sums[tuple(subject)][0] or ZERO) + planned
        sums[tuple(subject)][2] = (sums[tuple(subject)][2] or ZERO) + waiting
    vouchers = question.rows(Voucher).filter(date__gte=question.year_start, date__lte=question.as_of).signed()
    paid = vouchers.order_by().values_list(*place).annotate(paid=Sum("effect"))
    for *subject, amount in paid:
        sums[tuple(subject)][1] += amount
    columns = (
        Column("经费科目", Kind.TEXT),
        Column("预算", Kind.YUAN),
        Column("已拨付", Kind.YUAN),
        Column("未拨付", Kind.YUAN),
    )
    return columns, ((subject[-1], *amounts) for subject, amounts in sorted(sums.items()))


@table("members.by_age", title="党员年龄结构", note="单位：人。年龄为截至日的周岁，分组见“统计分组”。")
def members_by_age(question: Question) -> Content:
    """The members on the register on the day, and those on probation, by band of age."""
    day, counted = question.as_of, question.rows(MemberChange).counted_on(question.as_of)
    on_probation = Q(pk__in=counted.on_probation(day).order_by().values("pk"))
    births = counted.order_by().values_list("member__born_on")
    births = births.annotate(people=Count("pk"), probationary=Count("pk", filter=on_probation))
    bands = list(question.rows(StatisticBand).filter(kind=BandKind.AGE).order_by("sort_no"))
    sums: dict[str, list[int]] = {band.name: [0, 0] for band in bands}
    for born_on, people, probationary in births:
        band = sums.setdefault(_band_of(born_on, day, bands), [0, 0])
        band[0] += people
        band[1] += probationary
    columns = (
        Column("年龄", Kind.TEXT),
        Column("党员", figure="members.total"),
        Column("其中预备党员", figure="members.probationary"),
    )
    return columns, ((name, *numbers) for name, numbers in sums.items())


def _band_of(born_on: date | None, day: date, bands: list[StatisticBand]) -> str:
    if born_on is None:
        return "出生日期不详"
    age = day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))
    fitting = (one.name for one in bands if (one.age_from or 0) <= age and (one.age_to is None or age <= one.age_to))
    return next(fitting, "不在分组内")
