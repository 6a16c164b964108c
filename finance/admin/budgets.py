"""Registers of budgets, their adjustments and assessments."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from chishang.core.admin.services import ServiceAdmin
from finance.admin.budgets_forms import AdjustmentForm, AssessmentForm, BudgetForm
from finance.admin.common import ShownInline, Summed, WrittenOnce, YearFilter, link_to
from finance.models import Assessment, Budget, BudgetAdjustment, Disbursement, Voucher
from finance.resources.budgets import AssessmentResource, BudgetAdjustmentResource, BudgetResource
from finance.services.budgets import ADJUST, ASSESS, unit_name

BALANCE = ("planned", "paid", "reserved", "withheld", "free", "waiting")


class AdjustmentInline(ShownInline):
    """What changed the plan."""

    model = BudgetAdjustment
    fields = ["decided_on", "amount", "decided_by", "reason"]


class AssessmentInline(ShownInline):
    """What the assessments released."""

    model = Assessment
    fields = ["assessed_on", "result", "released", "decided_by"]


class VoucherInline(ShownInline):
    """The vouchers behind what is paid; a reversal lessens it."""

    model = Voucher
    fields = ["date", "code_link", "amount", "payee", "summary", "reverses"]
    ordering = ["-date", "-number"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Name what a reversal reverses in the same query."""
        return super().get_queryset(request).select_related("reverses")

    @display(description="凭证号")
    def code_link(self, voucher: Any) -> str:
        """Return the number, as the way to the voucher."""
        return link_to(voucher, voucher.code)


class DisbursementInline(ShownInline):
    """The requests behind what is asked for."""

    model = Disbursement
    fields = ["created_at", "amount", "payee", "purpose_link", "state", "maker"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Name the maker in the same query."""
        return super().get_queryset(request).select_related("maker")

    @display(description="用途")
    def purpose_link(self, request: Any) -> str:
        """Return the purpose, as the way to the request."""
        return link_to(request, request.purpose)


def _money(name: str, title: str) -> Any:
    @display(description=title, ordering=name)
    def column(admin: Any, budget: Any) -> str:
        return f"{getattr(budget, name):.2f}"

    return column


@admin.register(Budget)
class BudgetAdmin(Summed, ServiceAdmin):
    """Budgets, and how each stands: plan = paid + waiting; waiting = asked for + withheld + free."""

    form = BudgetForm
    resource_classes = [BudgetResource]
    list_display = ["year", "unit", "subject", *(f"{name}_yuan" for name in BALANCE)]
    list_display_links = ["year", "unit"]
    list_filter = [
        *(YearFilter, "subject", ("subject__level", ChoicesDropdownFilter)),
        *("organization__village__area", "organization__village"),
    ]
    search_fields = ["organization__village__name", "organization__name", "subject__name", "year"]
    search_help_text = "村、经费科目、年度"
    list_before_template = "admin/finance/budget_sums.html"
    change_form_outer_before_template = "admin/finance/budget_panel.html"
    fields = ["year", "organization", "subject", "amount", "held", "source"]
    sums = {name: Sum(name) for name in BALANCE}

    planned_yuan = _money("planned", "预算（含调整）")
    paid_yuan = _money("paid", "已拨付")
    reserved_yuan = _money("reserved", "已申请")
    withheld_yuan = _money("withheld", "待考核")
    free_yuan = _money("free", "可用")
    waiting_yuan = _money("waiting", "未拨付合计")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the budgets with what they name and how they stand."""
        rows: Any = super().get_queryset(request).select_related("organization__village", "subject")
        return rows.with_balance()  # type: ignore[no-any-return]

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        """Show beside a stored budget the rows behind its sums."""
        return [AdjustmentInline, AssessmentInline, DisbursementInline, VoucherInline] if obj else []

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Name the unit of a stored budget as the office does."""
        return ["year", "unit", "subject", "amount", "held", "source"] if obj else list(self.fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Keep whose budget it is: vouchers refer to it."""
        return ["year", "unit", "subject"] if obj else []

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer villages and the town, and subjects in use."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "organization":
            units = field.queryset.filter(Q(village__isnull=False) | Q(parent__isnull=True))
            field.queryset = units.select_related("village")
        if db_field.name == "subject":
            field.queryset = field.queryset.filter(is_active=True)
        return field

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Offer to adjust and to assess to those who may."""
        context = dict(extra_context or {})
        if object_id.isascii() and object_id.isdecimal():
            rows = Budget.objects.filter(pk=object_id)
            for name, permission in (("may_adjust", ADJUST), ("may_assess", ASSESS)):
                context[name] = rows.visible_to(request.user, permission).exists()
        return super().change_view(request, object_id, form_url, context)

    @display(description="村或镇本级", ordering="organization__sort_no")
    def unit(self, budget: Any) -> str:
        """Return whose money it is."""
        return unit_name(budget.organization)


class OfBudgetAdmin(WrittenOnce, ServiceAdmin):
    """Rows of a budget, written once: a wrong one is put right by another."""

    list_select_related = ["budget__organization__village", "budget__subject", "recorded_by"]
    search_fields = ["budget__organization__village__name", "budget__subject__name", "decided_by"]
    search_help_text = "村、经费科目、批准单位"
    autocomplete_fields = ["budget"]
    made_by, made_at = "recorded_by", "recorded_at"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Show of a stored row who recorded it."""
        return [*self.fields, self.made_by, self.made_at] if obj else list(self.fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Keep all of a stored row."""
        return self.get_fields(request, obj) if obj else []

    @display(description="年度", ordering="budget__year")
    def year(self, row: Any) -> str:
        """Return the budget's year."""
        return f"{row.budget.year}年"

    @display(description="村或镇本级", ordering="budget__organization__sort_no")
    def unit(self, row: Any) -> str:
        """Return whose money it is."""
        return unit_name(row.budget.organization)

    @display(description="经费科目", ordering="budget__subject__sort_no")
    def subject(self, row: Any) -> str:
        """Return the budget's subject."""
        return str(row.budget.subject)


class BudgetYearFilter(YearFilter):
    """The years of the budgets that the rows belong to."""

    column = "budget__year"


PLACES = ["budget__subject", "budget__organization__village__area", "budget__organization__village"]


@admin.register(BudgetAdjustment)
class BudgetAdjustmentAdmin(OfBudgetAdmin):
    """What was added to budgets or taken from them."""

    form = AdjustmentForm
    resource_classes = [BudgetAdjustmentResource]
    list_display = ["decided_on", "year", "unit", "subject", "amount", "decided_by", "reason", "recorded_by"]
    list_display_links = ["decided_on", "unit"]
    list_filter = [BudgetYearFilter, ("decided_on", RangeDateFilter), *PLACES]
    fields = ["budget", "amount", "decided_on", "decided_by", "reason"]


@admin.register(Assessment)
class AssessmentAdmin(OfBudgetAdmin):
    """Results of the villages' assessments, and what they released."""

    form = AssessmentForm
    resource_classes = [AssessmentResource]
    list_display = ["assessed_on", "year", "unit", "subject", "result", "released", "decided_by", "recorded_by"]
    list_display_links = ["assessed_on", "unit"]
    list_filter = [BudgetYearFilter, ("assessed_on", RangeDateFilter), *PLACES]
    fields = ["budget", "assessed_on", "result", "released", "decided_by", "note"]
