"""Trying out: what a write would do, to the last rule of the database, without doing it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from chishang.core.guards import check_deferred


@contextmanager
def rehearsal() -> Iterator[None]:
    """Run a block for real, check what is otherwise checked at commit, and take all of it back."""
    with transaction.atomic():
        yield
        check_deferred()
        transaction.set_rollback(True)
