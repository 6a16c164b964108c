"""Who looked at a record, as far as whoever asks may know."""

from typing import Any

from discipline.models import Reading

SHOWN = 20
"""The newest are shown on the record's page; the register has all."""


def readings_of(user: Any, row: Any) -> Any:
    """Return the newest readings of ``row`` (a sealed record) that ``user`` may see, with who they were. One query."""
    return Reading.objects.visible_to(user).filter(row_uid=row.uid).select_related("user")[:SHOWN]
