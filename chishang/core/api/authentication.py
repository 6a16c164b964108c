"""People call the API with the session of the portal's pages."""

from typing import Any

from drf_spectacular.authentication import SessionScheme
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import APIException, PermissionDenied
from rest_framework.request import Request
from rest_framework.status import HTTP_403_FORBIDDEN


class StaleToken(APIException):
    """A write by session without a valid CSRF token."""

    status_code = HTTP_403_FORBIDDEN
    default_detail = "CSRF 标记缺失或已失效，内容没有保存。请刷新页面后再试。"


class PortalSessionAuthentication(SessionAuthentication):
    """Django's session, with the CSRF token asked for at every write."""

    def enforce_csrf(self, request: Request) -> None:
        """Check the token; raise StaleToken with a message that says what to do."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise StaleToken from error


class PortalSessionScheme(SessionScheme):  # type: ignore[no-untyped-call]  # registers itself
    """Describes the session cookie for OpenAPI."""

    target_class = "chishang.core.api.authentication.PortalSessionAuthentication"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Return the cookie, with what writing needs besides."""
        definition: dict[str, Any] = super().get_security_definition(auto_schema)
        return definition | {"description": "在门户登录后的会话；写入时还要带请求头 X-CSRFToken。"}
