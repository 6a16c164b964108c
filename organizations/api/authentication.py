"""Machine clients sign in with an API key: ``Authorization: Api-Key <prefix>.<secret>``."""

from typing import Any

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
        key = find_api_key(parts[1].decode(errors="replace")) if len(parts) == 2 else None  # noqa: PLR2004  scheme and key
        if key is None:
            raise AuthenticationFailed("接口密钥无效、已过期或已吊销。")
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme, so that a refusal is 401 and not 403."""
        return self.keyword
