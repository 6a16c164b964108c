"""What the portal itself writes down: looks at personal data, calls of the API. To read only, for everybody."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter

from chishang.core.admin import RegisterAdmin, ShownHere
from organizations.models import ApiCall, JournalEntry


class JournalAdmin(ShownHere, RegisterAdmin):
    """Base of registers that the portal writes; what they say of people stays in it.

    The database refuses to change a row, so it has no history either.
    """

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead back to the entry, which was written once."""
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", object_id)


@admin.register(JournalEntry)
class JournalEntryAdmin(JournalAdmin):
    """Who looked at what, when and why."""

    list_display = ["occurred_at", "user", "action", "subject", "organization", "reason"]
    list_filter = [("action", ChoicesDropdownFilter), "user", ("occurred_at", RangeDateTimeFilter)]
    list_select_related = ["user", "organization"]
    search_fields = ["user__name", "user__pinyin", "subject", "reason"]
    search_help_text = "谁、对象、理由"
    date_hierarchy = "occurred_at"
    fields = ["occurred_at", "user", "action", "organization", "subject", "reason"]


@admin.register(ApiCall)
class ApiCallAdmin(JournalAdmin):
    """What programs asked for, and how much they got."""

    list_display = ["called_at", "key", "address", "format", "status", "rows", "is_export"]
    list_filter = ["key", "is_export", ("called_at", RangeDateTimeFilter)]
    list_select_related = ["key"]
    search_fields = ["address", "key__name", "key__prefix"]
    search_help_text = "地址、密钥名称或标识"
    date_hierarchy = "called_at"
    fields = ["key", "called_at", "address", "format", "status", "rows", "is_export"]
