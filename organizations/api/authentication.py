"""Machine clients sign in with an API key: ``Authorization: Api-Key <prefix>.<secret>``."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from organizations.services import find_api_key


class ApiKeyAuthentication(BaseAuthentication):
    """Lets a request act as the account of its key, with what that account's appointments allow."""

    keyword = "Api-Key"

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return the account and the key; None when no key is sent; 401 for a wrong, expired or revoked one."""
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != self.keyword.lower().encode():
            return None
        # Only ASCII can be a key, and PostgreSQL takes no NUL.
        text = parts[1].decode("ascii", errors="replace") if len(parts) == 2 else ""  # noqa: PLR2004  scheme and key
        key = find_api_key(text) if text.isprintable() else None
        if key is None:
            raise AuthenticationFailed("接口密钥无效、已过期或已吊销。")
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme, so that a refusal is 401 and not 403."""
        return self.keyword


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself
    """Describes the key for OpenAPI."""

    target_class = "organizations.api.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Return the header."""
        description = "程序用的接口密钥，整个值写作“Api-Key 标识.密钥”。由镇里签发，只显示一次，会到期，可吊销。"
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": description}
