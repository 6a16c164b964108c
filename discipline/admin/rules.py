"""Registers of the rules with validity, and of the code lists. What changes is a new row with its first day."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from discipline.admin.common import ConfidentialAdmin
from discipline.models import FeedbackCategory, LeadSource, MeasureRule, TimeLimit
from discipline.resources.rules import (
    FeedbackCategoryResource,
    LeadSourceResource,
    MeasureRuleResource,
    TimeLimitResource,
)


class KeyedAdmin(ConfidentialAdmin):
    """Rules about something: what a stored one is about stays as it is."""

    about: str

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Keep what the rule is about."""
        return [self.about] if obj else []


@admin.register(TimeLimit)
class TimeLimitAdmin(KeyedAdmin):
    """How long things may take, since when."""

    about = "code"
    resource_classes = [TimeLimitResource]
    list_display = ["code", "length", "valid_from", "source"]
    list_filter = [("code", ChoicesDropdownFilter)]
    fields = ["code", ("amount", "unit"), "valid_from", "source"]

    @display(description="期限", ordering="amount")
    def length(self, row: TimeLimit) -> str:
        """Return ``15 个工作日``."""
        return f"{row.amount} {row.get_unit_display()}"


@admin.register(MeasureRule)
class MeasureRuleAdmin(KeyedAdmin):
    """How long sanctions have effect, since when."""

    about = "measure"
    resource_classes = [MeasureRuleResource]
    list_display = ["measure", "months", "valid_from", "source"]
    list_filter = [("measure", ChoicesDropdownFilter)]
    fields = ["measure", "months", "valid_from", "source"]


class CodeListAdmin(ConfidentialAdmin):
    """A list to choose from, in the office's order."""

    list_display = ["name", "sort_no", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name"]
    fields = ["name", "sort_no", "is_active"]


@admin.register(LeadSource)
class LeadSourceAdmin(CodeListAdmin):
    """Where leads and cases come from."""

    resource_classes = [LeadSourceResource]


@admin.register(FeedbackCategory)
class FeedbackCategoryAdmin(CodeListAdmin):
    """Categories of the issues of inspections."""

    resource_classes = [FeedbackCategoryResource]
