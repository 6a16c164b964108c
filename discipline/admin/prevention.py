"""Registers of what is done so that there are no cases: lists of duties, lessons, inspections, lists of powers."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from chishang.core.admin import ScopedTabularInline
from chishang.core.admin.filters import YearOfDate
from chishang.core.dates import in_words, today
from chishang.core.forms import show_errors
from discipline.admin.common import ConfidentialAdmin
from discipline.models import (
    InspectionFinding,
    IntegrityEvent,
    PowerItem,
    PowerList,
    ResponsibilityItem,
    ResponsibilityList,
    StyleInspection,
)
from discipline.resources.prevention import (
    InspectionFindingResource,
    IntegrityEventResource,
    PowerItemResource,
    PowerListResource,
    ResponsibilityItemResource,
    ResponsibilityListResource,
    StyleInspectionResource,
)
from discipline.selectors.education import lessons_by_quarter
from discipline.services import prevention
from organizations.models import Village


class CheckedForm(forms.ModelForm):
    """A form that holds its row to the rules of a service (``check``), which sheets are held to as well."""

    check: Callable[[Any], None]

    def _post_clean(self) -> None:
        """Check the row, once the form has filled it in."""
        super()._post_clean()  # type: ignore[misc]  # Django's hook, which its stubs leave out
        if not self.errors:
            try:
                self.check(self.instance)
            except ValidationError as error:
                show_errors(self, error)


def checked(check: Callable[[Any], None]) -> type[CheckedForm]:
    """Return a form with the check."""
    return type("CheckedForm", (CheckedForm,), {"check": staticmethod(check)})


class PreventionAdmin(ConfidentialAdmin):
    """A register with rows of the town as a whole: only a duty for the whole town may leave the place open."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Ask for the place of whoever looks after a part of the town."""
        if db_field.name == "organization":
            scope = request.user.scope_for(self._permission(self._write_verb(request)))  # type: ignore[union-attr]
            kwargs["required"] = not scope.everything
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ConditionFilter(admin.SimpleListFilter):
    """Rows that stand in some way today: ``conditions`` gives code → (label, function that returns the condition)."""

    conditions: dict[str, tuple[str, Callable[[], Q]]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer them."""
        return [(code, label) for code, (label, _) in self.conditions.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the chosen ones; what is no choice keeps all."""
        _, condition = self.conditions.get(self.value() or "", ("", None))
        return queryset.filter(condition()) if condition else queryset


def standing_of(item: ResponsibilityItem) -> str:
    """Return how an item stands today, in words."""
    if item.done_on:
        late = (item.done_on - item.due_on).days
        return f"已完成，晚 {late} 天" if late > 0 else "已完成"
    days = (today() - item.due_on).days
    return f"逾期 {days} 天" if days > 0 else "未到期"


class ItemInline(ScopedTabularInline):
    """The items of a list."""

    model = ResponsibilityItem
    form = checked(prevention.check_item)
    fields = ["number", "content", "owner", "due_on", "done_on", "evidence", "standing"]
    readonly_fields = ["standing"]
    per_page = 50

    @display(description="进展")
    def standing(self, row: ResponsibilityItem) -> str:
        """Return how it stands; nothing for one not stored yet."""
        return standing_of(row) if row.pk else ""


class IssuedYearFilter(YearOfDate):
    """The years in which lists were issued."""

    column = "issued_on"


class ListStateFilter(ConditionFilter):
    """How far the lists are."""

    title = "完成情况"
    parameter_name = "state"
    conditions = {
        "overdue": ("有逾期事项", lambda: Q(overdue__gt=0)),
        "open": ("有未完成事项", lambda: Q(total__gt=F("done"))),
        "done": ("全部完成", lambda: Q(total__gt=0, total=F("done"))),
        "empty": ("还没有登记事项", lambda: Q(total=0)),
    }


def _open_by(day: Any) -> Q:
    return Q(items__due_on__lt=day, items__done_on__isnull=True)


@admin.register(ResponsibilityList)
class ResponsibilityListAdmin(PreventionAdmin):
    """Who answers for what, with how far it is."""

    form = checked(prevention.check_list)
    resource_classes = [ResponsibilityListResource, ResponsibilityItemResource]
    list_display = ["kind", "bearer", "issued_on", "document_no", "progress", "late"]
    list_filter = [IssuedYearFilter, ListStateFilter, ("kind", ChoicesDropdownFilter)]
    search_fields = ["bearer", "document_no", "items__content", "items__owner"]
    search_help_text = "责任主体、文号、责任事项、责任人"
    fields = ["kind", "bearer", "issued_on", "document_no", "organization"]
    inlines = [ItemInline]
    change_form_outer_before_template = "admin/discipline/prevention_owners.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count the items in the same query."""
        counts = {
            "total": Count("items"),
            "done": Count("items", filter=Q(items__done_on__isnull=False)),
            "overdue": Count("items", filter=_open_by(today())),
        }
        return super().get_queryset(request).annotate(**counts).order_by(*self.opts.ordering)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show how far each owner is."""
        items = ResponsibilityItem.objects.visible_to(request.user).filter(responsibility_list=object_id)
        owners = (
            items.order_by("owner")
            .values("owner")
            .annotate(
                total=Count("pk"),
                done=Count("pk", filter=Q(done_on__isnull=False)),
                overdue=Count("pk", filter=Q(due_on__lt=today(), done_on__isnull=True)),
            )
            if object_id.isdecimal()
            else []
        )
        return super().change_view(request, object_id, form_url, {"owners": owners, **(extra_context or {})})

    @display(description="完成/事项", ordering="done")
    def progress(self, row: Any) -> str:
        """Return done and all."""
        return f"{row.done}/{row.total}"

    @display(description="逾期", ordering="overdue", label="danger")
    def late(self, row: Any) -> str:
        """Return how many are overdue."""
        return f"逾期 {row.overdue} 项" if row.overdue else ""


class ItemStateFilter(ConditionFilter):
    """How the items stand."""

    title = "进展"
    parameter_name = "state"
    conditions = {
        "overdue": ("逾期", lambda: Q(due_on__lt=today(), done_on__isnull=True)),
        "open": ("未到期", lambda: Q(due_on__gte=today(), done_on__isnull=True)),
        "done": ("已完成", lambda: Q(done_on__isnull=False)),
    }


class DueYearFilter(YearOfDate):
    """The years in which items are due."""

    column = "due_on"


@admin.register(ResponsibilityItem)
class ResponsibilityItemAdmin(ConfidentialAdmin):
    """The items of all lists: what each owner still has to do."""

    form = checked(prevention.check_item)
    resource_classes = [ResponsibilityItemResource]
    list_display = ["content", "owner", "responsibility_list", "due_on", "done_on", "standing"]
    list_filter = [ItemStateFilter, DueYearFilter, ("due_on", RangeDateFilter), "responsibility_list"]
    list_select_related = ["responsibility_list"]
    search_fields = ["content", "owner"]
    search_help_text = "责任事项、责任人"
    ordering = ["due_on", "pk"]
    fields = ["responsibility_list", "number", "content", "owner", "due_on", "done_on", "evidence"]

    @display(description="进展", label={"逾期": "danger", "已完成": "success"})
    def standing(self, row: ResponsibilityItem) -> tuple[str, str]:
        """Return how it stands, with the colour of the mark."""
        told = standing_of(row)
        return told[:2] if told.startswith("逾期") else told[:3], told


class HeldYearFilter(YearOfDate):
    """The years in which lessons were held."""

    column = "held_on"


@admin.register(IntegrityEvent)
class IntegrityEventAdmin(PreventionAdmin):
    """Lessons, micro-lessons and talks; above the list, which quarters have their lesson."""

    form = checked(prevention.check_event)
    resource_classes = [IntegrityEventResource]
    list_display = ["held_on", "kind", "talk_kind", "topic", "audience", "attendees"]
    list_filter = [HeldYearFilter, ("kind", ChoicesDropdownFilter), ("talk_kind", ChoicesDropdownFilter)]
    search_fields = ["topic", "audience"]
    search_help_text = "主题、对象"
    fields = ["held_on", "kind", "talk_kind", "topic", "audience", "attendees", "organization"]
    list_before_template = "admin/discipline/education_quarters.html"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the four quarters of the chosen year, or of this one."""
        chosen = request.GET.get("in_year", "")
        known = [code for code, _ in HeldYearFilter.years(self.model, request.user)]
        year = int(chosen) if chosen in known else today().year
        context = {"quarters": lessons_by_quarter(request.user, year), "quarters_of": year}
        return super().changelist_view(request, {**context, **(extra_context or {})})


class FindingInline(ScopedTabularInline):
    """What an inspection found."""

    model = InspectionFinding
    form = checked(prevention.check_finding)
    fields = ["text", "follow_up", "settled_on"]
    show_change_link = False


class InspectedYearFilter(YearOfDate):
    """The years of the inspections."""

    column = "inspected_on"


class FindingFilter(ConditionFilter):
    """What became of what was found."""

    title = "发现问题"
    parameter_name = "found_state"
    conditions = {
        "open": ("有没写整改情况的", lambda: Q(unanswered__gt=0)),
        "unsettled": ("有没登记完成日期的", lambda: Q(unsettled__gt=0)),
        "settled": ("已全部整改", lambda: Q(found__gt=0, unsettled=0)),
        "none": ("未发现问题", lambda: Q(found=0)),
    }


@admin.register(StyleInspection)
class StyleInspectionAdmin(PreventionAdmin):
    """Inspections of style with what they found."""

    form = checked(prevention.check_inspection)
    resource_classes = [StyleInspectionResource, InspectionFindingResource]
    list_display = ["inspected_on", "unit", "inspectors", "result"]
    list_filter = [InspectedYearFilter, FindingFilter]
    search_fields = ["unit", "inspectors", "findings__text"]
    search_help_text = "被检查单位、检查人、问题"
    fields = ["inspected_on", "unit", "inspectors", "organization"]
    inlines = [FindingInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count what was found in the same query."""
        waiting = Q(findings__isnull=False, findings__settled_on__isnull=True)
        counts = {
            "found": Count("findings"),
            "unsettled": Count("findings", filter=waiting),
            "unanswered": Count("findings", filter=waiting & Q(findings__follow_up="")),
        }
        return super().get_queryset(request).annotate(**counts).order_by(*self.opts.ordering)

    @display(
        description="发现问题",
        ordering="unsettled",
        label={"未整改": "danger", "待确认": "warning", "已整改": "success", "未发现": "info"},
    )
    def result(self, row: Any) -> tuple[str, str]:
        """Return how many were found, and how many wait."""
        if not row.found:
            return "未发现", "未发现问题"
        if row.unanswered:
            return "未整改", f"{row.found} 个，未整改 {row.unanswered} 个"
        if row.unsettled:
            return "待确认", f"{row.found} 个，{row.unsettled} 个待登记完成日期"
        return "已整改", f"{row.found} 个，已整改"


class PowerItemInline(ScopedTabularInline):
    """The powers of a village."""

    model = PowerItem
    form = checked(prevention.check_power_item)
    fields = ["number", "name", "basis", "holder", "published_on"]
    show_change_link = False
    per_page = 50


class PowerFilter(ConditionFilter):
    """How far the lists are taken in and published."""

    title = "公开情况"
    parameter_name = "published_state"
    conditions = {
        "unlisted": ("事项未登记全", lambda: Q(listed__lt=F("item_count"))),
        "unpublished": ("未全部公开", lambda: Q(published__lt=F("item_count"))),
        "published": ("已全部公开", lambda: Q(published__gte=F("item_count"))),
    }


@admin.register(PowerList)
class PowerListAdmin(ConfidentialAdmin):
    """The villages' lists of powers: declared, taken in, published. Above the list, the villages without one."""

    form = checked(prevention.check_power_list)
    resource_classes = [PowerListResource, PowerItemResource]
    list_display = ["village", "item_count", "listed_count", "published_count", "settled", "state"]
    list_filter = [PowerFilter, "village__area"]
    list_select_related = ["village"]
    search_fields = ["village__name", "items__name"]
    search_help_text = "村、权力事项"
    fields = ["village", "item_count", ("settled_on", "settled_precision")]
    inlines = [PowerItemInline]
    list_before_template = "admin/discipline/powers_missing.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count the powers in the same query."""
        published = Q(items__published_on__isnull=False)
        counts = {"listed": Count("items"), "published": Count("items", filter=published)}
        return super().get_queryset(request).annotate(**counts).order_by(*self.opts.ordering)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the villages that have no list yet."""
        villages = Village.objects.visible_to(request.user, "discipline.view_powerlist").existing_on(today())
        missing = villages.filter(power_list__isnull=True)
        return super().changelist_view(request, {"missing": missing, **(extra_context or {})})

    @display(description="已登记", ordering="listed")
    def listed_count(self, row: Any) -> int:
        """Return how many powers are taken in."""
        return int(row.listed)

    @display(description="已公开", ordering="published")
    def published_count(self, row: Any) -> int:
        """Return how many are published."""
        return int(row.published)

    @display(description="清理日期", ordering="settled_on")
    def settled(self, row: Any) -> str:
        """Return what is known of the day."""
        return in_words(row.settled_on, row.settled_precision) if row.settled_on else "未清理"

    @display(description="核对", label={"齐": "success", "差": "warning", "多": "danger"})
    def state(self, row: Any) -> tuple[str, str]:
        """Return whether as many powers are taken in and published as the list declares."""
        if row.listed > row.item_count:
            return "多", f"比清单多 {row.listed - row.item_count} 项"
        if row.listed < row.item_count:
            return "差", f"差 {row.item_count - row.listed} 项未登记"
        unpublished = row.item_count - row.published
        return ("差", f"{unpublished} 项未公开") if unpublished else ("齐", "已全部公开")
