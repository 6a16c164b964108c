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
from django.views.debug import ExceptionReporter


def told(error: BaseException) -> str:
    """Return the trace of an error with its causes: files, lines, kinds of error.

    Of what the errors say, those of the database keep their first line, without the row; and none says anything when
    a confidential app was at work (``CONFIDENTIAL_APPS``).
    """
    chain = list(_chain(error))
    secret = any(map(_is_confidential, chain))
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
        """Return the lines; another handler's text of the exception is not taken over."""
        kept, record.exc_text = record.exc_text, None
        try:
            return super().format(record)
        finally:
            record.exc_text = kept

    def formatException(self, ei: Any) -> str:  # noqa: N802  logging's own name
        """Return the trace."""
        error: BaseException | None = ei[1]
        return told(error) if error is not None else ""


class PlainReporter(ExceptionReporter):
    """Django's report of a fault, without the form, the variables and the rows; whole for developers (DEBUG)."""

    def get_traceback_text(self) -> str:
        """Return the report as text, as it is sent to ``ADMINS``."""
        if settings.DEBUG:
            return super().get_traceback_text()
        where = self.request.path if self.request else ""
        value: Any = self.exc_value
        return f"{where}\n{told(value) if isinstance(value, BaseException) else ''}"

    def get_traceback_html(self) -> str:
        """Return the same as a page."""
        return (
            super().get_traceback_html() if settings.DEBUG else format_html("<pre>{}</pre>", self.get_traceback_text())
        )
