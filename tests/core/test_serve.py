"""One command brings the portal up with the demonstration township; Ctrl-C ends it with its database."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chishang.core.encryption import make_key_file
from tests.core.test_postgres import clean_environment, run, servers, wait_for
from tests.environment import ROOT

PRODUCTION = {"ALLOWED_HOSTS": "portal.example", "SECRET_KEY": "k9" * 20 + "AbCdEfGhIjKlMnOpQrStUvWxYz"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def portal(data: Path, port: int) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """The running portal, in a process group of its own as in a terminal, and the file with what it prints."""
    log = data.parent / "serve.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--demo", "--port", str(port)],
            cwd=ROOT,
            env=clean_environment(data),
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        assert wait_for(lambda: "门户已启动" in log.read_text() or process.poll() is not None, 90)
        assert wait_for(lambda: answers(port), 20), log.read_text()
        yield process, log
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def answers(port: int) -> bool:
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/").status == 200
    except OSError:
        return False


def resolved(port: int, key: str) -> int:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/report/?as_of=2017-12-31", headers={"Authorization": f"Api-Key {key}"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["figures"]["issues.resolved"]["value"]


def test_first_and_second_start_and_ctrl_c_and_no_way_into_production(folder: Path) -> None:
    port = free_port()
    printed = []
    for _ in range(2):
        with portal(folder, port) as (process, log):
            text = log.read_text()
            printed.append(text)
            key = re.search(r"接口密钥（区级接口）：(\S+)", text)
            assert key
            assert resolved(port, key.group(1)) == 807
            os.killpg(process.pid, signal.SIGINT)
            assert process.wait(40) == 0
        assert wait_for(lambda: not servers(folder))
    assert "首次启动" in printed[0]
    assert "首次启动" not in printed[1]
    for duty in ("党建办干事", "支部书记", "片区长", "财政所会计", "区级接口", "系统管理员"):
        assert all(f"  {duty}  " in text for text in printed), duty
    refused = run(folder, "serve", "--port", str(free_port()), **PRODUCTION)
    assert (refused.returncode, "演示账号" in refused.stderr) == (1, True)


def test_port_in_use_says_so(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run(folder, "serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "用不了" in done.stderr


def test_outside_address_without_allowed_hosts_is_refused(folder: Path) -> None:
    done = run(folder, "serve", "--host", "0.0.0.0", "--port", str(free_port()))
    assert done.returncode == 1
    assert "请先设置 ALLOWED_HOSTS" in done.stderr


@pytest.mark.parametrize("port", ["0", "99999"])
def test_impossible_port_says_so(folder: Path, port: str) -> None:
    assert "端口应在 1 到 65535 之间" in run(folder, "serve", "--port", port).stderr


def test_production_does_not_take_demonstration_data(folder: Path) -> None:
    for name in ("keys", "keys-confidential"):
        make_key_file(folder / name)
    assert "不能装入演示数据" in run(folder, "serve", "--demo", "--port", str(free_port()), **PRODUCTION).stderr
    assert "不能装入演示数据" in run(folder, "load_demo", **PRODUCTION).stderr
