"""The machine's clock, put on by a test: for what takes months."""

from datetime import datetime, timedelta
from typing import Any

import pytest


class Clock(datetime):
    """Gives the time as it is, plus what the test put it on."""

    ahead = timedelta()

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]  # a plain one
        """Return the time."""
        return datetime.now(tz) + cls.ahead


def put_on(monkeypatch: pytest.MonkeyPatch, days: int = 0) -> None:
    """Let Django, and so the portal, read this clock for the rest of the test."""
    monkeypatch.setattr(Clock, "ahead", timedelta(days=days))
    monkeypatch.setattr("django.utils.timezone.datetime", Clock)
