"""Several at once: calls made at the same moment, each on a connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, connections


def race(*calls: Callable[[], Any]) -> list[Any]:
    """Make the calls at the same moment; return what each gave, or how it was refused."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            start.wait()
            return call()
        except ValidationError as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def messages(answers: list[Any]) -> list[str]:
    return [text for one in answers if isinstance(one, ValidationError) for text in one.messages]
