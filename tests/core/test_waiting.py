"""Uploads that wait: nothing readable on the disk, found by their token alone, and gone after a day."""

import os
import time
from pathlib import Path

import pytest

from chishang.core import waiting

ROSTER = "姓名,公民身份号码\n赵东强,370399197005060011\n".encode()


@pytest.fixture
def folder(tmp_path: Path, settings: object) -> Path:
    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]
    return tmp_path / "uploads-waiting"


def test_upload_comes_back_and_is_not_readable_on_the_disk(folder: Path) -> None:
    token = waiting.keep(ROSTER)
    (file,) = folder.iterdir()
    assert b"370399" not in file.read_bytes()
    assert "赵东强".encode() not in file.read_bytes()
    assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert waiting.read(token) == ROSTER


def test_forgotten_upload_is_gone(folder: Path) -> None:
    token = waiting.keep(ROSTER)
    waiting.forget(token)
    waiting.forget(token)
    assert not waiting.is_kept(token)
    with pytest.raises(FileNotFoundError):
        waiting.read(token)


def test_upload_of_yesterday_is_thrown_away_by_the_next(folder: Path) -> None:
    old, young = waiting.keep(ROSTER), waiting.keep(ROSTER)
    for token, hours in ((old, 25), (young, 23)):
        moment = time.time() - hours * 3600
        os.utime(folder / token, (moment, moment))
    waiting.keep(ROSTER)
    assert (waiting.is_kept(old), waiting.is_kept(young)) == (False, True)


@pytest.mark.parametrize("token", ["", "../../keys", "a" * 31, "/etc/passwd", "a" * 32])
def test_token_that_is_none_finds_nothing(folder: Path, token: str) -> None:
    with pytest.raises(FileNotFoundError):
        waiting.read(token)


@pytest.mark.parametrize(("mode", "encoding"), [("rb", None), ("r", "utf-8-sig")])
def test_sheet_waits_as_its_format_reads_it(folder: Path, mode: str, encoding: str | None) -> None:
    data = ROSTER if encoding is None else ROSTER.decode()
    waiting_sheet = waiting.WaitingStorage(read_mode=mode, encoding=encoding)
    waiting_sheet.save(data)
    again = waiting.WaitingStorage(name=waiting_sheet.name, read_mode=mode, encoding=encoding)
    assert again.read() == data
    again.remove()
    assert list(folder.iterdir()) == []
