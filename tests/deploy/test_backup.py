"""A dump restores to the same database, and into an empty one only."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from deploy.backup import dump, restore

COUNTS = "SELECT (SELECT count(*) FROM django_migrations), (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal)"


def ask(database: dict[str, Any], statement: str) -> Any:
    """Run one statement outside a transaction; return its first row."""
    server = psycopg2.connect(**database)
    server.autocommit = True
    try:
        with server.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone() if cursor.description else None
    finally:
        server.close()


@pytest.fixture
def stored(db: None) -> dict[str, Any]:
    """The test database with what its migrations stored."""
    names = ("host", "port", "user", "password", "dbname")
    return {name: value for name, value in connection.get_connection_params().items() if name in names}


@pytest.fixture
def empty(stored: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """An empty database beside it."""
    name = f"{stored['dbname']}_restored"
    ask(stored, f'DROP DATABASE IF EXISTS "{name}"')
    ask(stored, f'CREATE DATABASE "{name}"')
    yield stored | {"dbname": name}
    ask(stored, f'DROP DATABASE "{name}"')


def test_restored_database_is_the_dumped_one(stored: dict[str, Any], empty: dict[str, Any], tmp_path: Path) -> None:
    dump(stored, tmp_path / "portal.dump")
    restore(empty, tmp_path / "portal.dump")
    assert ask(empty, COUNTS) == ask(stored, COUNTS)
    assert min(ask(empty, COUNTS)) > 20


def test_restore_into_a_database_with_tables_is_refused(stored: dict[str, Any], tmp_path: Path) -> None:
    dump(stored, tmp_path / "portal.dump")
    before = ask(stored, COUNTS)
    with pytest.raises(SystemExit, match="数据库不是空的"):
        restore(stored, tmp_path / "portal.dump")
    assert ask(stored, COUNTS) == before


def test_dump_is_readable_by_its_owner_only(stored: dict[str, Any], tmp_path: Path) -> None:
    dump(stored, tmp_path / "portal.dump")
    assert (tmp_path / "portal.dump").stat().st_mode & 0o077 == 0
    assert [file.name for file in tmp_path.iterdir()] == ["portal.dump"]


def test_failed_dump_leaves_the_last_one(stored: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "portal.dump").write_text("yesterday's")
    with pytest.raises(SystemExit, match="pg_dump"):
        dump(stored | {"dbname": f"{settings.DATABASES['default']['NAME']}_nowhere"}, tmp_path / "portal.dump")
    assert (tmp_path / "portal.dump").read_text() == "yesterday's"
