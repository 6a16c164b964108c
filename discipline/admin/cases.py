"""Register of cases: the list with deadlines, and the page of a case with all that is known of it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display
from unfold.views import ChangeList

from chishang.core.admin.services import ServiceAdmin
from chishang.core.dates import today
from discipline.admin.cases_forms import CaseForm, NewCaseForm
from discipline.admin.cases_pages import CasePages
from discipline.admin.pages import due_in_words
from discipline.enums import CaseStage
from discipline.models import Case, CaseAccess, Involvement
from discipline.models.cases import STEPS
from discipline.models.petitions import ASSIGN
from discipline.selectors.cases import STEP_NAMES, course_of, deadline_of, next_step
from discipline.selectors.limits import Limits
from discipline.selectors.readings import readings_of

REACHED = dict(zip(CaseStage, STEPS, strict=True))
LABELS = {
    CaseStage.FILED.label: "warning",
    CaseStage.REVIEWED.label: "warning",
    CaseStage.HEARD.label: "info",
    CaseStage.DECIDED.label: "info",
    CaseStage.EXECUTED.label: "info",
    CaseStage.CLOSED.label: "success",
}


class CaseList(ChangeList):
    """The listed cases with their deadlines, worked out with two queries for all of them."""

    def get_results(self, request: HttpRequest) -> None:
        """Add the deadline to each case of the page."""
        super().get_results(request)
        limits = Limits.load()
        for case in self.result_list:
            case.due = deadline_of(case, limits)


class StageFilter(DropdownFilter):
    """How far the cases are."""

    title = "阶段"
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the stages."""
        return [("open", "未结案"), *((str(value), str(label)) for value, label in CaseStage.choices)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the cases whose last dated step is that of the stage."""
        chosen = self.value() or ""
        if chosen == "open":
            return queryset.filter(closed_on=None)
        if chosen not in CaseStage.values:
            return queryset
        column = REACHED[CaseStage(chosen)]
        later = STEPS[STEPS.index(column) + 1 :]
        return queryset.filter(**{f"{column}__isnull": False}, **{f"{name}__isnull": True for name in later})


@admin.register(Case)
class CaseAdmin(CasePages, ServiceAdmin):
    """Cases that one is named on."""

    form, add_form = CaseForm, NewCaseForm
    list_display = ["number", "stage_label", "filed_on", "persons", "handler", "deadline"]
    list_filter = [StageFilter, "source"]
    list_select_related = ["handler"]
    search_fields = ["number"]
    search_help_text = "案号，或涉案人员的完整姓名"
    name_path = "involvements__person__name_index"
    number_paths = ("number",)
    list_before_template = "admin/discipline/case_links.html"
    change_form_outer_before_template = "admin/discipline/case_panel.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of a case."""
        return [*self.page_urls(), *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the list with deadlines."""
        return CaseList

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read the persons of all listed cases at once."""
        return super().get_queryset(request).prefetch_related("involvements__person")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Offer the assignment to whoever hands cases out."""
        context = {"may_assign": request.user.has_perm(ASSIGN), **(extra_context or {})}
        return super().changelist_view(request, context)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for all that a filing needs; later let be corrected what is there."""
        facts = ["number", "source", "organization"]
        if obj is None:
            return [
                ("立案", {"fields": [*facts, "filed_on", "brief", "people", "leads"]}),
                ("承办和查阅", {"fields": ["handler", "readers", "until"]}),
            ]
        dates = [name for name in STEPS if getattr(obj, name)]
        return [("更正", {"fields": [*facts, *dates, "brief"], "classes": ["collapse"]})]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the course, the persons, who may read the case and who did."""
        case = self.get_object(request, object_id)
        context = self._panel(request, case) if case else {}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def _panel(self, request: HttpRequest, case: Case) -> dict[str, Any]:
        user: Any = request.user
        limits = Limits.load()
        people = Involvement.objects.visible_to(user).filter(case=case).select_related("person", "sanction")
        return {
            "course": course_of(user, case, limits),
            "due": deadline_of(case, limits),
            "step": STEP_NAMES.get(next_step(case) or "", ""),
            "people": people,
            "accesses": CaseAccess.objects.visible_to(user).filter(case=case).select_related("user", "granted_by"),
            "today": today(),
            "readings": readings_of(user, case),
            "reading_list": f"{reverse('admin:discipline_reading_changelist')}?q={case.number}",
            "may_change": self.has_change_permission(request, case),
            "may_assign": user.has_perm(ASSIGN),
        }

    @display(description="阶段", label=LABELS)
    def stage_label(self, case: Any) -> str:
        """Return how far it is."""
        return str(case.stage.label)

    @display(description="涉案人员")
    def persons(self, case: Any) -> str:
        """Return the persons by masked names."""
        return "、".join(one.person.masked_name for one in case.involvements.all()) or "—"

    @display(description="期限")
    def deadline(self, case: Any) -> str:
        """Return when review or hearing must be over."""
        return due_in_words(case.due)
