"""A reader of the change feed for tests: it keeps a copy as docs/api.md tells the district to."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from typing import Any

from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client

from chishang.report.feed import NAMES, TYPES, Page, Reading
from organizations.enums import DutyCode
from organizations.models import Duty, User
from tests.api import key_headers

ADDRESS = "/api/v1/changes/"
_numbers = count(1)


def reader_of(user: User) -> Client:
    """A client with a key of ``user``."""
    return Client(headers=key_headers(user))


def let_read_feed(duty: DutyCode) -> None:
    """Give a duty the right to follow the feed."""
    permission = Permission.objects.get(content_type__app_label="report", codename="view_feed")
    Duty.objects.get(code=duty).group.permissions.add(permission)


def settle() -> None:
    """Let what this test wrote count as committed, after all that was settled before.

    Its one transaction never ends, so it stays above the horizon.
    """
    number = next(_numbers)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for fed in TYPES:
            table = fed.history._meta.db_table
            cursor.execute(
                f"UPDATE {table} SET pgh_xid = %s WHERE pgh_xid = pg_current_xact_id()::text::int", [number]
            )
        cursor.execute("SET session_replication_role = DEFAULT")


def page_of(user: User, cursor: str = "", limit: int = 1000, types: tuple[str, ...] = NAMES) -> Page:
    """What a reader gets behind a cursor."""
    reading = Reading(user, types)
    return reading.page(reading.cursor(cursor), limit)


def told(page: Page) -> list[tuple[str, str, int]]:
    """What a page says happened: type, action and id of each event."""
    return [(one.fed.name, one.action.value, one.row.pgh_obj_id) for one in page.changes]


@dataclass
class Copy:
    """What a reader holds: of each row the latest sequence, and its data (None when deleted)."""

    rows: dict[tuple[str, int], tuple[int, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    cursor: str = ""

    def take(self, page: dict[str, Any]) -> None:
        """Keep what a page tells."""
        for event in page["events"]:
            key = event["type"], event["id"]
            if event["sequence"] > self.rows.get(key, (0, None))[0]:
                self.rows[key] = event["sequence"], event["data"]
        self.events += page["events"]
        self.cursor = page["cursor"]

    def follow(self, client: Client, limit: int = 200, **query: Any) -> list[dict[str, Any]]:
        """Read to the end; return the new events."""
        before = len(self.events)
        for page in pages(client, cursor=self.cursor, limit=limit, **query):
            self.take(page)
        return self.events[before:]

    def alive(self, name: str) -> dict[int, Any]:
        """The rows of a type that are not deleted, by id in order."""
        found = {key: data for (kind, key), (_, data) in self.rows.items() if kind == name and data is not None}
        return dict(sorted(found.items()))

    def checksums(self) -> dict[str, Any]:
        """The checksums of the copy."""
        answer = {}
        for name in NAMES:
            lines = [f"{key}:{self.rows[name, key][0]}\n" for key in self.alive(name)]
            answer[name] = {"count": len(lines), "sha256": sha256("".join(lines).encode()).hexdigest()}
        return answer


def pages(client: Client, **query: Any) -> Iterator[dict[str, Any]]:
    """Page after page, until there are no more."""
    page = {"more": True, "next": ADDRESS}
    while page["more"]:
        response = client.get(page["next"], query)
        assert response.status_code == 200, response.content
        page, query = response.json(), {}
        yield page
