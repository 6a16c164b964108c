"""How petitions and leads stand: what of theirs is due until when, and which of them are late."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from chishang.core.dates import today
from discipline.enums import Disposal, LimitCode
from discipline.models import Lead, Petition
from discipline.selectors.limits import Due, Limits

PETITION_STATES: dict[str, tuple[str, Q]] = {
    "waiting": ("待告知受理", Q(closed_on__isnull=True, is_signed=True, acknowledged_on__isnull=True)),
    "open": ("办理中", Q(closed_on__isnull=True) & (Q(is_signed=False) | Q(acknowledged_on__isnull=False))),
    "closed": ("已办结", Q(closed_on__isnull=False)),
}
"""How far a petition is, in words, and the condition. Only a signed one has somebody to tell."""
LEAD_STATES: dict[str, tuple[str, Q]] = {
    "new": ("待提处置意见", Q(finished_on__isnull=True, proposed_on__isnull=True)),
    "open": ("处置中", Q(finished_on__isnull=True, proposed_on__isnull=False)),
    "finished": ("已办结", Q(finished_on__isnull=False)),
}
"""How far a lead is."""


@dataclass(frozen=True)
class Deadline:
    """One thing that has to be done by a day, and when it was done."""

    label: str
    due: Due
    done_on: date | None

    @property
    def is_late(self) -> bool:
        """Whether it was done too late, or is not done though its last day has passed."""
        return self.due.is_missed(today(), self.done_on)


def petition_state(petition: Petition) -> str:
    """Return the key in ``PETITION_STATES``."""
    if petition.closed_on:
        return "closed"
    return "waiting" if petition.is_signed and petition.acknowledged_on is None else "open"


def lead_state(lead: Lead) -> str:
    """Return the key in ``LEAD_STATES``."""
    if lead.finished_on:
        return "finished"
    return "open" if lead.proposed_on else "new"


def deadlines_of(row: Petition | Lead, limits: Limits) -> list[Deadline]:
    """Return what the limits in force ask of a petition or lead, in its order.

    A signed petition is acknowledged (纪检监察机关处理检举控告工作规则) and every one closed, both from receipt.
    A lead gets its proposal from receipt; an inquiry ends so long after the proposal (监督执纪工作规则).
    """
    found = _of_petition(row) if isinstance(row, Petition) else _of_lead(row)
    deadlines = []
    for code, start, done_on in found:
        due = limits.due(code, start)
        if due is not None:
            deadlines.append(Deadline(code.label, due, done_on))
    return deadlines


Asked = tuple[LimitCode, date, date | None]
"""What is asked, the day from which it counts, and the day on which it was done."""


def _of_petition(petition: Petition) -> list[Asked]:
    closing: Asked = (LimitCode.PETITION_CLOSING, petition.received_on, petition.closed_on)
    if not petition.is_signed:
        return [closing]
    # Whoever is told the result knows that it was taken on.
    told_on = petition.acknowledged_on or petition.closed_on
    return [(LimitCode.PETITION_ACKNOWLEDGEMENT, petition.received_on, told_on), closing]


def _of_lead(lead: Lead) -> list[Asked]:
    asked: list[Asked] = [(LimitCode.LEAD_PROPOSAL, lead.received_on, lead.proposed_on)]
    if lead.disposal == Disposal.INQUIRY and lead.proposed_on:
        asked.append((LimitCode.LEAD_INQUIRY, lead.proposed_on, lead.finished_on))
    return asked


def next_deadline(row: Petition | Lead, limits: Limits) -> Deadline | None:
    """Return the earliest of what is still to be done; None when nothing is."""
    waiting = [one for one in deadlines_of(row, limits) if one.done_on is None]
    return min(waiting, key=lambda one: one.due.on, default=None)


def late_among(rows: Iterable[Any], limits: Limits | None = None) -> list[int]:
    """Return the keys of those open rows of which something is overdue today."""
    limits = limits or Limits.load()
    return [row.pk for row in rows if (one := next_deadline(row, limits)) is not None and one.is_late]
