"""Filters of organizations, places, elections and directives."""

from typing import Any

from django_filters import ChoiceFilter, FilterSet

from chishang.core.api.filters import IsoDateFilter, RowFilter, YesNoFilter
from organizations.enums import BranchType, ElectionBody, ForecastLevel, OrganizationKind
from organizations.models import (
    Area,
    Directive,
    DirectiveReceipt,
    Election,
    ElectionForecast,
    ElectionTerm,
    Organization,
    Village,
)


class OrganizationFilters(FilterSet):
    """By kind, type of branch, and the organization above."""

    kind = ChoiceFilter(label="类别", choices=OrganizationKind.choices)
    branch_type = ChoiceFilter(label="支部类型", choices=BranchType.choices)
    parent = RowFilter(Organization, label="上级党组织的编号")

    class Meta:
        model = Organization
        fields: tuple[str, ...] = ()


class VillageFilters(FilterSet):
    """By area."""

    area = RowFilter(Area, label="片区的编号")

    class Meta:
        model = Village
        fields: tuple[str, ...] = ()


class ElectionFilters(FilterSet):
    """By term, village, body, and whether it is done."""

    term = RowFilter(ElectionTerm, label="换届的编号")
    village = RowFilter(Village, label="行政村的编号")
    body = ChoiceFilter(label="选举对象", choices=ElectionBody.choices)
    completed = YesNoFilter(method="filter_completed", label="已完成")
    completed_after = IsoDateFilter(field_name="completed_on", lookup_expr="gte", label="完成日期从（含）")
    completed_before = IsoDateFilter(field_name="completed_on", lookup_expr="lte", label="完成日期到（含）")

    class Meta:
        model = Election
        fields: tuple[str, ...] = ()

    def filter_completed(self, rows: Any, name: str, value: bool) -> Any:  # noqa: FBT001  called by the library
        """Return those that are done, or all others."""
        return rows.filter(completed_on__isnull=not value)


class ElectionForecastFilters(FilterSet):
    """By term, village and level."""

    term = RowFilter(ElectionTerm, label="换届的编号")
    village = RowFilter(Village, label="行政村的编号")
    level = ChoiceFilter(label="预判等级", choices=ForecastLevel.choices)

    class Meta:
        model = ElectionForecast
        fields: tuple[str, ...] = ()


class DirectiveFilters(FilterSet):
    """By the day of issue."""

    issued_after = IsoDateFilter(field_name="issued_on", lookup_expr="gte", label="印发日期从（含）")
    issued_before = IsoDateFilter(field_name="issued_on", lookup_expr="lte", label="印发日期到（含）")

    class Meta:
        model = Directive
        fields: tuple[str, ...] = ()


class DirectiveReceiptFilters(FilterSet):
    """By document, branch, and whether it is signed."""

    directive = RowFilter(Directive, label="文件的编号")
    organization = RowFilter(Organization, label="接收党支部的编号")
    unsigned = YesNoFilter(method="filter_unsigned", label="尚未签收")

    class Meta:
        model = DirectiveReceipt
        fields: tuple[str, ...] = ()

    def filter_unsigned(self, rows: Any, name: str, value: bool) -> Any:  # noqa: FBT001  called by the library
        """Return those that nobody has signed yet, or all others."""
        return rows.filter(signed_on__isnull=value)
