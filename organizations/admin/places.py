"""Organizations, villages, areas."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from chishang.core.admin import RegisterAdmin, ScopedTabularInline
from organizations.models import (
    Area,
    AreaProject,
    Organization,
    Village,
    VillageStatistic,
)
from organizations.resources import (
    AreaProjectResource,
    AreaResource,
    OrganizationResource,
    VillageResource,
    VillageStatisticResource,
)


@admin.register(Organization)
class OrganizationAdmin(RegisterAdmin):
    """Party organizations in the office's order."""

    resource_classes = [OrganizationResource]
    list_display = ["name", "code", "kind", "branch_type", "parent", "secretary_name", "term_ends_on", "dissolved_on"]
    list_filter = ["kind", "branch_type"]
    list_select_related = ["parent"]
    search_fields = ["name", "code", "secretary_name"]
    autocomplete_fields = ["parent"]
    date_hierarchy = "term_ends_on"
    fieldsets = [
        (None, {"fields": ["code", "name", "kind", "branch_type", "parent", "sort_no"]}),
        ("日期", {"fields": ["founded_on", "founded_precision", "term_ends_on", "dissolved_on"]}),
        ("班子", {"fields": ["has_committee", "party_groups"]}),
        ("联系", {"fields": ["secretary_name", "phone"]}),
    ]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Hang a new organization below one's own; a new root is for the whole township to make."""
        permission = "organizations.add_organization"
        scope = request.user.scope_for(permission)  # type: ignore[union-attr]  # signed in
        parents = Organization.objects.visible_to(request.user, permission)
        kwargs |= {"queryset": parents, "required": not scope.everything}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Keep the place in the tree, which decides who sees what, for those who look after the whole of it."""
        scope = request.user.scope_for("organizations.change_organization")  # type: ignore[union-attr]  # signed in
        return ["parent"] if obj and not scope.everything else []


class VillageStatisticInline(ScopedTabularInline):
    """Yearly statistics of a village."""

    model = VillageStatistic
    show_change_link = False


@admin.register(Village)
class VillageAdmin(RegisterAdmin):
    """Villages with their newest statistics."""

    resource_classes = [VillageResource, VillageStatisticResource]
    list_display = ["name", "code", "area", "branch", "on_poverty_list", "abolished_on"]
    list_filter = ["area", "on_poverty_list"]
    list_select_related = ["area", "branch"]
    search_fields = ["name", "code"]
    autocomplete_fields = ["area", "branch"]
    inlines = [VillageStatisticInline]


class AreaProjectInline(ScopedTabularInline):
    """Projects led by the area's leader."""

    model = AreaProject
    show_change_link = False


@admin.register(Area)
class AreaAdmin(RegisterAdmin):
    """Areas with the number of their villages."""

    resource_classes = [AreaResource, AreaProjectResource]
    list_display = ["name", "village_count", "sort_no", "abolished_on"]
    search_fields = ["name"]
    inlines = [AreaProjectInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count the villages in the same query."""
        return super().get_queryset(request).annotate(villages_here=Count("villages"))

    @display(description="村数", ordering="villages_here")
    def village_count(self, area: Any) -> int:
        """Return how many villages it has."""
        return int(area.villages_here)
