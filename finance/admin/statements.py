"""Register of disclosure statements: shown; they are drawn up, checked and released on their own page."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeNumericFilter
from unfold.decorators import display

from chishang.core.admin import RegisterAdmin, ShownOnly
from finance.admin.common import YearFilter
from finance.enums import StatementState
from finance.models import Statement
from finance.resources.ledger import StatementResource


@admin.register(Statement)
class StatementAdmin(ShownOnly, RegisterAdmin):
    """Statements by village and quarter, with all their versions."""

    resource_classes = [StatementResource]
    list_display = ["village", "year", "quarter", "version", "state_label", "released_at", "drafted_by"]
    list_display_links = ["village", "year", "quarter"]
    list_filter = [
        YearFilter,
        ("quarter", RangeNumericFilter),
        ("state", ChoicesDropdownFilter),
        "village__area",
        "village",
    ]
    list_select_related = ["village", "drafted_by"]
    search_fields = ["village__name", "checkers", "reason"]
    search_help_text = "村、审核人、更正说明"
    change_form_outer_before_template = "admin/finance/statement_panel.html"
    fields = [
        *("village", "year", "quarter", "version", "state", "reason", "drafted_by", "drafted_at"),
        *("checkers", "checked_by", "checked_at", "released_by", "released_at", "sha256"),
    ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add the way to the statement's own page."""
        context = {
            **(extra_context or {}),
            "page": reverse("finance:statement", args=[object_id])
            if object_id.isascii() and object_id.isdecimal()
            else "",
        }
        return super().change_view(request, object_id, form_url, context)

    @display(
        description="状态",
        ordering="state",
        label={
            StatementState.DRAFT.label: "info",
            StatementState.CHECKED.label: "warning",
            StatementState.RELEASED.label: "success",
            StatementState.WITHDRAWN.label: "danger",
        },
    )
    def state_label(self, row: Any) -> str:
        """Return the state in words."""
        return str(row.get_state_display())
