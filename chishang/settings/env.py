"""The environment, read once. A wrong value stops the start with a message that says what to write instead."""

import os
import re
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
LIMITS = "-c statement_timeout=60s"
"""No statement of the portal takes a minute: one that does is a fault and must not hold up the others."""
WEAK_KEY_LENGTH = 50
WEAK_KEY_VARIETY = 5


def read_bool(name: str, *, default: bool) -> bool:
    """Return the switch ``name``; raise ImproperlyConfigured when it is neither yes nor no."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.strip().lower() in TRUE:
        return True
    if value.strip().lower() in FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={value!r}：请写 true 或 false (write true or false)。")


def read_phone(name: str) -> str:
    """Return a telephone number as people write it; empty when it is not set."""
    value = os.environ.get(name, "").strip()
    if value and not re.fullmatch(r"\+?[0-9][0-9 -]{2,19}", value):
        raise ImproperlyConfigured(f"{name}={value!r}：请写电话号码，只用数字和短横 (write digits and hyphens)。")
    return value


def read_hosts(name: str) -> list[str]:
    """Return the host names of a comma-separated list; empty when it is not set."""
    hosts = [host.strip() for host in os.environ.get(name, "").split(",") if host.strip()]
    wrong = [host for host in hosts if "/" in host or "://" in host or " " in host]
    if wrong or "*" in hosts:
        raise ImproperlyConfigured(
            f"{name}={os.environ[name]!r}：请写主机名，用逗号分开，不带 http:// 和路径，不用 * "
            "(host names separated by commas, without scheme or path, no *)。"
        )
    return hosts


def read_database(name: str, *, data_dir: Path) -> dict[str, object]:
    """Return the Django database of ``postgres://user:password@host:port/name``, or the embedded one when unset."""
    url = os.environ.get(name, "").strip()
    if not url:
        return {
            "ENGINE": "chishang.core.postgres",
            "NAME": "chishang",
            "USER": "postgres",
            "DATA_DIR": data_dir / "postgres",
            "OPTIONS": {"options": LIMITS},
            "CONN_MAX_AGE": 60,
        }
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/") or port == -1:
        raise ImproperlyConfigured(
            f"{name}：请写 postgres://用户:密码@主机:端口/数据库 "
            "(write postgres://user:password@host:port/database; no other database is supported)。"
        )
    options = {"options": LIMITS} | dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or parts.hostname or "",
        "PORT": str(port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def is_weak(key: str) -> bool:
    """Say whether a secret key is too short, too uniform or one that Django or we made up for development."""
    return len(key) < WEAK_KEY_LENGTH or len(set(key)) < WEAK_KEY_VARIETY or key.startswith("django-insecure-")
