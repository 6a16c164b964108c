"""Registers of files that a branch keeps on a person: of members, of applicants."""

from typing import Any

from django.http import HttpRequest

from chishang.core.admin.services import ServiceAdmin
from chishang.core.dates import today
from organizations.models import Organization


class BranchFileAdmin(ServiceAdmin):
    """A file belongs to the branch that it was opened in, until something that happens moves it."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Keep the branch, which decides who sees the file."""
        return ["branch"] if obj is not None else []

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer existing branches of one's own."""
        if db_field.name == "branch":
            branches = Organization.objects.visible_to(request.user)
            branches = branches.visible_to(request.user, self._permission("add"))
            kwargs["queryset"] = branches.branches().existing_on(today())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
