"""The journal of looks at personal data: to read only, for everybody."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter

from chishang.core.admin import RegisterAdmin
from organizations.models import JournalEntry


@admin.register(JournalEntry)
class JournalEntryAdmin(RegisterAdmin):
    """Who looked at what, when and why. The database refuses to change an entry, so it has no history either."""

    list_display = ["occurred_at", "user", "action", "subject", "organization", "reason"]
    list_filter = [("action", ChoicesDropdownFilter), "user", ("occurred_at", RangeDateTimeFilter)]
    list_select_related = ["user", "organization"]
    search_fields = ["user__name", "user__pinyin", "subject", "reason"]
    search_help_text = "谁、对象、理由"
    date_hierarchy = "occurred_at"
    fields = ["occurred_at", "user", "action", "organization", "subject", "reason"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: the portal writes it."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Refuse: what the journal says of people stays in the portal."""
        return False

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead back to the entry, which was written once."""
        return redirect("admin:organizations_journalentry_change", object_id)
