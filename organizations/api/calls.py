"""The record of what programs called, one row a call."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed

from organizations.api.authentication import ApiKeyAuthentication
from organizations.models import ApiCall, ApiKey

logger = logging.getLogger(__name__)

EXPORTS = frozenset({"csv", "xlsx", "docx"})
"""Formats that are files to keep."""


class ApiCallMiddleware:
    """Records every call of a key, refused ones too, except those that were too many.

    It stands outside the view's transaction: the row stays when the view's own writes are rolled back.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; a call that cannot be recorded is logged, and answered all the same."""
        if not request.path.startswith("/api/"):
            return self.get_response(request)
        called_at = timezone.now()
        response = self.get_response(request)
        if response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
            try:
                _record(request, response, called_at)
            except DatabaseError:
                logger.exception("A call of the API could not be recorded: %s", request.path)
        return response


def _record(request: HttpRequest, response: HttpResponse, called_at: Any) -> None:
    key = _key_of(request)
    if key is None:
        return
    form = getattr(getattr(response, "accepted_renderer", None), "format", "")
    call = ApiCall(
        key=key,
        called_at=called_at,
        address=_shortened(request.get_full_path(), "address"),
        format=_shortened(form, "format"),
        status=response.status_code,
        rows=getattr(response, "row_count", None),
        is_export=response.status_code == HTTPStatus.OK and form in EXPORTS,
    )
    with transaction.atomic():
        call.save(force_insert=True)


def _key_of(request: HttpRequest) -> ApiKey | None:
    """Return the key of the call; DRF notes it, unless the call was refused before anybody asked who it was."""
    try:
        sent = getattr(request, "auth", None) or ApiKeyAuthentication().authenticate(request)  # type: ignore[arg-type]  # it reads the header only
    except AuthenticationFailed:
        return None
    key = sent[1] if isinstance(sent, tuple) else sent
    return key if isinstance(key, ApiKey) else None


def _shortened(text: str, field: str) -> str:
    return text[: ApiCall._meta.get_field(field).max_length]  # type: ignore[union-attr]  # a column of text
