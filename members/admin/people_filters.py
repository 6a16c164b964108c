"""Filters of the register of members, in the words of the office."""

from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter

from chishang.core.dates import add_months, today
from members.enums import BandKind, MemberKind, Standing
from members.models import StatisticBand

ONE_CLICK = {
    "probation": "预备期30天内到期（含已过期）",
    "fifty": "光荣在党50年（至今年7月1日）",
    "hardship": "困难党员",
    "floating": "流动党员",
    "lost": "失联党员",
}
"""The lists that the office needs in one click, by the value of the parameter ``list``."""
LIST_PARAMETER = "list"


class OneClickFilter(DropdownFilter):
    """The lists above the register, which are filters, too."""

    title = "名单"
    parameter_name = LIST_PARAMETER

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the lists."""
        return list(ONE_CLICK.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep who is on the list."""
        rows: Any = queryset
        lists = {
            "probation": rows.probation_ending,
            "fifty": rows.fifty_years,
            "hardship": rows.in_hardship,
            "floating": rows.floating,
            "lost": rows.lost,
        }
        chosen = lists.get(self.value() or "")
        return chosen() if chosen else rows


class StandingFilter(DropdownFilter):
    """Those who are members today, unless one asks for others."""

    title = "党籍状态"
    parameter_name = "standing"
    all_option = ("", "现有党员")
    EVERYBODY = "all"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer everybody, and those who are no members now."""
        others = [(standing.value, str(standing.label)) for standing in Standing if standing != Standing.NORMAL]
        return [(self.EVERYBODY, "全部（含已离开的）"), *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the members of today, or what was asked for."""
        if self.value() == self.EVERYBODY:
            return queryset
        return queryset.filter(standing=self.value() or Standing.NORMAL)


class KindFilter(DropdownFilter):
    """Full members, and those on probation."""

    title = "人员类别"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer both."""
        return [(kind.value, str(kind.label)) for kind in MemberKind]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the kind."""
        rows: Any = queryset
        if self.value() == MemberKind.FULL:
            return rows.full()  # type: ignore[no-any-return]
        return rows.probationary() if self.value() == MemberKind.PROBATIONARY else rows


class BandFilter(DropdownFilter):
    """Bands of the statistics, which are rows."""

    kind: BandKind

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the bands of this kind."""
        rows = StatisticBand.objects.visible_to(request.user).filter(kind=self.kind)
        self.bands = {str(band.pk): band for band in rows}
        return [(key, band.name) for key, band in self.bands.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep who is in the band."""
        band = self.bands.get(self.value() or "")
        return queryset.filter(in_band(band, today())) if band else queryset


class AgeBandFilter(BandFilter):
    """By completed years of life."""

    title = "年龄段"
    parameter_name = "age_band"
    kind = BandKind.AGE


class JoinedBandFilter(BandFilter):
    """By the day of joining."""

    title = "入党时间段"
    parameter_name = "joined_band"
    kind = BandKind.JOINED


def in_band(band: Any, day: date) -> Q:
    """Return the condition for members in a band of the statistics on ``day``; bounds are inclusive."""
    if band.kind == BandKind.JOINED:
        bounds = {"joined_on__gte": band.joined_from, "joined_on__lte": band.joined_to}
    else:
        oldest = band.age_to is not None and add_months(day, -12 * (band.age_to + 1))
        youngest = band.age_from is not None and add_months(day, -12 * band.age_from)
        bounds = {"born_on__gt": oldest or None, "born_on__lte": youngest or None}
    condition = Q(born_on__isnull=False) if band.kind == BandKind.AGE else Q()
    return condition & Q(**{name: bound for name, bound in bounds.items() if bound is not None})


class TransferStateFilter(admin.SimpleListFilter):
    """Transfers on their way, and those whose letter is no longer valid."""

    title = "转接情况"
    parameter_name = "transit"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer both."""
        return [("open", "在途"), ("overdue", "逾期（介绍信已过有效期）")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep them."""
        rows: Any = queryset
        if self.value() == "open":
            return rows.in_transit()  # type: ignore[no-any-return]
        return rows.overdue() if self.value() == "overdue" else rows
