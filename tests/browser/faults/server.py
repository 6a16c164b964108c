"""The portal in several processes on a test's database, as ``manage.py serve`` runs it.

``python -m tests.browser.faults.server DATABASE PORT [VARIANT]``; a variant is a faulty portal of ``variants.py``.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import tests.environment

PROCESSES = 4
STARTS_WITHIN = 60  # seconds


@contextmanager
def portal_on(database: str, variant: str = "") -> Iterator[str]:
    """Run the portal on ``database``; yield its address."""
    port = _free_port()
    command = [sys.executable, "-m", "tests.browser.faults.server", database, str(port), *filter(None, [variant])]
    process = subprocess.Popen(command, cwd=tests.environment.ROOT)
    try:
        address = f"http://localhost:{port}"
        _wait_for(f"{address}/visits/shell/", process)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


def _wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(STARTS_WITHIN * 10):
        try:
            with urllib.request.urlopen(address):
                return
        except OSError:
            assert process.poll() is None, "the portal has ended"
            time.sleep(0.1)
    raise AssertionError("the portal does not answer")


def main(database: str, port: str, variant: str = "") -> None:
    """Serve until SIGTERM."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "chishang.settings"
    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    django.setup()

    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.db import connection

    from chishang.core.management.commands.serve import Portal
    from tests.browser.faults import variants

    class Portals(Portal):
        def load_config(self) -> None:
            super().load_config()
            self.cfg.set("workers", PROCESSES)

        def load(self) -> Any:
            return StaticFilesHandler(super().load())

    connection.ensure_connection()  # as the migrations do before: the server of the database is this process's
    connection.close()
    if variant:
        getattr(variants, variant)()
    Portals(f"localhost:{port}").run()


if __name__ == "__main__":
    main(*sys.argv[1:])
