"""The change feed: what was written to visits, issues and village money, for a reader that keeps a copy.

Its source are the history tables, which triggers fill (``chishang.core.history``): a row for every insert, update and
delete, with the number of the transaction that wrote it.

**Nothing is lost.** Keys are given when a row is written, but rows become visible when their transaction commits, in
any order. A reader that asks for what is above the greatest key it has seen never sees a row of a transaction that
began earlier and committed later. So events are read in the order of (transaction, type, key), and only those below
the horizon: the smallest transaction number that is still running. Below it every transaction has ended, and none can
begin. The horizon is read first, in a statement of its own; the next statement sees all that had ended by then.

**Order.** Transaction numbers are given at the first write, so they do not tell which of two changes of one row was
the later. ``sequence`` (the history row's key) does: a second writer of the row waits at its lock, and gets its key
after the first has committed. A reader applies an event only when its sequence is greater than that of what it holds
of the row; and it keeps the sequence of rows that it deleted.

**Lives.** Transaction numbers belong to one cluster, and a restore may take back what readers have. So a feed has an
id, bound to the database that it was started in (``Feed``). In another one, or in the same set back to an earlier
day, a new life starts by itself at the first call, and cursors of the old one are refused.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Self

import pgtrigger
from django.contrib.postgres.aggregates import StringAgg
from django.core.signing import BadSignature, Signer
from django.db import connection, transaction
from django.db.models import Count, Func, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat

from chishang.core.scoping import Actor, Scope
from chishang.report.enums import ChangeAction
from chishang.report.models import Feed
from finance.models import Disbursement, Voucher
from visits.enums import IssueState
from visits.models import Issue, IssueEvent, Visit

INSERT, DELETE = "insert", "delete"
"""Labels of history rows; that of a deletion shows the row as it was last."""
OLD = 0
"""Transaction of everything that was written before the feed's present life."""


@dataclass(frozen=True)
class FedType:
    """A model whose changes are in the feed. ``joined`` are the foreign keys that its events name by more than id."""

    name: str
    model: type[Model]
    joined: tuple[str, ...] = ()

    @property
    def permission(self) -> str:
        """What one needs to see its rows."""
        return f"{self.model._meta.app_label}.view_{self.model._meta.model_name}"

    @property
    def history(self) -> Any:
        """Its history model."""
        return self.model._meta.get_field("history").related_model


TYPES = (
    FedType("visit", Visit, ("campaign", "household__village")),
    FedType("issue", Issue, ("visit__household__village", "category", "unit")),
    FedType("issue_event", IssueEvent),
    FedType("disbursement", Disbursement, ("organization__village", "subject")),
    FedType("voucher", Voucher, ("organization__village", "subject")),
)
"""In the order of events of one transaction: what others refer to comes first."""
SIGNED = re.compile("[0-9A-Za-z_-]+:[0-9A-Za-z_-]{43}")
"""What a cursor looks like, whoever signed it."""
NAMES = tuple(one.name for one in TYPES)


class WrongCursor(Exception):
    """The cursor was not made here, or is one of other types."""


class LostCursor(Exception):
    """The cursor belongs to what is no more: another life, other rights, another key. The reader starts anew."""


@dataclass(frozen=True)
class Place:
    """Where an event stands. ``recorded_at`` tells it from one that came to the same place after a setback."""

    transaction: int
    rank: int
    key: int
    recorded_at: str


@dataclass(frozen=True)
class Cursor:
    """How far a reader has come: ``place`` is that of its last event, None before the first.

    ``asked`` are the types it asked for, ``view`` says which rows of them its account sees.
    """

    feed_id: str
    asked: tuple[str, ...]
    view: str
    place: Place | None = None

    def pack(self) -> str:
        """Return it as a text for the reader, which cannot change it."""
        place = self.place and (self.place.transaction, self.place.rank, self.place.key, self.place.recorded_at)
        return Signer(salt="feed").sign_object([self.feed_id, self.asked, self.view, place])

    @classmethod
    def unpack(cls, text: str) -> Self:
        """Return what ``pack`` made a text of.

        Raises LostCursor for what looks like one but was signed under another key, WrongCursor for anything else.
        """
        try:
            feed_id, asked, view, place = Signer(salt="feed").unsign_object(text)
        except (BadSignature, ValueError) as error:
            # SECRET_KEY was renewed, or not put back with the dump: with 400 the reader would be stuck for ever.
            raise (LostCursor if SIGNED.fullmatch(text) else WrongCursor) from error
        return cls(feed_id, tuple(asked), view, place and Place(*place))


@dataclass(frozen=True)
class Change:
    """An event: a history row of a type."""

    fed: FedType
    row: Any

    @property
    def event_id(self) -> str:
        """Its name, the same for ever."""
        return f"{self.fed.name}-{self.row.pgh_id}"

    @property
    def action(self) -> ChangeAction:
        """What happened to the row. One that was merged into another stays, and names it."""
        if self.row.pgh_label == DELETE:
            return ChangeAction.DELETED
        if self.fed.model is Issue and self.row.state == IssueState.MERGED:
            return ChangeAction.MERGED
        return ChangeAction.CREATED if self.row.pgh_label == INSERT else ChangeAction.UPDATED


