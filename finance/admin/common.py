"""What the registers of village money share: rows to look at only, filters by year and month, sums above a list."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from unfold.contrib.filters.admin import DropdownFilter

from chishang.core.admin import RegisterAdmin, ScopedTabularInline, ShownOnly
from chishang.core.admin.history import Change

MONTHS = 12


class WrittenOnce(RegisterAdmin):
    """Rows that the database never lets change: all of their history is who made them, and when."""

    made_by: str
    made_at: str
    """The columns that say so."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the one entry."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        who = getattr(row, self.made_by)
        context = {
            **self.admin_site.each_context(request),
            "title": f"历史：{row}",
            "opts": self.opts,
            "original": row,
            "changes": [Change(getattr(row, self.made_at), who.name if who else "台账导入", "新增", [])],
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.object_history_template, context)


class ShownInline(ShownOnly, ScopedTabularInline):
    """Rows of a related register to look at."""

    per_page = 20
    hide_title = True


class YearFilter(DropdownFilter):
    """The years that the account sees rows of."""

    title = "年度"
    parameter_name = "in_year"
    column = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the years, the newest first."""
        rows = model_admin.model.objects.visible_to(request.user).order_by(f"-{self.column}")
        return [(str(year), f"{year}年") for year in rows.values_list(self.column, flat=True).distinct()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep one year; what is no year keeps all."""
        chosen = self.value() or ""
        return queryset.filter(**{self.column: chosen}) if chosen in dict(self.lookup_choices) else queryset


class YearOfCreation(YearFilter):
    """The years in which requests were drafted."""

    column = "created_at__year"


class MonthFilter(DropdownFilter):
    """A month of the year."""

    title = "月份"
    parameter_name = "in_month"
    column = "date__month"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the twelve months."""
        return [(str(month), f"{month}月") for month in range(1, MONTHS + 1)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep one month; what is no month keeps all."""
        chosen = self.value() or ""
        return queryset.filter(**{self.column: chosen}) if chosen in dict(self.lookup_choices) else queryset


class MonthOfCreation(MonthFilter):
    """The month in which a request was drafted."""

    column = "created_at__month"


class Summed:
    """Adds the sums of the filtered list, on all its pages, to what the list shows."""

    sums: dict[str, Any]
    """Aggregates in yuan, by their name in the template."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list with the sums above it."""
        response: HttpResponse = super().changelist_view(request, extra_context)  # type: ignore[misc]
        context = getattr(response, "context_data", None) or {}
        if "cl" in context:
            # Under names that no column of the rows has.
            totals = {f"total_{name}": sum_of for name, sum_of in self.sums.items()}
            found = context["cl"].queryset.order_by().aggregate(**totals)
            context["sums"] = {name: found[f"total_{name}"] for name in self.sums}
        return response


def link_to(row: Any, text: str) -> str:
    """Return a link to the row's page in its register."""
    address = reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[row.pk])
    return format_html('<a class="chishang-link" href="{}">{}</a>', address, text)
