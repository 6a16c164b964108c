"""The test database in half the time: triggers and constraints do not have the models made anew.

Django and pgtrigger render the classes of a model and of all that it is related to again for each constraint and each
trigger that a migration adds. That is more than half of all the time that the migrations take, and the classes need
none of it: what is added is made in the database from the operation itself. ``tests/core/test_serve.py`` migrates
without this.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import pytest
from django.db.migrations import AddConstraint
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger

StateForwards = Callable[[Any, str, ProjectState], None]


def migrate_quickly() -> pytest.MonkeyPatch:
    """Skip that rendering until the returned patch is undone."""
    patch = pytest.MonkeyPatch()
    for operation in (AddConstraint, AddTrigger):
        patch.setattr(operation, "state_forwards", _without_rendering(operation.state_forwards))
    return patch


def _without_rendering(forwards: StateForwards) -> StateForwards:
    @wraps(forwards)
    def quick(operation: Any, app_label: str, state: ProjectState) -> None:
        rendered = state.__dict__.pop("apps", None)  # a state that has not been rendered yet renders nothing anew
        forwards(operation, app_label, state)
        if rendered is not None:
            state.__dict__["apps"] = rendered

    return quick
