"""The embedded PostgreSQL comes and goes with the commands that need it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.environment import ROOT

pytestmark = pytest.mark.xdist_group("embedded")
TWO_VALUES = "from django.db import connection as c; k = c.cursor(); k.execute('select 1'); "


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a management command on a township in ``folder``."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=clean_environment(folder) | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def clean_environment(folder: Path) -> dict[str, str]:
    dropped = {"DATABASE_URL", "CHISHANG_DATA", "SECRET_KEY", "ALLOWED_HOSTS", "DEBUG", "DJANGO_ALLOW_ASYNC_UNSAFE"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return kept | {"CHISHANG_DATA": str(folder)}


def servers(folder: Path) -> list[psutil.Process]:
    """Running PostgreSQL processes of the folder."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if "postgres" in line and f"-D {folder}" in line and process.status() != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def wait_for(condition: object, seconds: float = 20) -> bool:
    """Wait until ``condition()`` holds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.1)
    return False


def test_command_starts_the_server_and_leaves_none_behind(folder: Path) -> None:
    done = run(folder, "shell", "--no-imports", "-c", TWO_VALUES + "print(c.settings_dict['NAME'])")
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "chishang", "")
    assert servers(folder) == []


def test_command_that_needs_no_database_starts_none(folder: Path) -> None:
    assert run(folder, "help").returncode == 0
    assert not (folder / "postgres").exists()


def test_command_beside_a_running_one_does_not_stop_its_server(folder: Path) -> None:
    program = [sys.executable, "manage.py", "shell", "--no-imports", "-c", TWO_VALUES + "input()"]
    with subprocess.Popen(
        program, cwd=ROOT, env=clean_environment(folder), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as first:
        assert wait_for(lambda: servers(folder))
        assert run(folder, "shell", "--no-imports", "-c", TWO_VALUES).returncode == 0
        assert servers(folder)
        first.send_signal(signal.SIGTERM)
        first.wait(20)
    assert wait_for(lambda: not servers(folder))


def test_killed_command_does_not_keep_the_server_for_ever(folder: Path) -> None:
    program = [sys.executable, "manage.py", "shell", "--no-imports", "-c", TWO_VALUES + "input()"]
    with subprocess.Popen(
        program, cwd=ROOT, env=clean_environment(folder), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as first:
        assert wait_for(lambda: servers(folder))
        first.kill()
    assert run(folder, "shell", "--no-imports", "-c", TWO_VALUES).returncode == 0
    assert wait_for(lambda: not servers(folder))
