"""X6 to X9: plans and payments, dividends and their lists, villages over the threshold."""

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef, Q, Sum

from chishang.core.money import ZERO, in_wan
from chishang.report.checks.base import Found, Unsaid, check
from finance.enums import SubjectLevel
from finance.figures import is_over
from finance.models import Beneficiary, Budget, CollectiveIncome, Dividend, SolarSettlement, Voucher
from finance.models.income import THRESHOLD
from organizations.models import Village

if TYPE_CHECKING:
    from chishang.report.report import Report

DIVIDEND, SOLAR = "专项扶贫资金分红", "光伏发电"
"""The sources of collective income that have a register of their own."""
LISTED = Q(beneficiaries__is_active=True)


@check("X6", "各村各科目：预算等于已拨付加未拨付", Budget, Voucher)
def plans_and_payments(report: "Report") -> Found:
    """510.00 = 448.60 + 61.40, and so for each village and subject; nothing is paid without a plan or above it."""
    question, day = report.question, report.as_of
    place = ("organization__name", "subject__name")
    budgets = question.rows(Budget).filter(year=day.year, subject__level=SubjectLevel.VILLAGE).planned_on(day)
    vouchers = question.rows(Voucher).filter(date__gte=question.year_start, date__lte=day).signed()
    paid = vouchers.filter(subject__level=SubjectLevel.VILLAGE).order_by().values_list(*place)
    sums: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO, ZERO])
    for unit, subject, *amounts in budgets.values_list(*place, "planned", "waiting"):
        sums[unit, subject][:2] = amounts
    for unit, subject, amount in paid.annotate(paid=Sum("effect")):
        sums[unit, subject][2] = amount
    wrong = [
        f"{unit} {subject}"
        for (unit, subject), (planned, waiting, spent) in sums.items()
        if planned != spent + waiting or waiting < 0
    ]
    planned, waiting, spent = (sum((amounts[place] for amounts in sums.values()), ZERO) for place in range(3))
    told = f"{in_wan(planned)} = {in_wan(spent)}（已拨付）＋{in_wan(waiting)}（未拨付）万元"
    return told, planned - spent - waiting or len(wrong), wrong


@check("X7", "分红总额等于村集体所得加受益户所得", Dividend, Beneficiary)
def parts_of_dividends(report: "Report") -> Found:
    """45.60 = 13.68 + 31.92; where the list has amounts, they are what is left for the households."""
    rows = _dividends(report).annotate(
        people=Count("beneficiaries__amount", filter=LISTED), listed=Sum("beneficiaries__amount", filter=LISTED)
    )
    names = ("scheme__village__name", "amount", "village_amount", "people", "listed")
    found = list(rows.values_list(*names))
    wrong = [name for name, whole, own, people, listed in found if people and own + listed != whole]
    whole = sum((row[1] for row in found), ZERO)
    own = sum((row[2] for row in found), ZERO)
    told = f"{in_wan(whole)} = {in_wan(own)}（村集体）＋{in_wan(whole - own)}（受益户）万元，{len(found)} 笔分红"
    return told, len(wrong), wrong


@check("X8", "受益人都在所列的户里，与申报的户数、人数相符", Dividend, Beneficiary)
def lists_of_dividends(report: "Report") -> Found:
    """1441 in 884; a list, once there, has as many households and persons as were declared."""
    rows = _dividends(report).annotate(
        people=Count("beneficiaries", filter=LISTED),
        homes=Count("beneficiaries__household_no", filter=LISTED, distinct=True),
    )
    found = list(rows.values_list("scheme__village__name", "persons", "households", "people", "homes"))
    wrong = [
        name
        for name, persons, households, people, homes in found
        if persons < households or (people and (people, homes) != (persons, households))
    ]
    persons, households = sum(row[1] for row in found), sum(row[2] for row in found)
    lists = sum(1 for row in found if row[3])
    told = f"{households} 户 {persons} 人；{len(found)} 笔分红中 {lists} 笔已录名单"
    return told, len(wrong), wrong


def _dividends(report: "Report") -> Any:
    return report.question.rows(Dividend).counted_by(report.as_of).order_by("scheme__village__sort_no", "pk")


@check("X9", "集体收入超3万元村与收入明细、分红、光伏登记一致", CollectiveIncome, Dividend, SolarSettlement, Village)
def villages_over_threshold(report: "Report") -> Found:
    """15 = 15, counted from the lines of the villages; dividends and solar income are the lines of their registers."""
    if not is_over(report.question):
        raise Unsaid("年度未结束，年末再核对。")
    figure, lines, gone = report.values["finance.income_over_30k_villages"], *_income_lines(report)
    counted = [name for name, kinds in lines.items() if sum(kinds.values()) > THRESHOLD]
    wrong = [name for name in counted if name in gone]
    solar = report.question.rows(SolarSettlement).received_by(report.as_of).order_by().values("plant__village__name")
    registers = {
        DIVIDEND: _dividends(report).values_list("scheme__village__name", "village_amount"),
        SOLAR: solar.annotate(total=Sum("amount")).values_list("plant__village__name", "total"),
    }
    over = len(counted) - len(wrong)
    for kind, rows in registers.items():
        wrong += _differing(kind, rows, lines)
    return f"登记 {figure} 个村，按收入明细 {over} 个村", figure - over or len(wrong), wrong


def _income_lines(report: "Report") -> tuple[dict[str, dict[str, Decimal]], set[str]]:
    """Return village → source → counted income of the year in yuan, and the villages that do not exist on the day."""
    lines: dict[str, dict[str, Decimal]] = defaultdict(dict)
    gone = set()
    counted = report.question.rows(CollectiveIncome).counted(report.as_of.year).order_by("village__sort_no", "pk")
    existing = Exists(Village.objects.existing_on(report.as_of).filter(pk=OuterRef("village")))
    rows = counted.annotate(existing=existing).values_list("village__name", "kind__name", "amount", "existing")
    for village, kind, amount, exists in rows:
        lines[village][kind] = amount
        if not exists:
            gone.add(village)
    return lines, gone


def _differing(kind: str, rows: Any, lines: dict[str, dict[str, Decimal]]) -> list[str]:
    """Return the villages whose line of ``kind`` is not what its register adds up to."""
    registered: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for village, amount in rows:
        registered[village] += amount
    villages = dict.fromkeys((*registered, *(name for name, kinds in lines.items() if kind in kinds)))
    return [f"{name} {kind}" for name in villages if registered.get(name, ZERO) != lines.get(name, {}).get(kind, ZERO)]
