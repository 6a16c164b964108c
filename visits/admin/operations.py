"""What phones and forms sent: the register, held ones first."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Case, Count, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import display

from chishang.core.admin import RegisterAdmin, ShownHere
from organizations.models import User
from visits.admin.common import VillageFilter, village_of
from visits.admin.decisions import DecisionPages
from visits.admin.exported import ExportedPages
from visits.admin.photos import photo
from visits.enums import OperationState
from visits.models import Operation
from visits.selectors import photos_named, subjects_of


@admin.register(Operation)
class OperationAdmin(DecisionPages, ExportedPages, ShownHere, RegisterAdmin):
    """Whatever was sent is kept here; what could not be taken in waits for the office's decision.

    Nothing is taken out from here: what was taken in goes out with the visits.
    """

    list_display = ["state_label", "kind", "subject", "village", "user", "received", "photo_count", "why"]
    list_display_links = ["state_label", "subject"]
    list_filter = [
        *(("state", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter), VillageFilter, "user"),
        ("received_at", RangeDateTimeFilter),
    ]
    list_select_related = ["user", "organization__village"]
    list_before_template = "admin/visits/operation_links.html"
    search_fields = [
        *("user__name", "user__pinyin", "visit__household__name", "visit__household__code", "payload__icontains"),
    ]
    search_help_text = "提交人、户主、户编号，或内容里的文字"
    change_form_outer_before_template = "admin/visits/operation_panel.html"
    fieldsets = [
        (
            "登记信息",
            {
                "fields": [
                    *("op_id", "organization", "device", "made_at", "received_at", "visit", "issue"),
                    *("payload_sha256", "receipt"),
                ],
                "classes": ["collapse"],
            },
        )
    ]

    def get_ordering(self, request: HttpRequest) -> Any:
        """Put the held ones first, then the newest."""
        return [Case(When(state=OperationState.HELD, then=Value(0)), default=Value(1)), "-received_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count the photos in the same query."""
        return super().get_queryset(request).annotate(photos_here=Count("photos"))

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Name what each listed operation is about, with a constant number of queries."""
        changelist = super().get_changelist_instance(request)
        subjects = subjects_of(cast("User", request.user), changelist.result_list)
        for operation in changelist.result_list:
            operation.subject_text = subjects[operation.pk]
        return changelist

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Offer the import of an exported file to those who decide."""
        return super().changelist_view(request, {"may_import_exported": self.may_import_exported(request)})

    def get_urls(self) -> list[URLPattern]:
        """Add the decisions, the import, the photos."""
        photos = path("photos/<int:pk>/", self.admin_site.admin_view(photo), name="visits_operation_photo")
        return [*self.decision_urls(), *self.exported_urls(), photos, *super().get_urls()]

    @display(
        description="结果",
        ordering="state",
        label={
            OperationState.APPLIED.label: "success",
            OperationState.HELD.label: "danger",
            OperationState.DISMISSED.label: "info",
        },
    )
    def state_label(self, operation: Any) -> str:
        """Return what became of it."""
        return str(operation.get_state_display())

    @display(description="户或问题")
    def subject(self, operation: Any) -> str:
        """Return what it is about."""
        return str(operation.subject_text)

    @display(description="村", ordering="organization__village__sort_no")
    def village(self, operation: Any) -> str:
        """Return the village."""
        return village_of(operation)

    @display(description="收到时间", ordering="received_at")
    def received(self, operation: Any) -> str:
        """Return when it came."""
        return date_format(timezone.localtime(operation.received_at), "SHORT_DATETIME_FORMAT")

    @display(description="照片")
    def photo_count(self, operation: Any) -> str:
        """Return how many of its photos are here; in red while some are missing."""
        named = photos_named(operation)
        text = f"{operation.photos_here}/{named} 张" if named else "—"
        if operation.photos_here < named:
            return format_html('<span class="chishang-late">{}</span>', text)
        return text

    @display(description="原因或意见")
    def why(self, operation: Any) -> str:
        """Return why it is held, or what was decided."""
        return operation.reason if operation.state == OperationState.HELD else operation.decision or "—"
