"""Pages of the office beside its registers: in the admin's frame, and for others no address at all."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpResponse

from discipline.admin.common import hidden

View = Callable[..., HttpResponse]


def office_page(permission: str) -> Callable[[View], Any]:
    """Return a decorator for a page of the admin that only holders of ``permission`` find."""

    def wrap(view: View) -> Any:
        return admin.site.admin_view(hidden(admin.site, permission, view))

    return wrap
