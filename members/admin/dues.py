"""Registers of dues: brackets, standards, reductions, payments."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from chishang.core.admin import RegisterAdmin
from chishang.core.admin.services import ServiceAdmin
from chishang.core.dates import Precision, in_words
from members.admin.dues_forms import ExemptionForm, PaymentForm, ReversalForm, StandardForm
from members.admin.dues_pages import DuesPages
from members.models import DuesBracket, DuesExemption, DuesPayment, DuesStandard
from members.resources.dues import (
    DuesBracketResource,
    DuesExemptionResource,
    DuesPaymentResource,
    DuesStandardResource,
)
from members.selectors.dues import RECORD
from members.services import LARGE_EXTRA, is_large_extra


def _month(day: Any) -> str:
    return in_words(day, Precision.MONTH)


@admin.register(DuesBracket)
class DuesBracketAdmin(RegisterAdmin):
    """Brackets by payer; changed rates are new rows with their first day."""

    resource_classes = [DuesBracketResource]
    list_display = ["payer", "over", "up_to", "percent", "least", "most", "valid_from", "valid_until", "source"]
    list_filter = [("payer", ChoicesDropdownFilter)]


class OfMemberAdmin(ServiceAdmin):
    """Rows of members, stored by the services in their forms."""

    list_select_related = ["member__branch"]
    search_fields = ["member__name", "member__pinyin", "member__branch__name"]
    search_help_text = "姓名、拼音首字母、党支部"
    autocomplete_fields = ["member"]
    list_before_template = "admin/members/dues_links.html"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Keep whose row it is."""
        return ["member"] if obj else []

    @display(description="党支部", ordering="member__branch__sort_no")
    def branch(self, row: Any) -> str:
        """Return the branch where the member is."""
        return str(row.member.branch)


@admin.register(DuesStandard)
class DuesStandardAdmin(OfMemberAdmin):
    """What each member owes from which month on; a changed income is a new row."""

    form = StandardForm
    resource_classes = [DuesStandardResource]
    list_display = ["member", "branch", "payer", "base", "amount", "since"]
    list_filter = [("payer", ChoicesDropdownFilter), "member__branch"]
    fields = ["member", "payer", "base", "amount", "valid_from"]

    @display(description="从哪个月起", ordering="valid_from")
    def since(self, standard: Any) -> str:
        """Return the first month."""
        return _month(standard.valid_from)


@admin.register(DuesExemption)
class DuesExemptionAdmin(OfMemberAdmin):
    """Reductions and exemptions, with who decided."""

    form = ExemptionForm
    resource_classes = [DuesExemptionResource]
    list_display = ["member", "branch", "months", "amount", "decided_on", "decided_by"]
    list_filter = [("decided_on", RangeDateFilter), "member__branch"]
    fields = ["member", "from_month", "until_month", "amount", "decided_on", "decided_by", "reason"]

    @display(description="月份", ordering="from_month")
    def months(self, exemption: Any) -> str:
        """Return first and last month."""
        return f"{_month(exemption.from_month)}至{_month(exemption.until_month)}"


class PaymentKindFilter(admin.SimpleListFilter):
    """Dues of a month, voluntary extras, the large ones, reversals."""

    title = "种类"
    parameter_name = "payment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the kinds."""
        return [("month", "月度党费"), ("extra", "自愿多交"), ("large", "大额党费"), ("reversal", "冲销")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep one kind."""
        kinds = {
            "month": {"month__isnull": False, "reverses__isnull": True},
            "extra": {"month__isnull": True, "reverses__isnull": True},
            "large": {"month__isnull": True, "amount__gte": LARGE_EXTRA},
            "reversal": {"reverses__isnull": False},
        }
        return queryset.filter(**kinds.get(self.value() or "", {}))


STORED = ("note", "recorded_by", "recorded_at")
"""What a payment has when it is stored, and what nobody types on its form."""


@admin.register(DuesPayment)
class DuesPaymentAdmin(DuesPages, OfMemberAdmin):
    """Payments. A stored one is never changed; a wrong one is reversed."""

    form = PaymentForm
    resource_classes = [DuesPaymentResource]
    list_display = ["paid_on", "member", "branch", "for_month", "amount", "kind", "method", "receipt_no", "note"]
    list_display_links = ["paid_on", "member"]
    list_filter = [
        *(PaymentKindFilter, ("paid_on", RangeDateFilter), ("month", RangeDateFilter)),
        *(("method", ChoicesDropdownFilter), "member__branch"),
    ]
    list_select_related = ["member__branch", "reversed_by"]
    date_hierarchy = "paid_on"
    change_form_outer_before_template = "admin/members/dues_payment.html"
    fields = ["member", "month", "amount", "paid_on", "method", "receipt_no"]

    def get_urls(self) -> list[URLPattern]:
        """Add the pages."""
        return [*self.page_urls(), *super().get_urls()]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a wrong payment is reversed."""
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Show of a stored payment who recorded it."""
        return [*self.fields[:1], "for_month", *self.fields[2:], *STORED] if obj else list(self.fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Keep all of a stored payment."""
        return self.get_fields(request, obj) if obj else []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  Django's
        """Point out a large extra; the form has stored the payment."""
        if is_large_extra(obj):
            messages.warning(request, f"{obj.amount} 元是大额党费，要全额上交中央，并附上该党员的情况上报。")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Offer the reversal to those who may record."""
        payment, context = self.get_object(request, object_id), dict(extra_context or {})
        if payment is not None:
            reversal = DuesPayment.objects.visible_to(request.user).filter(reverses=payment).first()
            may = DuesPayment.objects.visible_to(request.user, RECORD).filter(pk=payment.pk).exists()
            context |= {"reversal": reversal, "is_large": is_large_extra(payment)}
            context["reversal_form"] = ReversalForm()
            context |= {"may_reverse": may and reversal is None and payment.reverses_id is None}
        return super().change_view(request, object_id, form_url, context)

    @display(description="所属月份", ordering="month")
    def for_month(self, payment: Any) -> str:
        """Return the month, or that it is an extra."""
        return _month(payment.month) if payment.month else "自愿多交"

    @display(description="种类", label={"大额党费": "warning", "冲销": "danger", "已冲销": "danger"})
    def kind(self, payment: Any) -> str:
        """Return what is special about it."""
        if payment.reverses_id:
            return "冲销"
        if hasattr(payment, "reversed_by"):
            return "已冲销"
        return "大额党费" if is_large_extra(payment) else "—"
