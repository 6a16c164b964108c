"""A wrong environment stops the start with a message; production is strict."""

import secrets
from pathlib import Path

import pytest

from chishang.core.encryption import make_key_file
from tests.core.test_postgres import run

STRONG = secrets.token_urlsafe(60)


def production(**files: Path) -> dict[str, str]:
    """The environment of a portal that others can reach, with its key files."""
    paths = {name: str(path) for name, path in files.items()}
    return {"ALLOWED_HOSTS": "portal.example", "SECRET_KEY": STRONG, **paths}


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"DEBUG": "maybe"}, "请写 true 或 false"),
        ({"DESK_PHONE": "0533-1<b>"}, "请写电话号码"),
        ({"ALLOWED_HOSTS": "https://portal.example/"}, "请写主机名"),
        ({"ALLOWED_HOSTS": "*", "SECRET_KEY": STRONG}, "请写主机名"),
        ({"DATABASE_URL": "mysql://a@b/c"}, "请写 postgres://"),
        ({"DATABASE_URL": "postgres://a@b:port/c"}, "请写 postgres://"),
        ({"DATABASE_URL": "postgres://a@b"}, "请写 postgres://"),
        ({"ALLOWED_HOSTS": "portal.example"}, "SECRET_KEY 缺失或太弱"),
        ({"ALLOWED_HOSTS": "portal.example", "SECRET_KEY": "a" * 80}, "SECRET_KEY 缺失或太弱"),
        ({"ALLOWED_HOSTS": "portal.example", "SECRET_KEY": "django-insecure-" + STRONG}, "SECRET_KEY 缺失或太弱"),
        ({"ALLOWED_HOSTS": "portal.example", "SECRET_KEY": STRONG, "DEBUG": "true"}, "不能同时使用"),
    ],
)
def test_wrong_value_stops_the_start(tmp_path: Path, environment: dict[str, str], message: str) -> None:
    done = run(tmp_path, "check", **environment)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_folder_that_cannot_be_written_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run(tmp_path / "file" / "data", "check")
    assert done.returncode == 1
    assert "无法写入" in done.stderr


def test_production_check_has_no_warning(tmp_path: Path) -> None:
    make_key_file(tmp_path / "elsewhere")
    make_key_file(tmp_path / "confidential")
    environment = production(KEY_FILE=tmp_path / "elsewhere", CONFIDENTIAL_KEY_FILE=tmp_path / "confidential")
    done = run(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **environment)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize("name", ["KEY_FILE", "CONFIDENTIAL_KEY_FILE"])
def test_production_does_not_make_keys_by_itself(tmp_path: Path, name: str) -> None:
    make_key_file(tmp_path / "elsewhere")
    files = {"KEY_FILE": tmp_path / "elsewhere", "CONFIDENTIAL_KEY_FILE": tmp_path / "elsewhere"}
    done = run(tmp_path, "check", **production(**{**files, name: tmp_path / "nowhere"}))
    assert done.returncode == 1
    assert f"{name}={tmp_path / 'nowhere'}：读不了密钥文件" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(("file", "name"), [("keys", "KEY_FILE"), ("keys-confidential", "CONFIDENTIAL_KEY_FILE")])
def test_damaged_key_file_stops_the_start(tmp_path: Path, file: str, name: str) -> None:
    (tmp_path / file).write_text("1 AAAA")
    done = run(tmp_path, "check")
    assert done.returncode == 1
    assert f"{name}=" in done.stderr
    assert "密钥文件已损坏" in done.stderr


def test_local_key_files_are_two(tmp_path: Path) -> None:
    assert run(tmp_path, "check").returncode == 0
    files = [tmp_path / "keys", tmp_path / "keys-confidential"]
    assert files[0].read_text() != files[1].read_text()
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_local_key_is_random_and_stays(tmp_path: Path) -> None:
    shown = [
        run(
            folder, "shell", "--no-imports", "-c", "from django.conf import settings; print(settings.SECRET_KEY)"
        ).stdout
        for folder in (tmp_path / "a", tmp_path / "a", tmp_path / "b")
    ]
    assert shown[0] == shown[1] != shown[2]
    assert (tmp_path / "a" / "secret-key").stat().st_mode & 0o777 == 0o600
