"""Registers of inspection feedback: rounds, and issues with their steps."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter, RangeDateFilter
from unfold.decorators import display

from chishang.core.admin.services import ServiceAdmin
from chishang.core.dates import in_words, today
from chishang.core.forms import show_errors
from discipline.admin.common import ConfidentialAdmin, hidden
from discipline.admin.feedback_forms import (
    IssueForm,
    RectifyForm,
    ReturnForm,
    RoundForm,
    StepForm,
    StrikeOffForm,
    VerifyForm,
)
from discipline.enums import FeedbackState
from discipline.models import FeedbackIssue, InspectionRound
from discipline.models.feedback import STATES
from discipline.resources.rules import InspectionRoundResource
from discipline.services.feedback import rectify_issue, return_issue, strike_off_issue, verify_issue

SHORT = 24
UNPROCESSABLE = 422


@dataclass(frozen=True)
class Step:
    """A step of an issue: from which states, with which facts, by which service, and what is told then."""

    label: str
    sources: tuple[FeedbackState, ...]
    form: type[StepForm]
    take: Callable[..., FeedbackIssue]
    told: str


STEPS = {
    "rectify": Step(
        "登记整改",
        (FeedbackState.OPEN,),
        RectifyForm,
        rectify_issue,
        "已登记整改，请由整改人以外的同事核验。",
    ),
    "verify": Step("核验", (FeedbackState.RECTIFIED,), VerifyForm, verify_issue, "已核验，可以销号。"),
    "strike-off": Step("销号", (FeedbackState.VERIFIED,), StrikeOffForm, strike_off_issue, "已销号。"),
    "return": Step(
        "退回整改",
        (FeedbackState.RECTIFIED, FeedbackState.VERIFIED),
        ReturnForm,
        return_issue,
        "已退回，问题回到“整改中”。",
    ),
}
"""The steps by the last part of their address; the first that is open is the usual one."""


class StateFilter(DropdownFilter):
    """How far the issues are."""

    title = "整改情况"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the states."""
        return [(str(value), str(label)) for value, label in FeedbackState.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the state; what is none keeps all."""
        rows: Any = queryset
        return rows.in_state(self.value()) if self.value() in FeedbackState.values else rows  # type: ignore[no-any-return]


class OverdueFilter(DropdownFilter):
    """Issues not rectified by their deadline."""

    title = "是否逾期"
    parameter_name = "overdue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer one choice."""
        return [("yes", "已逾期")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the late ones."""
        rows: Any = queryset
        return rows.overdue(today()) if self.value() == "yes" else rows  # type: ignore[no-any-return]


class KeptHere(ConfidentialAdmin):
    """A register whose rows come in with the office's workbook or by hand, and go out printed."""

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False


@admin.register(InspectionRound)
class InspectionRoundAdmin(ConfidentialAdmin, ServiceAdmin):
    """Rounds with how many of their issues are still open."""

    resource_classes = [InspectionRoundResource]
    form = RoundForm
    list_display = ["body", "feedback_on", "report_due", "reported_on", "issue_count", "open_count"]
    list_display_links = ["body", "feedback_on"]
    list_filter = [("feedback_on", RangeDateFilter)]
    search_fields = ["body"]
    search_help_text = "巡察单位"
    fields = ["body", "feedback_on", "report_due_on", "reported_on"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Count the issues that the account may see."""
        seen = Q(issues__in=FeedbackIssue.objects.visible_to(request.user).order_by().values("pk"))
        unfinished = Q(issues__rectified_on__isnull=True)
        return (
            super()
            .get_queryset(request)
            .annotate(issues_seen=Count("issues", filter=seen), issues_open=Count("issues", filter=seen & unfinished))
            .order_by(*self.opts.ordering)
        )

    @display(description="整改情况报告期限", ordering="report_due_on")
    def report_due(self, row: Any) -> str:
        """Return when the report is due; red when it is late."""
        return _deadline(row.report_due_on, row.reported_on)

    @display(description="问题", ordering="issues_seen")
    def issue_count(self, row: Any) -> str:
        """Return the number of issues, with a link to them."""
        address = f"{reverse('admin:discipline_feedbackissue_changelist')}?round__id__exact={row.pk}"
        return format_html('<a class="chishang-link" href="{}">{} 条</a>', address, row.issues_seen)

    @display(description="未整改", ordering="issues_open")
    def open_count(self, row: Any) -> str:
        """Return how many are not rectified."""
        return f"{row.issues_open} 条"


@admin.register(FeedbackIssue)
class FeedbackIssueAdmin(KeptHere, ServiceAdmin):
    """Issues: rectified, verified by another person, struck off."""

    form = IssueForm
    list_display = ["number", "short", "category", "level", "unit", "responsible", "due", "state_label"]
    list_filter = [
        *(StateFilter, OverdueFilter, "category", ("level", ChoicesDropdownFilter), "round"),
        *(("kind", ChoicesDropdownFilter), ("deadline", RangeDateFilter)),
    ]
    list_select_related = ["category"]
    search_fields = ["number", "unit", "text", "responsible"]
    search_help_text = "编号、单位、问题、责任人"
    list_before_template = "admin/discipline/feedback_sums.html"
    change_form_outer_before_template = "admin/discipline/feedback_panel.html"
    fields = [
        *("number", "round", "category", "level", "unit", "organization", "text", "leader", "responsible"),
        *("kind", "deadline", "measures"),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Fold the form away once the issue is there: how it stands is shown above it."""
        if obj is None:
            return [(None, {"fields": self.fields})]
        title = "更正" if self.has_change_permission(request, obj) else "登记"
        return [(title, {"fields": self.fields, "classes": ["collapse"]})]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the account may change the row; nobody may once it is struck off."""
        if isinstance(obj, FeedbackIssue) and obj.struck_off_on:
            return False
        return super().has_change_permission(request, obj)

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of the steps."""
        pages = [
            path(
                f"<int:pk>/{code}/",
                hidden(self.admin_site, self._permission("view"), self.admin_site.admin_view(self.step_view)),
                {"code": code},
                name=f"discipline_feedbackissue_{code.replace('-', '_')}",
            )
            for code in STEPS
        ]
        return [*pages, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list with its categories and states above it."""
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None) or {}
        if "cl" in context:
            context["sums"] = sums_of(context["cl"])
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show how the issue stands, and the steps that are open."""
        issue = self.get_object(request, object_id)
        context: dict[str, Any] = {}
        if issue is not None:
            may = self.has_change_permission(request, issue)
            steps = [(code, step) for code, step in STEPS.items() if may and issue.state in step.sources]
            context["steps"] = [
                (step.label, reverse(f"admin:discipline_feedbackissue_{code.replace('-', '_')}", args=[issue.pk]))
                for code, step in steps
            ]
            context["is_late"] = issue.rectified_on is None and issue.deadline < today()
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def step_view(self, request: HttpRequest, pk: int, code: str) -> HttpResponse:
        """Ask for the facts of a step, take it, and go back to the issue."""
        step, user = STEPS[code], request.user
        issue = self.get_queryset(request).select_related("round", "category").filter(pk=pk).first()
        if issue is None:
            raise Http404
        if not FeedbackIssue.objects.visible_to(user, self._permission("change")).filter(pk=pk).exists():
            raise PermissionDenied
        form = step.form(request.POST or None, user=user)
        if form.is_valid():
            try:
                step.take(actor=user, issue=issue, **form.cleaned_data)
            except ValidationError as error:
                show_errors(form, error)
            else:
                messages.success(request, f"{issue}：{step.told}")
                return redirect("admin:discipline_feedbackissue_change", pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{step.label}：{issue}",
            "label": step.label,
            "issue": issue,
            "form": form,
            "is_open": issue.state in step.sources,
            "back": reverse("admin:discipline_feedbackissue_change", args=[pk]),
        }
        status = UNPROCESSABLE if form.errors else 200
        return TemplateResponse(request, "admin/discipline/feedback_step.html", context, status=status)

    @display(description="问题（原文）", ordering="text")
    def short(self, issue: Any) -> str:
        """Return the beginning of the text."""
        return issue.text if len(issue.text) <= SHORT else f"{issue.text[:SHORT]}…"

    @display(description="整改时限", ordering="deadline")
    def due(self, issue: Any) -> str:
        """Return the deadline; red when it is missed."""
        return _deadline(issue.deadline, issue.rectified_on)

    @display(
        description="整改情况",
        label={
            FeedbackState.OPEN.label: "warning",
            FeedbackState.RECTIFIED.label: "info",
            FeedbackState.VERIFIED.label: "info",
            FeedbackState.STRUCK_OFF.label: "success",
        },
    )
    def state_label(self, issue: Any) -> str:
        """Return how far it is."""
        return str(issue.state.label)


def sums_of(changelist: Any) -> dict[str, Any]:
    """Return the listed issues, on all pages, by category and state: one query. Each cell links to its rows."""
    counts = {f"in_{state.value}": Count("pk", filter=condition) for state, condition in STATES.items()}
    found = changelist.queryset.order_by("category__sort_no", "category__name").values("category", "category__name")
    lines, totals = [], [0] * len(STATES)
    for row in found.annotate(**counts):
        here = {"category__id__exact": row["category"]}
        numbers = [row[name] for name in counts]
        totals = [total + number for total, number in zip(totals, numbers, strict=True)]
        links = [changelist.get_query_string(here | {"state": state.value}) for state in STATES]
        lines.append(
            {
                "name": row["category__name"],
                "link": changelist.get_query_string(here),
                "cells": list(zip(numbers, links, strict=True)),
                "total": sum(numbers),
            }
        )
    return {"states": [state.label for state in STATES], "lines": lines, "totals": totals, "total": sum(totals)}


def _deadline(due_on: Any, done_on: Any) -> str:
    """Return a deadline; red with the word when it has passed and nothing was done."""
    if due_on is None:
        return "—"
    if done_on is None and due_on < today():
        return format_html('<span class="chishang-late">{} 逾期</span>', in_words(due_on))
    return in_words(due_on)
