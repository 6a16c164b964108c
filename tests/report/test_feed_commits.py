"""The change feed among transactions that commit, and its lives: a restored dump starts another one."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import psycopg2
import pytest
from django.db import connection, transaction

from chishang.report.feed import TYPES, LostCursor, Reading
from deploy.backup import dump, restore
from organizations.enums import DutyCode
from tests.deploy.test_backup import ask
from tests.factories import Town, VisitFactory, build_town
from tests.report.feeding import page_of, told


@pytest.fixture
def committed(transactional_db: None) -> Town:
    """The small township, committed."""
    return build_town()


def test_reader_of_a_growing_key_loses_a_row_that_the_feed_keeps(committed: Town) -> None:
    """The control of the test with many writers: this is what it would look like to lose a row."""
    district, history = committed.people[DutyCode.DISTRICT_CLIENT], TYPES[0].history
    start = page_of(district).cursor.pack()
    began, go_on = Event(), Event()

    def slow() -> int:
        try:
            with transaction.atomic():
                visit = VisitFactory(household=committed.own_household)
                began.set()
                assert go_on.wait(10)
            return int(visit.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(slow)
        assert began.wait(10)
        second = VisitFactory(household=committed.own_household).pk
        seen = list(history.objects.order_by("pgh_id").values_list("pgh_id", "pgh_obj_id"))
        page = page_of(district, start)
        go_on.set()
        slow_visit = first.result(10)
    later = list(history.objects.filter(pgh_id__gt=seen[-1][0]).values_list("pgh_obj_id", flat=True))
    rest = page_of(district, page.cursor.pack())

    assert (slow_visit < second, [key for _, key in seen], later) == (True, [second], [])  # the slow one is lost
    assert told(page) == []  # not even the second, until the first has ended
    assert told(rest) == [("visit", "created", slow_visit), ("visit", "created", second)]


def test_transaction_of_another_database_does_not_hold_the_feed_up(committed: Town) -> None:
    district = committed.people[DutyCode.DISTRICT_CLIENT]
    start = page_of(district).cursor.pack()
    other = psycopg2.connect(**parameters() | {"dbname": "postgres"})
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()")
        visit = VisitFactory(household=committed.own_household)

        assert told(page_of(district, start)) == [("visit", "created", visit.pk)]
    finally:
        other.close()


def parameters() -> dict[str, Any]:
    """How to reach the test database without Django."""
    names = ("host", "port", "user", "password", "dbname")
    return {name: value for name, value in connection.get_connection_params().items() if name in names}


@pytest.fixture
def elsewhere(transactional_db: None, tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Restores a dump of the test database into another one, and lets Django work there until the test ends."""
    here, own = connection.settings_dict["NAME"], parameters()
    name = f"{here}_feed"
    ask(own, f'DROP DATABASE IF EXISTS "{name}"')
    ask(own, f'CREATE DATABASE "{name}"')

    def move() -> None:
        dump(own, tmp_path / "portal.dump")
        restore(own | {"dbname": name}, tmp_path / "portal.dump")
        connection.close()
        connection.settings_dict["NAME"] = name

    yield move
    connection.close()
    connection.settings_dict["NAME"] = here
    ask(own, f'DROP DATABASE "{name}"')


def test_restored_dump_starts_a_new_life_in_which_nothing_is_missing(
    committed: Town, elsewhere: Callable[[], None]
) -> None:
    district = committed.people[DutyCode.DISTRICT_CLIENT]
    page_of(district)  # the feed has begun
    committed.record(None, "路不平")
    before = page_of(district)
    with connection.cursor() as cursor:  # the dump comes from a cluster that was far ahead
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE visits_visithistory SET pgh_xid = pgh_xid + 1000000000")
        cursor.execute("SET session_replication_role = DEFAULT")

    elsewhere()

    with pytest.raises(LostCursor):
        Reading(district).cursor(before.cursor.pack())
    again = page_of(district)
    assert again.cursor.feed_id != before.cursor.feed_id
    assert sorted(told(again)) == sorted(told(before)) != []
    visit = committed.record()
    assert told(page_of(district, again.cursor.pack())) == [("visit", "created", visit.pk)]
