"""How often a key may call. People who are signed in are not counted."""

import logging
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from organizations.api.calls import EXPORTS
from organizations.models import ApiCall, ApiKey

logger = logging.getLogger(__name__)


class ApiKeyThrottle(BaseThrottle):
    """Counts the recorded calls of the key (``ApiCall``) in sliding windows; refused ones for being too many are none.

    Calls of the same moment do not see each other, so that a few more may pass than the rate says.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        """Say whether the key may call now. Where the calls cannot be counted, it may."""
        self.seconds = 0
        if isinstance(request.auth, ApiKey):
            try:
                with transaction.atomic():  # a savepoint: what fails here must not take the answer with it
                    self.seconds = _seconds_to_wait(request.auth, request.accepted_renderer.format)
            except DatabaseError:
                logger.exception("The calls of key %s cannot be counted; this one is let through", request.auth.prefix)
        return not self.seconds

    def wait(self) -> float:
        """Return the seconds until the key may call again, one at least."""
        return self.seconds


def _seconds_to_wait(key: ApiKey, file_format: str) -> int:
    now, calls = timezone.now(), ApiCall.objects.filter(key=key)
    waits = [_wait(calls, now, *rate) for rate in settings.API_CALL_RATES]
    if file_format in EXPORTS:
        waits += [_wait(calls.filter(is_export=True), now, *rate) for rate in settings.API_EXPORT_RATES]
    return max(waits, default=0)


def _wait(calls: Any, now: datetime, times: int, seconds: int) -> int:
    """Return the seconds until fewer than ``times`` of the ``calls`` lie in the window of ``seconds``; 0 when so."""
    since = now - timedelta(seconds=seconds)
    latest = calls.filter(called_at__gt=since).order_by("-called_at").values_list("called_at", flat=True)
    first = next(iter(latest[times - 1 : times]), None)  # with it the window is full; it must leave
    return 0 if first is None else ceil((first - since).total_seconds())
