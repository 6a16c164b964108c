"""Registers of the chart of accounts, subjects, kinds of income, the disclosure rule."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from chishang.core.admin import RegisterAdmin
from finance.models import Account, DisclosureRule, IncomeKind, Subject
from finance.resources.lists import AccountResource, DisclosureRuleResource, IncomeKindResource, SubjectResource


class CodedAdmin(RegisterAdmin):
    """A list whose code other parts refer to: it stays as it is."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Keep the code."""
        return ["code"] if obj else []


@admin.register(Account)
class AccountAdmin(CodedAdmin):
    """The chart of accounts of rural collective organisations."""

    resource_classes = [AccountResource]
    list_display = ["code", "name", "category", "normal_side", "source"]
    list_filter = [("category", ChoicesDropdownFilter)]
    search_fields = ["code", "name"]
    search_help_text = "科目编码、名称"
    fields = ["code", "name", "category", "normal_side", "source"]


@admin.register(Subject)
class SubjectAdmin(CodedAdmin):
    """Subjects of the budget with their two accounts."""

    resource_classes = [SubjectResource]
    list_display = ["name", "level", "debit_account", "credit_account", "sort_no", "is_active"]
    list_filter = [("level", ChoicesDropdownFilter), "is_active"]
    list_select_related = ["debit_account", "credit_account"]
    search_fields = ["name", "code"]
    autocomplete_fields = ["debit_account", "credit_account"]
    fields = ["code", "name", "level", "debit_account", "credit_account", "sort_no", "is_active"]


@admin.register(IncomeKind)
class IncomeKindAdmin(RegisterAdmin):
    """Sources of collective income, and which of them count."""

    resource_classes = [IncomeKindResource]
    list_display = ["name", "account", "counts_as_income", "sort_no", "is_active"]
    list_filter = ["counts_as_income", "is_active"]
    list_select_related = ["account"]
    search_fields = ["name"]
    autocomplete_fields = ["account"]
    fields = ["name", "account", "counts_as_income", "sort_no", "is_active"]


@admin.register(DisclosureRule)
class DisclosureRuleAdmin(RegisterAdmin):
    """When statements are due: a changed rule is a new row with its first day."""

    resource_classes = [DisclosureRuleResource]
    list_display = ["valid_from", "due_days", "source"]
    fields = ["due_days", "valid_from", "source"]
