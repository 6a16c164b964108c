"""Rules that the database keeps by triggers, with a message that people can read; and that message as an error.

A rule about one row is a check constraint on its model. What looks at other rows, or forbids a change of a stored one,
is a guard: a trigger that refuses, whoever asks and in whichever way (form, API, bulk update, raw SQL).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pgtrigger
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

PREFIX = "guard_"


def refusal(name: str, message: str) -> str:
    """Return the PL/pgSQL statement that refuses with ``message``; Django raises it as an IntegrityError."""
    text = message.replace("'", "''")
    return f"RAISE EXCEPTION USING MESSAGE = '{text}', ERRCODE = 'check_violation', CONSTRAINT = '{PREFIX}{name}';"


def refuse(
    name: str, operation: pgtrigger.Operation, message: str, *, condition: pgtrigger.Condition | None = None
) -> pgtrigger.Trigger:
    """Return a trigger that refuses ``operation`` on rows that meet ``condition``."""
    return pgtrigger.Trigger(
        name=name, when=pgtrigger.Before, operation=operation, condition=condition, func=refusal(name, message)
    )


def written_once(model_name: str, message: str) -> list[pgtrigger.Trigger]:
    """Return the trigger of a table whose rows are never changed nor deleted."""
    return [refuse(f"{model_name}_written_once", pgtrigger.Update | pgtrigger.Delete, message)]


def message_of(error: IntegrityError) -> str:
    """Return what to tell of a broken constraint or guard; empty when it has no message of its own.

    The database's own text would repeat the whole row.
    """
    diagnosis: Any = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or ""
    if name.startswith(PREFIX):
        return str(diagnosis.message_primary)
    rules = (rule for model in apps.get_models() for rule in model._meta.constraints if rule.name == name)
    rule = next(rules, None)
    return str(rule.violation_error_message) if rule else ""


@contextmanager
def told_in_words() -> Iterator[None]:
    """Run a block in a transaction; turn what the database refuses into a ValidationError with its message.

    Deferred rules are checked at the end of the block, not at the end of the request. A refusal without a message of
    its own stays an IntegrityError: it is a fault of the program.
    """
    try:
        with transaction.atomic():
            yield
            check_deferred()
    except IntegrityError as error:
        if not (message := message_of(error)):
            raise
        raise ValidationError(message) from error


def check_deferred() -> None:
    """Check now what is otherwise checked at commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
