"""The tables that the office keeps as ledgers: one row a village or branch, with what figures count of it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from chishang.core.dates import PartialDate, Precision
from chishang.core.figures import Question, find_figure
from chishang.core.money import ZERO
from chishang.report.tables.base import Column, Kind, table
from finance.enums import SubjectCode
from finance.figures import is_over
from finance.models import Budget, CollectiveIncome, Dividend, IncomeKind, SolarPlant
from members.enums import HonourLevel, TalentKind
from members.models import Honour, Meeting, MeetingKind
from organizations.enums import BranchType, DutyCode, ElectionBody
from organizations.models import Appointment, Election, ElectionTerm, Organization, Village
from visits.models import Household

Content = tuple[Iterable[Column], Iterable[tuple[Any, ...]]]
Measures = dict[Column, Any]
"""Column → what stands in it, as an expression of a query of villages, branches or plants."""


UNKNOWN = Value(None, output_field=IntegerField())


def _sum(rows: QuerySet[Any], place: str, total: str = "", nothing: Any = 0) -> Any:
    """Return the number of the ``rows`` that lead by ``place`` to the outer row, or the sum of their ``total``.

    Null when whoever asks may see no such rows at all, as with figures: that is not the same as having none.
    """
    if rows.query.is_empty():
        return UNKNOWN
    here = rows.filter(**{place: OuterRef("pk")}).order_by().values(place)
    return Coalesce(Subquery(here.annotate(sum=Sum(total) if total else Count("pk")).values("sum")), Value(nothing))


def _figure(key: str, place: str, question: Question, **narrowed: Any) -> Any:
    """Return the part of the figure ``key`` that its rows have at the outer row; null where it does not exist yet."""
    figure = find_figure(key)
    if figure is None:
        raise KeyError(key)
    if not figure.exists(question):
        return UNKNOWN
    return _sum(figure.rows(question).filter(**narrowed), place, figure.total, figure.nothing)


def _counts(question: Question, place: str, **titles: str) -> Measures:
    """Return a column for each figure whose rows lead to the outer row by ``place``: ``issues__raised="反映问题"``."""
    found = {key.replace("__", "."): title for key, title in titles.items()}
    return {Column(title, figure=key): _figure(key, place, question) for key, title in found.items()}


def _rows(places: Any, still_there: Any, names: dict[Column, str], measures: Measures) -> Content:
    """Return a row a place. One that no longer exists stays while anything of it counts: so sums equal figures."""
    aliases = {f"measure_{number}": value for number, value in enumerate(measures.values())}
    found = places.annotate(still_there=Exists(still_there.filter(pk=OuterRef("pk"))), **aliases)
    rows = found.values_list("still_there", *names.values(), *aliases)
    start = 1 + len(names)
    kept = (row[1:] for row in rows if row[0] or any(row[start:]))
    return (*names, *measures), kept


def _villages(question: Question, measures: Measures) -> Content:
    names = {Column("片区", Kind.TEXT): "area__name", Column("村", Kind.TEXT): "name"}
    existing = Village.objects.existing_on(question.as_of)
    return _rows(question.rows(Village).order_by("sort_no", "code"), existing, names, measures)


@table(
    "org.branches_list",
    title="基层党支部一览",
    note="单位：个、人。书记为截至日任职登记中的支部书记，没有登记的留空；党员按截至日在册计。",
)
def branches_list(question: Question) -> Content:
    """The branches that exist on the day, with village, secretary and members."""
    secretary = question.rows(Appointment).in_force(question.as_of).filter(duty__code=DutyCode.BRANCH_SECRETARY)
    latest = secretary.filter(organization=OuterRef("pk")).order_by("-started_on", "-pk").values("user__name")[:1]
    names = {
        Column("编码", Kind.TEXT): "code",
        Column("党支部", Kind.TEXT): "name",
        Column("类别", Kind.TEXT): "type_name",
        Column("所在村", Kind.TEXT): "village__name",
        Column("书记", Kind.TEXT): "secretary",
    }
    measures = _counts(question, "branch", members__total="党员", members__probationary="其中预备党员")
    labels = [When(branch_type=code, then=Value(label)) for code, label in BranchType.choices]
    branches = question.rows(Organization).order_by("sort_no", "code")
    branches = branches.annotate(type_name=Case(*labels, default=Value("")), secretary=Subquery(latest))
    existing = Organization.objects.existing_on(question.as_of).branches()
    return _rows(branches, existing, names, measures)


@table(
    "visits.by_village",
    title="各村走访情况",
    note="单位：户、次、条。登记户数为现在登记的农户和企业；其余截至日累计，企业计入所在村。",
)
def visits_by_village(question: Question) -> Content:
    """Whom one visited in each village, and what became of what they raised."""
    household, issue = "household__village", "visit__household__village"
    return _villages(
        question,
        {Column("登记户数"): _sum(question.rows(Household), "village")}
        | _counts(question, "village", visits__households="走访户数")
        | _counts(question, household, visits__count="走访次数")
        | _counts(question, issue, issues__raised="反映问题", issues__resolved="已解决", issues__pending="未解决")
        | _counts(question, issue, issues__escalated="其中已上报协调"),
    )


@table(
    "finance.by_village",
    title="村级经费",
    note="单位：元。当年预算含截至日的调整；已拨付为截至日已入账的，冲销的减去；待拨付为预算减去已拨付。",
)
def funds_by_village(question: Question) -> Content:
    """Budget, disbursed and remaining of the two subjects of villages."""
    paid, left = "finance.village_disbursed", "finance.village_undisbursed"
    measures: Measures = {}
    for subject, name in ((SubjectCode.OPERATION, "运转经费"), (SubjectCode.SECRETARY_PAY, "书记报酬")):
        budgets = question.rows(Budget).filter(year=question.as_of.year, subject__code=subject)
        branch = "organization__village"
        measures |= {
            Column(f"{name}预算", Kind.YUAN): _sum(budgets.planned_on(question.as_of), branch, "planned", ZERO),
            Column(f"{name}已拨付", Kind.YUAN): _figure(paid, branch, question, subject__code=subject),
            Column(f"{name}待拨付", Kind.YUAN): _figure(left, branch, question, subject__code=subject),
        }
    totals = {
        Column("两项已拨付", Kind.YUAN, paid): _figure(paid, "organization__village", question),
        Column("两项待拨付", Kind.YUAN, left): _figure(left, "organization__village", question),
    }
    return _villages(question, measures | totals)


@table(
    "finance.dividends",
    title="扶贫分红",
    note="单位：户、人、元。当年分红，按年度登记，从年末起计；只列有分红的村。",
)
def dividends_by_village(question: Question) -> Content:
    """What the villages' poverty funds paid in the year, and to how many."""
    place, dividends = "scheme__village", question.rows(Dividend).counted_by(question.as_of)
    amount = "finance.dividend_amount"
    columns, rows = _villages(
        question,
        _counts(question, place, finance__dividend_households="受益户数", finance__dividend_persons="受益人口")
        | {
            Column("分红总额", Kind.YUAN, amount): _figure(amount, place, question),
            Column("其中村集体", Kind.YUAN): _sum(dividends, place, "village_amount", ZERO),
            Column("其中贫困户", Kind.YUAN): _sum(
                dividends.annotate(rest=F("amount") - F("village_amount")), place, "rest", ZERO
            ),
        },
    )
    return columns, (row for row in rows if any(row[2:]))


