"""Rows that many tests start from, laid once and kept under one test after the other.

Building the town takes longer than most tests. So it is built in a transaction that stays open from test to test; each
test runs in a savepoint of its own above it, which is rolled back as ever. A test finds exactly what it asks for: what
it does not ask for is rolled back before it starts, and its Python objects are copies of its own.
"""

import copy
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from tests.factories import build_town
from tests.registers import rows_of
from tests.township import add_confidential, build_township

Content = dict[str, Any]

BUILDERS: dict[str, Callable[[Content], Any]] = {
    "laid_township": lambda _: build_township(),
    "laid_whole_township": lambda _: add_confidential(),
    "laid_town": lambda _: build_town(),
    "laid_rows": lambda content: rows_of(content["laid_town"]),
}
"""What can be laid, by the name of the fixture that asks for it; each stands on those before it.

A test module whose many tests start from more rows adds its own here.
"""


@dataclass
class Layer:
    """One open savepoint, with the objects of it and of those below as they were when it had just been built."""

    name: str
    block: transaction.Atomic
    content: Content


class Layers:
    """What lies in the test database of this process, from the bottom to the top."""

    def __init__(self, blocker: DjangoDbBlocker) -> None:
        """``blocker`` lets nobody at the database between tests; layers are laid and taken away just then."""
        self._blocker = blocker
        self._laid: list[Layer] = []

    def keep(self, wanted: Collection[str] = ()) -> None:
        """Roll back everything from the first layer on that is not ``wanted``; without names, everything."""
        kept = next((n for n, layer in enumerate(self._laid) if layer.name not in wanted), len(self._laid))
        with self._blocker.unblock():
            while len(self._laid) > kept:
                _undo(self._laid.pop().block)

    def lay(self, wanted: Collection[str]) -> Content:
        """Build what is ``wanted`` and not there yet; return copies of the objects, by the names of the layers."""
        with self._blocker.unblock():
            for name in BUILDERS:
                if name in wanted and name not in self._content():
                    self._laid.append(_build(name, copy.deepcopy(self._content())))
        return copy.deepcopy(self._content())

    def _content(self) -> Content:
        return self._laid[-1].content if self._laid else {}


def _build(name: str, content: Content) -> Layer:
    block = transaction.atomic()
    block.__enter__()
    try:
        content[name] = BUILDERS[name](content)
        # What is checked at the end of a transaction is checked now, and not again after every test above.
        connection.check_constraints()
    except BaseException:
        _undo(block)
        raise
    return Layer(name, block, content)


def _undo(block: transaction.Atomic) -> None:
    transaction.set_rollback(True)
    block.__exit__(None, None, None)
