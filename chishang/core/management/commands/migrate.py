"""``manage.py migrate`` in half the time: triggers and constraints do not have the models made anew.

Django and pgtrigger render the classes of a model and of all that it is related to again for each constraint and each
trigger that a migration adds. That is more than half of all the time that the migrations take, and the classes need
none of it: what is added is made in the database from the operation itself.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from unittest.mock import patch

from django.core.management.commands.migrate import Command as DjangoCommand
from django.db.migrations import AddConstraint
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger

StateForwards = Callable[[Any, str, ProjectState], None]


class Command(DjangoCommand):
    """Django's own command, without that rendering."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate."""
        with _without_rendering(AddConstraint), _without_rendering(AddTrigger):
            super().handle(*args, **options)


@contextmanager
def _without_rendering(operation: type[Any]) -> Iterator[None]:
    with patch.object(operation, "state_forwards", _quick(operation.state_forwards)):
        yield


def _quick(forwards: StateForwards) -> StateForwards:
    @wraps(forwards)
    def quick(operation: Any, app_label: str, state: ProjectState) -> None:
        rendered = state.__dict__.pop("apps", None)  # a state that has not been rendered yet renders nothing anew
        forwards(operation, app_label, state)
        if rendered is not None:
            state.__dict__["apps"] = rendered

    return quick
