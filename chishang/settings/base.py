"""Applications, database, language and files."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from chishang.core.encryption import KeyFileError, Keyring, make_key_file
from chishang.settings import env

BASE_DIR = Path(__file__).resolve().parents[2]
DATA_DIR = Path(os.environ.get("CHISHANG_DATA") or BASE_DIR / "var").resolve()

DEBUG = env.read_bool("DEBUG", default=False)
ALLOWED_HOSTS = env.read_hosts("ALLOWED_HOSTS")
# A portal that other machines can reach is a production portal; without ALLOWED_HOSTS only this machine reaches it.
PRODUCTION = any(host not in env.LOCAL_HOSTS for host in ALLOWED_HOSTS)
ALLOWED_HOSTS = ALLOWED_HOSTS or env.LOCAL_HOSTS
SECRET_KEY = os.environ.get("SECRET_KEY", "")

if PRODUCTION and DEBUG:
    raise ImproperlyConfigured(
        "DEBUG=true 与 ALLOWED_HOSTS 不能同时使用：正式运行必须关闭 DEBUG (no DEBUG in production)。"
    )
if PRODUCTION and env.is_weak(SECRET_KEY):
    raise ImproperlyConfigured(
        "SECRET_KEY 缺失或太弱：正式运行需要至少 50 个随机字符 "
        "(production needs a random key of 50 characters or more)。"
    )


def _local_key() -> str:
    """Return this folder's own random key, made at the first start, so that sessions outlive a restart."""
    path = DATA_DIR / "secret-key"
    try:
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(secrets.token_urlsafe(60))
    except FileExistsError:
        pass
    except OSError as error:
        raise ImproperlyConfigured(
            f"CHISHANG_DATA={DATA_DIR}：无法写入该文件夹 (cannot write there): {error.strerror}"
        ) from error
    return path.read_text()


SECRET_KEY = SECRET_KEY or _local_key()


def _key_file(name: str, default: str) -> Path:
    """Return where the keys named ``name`` lie: outside the database and its dumps; the operator makes them."""
    path = Path(os.environ.get(name) or DATA_DIR / default).resolve()
    if not PRODUCTION and not path.exists():
        make_key_file(path)
    try:
        Keyring.read(path)
    except KeyFileError as error:
        raise ImproperlyConfigured(f"{name}={error}。见 docs/runbook.md。") from error
    return path


KEY_FILE = _key_file("KEY_FILE", "keys")
# What the discipline registers hold is under keys of its own, so that the one file can be kept by fewer people.
CONFIDENTIAL_KEY_FILE = _key_file("CONFIDENTIAL_KEY_FILE", "keys-confidential")
CONFIDENTIAL_APPS = frozenset({"discipline"})
"""Apps whose permissions come from an appointment alone: being superuser does not open their registers."""

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "chishang.workbench.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "import_export",
    "pgtrigger",
    "pghistory",
    "axes",
    "csp",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "chishang.core",
    "organizations",
    "members",
    "visits",
    "finance",
    "discipline",
    "chishang.report",
    "chishang.workbench",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "chishang.core.middleware.ContentPolicyMiddleware",
    "chishang.core.middleware.PlainQueryMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "chishang.core.middleware.NoStoreMiddleware",
    "organizations.api.calls.ApiCallMiddleware",
    "chishang.core.middleware.ApiCacheMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "chishang.core.middleware.UnreadableMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "chishang.urls"
WSGI_APPLICATION = "chishang.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]

DATABASES = {"default": env.read_database("DATABASE_URL", data_dir=DATA_DIR)}
DATABASES["default"]["ATOMIC_REQUESTS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "chishang.settings.formats"

DESK_PHONE = env.read_phone("DESK_PHONE")
"""The office's number, at the foot of every page."""
SERVICE_WORKER = env.read_bool("SERVICE_WORKER", default=True)
"""Whether phones keep the pages for use without network; off takes the worker off all of them, not their records."""

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "chishang.core.static_files.HashedStaticFiles"},
}
if DEBUG:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
MEDIA_ROOT = DATA_DIR / "uploads"

PGHISTORY_APPEND_ONLY = True

DEFAULT_EXCEPTION_REPORTER = "chishang.core.faults.PlainReporter"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "chishang.core.faults.PlainFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
