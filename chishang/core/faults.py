"""What is written down of a fault of ours: where it happened, and nothing of what people had typed or stored.

The database repeats the whole row in its refusals, and Django's report to the administrators the whole form. Neither
belongs into a log that more people read than the register.
"""

import logging
import traceback
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.views.debug import ExceptionReporter


def told(error: BaseException, request: Any = None) -> str:
    """Return the trace of an error with its causes: files, lines, kinds of error.

    Of what the errors say, those of the database keep their first line, without the row; and none says anything when
    a confidential app was at work (``CONFIDENTIAL_APPS``), or a page of it was asked for.
    """
    chain = list(_chain(error))
    path = getattr(request, "path", "")
    secret = any(f"/{app}/" in path for app in settings.CONFIDENTIAL_APPS) or any(map(_is_confidential, chain))
    parts: list[str] = []
    for one in reversed(chain):
        parts += traceback.format_tb(one.__traceback__)
        name = f"{type(one).__module__}.{type(one).__qualname__}"
        parts.append(f"{name}\n" if secret else f"{name}: {_said(one)}\n")
    return "".join(parts).rstrip("\n")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _is_confidential(error: BaseException) -> bool:
    frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
    modules = (str(frame.f_globals.get("__name__", "")) for frame in frames)
    return any(module.partition(".")[0] in settings.CONFIDENTIAL_APPS for module in modules)


def _said(error: BaseException) -> str:
    of_database = isinstance(error, DatabaseError) or hasattr(error, "diag")
    return str(error).partition("\n")[0] if of_database else str(error)


class PlainFormatter(logging.Formatter):
    """Lines of the log; an exception is told as ``told`` does."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines; what another handler made of the exception is not taken over."""
        bare = logging.makeLogRecord({**vars(record), "exc_info": None, "exc_text": None})
        lines = super().format(bare)
        error = record.exc_info[1] if record.exc_info else None
        return f"{lines}\n{told(error, getattr(record, 'request', None))}" if error else lines


class PlainReporter(ExceptionReporter):
    """Django's report of a fault, without the form, the variables and the rows; whole for developers (DEBUG)."""

    def get_traceback_text(self) -> SafeString:
        """Return the report as text, as it is sent to ``ADMINS``."""
        return super().get_traceback_text() if settings.DEBUG else mark_safe(self._short())

    def get_traceback_html(self) -> SafeString:
        """Return the same as a page."""
        return super().get_traceback_html() if settings.DEBUG else format_html("<pre>{}</pre>", self._short())

    def _short(self) -> str:
        error: Any = self.exc_value
        trace = told(error, self.request) if isinstance(error, BaseException) else ""
        return f"{getattr(self.request, 'path', '')}\n{trace}"
