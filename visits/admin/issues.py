"""Issues: the register, the moves as buttons, the course as a timeline."""

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

from chishang.core.admin import RegisterAdmin
from chishang.core.dates import in_words
from chishang.core.forms import show_errors
from visits.admin.forms import MoveForm
from visits.enums import EDITABLE_STATES, MOVES, OPEN_STATES, RESOLVED_STATES, USUAL_MOVES, IssueState, MoveCode
from visits.models import Issue
from visits.resources import IssueResource
from visits.selectors import photos_of_visit
from visits.services import MoveFacts, MoveRefused, move_issue, moves_open_to

SHORT = 24


class OverdueFilter(admin.SimpleListFilter):
    """Open issues whose deadline has passed."""

    title = "是否逾期"
    parameter_name = "overdue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer one choice."""
        return [("yes", "已逾期")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the late ones."""
        return queryset.overdue() if self.value() == "yes" else queryset  # type: ignore[attr-defined]


class SettledFilter(admin.SimpleListFilter):
    """Groups of states as the report counts them."""

    title = "办理结果"
    parameter_name = "settled"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer open and resolved."""
        return [("open", "在办"), ("resolved", "已解决")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the group."""
        states = {"open": OPEN_STATES, "resolved": RESOLVED_STATES}.get(self.value() or "")
        return queryset.filter(state__in=states) if states else queryset


@admin.register(Issue)
class IssueAdmin(RegisterAdmin):
    """What households raised. States change by moves only; each is an event with date, person and note."""

    resource_classes = [IssueResource]
    list_display = ["short", "state_label", "category", "village", "household", "unit", "deadline", "raised_on"]
    list_filter = [
        *(SettledFilter, OverdueFilter, ("state", ChoicesDropdownFilter), "category", "urgency", "unit"),
        *("visit__household__village__area", "visit__household__village", ("raised_on", RangeDateFilter)),
    ]
    list_select_related = ["category", "unit", "visit__household__village"]
    search_fields = [
        *("description", "visit__household__name", "visit__household__code", "visit__household__pinyin"),
        "visit__household__village__name",
    ]
    search_help_text = "问题、户主、编号、村，或拼音首字母"
    date_hierarchy = "raised_on"
    change_form_outer_before_template = "admin/visits/issue_course.html"
    actions = ["accept_selected"]
    facts = [
        *("visit", "raised_on", "description", "state", "unit", "assignee", "due_on", "resolved_on", "resolved_by"),
        *("escalated_on", "escalation_level", "escalated_to", "project", "satisfaction", "closed_by", "merged_into"),
    ]
    fields = ["category", "urgency", *facts]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: an issue is raised in a visit."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Let category and urgency be put right while the issue is new; nothing else is typed here."""
        editable = obj is not None and obj.state in EDITABLE_STATES
        return list(self.facts) if editable else list(self.fields)

    def get_urls(self) -> list[URLPattern]:
        """Add the page of a move."""
        move = self.admin_site.admin_view(self.move_view)
        return [path("<int:pk>/move/<slug:code>/", move, name="visits_issue_move"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add the moves that are open and the course so far."""
        issue = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if issue is not None:
            context |= {"usual_move": USUAL_MOVES.get(IssueState(issue.state))}
            context |= {"moves": moves_open_to(request.user, issue), "events": self._course(issue)}
            context |= {"photos": photos_of_visit(request.user, issue.visit)}
            if issue.state not in EDITABLE_STATES:
                context |= {"show_save": False, "show_save_and_continue": False}
        return super().change_view(request, object_id, form_url, context)

    def move_view(self, request: HttpRequest, pk: int, code: str) -> HttpResponse:
        """Ask for the facts of a move, make it, and go back to the issue."""
        issue = (
            self.get_queryset(request).select_related("category", "visit__household__village").filter(pk=pk).first()
        )
        if issue is None or code not in MOVES:
            raise Http404
        move = MOVES[MoveCode(code)]
        if not Issue.objects.visible_to(request.user, move.permission).filter(pk=pk).exists():
            raise PermissionDenied
        form = MoveForm(request.POST or None, move=move, issue=issue, user=request.user)
        if form.is_valid() and self._moved(request, issue, move, form):
            return redirect(reverse("admin:visits_issue_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": f"{move.code.label}：{issue.description[:SHORT]}",
            "opts": self.opts,
            "issue": issue,
            "move": move,
            "form": form,
            "allowed": issue.state in move.sources,
        }
        return TemplateResponse(request, "admin/visits/move.html", context)

    def _moved(self, request: HttpRequest, issue: Issue, move: Any, form: MoveForm) -> bool:
        try:
            moved = move_issue(actor=request.user, issue=issue, move=move.code, facts=form.facts)
        except ValidationError as error:
            show_errors(form, error)
            return False
        messages.success(request, f"已{move.code.label}，现在是“{moved.get_state_display()}”。")
        return True

    def _course(self, issue: Issue) -> Any:
        return issue.events.select_related("actor").order_by("pk")

    @admin.action(description="受理所选问题", permissions=["handle"])
    def accept_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Accept several at once; those that cannot be accepted are named."""
        accepted = 0
        for issue in queryset:
            try:
                move_issue(actor=request.user, issue=issue, move=MoveCode.ACCEPT, facts=MoveFacts())
            except MoveRefused as error:
                messages.error(request, f"{issue}：{'；'.join(error.messages)}")
            else:
                accepted += 1
        messages.success(request, f"已受理 {accepted} 条。")

    def has_handle_permission(self, request: HttpRequest) -> bool:
        """Say whether the account handles issues."""
        return bool(request.user.has_perm("visits.handle_issue"))

    @display(description="反映问题", ordering="description")
    def short(self, issue: Any) -> str:
        """Return the beginning of the description."""
        return issue.description if len(issue.description) <= SHORT else f"{issue.description[:SHORT]}…"

    @display(
        description="办理情况",
        ordering="state",
        label={
            **{state.label: "success" for state in RESOLVED_STATES},
            **{state.label: "warning" for state in OPEN_STATES},
            IssueState.REGISTERED.label: "info",
            IssueState.RETURNED.label: "danger",
            IssueState.REOPENED.label: "danger",
        },
    )
    def state_label(self, issue: Any) -> str:
        """Return the state in words."""
        return str(issue.get_state_display())

    @display(description="村", ordering="visit__household__village__sort_no")
    def village(self, issue: Any) -> str:
        """Return the village."""
        return str(issue.visit.household.village)

    @display(description="户", ordering="visit__household__pinyin")
    def household(self, issue: Any) -> str:
        """Return the household."""
        return str(issue.visit.household.name)

    @display(description="办理期限", ordering="due_on")
    def deadline(self, issue: Any) -> str:
        """Return the deadline; a late one in red, with the word."""
        if issue.due_on is None:
            return "—"
        if issue.is_overdue:
            return format_html('<span class="chishang-late">{} 逾期</span>', in_words(issue.due_on))
        return in_words(issue.due_on)
