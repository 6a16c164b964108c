"""Who read, printed, took out or brought in confidential records: shown, never changed."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import display

from chishang.core.admin import ShownHere
from discipline.admin.common import ConfidentialAdmin
from discipline.models import Reading


@admin.register(Reading)
class ReadingAdmin(ShownHere, ConfidentialAdmin):
    """One's own readings, those of records that one may see, and those of workbooks."""

    list_display = ["occurred_at", "who", "kind", "register", "subject", "purpose"]
    list_filter = [
        ("register", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("occurred_at", RangeDateTimeFilter),
    ]
    list_select_related = ["user"]
    search_fields = ["subject", "user__name", "purpose"]
    search_help_text = "编号、查阅人、目的"
    fields = ["occurred_at", "user", "operator", "kind", "register", "subject", "purpose"]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is none: a line is written once."""
        raise Http404

    @display(description="谁", ordering="user__pinyin")
    def who(self, reading: Any) -> str:
        """Return the account, or the operator at the server's console."""
        return str(reading.user.name if reading.user else reading.operator)
