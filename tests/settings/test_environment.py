"""A wrong environment stops the start with a message; production is strict."""

import secrets
from pathlib import Path

import pytest

from tests.core.test_postgres import run

STRONG = secrets.token_urlsafe(60)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"DEBUG": "maybe"}, "请写 true 或 false"),
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
    environment = {"ALLOWED_HOSTS": "portal.example", "SECRET_KEY": STRONG}
    done = run(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **environment)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_local_key_is_random_and_stays(tmp_path: Path) -> None:
    shown = [
        run(
            folder, "shell", "--no-imports", "-c", "from django.conf import settings; print(settings.SECRET_KEY)"
        ).stdout
        for folder in (tmp_path / "a", tmp_path / "a", tmp_path / "b")
    ]
    assert shown[0] == shown[1] != shown[2]
    assert (tmp_path / "a" / "secret-key").stat().st_mode & 0o777 == 0o600
