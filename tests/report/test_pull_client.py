"""docs/pull_changes.py, as the district's programmer runs it, against a running portal."""

import json
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from chishang.report.feed import TYPES, renew_feed
from organizations.enums import DutyCode
from tests.api import key_headers
from tests.environment import ROOT
from tests.factories import Town, VisitFactory, build_town
from tests.finance.money import make_voucher

PROGRAM = str(ROOT / "docs" / "pull_changes.py")
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def town(transactional_db: None) -> Town:
    """The small township, committed, so that the server's own connections see it."""
    return build_town()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "copy.sqlite"


@pytest.fixture
def run(town: Town, store: Path, live_server: Any) -> Run:
    """Runs the program with a key of the district; more arguments may follow."""
    key = store.with_name("key")
    key.write_text(key_headers(town.people[DutyCode.DISTRICT_CLIENT])["Authorization"].removeprefix("Api-Key ") + "\n")
    command = [sys.executable, PROGRAM, live_server.url, str(key), str(store)]

    def start(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False, timeout=60)

    return start


def held(store: Path, statement: str, *values: Any) -> list[Any]:
    """What a statement finds in the copy."""
    connection = sqlite3.connect(store)
    try:
        with connection:
            return connection.execute(statement, values).fetchall()
    finally:
        connection.close()


def alive(store: Path) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {fed.name: [] for fed in TYPES}
    for kind, key in held(store, "SELECT type, id FROM records WHERE data IS NOT NULL ORDER BY type, id"):
        found[kind].append(key)
    return found


def in_portal() -> dict[str, list[int]]:
    return {
        fed.name: list(fed.model.objects.order_by("pk").values_list("pk", flat=True))  # type: ignore[attr-defined]
        for fed in TYPES
    }


def test_copy_follows_the_portal(town: Town, run: Run, store: Path) -> None:
    visit = town.record(None, "路不平", "灯不亮")
    gone = VisitFactory(household=town.own_household)
    make_voucher(town)
    first = run("--check")
    assert (first.returncode, first.stdout.splitlines()[1:], first.stderr) == (0, ["核对一致"], "")
    assert alive(store) == in_portal()

    visit.remark = "补记"
    visit.save()
    key = gone.pk
    gone.delete()
    second = run("--check")

    assert second.stdout == "收到 2 个事件\n核对一致\n"
    assert alive(store) == in_portal()
    ((text,),) = held(store, "SELECT data FROM records WHERE type = 'visit' AND id = ?", visit.pk)
    assert json.loads(text)["remark"] == "补记"
    assert held(store, "SELECT data FROM records WHERE type = 'visit' AND id = ?", key) == [(None,)]
    assert run().stdout == "收到 0 个事件\n"


def test_reading_everything_again_doubles_nothing(town: Town, run: Run, store: Path) -> None:
    town.record(None, "路不平")
    run()
    before = held(store, "SELECT * FROM records ORDER BY type, id")
    held(store, "DELETE FROM position")

    again = run("--check")

    assert (again.returncode, held(store, "SELECT * FROM records ORDER BY type, id")) == (0, before)


def test_check_finds_what_is_missing_or_out_of_date(town: Town, run: Run, store: Path) -> None:
    town.record(None, "路不平")
    run()
    held(store, "UPDATE records SET sequence = sequence - 1 WHERE type = 'visit'")
    held(store, "DELETE FROM records WHERE type = 'issue'")

    answer = run("--check")

    assert (answer.returncode, answer.stdout.splitlines()) == (
        1,
        ["收到 0 个事件", "visit：门户 1 行，副本 1 行", "issue：门户 1 行，副本 0 行", "请删除副本，重新运行。"],
    )


def test_ended_feed_is_read_anew_into_a_fresh_copy(town: Town, run: Run, store: Path) -> None:
    town.record(None, "路不平")
    run()
    held(store, "INSERT INTO records VALUES ('visit', 4711, 1, '{}')")  # what the restore took back
    renew_feed()

    answer = run("--check")

    assert (answer.returncode, answer.stdout.startswith("游标已失效，从头读取：收到 ")) == (0, True)
    assert alive(store) == in_portal()
    assert [path.name for path in store.parent.glob("copy*")] == ["copy.sqlite"]


def test_too_many_calls_wait_as_long_as_the_portal_says(town: Town, run: Run, settings: Any) -> None:
    settings.API_CALL_RATES = [(1, 4)]
    run()
    began = time.monotonic()

    answer = run()

    assert (answer.returncode, answer.stdout) == (0, "收到 0 个事件\n")
    assert time.monotonic() - began > 1


def test_limit_of_the_day_ends_the_run_and_the_next_goes_on(town: Town, run: Run, settings: Any) -> None:
    settings.API_CALL_RATES = [(1, 4000)]
    run()

    answer = run()

    assert (answer.returncode, answer.stderr.startswith("当天的次数用完了")) == (1, True)


def test_refusal_is_shown(run: Run, store: Path) -> None:
    store.with_name("key").write_text("nobody.nothing")

    answer = run()

    assert answer.returncode == 1
    assert "401" in answer.stderr
    assert "接口密钥" in answer.stderr


@pytest.fixture
def broken_portal() -> Iterator[str]:
    """The address of a portal whose answer breaks off."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            caller, _ = server.accept()
            with caller:
                caller.recv(4096)
                caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")

        thread = Thread(target=answer, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join(10)


def test_unreachable_portal_is_said_in_words(tmp_path: Path) -> None:
    check_failed_connection(tmp_path, "http://127.0.0.1:1")


def test_answer_that_breaks_off_is_said_in_words(tmp_path: Path, broken_portal: str) -> None:
    check_failed_connection(tmp_path, broken_portal)


def check_failed_connection(tmp_path: Path, address: str) -> None:
    (tmp_path / "key").write_text("some.key")
    command = [sys.executable, PROGRAM, address, str(tmp_path / "key"), str(tmp_path / "copy.sqlite")]

    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert (answer.returncode, answer.stderr.startswith("连不上门户")) == (1, True)
