"""Every look at a confidential record leaves a line: who, what, for what."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError

from discipline.enums import AccessKind, Register
from discipline.models import Reading
from discipline.models.readings import REGISTERS
from organizations.models import User

SHORTEST = 4
"""A purpose of fewer characters says nothing."""
IMPORT, CHECK = "导入台账", "检查台账"
"""For what a workbook was read: to bring it in, or to see what it would bring."""
_REGISTER_OF = {model: register for register, model in REGISTERS.items()}


def check_purpose(text: str) -> str:
    """Return the purpose, trimmed; raise ValidationError when it says nothing."""
    purpose = " ".join(text.split())
    if len(purpose) < SHORTEST:
        raise ValidationError({"purpose": f"请写明目的，至少 {SHORTEST} 个字，如：“准备案件审理”。"})
    return purpose


def record_reading(*, actor: User, row: Any, purpose: str, kind: AccessKind = AccessKind.READ) -> Reading:
    """Keep that ``actor`` read (printed, took out) ``row``, a row of one of ``REGISTERS``, for ``purpose``."""
    return record_readings(actor=actor, rows=[row], purpose=purpose, kind=kind)[0]


def record_readings(*, actor: User, rows: Iterable[Any], purpose: str, kind: AccessKind) -> list[Reading]:
    """Keep a line for each of ``rows``; raise ValidationError when the purpose says nothing."""
    stated = check_purpose(purpose)
    return Reading.objects.bulk_create(
        Reading(
            user=actor,
            kind=kind,
            register=_REGISTER_OF[type(row)],
            row_uid=row.uid,
            subject=_subject(row),
            purpose=stated,
        )
        for row in rows
    )


def record_import(*, actor: User | None, operator: str, file: str, purpose: str = IMPORT) -> Reading:
    """Keep that a workbook came in, or with ``CHECK`` as ``purpose`` that it was only compared with what is stored.

    By an account, or by an operator at the server's console (``actor`` None).
    """
    return Reading.objects.create(
        user=actor,
        operator="" if actor else operator,
        kind=AccessKind.IMPORTED,
        register=Register.WORKBOOK,
        subject=file[:100],
        purpose=purpose,
    )


def _subject(row: Any) -> str:
    """Return what names the record without naming a person: its number, or its key."""
    number = getattr(row, "number", "")
    return f"{row._meta.verbose_name} {number or row.pk}"
