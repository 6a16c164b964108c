"""Response headers that depend on the address or on who asks."""

import logging
from collections.abc import Callable
from hashlib import sha256
from http import HTTPStatus

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag

from chishang.core.encryption import DecryptionError

logger = logging.getLogger("django.request")


class ContentPolicyMiddleware(CSPMiddleware):
    """Sends the strict Content-Security-Policy everywhere, and the admin's own one below /admin/ only."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Replace the policy for admin pages, whose Alpine.js needs unsafe-eval."""
        if request.path.startswith(reverse("admin:index")):
            response._csp_replace = settings.ADMIN_CONTENT_SECURITY_POLICY  # type: ignore[attr-defined]  # noqa: SLF001  as csp_replace() does
        return super().process_response(request, response)


def client_address(request: HttpRequest) -> str:
    """Return the address that asks, for the sign-in lock.

    In production the reverse proxy on this machine stands before us and writes X-Forwarded-For itself (deploy/);
    from anybody else that header counts for nothing.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.headers.get("X-Forwarded-For", "")
    if settings.PRODUCTION and forwarded and address in {"127.0.0.1", "::1", ""}:
        return forwarded.rpartition(",")[2].strip()
    return address


class PlainQueryMiddleware:
    """Refuses a NUL in the address: no browser sends one, and PostgreSQL takes none. (The API answers by itself.)"""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 400, or go on."""
        if "%00" in request.META.get("QUERY_STRING", "") and not request.path.startswith("/api/"):
            raise BadRequest
        return self.get_response(request)


class UnreadableMiddleware:
    """Tells calmly that an encrypted text cannot be read, wherever on a page it was to be shown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer with what happened and whom to tell; any other fault is left to Django."""
        if not isinstance(error, DecryptionError):
            return None
        logger.error("Unreadable: %s", request.path)
        return render(request, "unreadable.html", status=HTTPStatus.INTERNAL_SERVER_ERROR)


class NoStoreMiddleware:
    """Keeps signed-in pages out of shared caches and of the back button after sign-out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add ``Cache-Control: no-store`` unless the view said something itself."""
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response


class ApiCacheMiddleware:
    """Lets a client of the API ask whether anything changed: an ETag with what it reads, and 304 instead of the same.

    The tag is the hash of the answer itself. No time of change and no counter could stand for it: every table of the
    database feeds the report, and whatever does not change the answer may stay unseen. It saves the way, not the work.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the headers to what is read below /api/; what compresses further out makes the tag a weak one."""
        response = self.get_response(request)
        if request.method not in {"GET", "HEAD"} or not request.path.startswith("/api/"):
            return response
        patch_vary_headers(response, ("Accept", "Authorization", "Cookie"))
        if getattr(request, "auth", None) is not None:  # a program with a key; the browsers of people store nothing
            response.headers["Cache-Control"] = "private, no-cache"
        if response.status_code != HTTPStatus.OK:
            return response
        tag = quote_etag(sha256(response.content).hexdigest())
        response.headers["ETag"] = tag
        answer = get_conditional_response(request, etag=tag, response=response) or response
        if answer is not response:  # the record of calls asks for the format
            answer.accepted_renderer = getattr(response, "accepted_renderer", None)  # type: ignore[attr-defined]
        return answer
