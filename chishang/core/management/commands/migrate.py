"""``manage.py migrate`` in a fraction of the time: what is only added does not have all other models made anew.

For each model, field, index, constraint and trigger that a migration adds, Django and pgtrigger render the classes of
everything related again: four fifths of all the time that the first migration takes. The database needs at most the
one class that is added to. The others miss what leads back to them, until a migration that runs Python gets all anew.
"""

from collections.abc import Callable
from contextlib import ExitStack
from functools import wraps
from typing import Any
from unittest.mock import patch

from django.core.management.commands.migrate import Command as DjangoCommand
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel, RunPython
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger

StateForwards = Callable[[Any, str, ProjectState], None]


class Command(DjangoCommand):
    """Django's own command, without that rendering."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate."""
        with ExitStack() as patches:
            for operation in (CreateModel, AddField, AddIndex, AddConstraint, AddTrigger):
                patches.enter_context(patch.object(operation, "state_forwards", _quick(operation.state_forwards)))
            whole = _rendered_whole(RunPython.database_backwards)
            patches.enter_context(patch.object(RunPython, "database_backwards", whole))
            super().handle(*args, **options)


def _quick(forwards: StateForwards) -> StateForwards:
    """Let an operation render the model that it makes or adds to, and no other."""

    @wraps(forwards)
    def quick(operation: Any, app_label: str, state: ProjectState) -> None:
        rendered = state.__dict__.pop("apps", None)  # a state that has not been rendered yet renders nothing anew
        forwards(operation, app_label, state)
        if rendered is None:
            return
        state.__dict__["apps"] = rendered
        model = operation.name_lower if isinstance(operation, CreateModel) else operation.model_name.lower()
        rendered.unregister_model(app_label, model)
        rendered.render_multiple([state.models[app_label, model]])
        state.is_delayed = True  # Django's word for it: RunPython renders such a state whole, before it goes forwards

    return quick


def _rendered_whole(backwards: Callable[..., None]) -> Callable[..., None]:
    @wraps(backwards)
    def whole(operation: Any, app_label: str, editor: Any, from_state: ProjectState, to_state: ProjectState) -> None:
        from_state.clear_delayed_apps_cache()
        backwards(operation, app_label, editor, from_state, to_state)

    return whole
