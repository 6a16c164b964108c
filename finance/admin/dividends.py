"""Registers of schemes, dividends and their beneficiaries; on a dividend's page its list, the split, paying out."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display

from chishang.core.admin import RegisterAdmin
from chishang.core.admin.services import ServiceAdmin
from chishang.core.dates import in_words
from finance.admin.common import Summed, YearFilter
from finance.admin.dividends_forms import BeneficiaryForm, DividendForm, PayForm
from finance.models import Beneficiary, Dividend, DividendScheme
from finance.resources.dividends import BeneficiaryResource, DividendResource, DividendSchemeResource
from finance.selectors.dividends import list_of
from finance.services import pay_dividend, split_dividend
from finance.services.dividends import CHANGE


@admin.register(DividendScheme)
class DividendSchemeAdmin(RegisterAdmin):
    """Poverty funds in enterprises."""

    resource_classes = [DividendSchemeResource]
    list_display = ["village", "enterprise", "capital", "village_percent", "started_on", "ended_on"]
    list_display_links = ["village", "enterprise"]
    list_filter = ["village__area", "village", ("started_on", RangeDateFilter)]
    list_select_related = ["village"]
    search_fields = ["village__name", "enterprise", "contract_no"]
    search_help_text = "村、龙头企业、协议编号"
    autocomplete_fields = ["village"]
    fields = [
        *("village", "enterprise", "capital", "village_percent", "minimum_percent", "contract_no"),
        *("started_on", "ended_on"),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Name the village in the same query, where a scheme is chosen, too."""
        return super().get_queryset(request).select_related("village")


class PaidFilter(admin.SimpleListFilter):
    """Whether the dividend is paid out."""

    title = "是否发放"
    parameter_name = "paid"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer both."""
        return [("no", "未发放"), ("yes", "已发放")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep those paid out, or the others."""
        choice = self.value()
        return queryset.filter(paid_on__isnull=choice == "no") if choice in {"no", "yes"} else queryset


