"""Phones on which visits are recorded: what each still holds, and whether all it sent has come."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from chishang.core.admin import RegisterAdmin, ShownHere
from chishang.core.admin.history import Change
from visits.admin.common import VillageFilter, village_of
from visits.admin.lost_phones import WriteOffPage
from visits.models import Device
from visits.models.operations import SILENT_FOR


class HoldingFilter(DropdownFilter):
    """Phones with records waiting."""

    title = "待上报"
    parameter_name = "holding"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer those with records, of them the silent ones, and those that were given up."""
        return [("waiting", "有待上报"), ("silent", "有待上报，且一天没有联系"), ("lost", "已丢失，不再计")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep them."""
        waiting = queryset.counted().filter(waiting__gt=0)
        if self.value() == "waiting":
            return waiting
        if self.value() == "silent":
            return waiting.filter(last_contact_at__lt=timezone.now() - SILENT_FOR)
        if self.value() == "lost":
            return queryset.exclude(pk__in=queryset.counted().order_by().values("pk"))
        return queryset


@admin.register(Device)
class DeviceAdmin(WriteOffPage, ShownHere, RegisterAdmin):
    """Phones, as each last told of itself."""

    list_display = ["user", "village", "contact", "waiting_label", "oldest_waiting_at", "balance"]
    list_filter = [HoldingFilter, VillageFilter, "user"]
    list_select_related = ["user", "organization__village"]
    search_fields = ["user__name", "user__pinyin", "device_id"]
    search_help_text = "使用人，或拼音首字母"
    fields = [
        *("user", "organization", "device_id", "first_contact_at", "last_contact_at", "waiting"),
        *("oldest_waiting_at", "balance", "written_off_at", "written_off_by", "written_off_reason"),
    ]
    change_form_outer_before_template = "admin/visits/phone_panel.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the step."""
        return [*self.write_off_urls(), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Offer to give the phone up, where it is waited for."""
        phone = self.get_object(request, object_id)
        context = {"may_write_off": phone is not None and self.may_write_off(request, phone)}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count what came from it in the same query."""
        return super().get_queryset(request).annotate(received=Count("operations"))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Tell when it first reached the portal and was given up: what it says of itself leaves no trace."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        phone = self.get_object(request, object_id)
        if phone is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": f"历史：{phone}",
            "opts": self.opts,
            "original": phone,
            "changes": [*_given_up(phone), Change(phone.first_contact_at, phone.user.name, "首次联系", [])],
        }
        return TemplateResponse(request, self.object_history_template, context)

    @display(description="村", ordering="organization__village__sort_no")
    def village(self, phone: Any) -> str:
        """Return the village."""
        return village_of(phone)

    @display(description="最近联系", ordering="last_contact_at")
    def contact(self, phone: Any) -> str:
        """Return when it last reached the portal; in red when records wait on it and it is silent."""
        text = date_format(timezone.localtime(phone.last_contact_at), "SHORT_DATETIME_FORMAT")
        if phone.is_silent:
            return format_html('<span class="chishang-late">{} 一天没有联系</span>', text)
        return text

    @display(description="待上报", ordering="waiting")
    def waiting_label(self, phone: Any) -> str:
        """Return how many records wait."""
        text = f"{phone.waiting} 条" if phone.waiting else "没有"
        return f"{text}（手机已丢失，不再计）" if phone.is_written_off else text

    @display(description="手机说已发，门户已收")
    def balance(self, phone: Any) -> str:
        """Return both numbers; in red when fewer came than were sent."""
        text = f"手机说已发 {phone.sent_total} 条，门户已收 {phone.received} 条"
        if phone.received < phone.sent_total:
            return format_html('<span class="chishang-late">{}，请让这部手机再联网一次</span>', text)
        return text


def _given_up(phone: Any) -> list[Change]:
    if phone.written_off_at is None:
        return []
    why = phone._meta.get_field("written_off_reason").verbose_name
    return [Change(phone.written_off_at, phone.written_off_by.name, "不再计", [(why, "", phone.written_off_reason)])]
