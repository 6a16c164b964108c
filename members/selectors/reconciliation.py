"""The yearly reconciliation (党员增减): last year + increase − decrease = this year, with the rows of each line."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q

from chishang.core.scoping import Scope
from members.enums import LEAVING_KINDS, ChangeKind, Standing
from members.models import MemberChange

VIEW = "members.view_memberchange"


@dataclass(frozen=True)
class Line:
    """One line of the form: its number there, its label, and how its rows enter the sum."""

    number: int
    code: str
    label: str
    sign: int = 0
    """+1 an increase, −1 a decrease, 0 a stock or a sum of other lines."""
    parts: tuple[str, ...] = ()
    """The lines of which it is the sum."""


LINES = (
    Line(1, "opening", "上期末党员"),
    Line(2, "increase", "本期增加", parts=("joined", "restored", "moved_in")),
    Line(3, "joined", "发展党员", 1),
    Line(4, "restored", "恢复党籍", 1),
    Line(5, "moved_in", "转入", 1),
    Line(7, "decrease", "本期减少", parts=("left", "suspended", "died", "moved_out")),
    Line(8, "left", "出党", -1),
    Line(9, "suspended", "停止党籍", -1),
    Line(10, "died", "死亡", -1),
    Line(11, "moved_out", "转出", -1),
    Line(13, "expected", "应有党员（1＋2－7）"),
    Line(14, "closing", "期末实有党员"),
    Line(15, "difference", "差额（14－13，必须为 0）"),
)
"""Numbered as in the statistics' form; 6 and 12 (whole units moved) do not occur: such members move one by one."""


@dataclass
class Reconciliation:
    """The form for an organization with all below it, from ``since`` (exclusive) to ``until`` (inclusive)."""

    since: date
    until: date
    rows: dict[str, Any] = field(default_factory=dict)
    """The changes (a queryset) behind each line that counts rows."""
    values: dict[str, int] = field(default_factory=dict)

    @property
    def lines(self) -> list[tuple[Line, int]]:
        """The lines of the form with their values."""
        return [(line, self.values[line.code]) for line in LINES]

    @property
    def is_closed(self) -> bool:
        """Whether the difference is 0."""
        return self.values["difference"] == 0


def reconcile(user: Any, *, since: date, until: date, scope: Scope) -> Reconciliation:
    """Return the reconciliation of what ``user`` may see within ``scope``. ``user`` None is the office's own command.

    A transfer between two branches within it cancels: it counts for each branch, and not for the town.
    """
    own = scope if user is None else scope & user.scope_for(VIEW)
    rows = MemberChange.objects.within(own)
    period = rows.within_period(since, until)
    was_member, is_member = Q(from_standing=Standing.NORMAL), Q(to_standing=Standing.NORMAL)
    found = {
        "opening": rows.counted_on(since),
        "joined": period.filter(~was_member & is_member, kind=ChangeKind.JOINED),
        "restored": period.filter(~was_member & is_member, kind=ChangeKind.RESTORED),
        "moved_in": _from_beyond(period.filter(kind=ChangeKind.TRANSFERRED_IN), own),
        "left": period.filter(was_member, kind__in=LEAVING_KINDS),
        "suspended": period.filter(was_member, kind=ChangeKind.SUSPENDED),
        "died": period.filter(was_member, kind=ChangeKind.DIED),
        "moved_out": _from_beyond(period.filter(kind=ChangeKind.TRANSFERRED_OUT), own),
        "closing": rows.counted_on(until),
    }
    values = {code: some.count() for code, some in found.items()}
    for line in LINES:
        if line.parts:
            values[line.code] = sum(values[part] for part in line.parts)
    values["expected"] = values["opening"] + values["increase"] - values["decrease"]
    values["difference"] = values["closing"] - values["expected"]
    return Reconciliation(since, until, found, values)


def _from_beyond(transfers: Any, scope: Scope) -> Any:
    """Return the transfers whose other side lies outside ``scope``."""
    if scope.everything:
        return transfers.filter(other_branch__isnull=True)
    return transfers.exclude(other_branch__in=scope.organization_ids)
