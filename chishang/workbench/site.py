"""The admin site: whoever holds a duty that works there may enter."""

from django.http import HttpRequest
from unfold.sites import UnfoldAdminSite


class PortalAdminSite(UnfoldAdminSite):
    """Unfold's site, entered through the portal's own sign-in page."""

    login_template = "registration/login.html"

    def has_permission(self, request: HttpRequest) -> bool:
        """Say whether the account is active and one of its duties works in the admin."""
        return request.user.is_active and request.user.is_staff
