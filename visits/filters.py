"""Filters of visits, issues and households."""

from typing import Any

from django.db.models import Q
from django_filters import CharFilter, ChoiceFilter, FilterSet, MultipleChoiceFilter

from chishang.core.api.filters import IsoDateFilter, RowFilter, YesNoFilter
from organizations.models import Area, User, Village
from visits.enums import HouseholdKind, IssueState, Urgency
from visits.models import Campaign, Household, Issue, IssueCategory, Unit, Visit

SEARCH_LENGTH = 50
SHORT_NUMBER, WHOLE_PHONE = 4, 11


class HouseholdFilters(FilterSet):
    """By place, kind, and a search text."""

    village = RowFilter(Village, label="所在村的编号")
    area = RowFilter(Area, field_name="village__area", label="片区的编号")
    kind = ChoiceFilter(label="类型", choices=HouseholdKind.choices)
    q = CharFilter(method="search", max_length=SEARCH_LENGTH, label="按名称、拼音首字母、户编号末几位或完整手机号查找")

    class Meta:
        model = Household
        fields: tuple[str, ...] = ()

    def search(self, rows: Any, name: str, value: str) -> Any:
        """Search as the pages do, but not by part of a phone number: digit by digit that would undo its mask."""
        if value.isdigit() and SHORT_NUMBER < len(value) < WHOLE_PHONE:
            return rows.none()
        return rows.search(value)


class VisitFilters(FilterSet):
    """By place, household, campaign, visitor and date."""

    village = RowFilter(Village, field_name="household__village", label="所在村的编号")
    area = RowFilter(Area, field_name="household__village__area", label="片区的编号")
    household = RowFilter(Household, label="走访对象的编号")
    campaign = RowFilter(Campaign, label="走访活动的编号")
    visitor = RowFilter(User, label="走访人的编号")
    visited_after = IsoDateFilter(field_name="visited_on", lookup_expr="gte", label="走访日期从（含）")
    visited_before = IsoDateFilter(field_name="visited_on", lookup_expr="lte", label="走访日期到（含）")

    class Meta:
        model = Visit
        fields: tuple[str, ...] = ()


class IssueFilters(FilterSet):
    """By state, category, place, unit, dates, and a search text."""

    state = MultipleChoiceFilter(label="办理情况，可写多个", choices=IssueState.choices)
    category = RowFilter(IssueCategory, label="问题类别的编号")
    urgency = ChoiceFilter(label="紧急程度", choices=Urgency.choices)
    village = RowFilter(Village, field_name="visit__household__village", label="所在村的编号")
    area = RowFilter(Area, field_name="visit__household__village__area", label="片区的编号")
    household = RowFilter(Household, field_name="visit__household", label="走访对象的编号")
    visit = RowFilter(Visit, label="走访的编号")
    campaign = RowFilter(Campaign, field_name="visit__campaign", label="走访活动的编号")
    unit = RowFilter(Unit, label="承办单位的编号")
    raised_after = IsoDateFilter(field_name="raised_on", lookup_expr="gte", label="反映日期从（含）")
    raised_before = IsoDateFilter(field_name="raised_on", lookup_expr="lte", label="反映日期到（含）")
    due_before = IsoDateFilter(field_name="due_on", lookup_expr="lte", label="办理期限到（含）")
    resolved_after = IsoDateFilter(field_name="resolved_on", lookup_expr="gte", label="解决日期从（含）")
    resolved_before = IsoDateFilter(field_name="resolved_on", lookup_expr="lte", label="解决日期到（含）")
    overdue = YesNoFilter(method="filter_overdue", label="超过期限仍未解决")
    q = CharFilter(method="search", max_length=SEARCH_LENGTH, label="按问题内容或走访对象名称查找")

    class Meta:
        model = Issue
        fields: tuple[str, ...] = ()

    def filter_overdue(self, rows: Any, name: str, value: bool) -> Any:  # noqa: FBT001  called by the library
        """Return the overdue ones, or all others."""
        overdue = rows.overdue()
        return overdue if value else rows.exclude(pk__in=overdue.order_by().values("pk"))

    def search(self, rows: Any, name: str, value: str) -> Any:
        """Return those whose text or household contains ``value``."""
        return rows.filter(Q(description__icontains=value) | Q(visit__household__name__icontains=value))