@dataclass(frozen=True)
class Page:
    """Events, the cursor behind the last of them, and whether there are more already."""

    changes: list[Change]
    cursor: Cursor
    more: bool


class Reading:
    """What an account may read of the feed: events of the types on whose rows it has the right to look.

    A deleted row is still told to whoever could see it: its own history says where it belonged.
    """

    def __init__(self, user: Actor | Any, types: Sequence[str] = NAMES) -> None:
        """``types`` are those asked for; those that the account may not see are left out without a word."""
        asked = [fed for fed in TYPES if fed.name in types]
        scopes = {fed: user.scope_for(fed.permission) for fed in asked}
        self._scopes: dict[FedType, Scope] = {fed: scope for fed, scope in scopes.items() if scope}
        self.types = tuple(fed.name for fed in self._scopes)
        self.feed = current_feed()
        names = tuple(fed.name for fed in asked)
        self._start = Cursor(str(self.feed.feed_id), names, _digest(self._scopes))

    def cursor(self, text: str = "") -> Cursor:
        """Return the cursor that a reader sent, or the first one for an empty text.

        Raises WrongCursor for one that is malformed or of other types, and LostCursor for one of another life, for an
        event that is no more, or when the account sees other rows than it did.
        """
        if not text:
            return self._start
        sent = Cursor.unpack(text)
        if sent.feed_id != self._start.feed_id:
            raise LostCursor
        if sent.asked != self._start.asked:
            raise WrongCursor
        if sent.view != self._start.view or not self._is_there(sent.place):
            raise LostCursor
        return sent

    def page(self, cursor: Cursor, limit: int) -> Page:
        """Return at most ``limit`` events behind ``cursor``; the number of queries does not grow with them."""
        keys = self._keys(cursor.place, limit + 1)
        changes = self._fetch(keys[:limit])
        place = _place(changes[-1]) if changes else cursor.place
        return Page(changes, replace(cursor, place=place), more=len(keys) > limit)

    def checksums(self, cursor: Cursor) -> dict[str, dict[str, Any]]:
        """Return for each type what a reader should hold that has come to ``cursor``.

        ``count`` is the number of rows that are not deleted; ``sha256`` that of their lines ``id:sequence`` in the
        order of their ids, each ended by a line feed.
        """
        return {fed.name: self._checksum(fed, cursor.place) for fed in self._scopes}

    def _checksum(self, fed: FedType, place: Place | None) -> dict[str, Any]:
        read = self._rows(fed).exclude(_beyond(fed, place))
        latest = read.order_by("pgh_obj_id", "-pgh_id").distinct("pgh_obj_id")
        alive = fed.history.objects.filter(pgh_id__in=latest.values("pgh_id")).exclude(pgh_label=DELETE)
        answer: dict[str, Any] = alive.aggregate(count=Count("pgh_id"), sha256=_sha256_of_lines())
        return answer

    def _rows(self, fed: FedType) -> QuerySet[Any]:
        """Return the history rows of a type that lie in the account's scope."""
        scope = self._scopes[fed]
        rows: QuerySet[Any] = fed.history.objects.all()
        return rows if scope.everything else rows.filter(_lies_in(fed, scope))

    def _keys(self, place: Place | None, limit: int) -> list[tuple[int, int, int]]:
        horizon = read_horizon()
        parts = [
            self._rows(fed)
            .filter(_beyond(fed, place), pgh_xid__lt=horizon)
            .annotate(rank=Value(TYPES.index(fed)))
            .order_by("pgh_xid", "pgh_id")
            .values_list("pgh_xid", "rank", "pgh_id")[:limit]
            for fed in self._scopes
        ]
        if len(parts) <= 1:  # which Django would not make a union of
            return [key for part in parts for key in part]
        return list(parts[0].union(*parts[1:], all=True).order_by("pgh_xid", "rank", "pgh_id")[:limit])

    def _fetch(self, keys: list[tuple[int, int, int]]) -> list[Change]:
        found: dict[tuple[int, int], Any] = {}
        for rank, fed in enumerate(TYPES):
            if wanted := [key for _, other, key in keys if other == rank]:
                # Not joined: a row whose visit or household is gone would fall out.
                rows = fed.history.objects.filter(pgh_id__in=wanted).prefetch_related(*fed.joined)
                found |= {(rank, row.pgh_id): row for row in rows}
        return [Change(TYPES[rank], found[rank, key]) for _, rank, key in keys]

    def _is_there(self, place: Place | None) -> bool:
        """Say whether the event at ``place`` exists; it does not after the files were set back to an earlier day."""
        if place is None:
            return True
        rows = TYPES[place.rank].history.objects.filter(pgh_id=place.key, pgh_xid=place.transaction)
        return bool(rows.filter(pgh_created_at=place.recorded_at).exists())


