"""X1, X2, X10: branches by type, a Party organization for each village, each village in one area."""

from typing import TYPE_CHECKING

from chishang.report.checks.base import Found, check
from organizations.enums import BranchType
from organizations.models import Area, Organization, Village

if TYPE_CHECKING:
    from chishang.report.report import Report


@check("X1", "各类党支部之和等于全部党支部", Organization)
def branches_by_type(report: "Report") -> Found:
    """2 + 4 + 17 + 44 = 67."""
    parts = [report.values[f"org.branches.{kind}"] for kind in BranchType.values]
    whole = report.values["org.branches"]
    branches = report.question.rows(Organization).existing_on(report.as_of).branches()
    others = branches.exclude(branch_type__in=BranchType.values)
    names = others.values_list("name", flat=True) if sum(parts) != whole else ()
    return f"{'＋'.join(map(str, parts))} = {whole}", whole - sum(parts), names


@check("X2", "每个行政村都有党组织", Village, Organization)
def villages_have_a_branch(report: "Report") -> Found:
    """44 = 44."""
    day, whole = report.as_of, report.values["org.villages"]
    villages = report.question.rows(Village).existing_on(day)
    without = list(villages.exclude(branch__in=Organization.objects.existing_on(day)).values_list("name", flat=True))
    return f"{whole} 个行政村，{whole - len(without)} 个有党组织", len(without), without


@check("X10", "每个行政村属于一个片区", Village, Area)
def villages_in_an_area(report: "Report") -> Found:
    """44 in 10."""
    day, whole, areas = report.as_of, report.values["org.villages"], report.values["org.areas"]
    villages = report.question.rows(Village).existing_on(day)
    outside = list(villages.exclude(area__in=Area.objects.existing_on(day)).values_list("name", flat=True))
    return f"{whole} 个行政村中 {whole - len(outside)} 个属于 {areas} 个片区", len(outside), outside
