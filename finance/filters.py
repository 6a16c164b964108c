"""Filters of the API: budgets, requests, the ledger, income, dividends, solar plants, statements."""

from typing import Any

from django import forms
from django_filters import ChoiceFilter, FilterSet, MultipleChoiceFilter, NumberFilter

from chishang.core.api.filters import IsoDateFilter, RowFilter, YesNoFilter
from finance.enums import AccountCategory, Basis, RequestState, StatementState, SubjectLevel
from finance.models import (
    Account,
    Budget,
    CollectiveIncome,
    Disbursement,
    Dividend,
    DividendScheme,
    IncomeKind,
    SolarPlant,
    SolarSettlement,
    Statement,
    Subject,
    Voucher,
)
from organizations.models import Organization, Village

FIRST_YEAR, LAST_YEAR, QUARTERS = 1949, 2100, 4


class WholeNumberFilter(NumberFilter):
    """Compares with a whole number."""

    field_class = forms.IntegerField


def _year(column: str = "year", label: str = "年度") -> WholeNumberFilter:
    return WholeNumberFilter(field_name=column, label=label, min_value=FIRST_YEAR, max_value=LAST_YEAR)


class UnitFilters(FilterSet):
    """What belongs to a unit: a village by its branch, or the town."""

    village = RowFilter(Village, field_name="organization__village", label="行政村的编号")
    organization = RowFilter(Organization, label="村党支部或镇本级的编号")
    subject = RowFilter(Subject, label="经费科目的编号")


class AccountFilters(FilterSet):
    """By class."""

    category = ChoiceFilter(label="类别", choices=AccountCategory.choices)

    class Meta:
        model = Account
        fields: tuple[str, ...] = ()


class SubjectFilters(FilterSet):
    """By whose money it is, and whether it is in use."""

    level = ChoiceFilter(label="层级", choices=SubjectLevel.choices)
    is_active = YesNoFilter(label="使用中")

    class Meta:
        model = Subject
        fields: tuple[str, ...] = ()


class IncomeKindFilters(FilterSet):
    """By whether they count as collective income, and are in use."""

    counts_as_income = YesNoFilter(label="计入集体收入")
    is_active = YesNoFilter(label="使用中")

    class Meta:
        model = IncomeKind
        fields: tuple[str, ...] = ()


class BudgetFilters(UnitFilters):
    """By year, unit and subject."""

    year = _year()

    class Meta:
        model = Budget
        fields: tuple[str, ...] = ()


class DisbursementFilters(UnitFilters):
    """By budget, unit, subject, state, and the days of draft and voucher."""

    budget = RowFilter(Budget, label="预算的编号")
    year = _year("budget__year", "预算年度")
    state = MultipleChoiceFilter(label="状态，可写多个", choices=RequestState.choices)
    reversal = YesNoFilter(method="filter_reversal", label="冲销申请")
    created_after = IsoDateFilter(field_name="created_at", lookup_expr="date__gte", label="起草日期从（含）")
    created_before = IsoDateFilter(field_name="created_at", lookup_expr="date__lte", label="起草日期到（含）")

    class Meta:
        model = Disbursement
        fields: tuple[str, ...] = ()

    def filter_reversal(self, rows: Any, name: str, value: bool) -> Any:  # noqa: FBT001  called by the library
        """Return those that take a voucher back, or all others."""
        return rows.filter(reverses__isnull=not value)


class VoucherFilters(UnitFilters):
    """By year, unit, subject, budget and date."""

    year = _year()
    budget = RowFilter(Budget, label="预算的编号")
    reversal = YesNoFilter(method="filter_reversal", label="冲销凭证")
    imported = YesNoFilter(label="台账转入")
    date_after = IsoDateFilter(field_name="date", lookup_expr="gte", label="日期从（含）")
    date_before = IsoDateFilter(field_name="date", lookup_expr="lte", label="日期到（含）")

    class Meta:
        model = Voucher
        fields: tuple[str, ...] = ()

    def filter_reversal(self, rows: Any, name: str, value: bool) -> Any:  # noqa: FBT001  called by the library
        """Return those that take another back, or all others."""
        return rows.filter(reverses__isnull=not value)


class CollectiveIncomeFilters(FilterSet):
    """By year, village and source."""

    year = _year()
    village = RowFilter(Village, label="行政村的编号")
    kind = RowFilter(IncomeKind, label="收入来源的编号")
    counts_as_income = YesNoFilter(field_name="kind__counts_as_income", label="计入集体收入")

    class Meta:
        model = CollectiveIncome
        fields: tuple[str, ...] = ()


class DividendSchemeFilters(FilterSet):
    """By village."""

    village = RowFilter(Village, label="行政村的编号")

    class Meta:
        model = DividendScheme
        fields: tuple[str, ...] = ()


class DividendFilters(FilterSet):
    """By year, village, scheme, and whether it is paid out."""

    year = _year()
    village = RowFilter(Village, field_name="scheme__village", label="行政村的编号")
    scheme = RowFilter(DividendScheme, label="入股分红协议的编号")
    paid = YesNoFilter(method="filter_paid", label="已发放")

    class Meta:
        model = Dividend
        fields: tuple[str, ...] = ()

    def filter_paid(self, rows: Any, name: str, value: bool) -> Any:  # noqa: FBT001  called by the library
        """Return those paid out, or all others."""
        return rows.filter(paid_on__isnull=not value)


class SolarPlantFilters(FilterSet):
    """By village."""

    village = RowFilter(Village, label="行政村的编号")

    class Meta:
        model = SolarPlant
        fields: tuple[str, ...] = ()


class SolarSettlementFilters(FilterSet):
    """By plant, village, basis, and the end of the period."""

    plant = RowFilter(SolarPlant, label="光伏电站的编号")
    village = RowFilter(Village, field_name="plant__village", label="行政村的编号")
    basis = ChoiceFilter(label="依据", choices=Basis.choices)
    ended_after = IsoDateFilter(field_name="ended_on", lookup_expr="gte", label="结算截止日期从（含）")
    ended_before = IsoDateFilter(field_name="ended_on", lookup_expr="lte", label="结算截止日期到（含）")

    class Meta:
        model = SolarSettlement
        fields: tuple[str, ...] = ()


class StatementFilters(FilterSet):
    """By year, quarter, village and state."""

    year = _year()
    quarter = WholeNumberFilter(label="季度", min_value=1, max_value=QUARTERS)
    village = RowFilter(Village, label="行政村的编号")
    state = MultipleChoiceFilter(label="状态，可写多个", choices=StatementState.choices)

    class Meta:
        model = Statement
        fields: tuple[str, ...] = ()