def read_horizon() -> int:
    """Return the transaction number below which all transactions of this database have ended.

    It is the smallest running one, this one included; those of other databases of the cluster write nothing here and
    do not hold the feed up. Where the portal's role may not see whose a transaction is, it counts.
    """
    return int(
        _ask(
            """
            SELECT least(
                pg_snapshot_xmax(pg_current_snapshot()),
                pg_current_xact_id_if_assigned(),
                (
                    SELECT running FROM pg_snapshot_xip(pg_current_snapshot()) AS running
                    WHERE NOT EXISTS (
                        SELECT FROM pg_stat_activity AS session
                        WHERE session.backend_xid = running::xid AND session.datname <> current_database()
                    )
                    ORDER BY running LIMIT 1
                )
            )::text
            """
        )
    )


def current_feed() -> Feed:
    """Return the feed of this database; where there is none yet, or only that of another database, start one."""
    if feed := _running_feed():
        return feed
    with transaction.atomic():
        _take_turn()
        return _running_feed() or renew_feed()


@transaction.atomic
def renew_feed() -> Feed:
    """Start a new life of the feed: all readers load everything anew.

    What was written until now gets the transaction number 0: its own means nothing in another cluster, and could be
    greater than those to come.
    """
    _take_turn()
    guards = [f"{fed.history._meta.label}:append_only" for fed in TYPES]
    with pgtrigger.ignore(*guards):  # noqa: TID251  nothing else is switched off
        for fed in TYPES:
            fed.history.objects.exclude(pgh_xid=OLD).update(pgh_xid=OLD)
    return Feed.objects.create(database=_identity())


def _take_turn() -> None:
    """Wait until no other transaction starts a feed."""
    _ask("SELECT pg_advisory_xact_lock('report_feed'::regclass::oid::bigint)::text")


def _running_feed() -> Feed | None:
    feed = Feed.objects.first()
    return feed if feed and feed.database == _identity() else None


def _identity() -> str:
    """Return what tells this database from every other, from a dump restored and from an earlier state recovered.

    The cluster, its timeline (recovery to a point in time begins another), the database and the table itself.
    """
    text = _ask(
        """
        SELECT concat_ws(
            ' ', (SELECT system_identifier FROM pg_control_system()), left(pg_walfile_name(pg_current_wal_lsn()), 8),
            (SELECT oid FROM pg_database WHERE datname = current_database()), 'report_feed'::regclass::oid
        )
        """
    )
    return sha256(text.encode()).hexdigest()


def _ask(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return str(cursor.fetchone()[0])


def _digest(scopes: dict[FedType, Scope]) -> str:
    """Return a short text that changes when the account gets to see other types, or rows of other organizations."""
    seen = [(fed.name, scope.everything, sorted(scope.organization_ids)) for fed, scope in scopes.items()]
    return sha256(json.dumps(seen).encode()).hexdigest()[:16]


def _place(change: Change) -> Place:
    row = change.row
    return Place(row.pgh_xid, TYPES.index(change.fed), row.pgh_id, row.pgh_created_at.isoformat())


def _beyond(fed: FedType, place: Place | None) -> Q:
    """Return the condition for events of a type behind ``place``, in the order of transaction, type and key."""
    if place is None:
        return Q(pgh_xid__gte=OLD)
    rank = TYPES.index(fed)
    if rank != place.rank:
        return Q(pgh_xid__gte=place.transaction) if rank > place.rank else Q(pgh_xid__gt=place.transaction)
    later = Q(pgh_xid__gt=place.transaction) | Q(pgh_id__gt=place.key)
    return Q(pgh_xid__gte=place.transaction) & later  # the first part lets the index start there


def _lies_in(fed: FedType, scope: Scope) -> Q:
    """Return the condition for history rows whose row belongs, or belonged, to an organization of ``scope``.

    The way leads from the history row's own columns, as its row may be gone, to the gate of what is above it (the
    visit of an issue). That may be gone, too: then what it was when it was deleted decides.
    """
    above: Any = fed.model._meta.get_field(str(fed.model.scope_path).partition("__")[0])  # type: ignore[attr-defined]
    condition = Q(**{f"{above.name}__in": above.related_model.objects.within(scope)})
    for other in TYPES:
        if other.model is above.related_model:
            gone = other.history.objects.filter(_lies_in(other, scope), pgh_label=DELETE)
            condition |= Q(**{f"{above.name}__in": gone.values("pgh_obj_id")})
    return condition


def _sha256_of_lines() -> Func:
    """Return the digest of the lines ``id:sequence`` of history rows, in the order of their ids."""
    parts = (Cast("pgh_obj_id", TextField()), Value(":"), Cast("pgh_id", TextField()), Value("\n"))
    line = Concat(*parts, output_field=TextField())
    lines = Coalesce(StringAgg(line, delimiter="", order_by="pgh_obj_id"), Value(""))
    return Func(lines, template="encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')", output_field=TextField())