@table(
    "finance.income",
    title="村集体收入",
    note="单位：元、个。按年度登记，年度结束前为空。超过3万元只算计入集体收入的来源。",
)
def income_by_village(question: Question) -> Content:
    """The year's collective income of each village by source."""
    incomes = question.rows(CollectiveIncome).filter(year=question.as_of.year)
    if not is_over(question):
        incomes = incomes.none()
    kinds = question.rows(IncomeKind).filter(incomes__year=question.as_of.year).distinct().order_by("sort_no", "pk")
    measures: Measures = {
        Column(kind.name, Kind.YUAN): _sum(incomes.filter(kind=kind), "village", "amount", ZERO) for kind in kinds
    }
    counted = incomes.counted(question.as_of.year)
    over = "finance.income_over_30k_villages"
    measures |= {
        Column("合计", Kind.YUAN): _sum(incomes, "village", "amount", ZERO),
        Column("计入集体收入", Kind.YUAN): _sum(counted, "village", "amount", ZERO),
        Column("超过3万元（是为1）", figure=over): _figure(over, "pk", question),
    }
    return _villages(question, measures)


@table("finance.solar", title="光伏收益", note="单位：元。当年截至日的净收益，预计的不算；从结算期最后一天起计。")
def solar_by_plant(question: Question) -> Content:
    """The solar plants and what they earned in the year."""
    names = {
        Column("村", Kind.TEXT): "village__name",
        Column("电站", Kind.TEXT): "name",
        Column("并网日期", Kind.DATE): "on_grid_on",
    }
    income = "finance.solar_income"
    measures = {Column("当年净收益", Kind.YUAN, income): _figure(income, "plant", question)}
    plants = question.rows(SolarPlant).order_by("village__sort_no", "village__code", "name")
    return _rows(plants, SolarPlant.objects.exclude(on_grid_on__gt=question.as_of), names, measures)


