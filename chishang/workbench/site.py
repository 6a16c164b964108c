"""The admin site: whoever holds a duty that works there may enter; the ledger import is one of its pages."""

from functools import partial
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.decorators import method_decorator
from django.utils.functional import SimpleLazyObject
from django.views.decorators.common import no_append_slash
from unfold.sites import UnfoldAdminSite

from chishang.workbench.ledger_pages import LedgerPages


class PortalAdminSite(UnfoldAdminSite):
    """Unfold's site, entered through the portal's own sign-in page."""

    index_title = "台账"

    def has_permission(self, request: HttpRequest) -> bool:
        """Say whether the account is active and one of its duties works in the admin."""
        return request.user.is_active and request.user.is_staff

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the registers, listed once somebody looks: Django asks on every page, few pages show them."""
        return cast("list[Any]", SimpleLazyObject(partial(super().get_app_list, request, app_label)))

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send the anonymous to the portal's sign-in; refuse an account whose duties do not work here."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        following = request.GET.get("next") or reverse("admin:index")
        return redirect(f"{reverse('login')}?{urlencode({'next': following})}")

    @method_decorator(no_append_slash)
    def catch_all_view(self, request: HttpRequest, url: str) -> HttpResponse:
        """Answer an unknown address. One without its slash always gets it, so that none is told to exist by that."""
        if url.endswith("/"):
            raise Http404
        return HttpResponsePermanentRedirect(request.get_full_path(force_append_slash=True))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Add the ledger pages before the catch-all."""
        pages = LedgerPages(self)
        return [
            path("ledgers/", self.admin_view(pages.upload), name="ledgers"),
            path("ledgers/<slug:token>/", self.admin_view(pages.confirm), name="ledgers_confirm"),
            *super().get_urls(),
        ]
