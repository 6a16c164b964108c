"""A sheet is printed: its rows through the gate, and a line kept for each record of a sealed one."""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from chishang.core.dates import in_words
from discipline.enums import AccessKind
from discipline.selectors.sheets import Content, Sheet
from discipline.services.readings import check_purpose, record_readings
from organizations.models import User


@dataclass(frozen=True)
class Period:
    """From day to day, both inclusive."""

    since: date
    until: date

    @property
    def told(self) -> str:
        """The period in words: a whole year as such."""
        first, last = (self.since.month, self.since.day), (self.until.month, self.until.day)
        if self.since.year == self.until.year and (first, last) == ((1, 1), (12, 31)):
            return f"{self.since.year}年"
        return f"{in_words(self.since)}至{in_words(self.until)}"


@dataclass(frozen=True)
class Printed:
    """A sheet with its rows: by whom it was printed, when, and for what."""

    sheet: Sheet
    period: Period
    content: Content
    by: User
    at: datetime
    purpose: str

    @property
    def lines(self) -> list[list[tuple[str, str]]]:
        """The lines, each cell with what its column holds."""
        return [self._cells(line) for line in self.content.lines]

    @property
    def total(self) -> list[tuple[str, str]]:
        """The line of totals; empty where the sheet has none, or no lines."""
        return self._cells(self.content.total) if self.content.total and self.content.lines else []

    @property
    def width(self) -> int:
        """How many columns there are, with that of the numbers."""
        return len(self.sheet.columns) + 1

    def _cells(self, line: list[str]) -> list[tuple[str, str]]:
        return list(zip(line, self.sheet.columns.values(), strict=True))


def print_sheet(*, actor: User, sheet: Sheet, period: Period, purpose: str = "") -> Printed:
    """Return the rows of ``sheet`` in ``period`` that ``actor`` may see; of a sealed sheet each is kept as printed.

    Raises PermissionDenied for a sheet that is not the actor's, ValidationError (at ``purpose``) when a sealed sheet
    is printed for a purpose that says nothing.
    """
    if not actor.has_perm(sheet.permission):
        raise PermissionDenied
    with transaction.atomic():
        stated = check_purpose(purpose) if sheet.sealed else ""
        content = sheet.read(actor, period.since, period.until)
        if sheet.sealed:
            record_readings(actor=actor, rows=content.records, purpose=stated, kind=AccessKind.PRINTED)
    return Printed(sheet, period, content, actor, timezone.now(), stated)
