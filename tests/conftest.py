"""What every test may use: the small township of ``tests.factories`` and its people."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from tests.factories import Town, build_town
from tests.registers import rows_of
from tests.township import township, undone  # noqa: F401  fixtures for all


@pytest.fixture(autouse=True)
def _fast_and_plain(settings: Any) -> None:
    """Cheap password hashes, and static files without a manifest."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(scope="session", autouse=True)
def _no_session_left(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """End sessions that a live server's threads still hold, or the test database could not be dropped."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
def town(db: None) -> Town:
    """Two villages with branches in two areas, and one person for each duty."""
    return build_town()


@pytest.fixture
def rows(town: Town) -> dict[str, tuple[Any, Any]]:
    """A row of the own village and one of the foreign, for each model with a scope."""
    return rows_of(town)