@table(
    "members.by_branch",
    title="组织生活和培训",
    note="单位：次、人、人次。当年截至日。一次活动同时是两种类型的，两栏各计一次，“活动合计”只计一次。",
)
def party_life_by_branch(question: Question) -> Content:
    """Meetings by kind, and who was trained, of each branch and of what else held meetings."""
    meetings = question.rows(Meeting).within_period(question.year_start, question.as_of)
    kinds = question.rows(MeetingKind).filter(is_active=True).order_by("sort_no", "name")
    measures: Measures = {Column("活动合计"): _sum(meetings, "organization")}
    measures |= {
        Column(kind.name): _sum(meetings.filter(Q(kind=kind) | Q(also_kind=kind)), "organization") for kind in kinds
    }
    measures |= _counts(question, "organization", elections__meetings="换届会议")
    measures |= _counts(
        question, "branch", members__trained="参加轮训党员", training__outbound_attendances="外出学习人次"
    )
    names = {Column("编码", Kind.TEXT): "code", Column("党组织", Kind.TEXT): "name"}
    existing = Organization.objects.existing_on(question.as_of).branches()
    return _rows(question.rows(Organization).order_by("sort_no", "code"), existing, names, measures)


@table(
    "elections.by_village",
    title="村“两委”换届",
    note="单位：个。最近一次换届，截至日已完成的选举；预判只计是否已做。",
)
def elections_by_village(question: Question) -> Content:
    """The two elections of each village in the newest round: when, and who was elected."""
    term = ElectionTerm.objects.filter(year__lte=question.as_of.year).order_by("-year", "-pk").values("pk")[:1]
    done = question.rows(Election).completed_by(question.as_of).filter(village=OuterRef("pk"), term__in=term)
    measures: Measures = {}
    for body, name, post in (
        (ElectionBody.BRANCH, "村党支部", "书记"),
        (ElectionBody.COMMITTEE, "村委会", "主任"),
    ):
        of_body = done.filter(body=body)
        measures |= {
            Column(f"{name}完成日期", Kind.DATE): Subquery(of_body.values("completed_on")[:1]),
            Column(f"当选{post}", Kind.TEXT): Subquery(of_body.values("elected_name")[:1]),
        }
    both = _counts(question, "pk", elections__assessed="已做选情预判", elections__completed="两项都完成")
    return _villages(question, measures | both)


@table("talent.by_village", title="各村人才和荣誉", note="单位：人、项。截至日登记的人才，截至日授予且未撤销的荣誉。")
def talent_by_village(question: Question) -> Content:
    """How many talents and honours each village has."""
    people = _counts(question, "village", talent__young_returnees=TalentKind.YOUNG_RETURNEE.label)
    people |= _counts(question, "village", talent__outstanding_cadres=TalentKind.OUTSTANDING_CADRE.label)
    return _villages(question, people | _counts(question, "talent__village", talent__honours="荣誉"))


@table("talent.honours_list", title="荣誉名册", note="截至日授予且未撤销的荣誉称号。")
def honours_list(question: Question) -> Content:
    """The honours held on the day."""
    columns = [Column(title, Kind.TEXT) for title in ("村", "姓名", "荣誉称号", "级别", "授予单位")]
    place = "talent__village__"
    honours = question.rows(Honour).held_on(question.as_of)
    found = honours.order_by(f"{place}sort_no", f"{place}code", "talent__name", "granted_on", "pk").values_list(
        f"{place}name", "talent__name", "title", "level", "granted_by", "granted_on", "granted_precision"
    )
    rows = (
        (*texts, HonourLevel(level).label, by, _known(day, precision)) for *texts, level, by, day, precision in found
    )
    return (*columns, Column("授予日期", Kind.DATE)), rows


def _known(day: date, precision: str) -> date | str:
    """Return the day, or as text what is known of it."""
    return day if precision == Precision.DAY else PartialDate(day, Precision(precision)).text
