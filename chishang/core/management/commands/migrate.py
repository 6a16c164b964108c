"""``manage.py migrate`` in a fraction of the time: what is only added does not have all other models made anew.

For each model, field, index, constraint and trigger that a migration adds, Django and pgtrigger render the classes of
everything related again: four fifths of all the time that the first migration takes. The database needs at most the
one class that is added to. The others miss what leads back to them, until a migration that runs Python gets all anew.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any
from unittest.mock import patch

from django.core.management.commands.migrate import Command as DjangoCommand
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger

StateForwards = Callable[[Any, str, ProjectState], None]


class Command(DjangoCommand):
    """Django's own command, without that rendering."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate."""
        with ExitStack() as patches:
            for operation in (AddConstraint, AddIndex, AddTrigger):
                patches.enter_context(_rendering(operation, _nothing))
            patches.enter_context(_rendering(CreateModel, lambda one: one.name_lower))
            patches.enter_context(_rendering(AddField, lambda one: one.model_name_lower))
            super().handle(*args, **options)


def _nothing(operation: Any) -> None:
    return None


@contextmanager
def _rendering(operation: type[Any], model_of: Callable[[Any], str | None]) -> Iterator[None]:
    """Let the operation render the model that ``model_of`` names, or none."""
    with patch.object(operation, "state_forwards", _quick(operation.state_forwards, model_of)):
        yield


def _quick(forwards: StateForwards, model_of: Callable[[Any], str | None]) -> StateForwards:
    @wraps(forwards)
    def quick(operation: Any, app_label: str, state: ProjectState) -> None:
        rendered = state.__dict__.pop("apps", None)  # a state that has not been rendered yet renders nothing anew
        forwards(operation, app_label, state)
        if rendered is None:
            return
        state.__dict__["apps"] = rendered
        if model := model_of(operation):
            rendered.unregister_model(app_label, model)
            rendered.render_multiple([state.models[app_label, model]])
            state.is_delayed = True  # Django's word for it: RunPython renders such a state whole

    return quick
