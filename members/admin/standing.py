"""Changes of members, transfers, and the lists of the register."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from chishang.core.admin import RegisterAdmin, ShownOnly
from chishang.core.dates import in_words, today
from chishang.core.forms import show_errors
from members.admin.people_filters import TransferStateFilter
from members.admin.people_forms import EndForm
from members.admin.people_pages import RECEIVE, end_buttons
from members.enums import TransferState
from members.models import MemberChange, Occupation, StatisticBand, Transfer
from members.resources.people import (
    MemberChangeResource,
    OccupationResource,
    StatisticBandResource,
    TransferResource,
)
from members.services import may_receive, receive_transfer, return_transfer

SEARCHED = ["member__name", "member__pinyin"]
BY_NAME = "姓名，或拼音首字母"


@admin.register(Occupation)
class OccupationAdmin(RegisterAdmin):
    """Occupations."""

    resource_classes = [OccupationResource]
    list_display = ["name", "code", "sort_no"]
    search_fields = ["name", "code"]


@admin.register(StatisticBand)
class StatisticBandAdmin(RegisterAdmin):
    """Bands of the annual statistics."""

    resource_classes = [StatisticBandResource]
    list_display = ["name", "kind", "age_from", "age_to", "joined_from", "joined_to", "sort_no"]
    list_filter = ["kind"]
    search_fields = ["name"]


@admin.register(MemberChange)
class MemberChangeAdmin(ShownOnly, RegisterAdmin):
    """What happened to members, newest first."""

    resource_classes = [MemberChangeResource]
    list_display = ["occurred_on", "member", "kind", "branch", "to_standing", "other_side", "document", "withdrawn"]
    list_filter = [("kind", ChoicesDropdownFilter), "branch", ("occurred_on", RangeDateFilter)]
    list_select_related = ["member", "branch"]
    search_fields = [*SEARCHED, "document"]
    search_help_text = f"{BY_NAME}，或批准文号"
    date_hierarchy = "occurred_on"
    fields = [
        *("member", "kind", "from_standing", "to_standing", "branch", "occurred_on", "other_side"),
        *("document", "note", "actor", "recorded_at", "voided_at", "voided_by", "void_reason"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Name the other side as far as the account may see it."""
        return super().get_queryset(request).with_other_side(request.user)  # type: ignore[attr-defined,no-any-return]

    @display(description="去向或来源")
    def other_side(self, change: Any) -> str:
        """Return from where or to where."""
        return change.other_side or "—"

    @display(description="撤回")
    def withdrawn(self, change: Any) -> str:
        """Return whether it was withdrawn, and why."""
        return f"已撤回：{change.void_reason}" if change.voided_at else "—"


@admin.register(Transfer)
class TransferAdmin(ShownOnly, RegisterAdmin):
    """Transfers; the old branch answers for a member until the new one has received him."""

    resource_classes = [TransferResource]
    list_display = ["member", "from_branch", "to_where", "started_on", "valid_to", "state_label", "ended_on"]
    list_filter = [TransferStateFilter, "from_branch", "to_branch", ("started_on", RangeDateFilter)]
    list_select_related = ["member", "from_branch", "to_branch"]
    search_fields = [*SEARCHED, "letter_no", "destination"]
    search_help_text = f"{BY_NAME}，介绍信编号，或转往单位"
    date_hierarchy = "started_on"
    change_form_outer_before_template = "admin/members/transfer.html"
    fields = [
        *("member", "from_branch", "to_branch", "destination", "letter_no", "started_on", "valid_until"),
        *("dues_paid_to", "state", "ended_on", "note", "started_by", "ended_by"),
    ]

    def get_urls(self) -> list[URLPattern]:
        """Add the pages by which a transfer ends."""
        pages = {"receive": self.receive_view, "return": self.return_view}
        ends = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"members_transfer_{name}")
            for name, view in pages.items()
        ]
        return [*ends, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add what can be done now."""
        transfer, context = self.get_object(request, object_id), dict(extra_context or {})
        if transfer is not None and transfer.state == TransferState.IN_TRANSIT:
            user: Any = request.user
            context |= {"buttons": end_buttons(user, transfer), "late": _is_late(transfer)}
        return super().change_view(request, object_id, form_url, context)

    def receive_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Note that the member was received."""
        transfer = self._transfer(request, pk)
        user: Any = request.user
        if not may_receive(user, transfer):
            raise PermissionDenied
        form = EndForm(request.POST or None)
        del form.fields["note"]
        if form.is_valid():
            try:
                receive_transfer(actor=user, transfer=transfer, received_on=form.cleaned_data["occurred_on"])
            except ValidationError as error:
                show_errors(form, error, {"ended_on": "occurred_on"})
            else:
                return self._done(request, transfer, f"已接收：{transfer.member}。")
        return self._page(request, transfer, form, "接收" if transfer.to_branch else "登记对方已接收")

    def return_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End a transfer without effect."""
        transfer = self._transfer(request, pk)
        user: Any = request.user
        if not Transfer.objects.visible_to(user, RECEIVE).filter(pk=pk).exists():
            raise PermissionDenied
        form = EndForm(request.POST or None)
        if form.is_valid():
            day, note = form.cleaned_data["occurred_on"], form.cleaned_data["note"]
            try:
                return_transfer(actor=user, transfer=transfer, returned_on=day, note=note)
            except ValidationError as error:
                show_errors(form, error, {"ended_on": "occurred_on"})
            else:
                return self._done(request, transfer, f"已退回：{transfer.member}仍在{transfer.from_branch}。")
        return self._page(request, transfer, form, "退回")

    def _transfer(self, request: HttpRequest, pk: int) -> Transfer:
        rows = Transfer.objects.visible_to(request.user).select_related("member", "from_branch", "to_branch")
        transfer: Transfer | None = rows.filter(pk=pk).first()
        if transfer is None:
            raise Http404
        return transfer

    def _done(self, request: HttpRequest, transfer: Transfer, message: str) -> HttpResponse:
        messages.success(request, message)
        return redirect(reverse("admin:members_transfer_change", args=[transfer.pk]))

    def _page(self, request: HttpRequest, transfer: Transfer, form: Any, label: str) -> HttpResponse:
        over = transfer.state != TransferState.IN_TRANSIT
        context = {
            **self.admin_site.each_context(request),
            "title": f"{label}：{transfer.member}",
            "label": label,
            "opts": self.opts,
            "transfer": transfer,
            "form": form,
            "back": reverse("admin:members_transfer_change", args=[transfer.pk]),
            "closed": f"这次转接{transfer.get_state_display()}，不用再办。" if over else "",
        }
        return TemplateResponse(request, "admin/members/page.html", context)

    @display(description="转往")
    def to_where(self, transfer: Any) -> str:
        """Return the branch, or the organization beyond the town."""
        return str(transfer.to_branch or f"{transfer.destination}（镇外）")

    @display(description="有效期至", ordering="valid_until")
    def valid_to(self, transfer: Any) -> str:
        """Return until when the letter is valid; an overdue one in red, with the word."""
        words = in_words(transfer.valid_until)
        return format_html('<span class="chishang-late">{} 逾期</span>', words) if _is_late(transfer) else words

    @display(
        description="转接状态",
        ordering="state",
        label={TransferState.IN_TRANSIT.label: "warning", TransferState.RECEIVED.label: "success"},
    )
    def state_label(self, transfer: Any) -> str:
        """Return the state in words."""
        return str(transfer.get_state_display())


def _is_late(transfer: Any) -> bool:
    return bool(transfer.state == TransferState.IN_TRANSIT and transfer.valid_until < today())