@admin.register(Dividend)
class DividendAdmin(Summed, ServiceAdmin):
    """Dividends by year and scheme."""

    form = DividendForm
    resource_classes = [DividendResource]
    list_display = [
        *("year", "village", "enterprise", "amount", "village_amount", "for_households", "households", "persons"),
        "payment",
    ]
    list_display_links = ["year", "village"]
    list_filter = [YearFilter, PaidFilter, "scheme__village__area", "scheme__village"]
    list_select_related = ["scheme__village"]
    search_fields = ["scheme__village__name", "scheme__enterprise"]
    search_help_text = "村、龙头企业"
    autocomplete_fields = ["scheme"]
    list_before_template = "admin/finance/dividend_sums.html"
    change_form_outer_before_template = "admin/finance/dividend_panel.html"
    fields = ["scheme", "year", "amount", "village_amount", "label", "households", "persons"]
    sums = {
        "amount": Sum("amount"),
        "village_amount": Sum("village_amount"),
        "household_amount": Sum(F("amount") - F("village_amount")),
        "households": Sum("households"),
        "persons": Sum("persons"),
    }

    def get_queryset(self, request: HttpRequest) -> Any:
        """Name scheme and village in the same query, where a dividend is chosen, too."""
        return super().get_queryset(request).select_related("scheme__village")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse for one that is paid out."""
        return super().has_change_permission(request, obj) and not getattr(obj, "paid_on", None)

    def get_urls(self) -> list[URLPattern]:
        """Add the two steps."""
        steps = {"split": self.split_view, "pay": self.pay_view}
        urls = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(require_POST(view)), name=f"finance_dividend_{name}")
            for name, view in steps.items()
        ]
        return [*urls, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list with its parts to those who may see it, and the step that is open."""
        dividend, context = self.get_object(request, object_id), dict(extra_context or {})
        if dividend is not None:
            may = self._may_step(request, dividend) and not dividend.paid_on
            context |= {"may_step": may, "pay_form": PayForm()}
            if self._sees_list(request, dividend):
                rows = Beneficiary.objects.visible_to(request.user).filter(dividend=dividend)
                context["people"] = list_of(dividend, rows)
                context["may_add"] = may and request.user.has_perm("finance.add_beneficiary")
        return super().change_view(request, object_id, form_url, context)

    def split_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Split a dividend over its list."""

        def step(dividend: Dividend) -> str:
            found = split_dividend(actor=request.user, dividend=dividend)
            count = f"{len(found.households)} 户 {len(found.people)} 人"
            return f"已分配：{count}，共 {found.amount:.2f} 元，与应分金额一致。"

        return self._take(request, pk, step)

    def pay_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Note that a dividend was paid out."""

        def step(dividend: Dividend) -> str:
            form = PayForm(request.POST)
            if not form.is_valid():
                raise ValidationError([text for texts in form.errors.values() for text in texts])
            paid = pay_dividend(actor=request.user, dividend=dividend, day=form.cleaned_data["day"])
            return f"已登记{in_words(paid.paid_on)}发放，金额和名单从此不能再改。"

        return self._take(request, pk, step)

    def _take(self, request: HttpRequest, pk: int, step: Callable[[Dividend], str]) -> HttpResponse:
        """Take a step with a visible dividend, tell how it went, and go back to its page."""
        dividend = self.get_queryset(request).filter(pk=pk).first()
        if dividend is None:
            raise Http404
        if not self._may_step(request, dividend):
            raise PermissionDenied
        try:
            messages.success(request, step(dividend))
        except ValidationError as error:
            messages.error(request, "；".join(error.messages))
        return redirect(reverse("admin:finance_dividend_change", args=[pk]))

    def _may_step(self, request: HttpRequest, dividend: Dividend) -> bool:
        return bool(Dividend.objects.visible_to(request.user, CHANGE).filter(pk=dividend.pk).exists())

    def _sees_list(self, request: HttpRequest, dividend: Dividend) -> bool:
        rows = Dividend.objects.visible_to(request.user, "finance.view_beneficiary")
        return bool(rows.filter(pk=dividend.pk).exists())

    @display(description="村", ordering="scheme__village__sort_no")
    def village(self, dividend: Any) -> str:
        """Return the village."""
        return str(dividend.scheme.village)

    @display(description="龙头企业", ordering="scheme__enterprise")
    def enterprise(self, dividend: Any) -> str:
        """Return the enterprise."""
        return str(dividend.scheme.enterprise)

    @display(description="受益户所得（元）")
    def for_households(self, dividend: Any) -> str:
        """Return what goes to the households."""
        return f"{dividend.household_amount:.2f}"

    @display(description="发放", ordering="paid_on")
    def payment(self, dividend: Any) -> str:
        """Return the day, or that it is not paid out yet."""
        return in_words(dividend.paid_on) if dividend.paid_on else "未发放"


class DividendYearFilter(YearFilter):
    """The years of the dividends."""

    column = "dividend__year"


@admin.register(Beneficiary)
class BeneficiaryAdmin(ServiceAdmin):
    """Who gets a dividend, person by person."""

    form = BeneficiaryForm
    resource_classes = [BeneficiaryResource]
    list_display = ["name", "household", "household_no", "village", "year", "amount", "is_active"]
    list_filter = [
        *(DividendYearFilter, "is_active", "dividend__scheme__village__area", "dividend__scheme__village"),
    ]
    list_select_related = ["dividend__scheme__village"]
    search_fields = ["name", "household", "dividend__scheme__village__name"]
    search_help_text = "姓名、户主、村"
    autocomplete_fields = ["dividend"]
    fields = ["dividend", "household_no", "household", "name", "is_active", "amount"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Name dividend and village in the same query."""
        return super().get_queryset(request).select_related("dividend__scheme__village")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse where the list is paid out."""
        dividend = getattr(obj, "dividend", None)
        return super().has_change_permission(request, obj) and not getattr(dividend, "paid_on", None)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Keep whose list it is; the part comes from the split."""
        return ["dividend", "amount"] if obj else ["amount"]

    @display(description="村", ordering="dividend__scheme__village__sort_no")
    def village(self, person: Any) -> str:
        """Return the village."""
        return str(person.dividend.scheme.village)

    @display(description="年度", ordering="dividend__year")
    def year(self, person: Any) -> str:
        """Return the year of the dividend."""
        return f"{person.dividend.year}年"
