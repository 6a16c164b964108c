"""Registers of disbursement requests and vouchers: shown, never changed here."""

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter, RangeDateFilter
from unfold.decorators import display

from chishang.core.admin import RegisterAdmin, ShownOnly
from finance.admin.common import (
    MonthFilter,
    MonthOfCreation,
    Summed,
    WrittenOnce,
    YearFilter,
    YearOfCreation,
)
from finance.enums import DRAFT, RequestState, SealKind
from finance.models import Disbursement, Voucher
from finance.models.budgets import signed_amount
from finance.resources.ledger import DisbursementResource, VoucherResource
from finance.services.budgets import unit_name

PLACES = ["subject", "organization__village__area", "organization__village"]


class OfUnitAdmin(Summed, ShownOnly, RegisterAdmin):
    """Rows of a unit, to look at."""

    list_select_related = ["organization__village", "subject"]

    @display(description="村或镇本级", ordering="organization__sort_no")
    def unit(self, row: Any) -> str:
        """Return whose money it is."""
        return unit_name(row.organization)


@admin.register(Disbursement)
class DisbursementAdmin(OfUnitAdmin):
    """Requests by state. They are drafted, sealed and posted on their own page."""

    resource_classes = [DisbursementResource]
    list_display = ["created_at", "unit", "subject", "amount", "payee", "purpose", "state_label", "maker"]
    list_display_links = ["created_at", "unit"]
    list_filter = [("state", ChoicesDropdownFilter), YearOfCreation, MonthOfCreation, *PLACES]
    list_select_related = ["organization__village", "subject", "maker"]
    search_fields = ["payee", "purpose", "voucher__code", "maker__name", "maker__pinyin"]
    search_help_text = "收款人、用途、凭证号、经办人"
    list_before_template = "admin/finance/disbursement_sums.html"
    change_form_outer_before_template = "admin/finance/disbursement_panel.html"
    fields = [
        *("unit", "subject", "budget", "amount", "payee", "purpose", "decision", "attachments", "reverses"),
        *("maker", "state", "created_at", "submitted_at"),
    ]
    sums = {"amount": Sum(signed_amount())}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add the seals, the course, and the way to the request's own page."""
        row, context = self.get_object(request, object_id), dict(extra_context or {})
        if row is not None:
            seals = {seal.kind: seal for seal in row.seals.select_related("signer")}
            context["seals"] = [(kind.label, seals.get(kind)) for kind in SealKind]
            context["events"] = row.events.select_related("actor").order_by("pk")
            context |= {"voucher": getattr(row, "voucher", None), "page": reverse("finance:request", args=[row.pk])}
        return super().change_view(request, object_id, form_url, context)

    @display(
        description="状态",
        ordering="state",
        label={
            RequestState.DRAFT.label: "info",
            RequestState.SUBMITTED.label: "warning",
            RequestState.APPROVED.label: "warning",
            RequestState.POSTED.label: "success",
            RequestState.REJECTED.label: "danger",
            RequestState.WITHDRAWN.label: "danger",
        },
    )
    def state_label(self, row: Any) -> str:
        """Return the state in words."""
        return str(row.get_state_display())


class VoucherKindFilter(DropdownFilter):
    """Reversals, what was reversed, what came from the ledger."""

    title = "种类"
    parameter_name = "kind"
    KINDS: dict[str, dict[str, Any]] = {
        "reversal": {"reverses__isnull": False},
        "reversed": {"reversed_by__isnull": False},
        "imported": {"imported": True},
        "own": {"imported": False, "reverses__isnull": True},
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the kinds."""
        return [("own", "本系统拨付"), ("imported", "台账转入"), ("reversal", "冲销"), ("reversed", "已被冲销")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep one kind."""
        return queryset.filter(**self.KINDS.get(self.value() or "", {}))


@admin.register(Voucher)
class VoucherAdmin(WrittenOnce, OfUnitAdmin):
    """Posted vouchers. A wrong one is put right by a reversal, which needs two seals like every other."""

    resource_classes = [VoucherResource]
    list_display = ["code", "date", "unit", "subject", "effect_yuan", "payee", "summary", "kind"]
    list_filter = [YearFilter, MonthFilter, VoucherKindFilter, ("date", RangeDateFilter), *PLACES]
    list_select_related = ["organization__village", "subject", "reversed_by"]
    search_fields = ["code", "payee", "summary", "maker_name"]
    search_help_text = "凭证号、收款人、摘要、经办人"
    list_before_template = "admin/finance/voucher_sums.html"
    change_form_outer_before_template = "admin/finance/voucher_panel.html"
    fields = [
        *("code", "date", "unit", "subject", "budget", "amount", "payee", "summary"),
        *("maker_name", "checker_name", "approver_name", "posted_by", "posted_at", "imported"),
    ]
    sums = {"effect": Sum("effect")}
    made_by, made_at = "posted_by", "posted_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Give each its sign."""
        rows: Any = super().get_queryset(request)
        return rows.signed()  # type: ignore[no-any-return]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add the entries, what reverses what, and the ways to the request and to a reversal."""
        row, context = self.get_object(request, object_id), dict(extra_context or {})
        if row is not None:
            reversal = getattr(row, "reversed_by", None)
            context |= {"lines": row.lines.select_related("account"), "reversal": reversal}
            context["page"] = reverse("finance:request", args=[row.disbursement_id]) if row.disbursement_id else ""
            drafters = Voucher.objects.filter(pk=row.pk).visible_to(request.user, DRAFT)
            if reversal is None and row.reverses_id is None and drafters.exists():
                context["reverse_page"] = reverse("finance:reverse", args=[row.pk])
        return super().change_view(request, object_id, form_url, context)

    @display(description="金额（元）", ordering=F("effect"))
    def effect_yuan(self, voucher: Any) -> str:
        """Return the amount, negative for a reversal."""
        return f"{voucher.effect:.2f}"

    @display(description="种类", label={"冲销": "danger", "已冲销": "danger", "台账转入": "info"})
    def kind(self, voucher: Any) -> str:
        """Return what is special about it."""
        if voucher.reverses_id:
            return "冲销"
        if hasattr(voucher, "reversed_by"):
            return "已冲销"
        return "台账转入" if voucher.imported else "—"
