"""Lists, households and visits."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display

from chishang.core.admin import RegisterAdmin, ScopedTabularInline, ShownOnly
from organizations.models import User
from visits.models import Campaign, Household, Issue, IssueCategory, Unit, Visit
from visits.resources import (
    CampaignResource,
    HouseholdResource,
    IssueCategoryResource,
    UnitResource,
    VisitResource,
)
from visits.selectors import photos_of_visit


@admin.register(Campaign)
class CampaignAdmin(RegisterAdmin):
    """Campaigns."""

    resource_classes = [CampaignResource]
    list_display = ["name", "started_on", "ended_on"]
    search_fields = ["name"]


@admin.register(IssueCategory)
class IssueCategoryAdmin(RegisterAdmin):
    """Categories with their usual deadlines."""

    resource_classes = [IssueCategoryResource]
    list_display = ["name", "days", "urgent_days", "sort_no", "is_active"]
    search_fields = ["name"]


@admin.register(Unit)
class UnitAdmin(RegisterAdmin):
    """Units that handle issues."""

    resource_classes = [UnitResource]
    list_display = ["name", "level", "sort_no"]
    list_filter = ["level"]
    search_fields = ["name"]


class VisitInline(ShownOnly, ScopedTabularInline):
    """Visits of a household."""

    model = Visit
    fields = ["visited_on", "visitor", "companions", "content"]
    per_page = 20


@admin.register(Household)
class HouseholdAdmin(RegisterAdmin):
    """Households and enterprises, found by name, pinyin initials or number."""

    resource_classes = [HouseholdResource]
    list_display = ["name", "code", "kind", "village", "group", "persons", "phone"]
    list_filter = ["kind", "village__area", "village"]
    list_select_related = ["village"]
    search_fields = ["name"]
    search_help_text = "姓名、拼音首字母（如 zdq）、编号或电话"
    autocomplete_fields = ["village"]
    inlines = [VisitInline]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search as the secretary's page does."""
        return queryset.search(search_term), False  # type: ignore[attr-defined]


class IssueInline(ShownOnly, ScopedTabularInline):
    """Issues of a visit."""

    model = Issue
    fields = ["category", "description", "state", "unit", "due_on", "resolved_on"]


@admin.register(Visit)
class VisitAdmin(RegisterAdmin):
    """Visits: recorded on the visits' page or imported; here only the remark is changed."""

    resource_classes = [VisitResource]
    list_display = ["visited_on", "household", "village", "visitor", "issue_count", "source"]
    list_filter = [
        ("visited_on", RangeDateFilter),
        "campaign",
        "household__village__area",
        "household__village",
        "source",
    ]
    list_select_related = ["household__village", "visitor"]
    search_fields = ["household__name", "household__code", "household__pinyin", "visitor__name", "visitor__pinyin"]
    search_help_text = "户主、编号、走访人，或拼音首字母"
    date_hierarchy = "visited_on"
    change_form_outer_before_template = "admin/visits/visit_photos.html"
    inlines = [IssueInline]
    readonly_fields = [
        *("campaign", "household", "visited_on", "visitor", "companions", "content", "entered_by", "source"),
        "recorded_at",
    ]
    fields = [*readonly_fields, "remark"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count the issues in the same query."""
        return super().get_queryset(request).annotate(issues_here=Count("issues"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the photos that came with the visit."""
        visit, user = self.get_object(request, object_id), cast("User", request.user)
        context = {"photos": photos_of_visit(user, visit) if visit else None}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: visits are recorded on the visits' page, under an operation id."""
        return False

    @display(description="村", ordering="household__village__sort_no")
    def village(self, visit: Any) -> str:
        """Return the village."""
        return str(visit.household.village)

    @display(description="问题", ordering="issues_here")
    def issue_count(self, visit: Any) -> int:
        """Return how many issues were raised."""
        return int(visit.issues_here)
