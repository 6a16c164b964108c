"""Register of collective income."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from chishang.core.admin import RegisterAdmin
from chishang.core.money import ZERO, in_wan
from finance.admin.common import Summed, YearFilter
from finance.models import CollectiveIncome, IncomeKind
from finance.models.income import THRESHOLD
from finance.resources.income import CollectiveIncomeResource

OVER = f"超过{in_wan(THRESHOLD).normalize()}万元"


class OverThresholdFilter(DropdownFilter):
    """The income of villages whose counted income of the year is over the threshold; as much as it is not over."""

    title = "全村合计"
    parameter_name = "over"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer one choice."""
        return [("yes", f"{OVER}（不含等于）")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows of those villages, each by its own year; all of a village counts, also what is hidden."""
        if self.value() != "yes":
            return queryset
        over = Q(pk__in=[])
        for year in queryset.order_by().values_list("year", flat=True).distinct():
            over |= Q(year=year, village__in=CollectiveIncome.objects.villages_over(THRESHOLD, year))
        return queryset.filter(over)


@admin.register(CollectiveIncome)
class CollectiveIncomeAdmin(Summed, RegisterAdmin):
    """Income by year, village and source; both totals are shown, with and without what does not count."""

    resource_classes = [CollectiveIncomeResource]
    list_display = ["year", "village", "kind", "amount", "counts", "village_total", "note"]
    list_display_links = ["year", "village"]
    list_filter = [YearFilter, OverThresholdFilter, "kind", "kind__counts_as_income", "village__area", "village"]
    list_select_related = ["village", "kind"]
    search_fields = ["village__name", "kind__name", "note"]
    search_help_text = "村、收入来源、说明"
    autocomplete_fields = ["village"]
    list_before_template = "admin/finance/income_sums.html"
    fields = ["year", "village", "kind", "amount", "note"]
    sums = {
        "amount": Sum("amount"),
        "counted": Sum("amount", filter=Q(kind__counts_as_income=True)),
        "villages": Count("village", distinct=True),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Work out what the village's counted income of the year adds up to, in the same query."""
        counted = CollectiveIncome.objects.filter(
            kind__counts_as_income=True, year=OuterRef("year"), village=OuterRef("village")
        )
        totals = counted.order_by().values("village").annotate(total=Sum("amount")).values("total")
        return super().get_queryset(request).annotate(counted_here=Subquery(totals))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer a new row the kinds in use."""
        if db_field.name == "kind" and self._write_verb(request) == "add":
            kwargs["queryset"] = IncomeKind.objects.visible_to(request.user).filter(is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @display(description="计入", ordering="kind__counts_as_income", boolean=True)
    def counts(self, income: Any) -> bool:
        """Say whether it counts as collective income."""
        return bool(income.kind.counts_as_income)

    @display(description="全村计入合计（元）", ordering="counted_here")
    def village_total(self, income: Any) -> str:
        """Return the village's total of the year, and whether it is over the threshold."""
        total = income.counted_here or ZERO
        return f"{total:.2f}（{OVER}）" if total > THRESHOLD else f"{total:.2f}"
