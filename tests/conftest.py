"""What every test may use: the small township of ``tests.factories`` and its people."""

import gc
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

from tests.factories import Town, build_town
from tests.ground import ground_now, lay
from tests.layers import BUILDERS, Content, Layers
from tests.registers import rows_of
from tests.tally import pytest_terminal_summary  # noqa: F401  a hook
from tests.township import laid_township, laid_whole_township, township, whole_township  # noqa: F401  fixtures for all

LAYERS = pytest.StashKey[Layers]()


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what stays to the end: models, templates, thousands of collected tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)


@pytest.fixture(autouse=True)
def _fast_and_plain(settings: Any) -> None:
    """Cheap password hashes, static files without a manifest, and no limit to the calls of a key."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.API_CALL_RATES = settings.API_EXPORT_RATES = []
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(scope="session", autouse=True)
def _ground(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """After a test that commits there is again what the migrations stored."""
    if not connection.settings_dict["NAME"].startswith("test_"):  # there is none when no test of the run needs one
        yield
        return
    with django_db_blocker.unblock():
        ground = ground_now()
    with patch.object(TransactionTestCase, "_fixture_teardown", lambda case: lay(ground)):
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_session_left(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """End sessions that a live server's threads still hold, or the test database could not be dropped."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="session")
def layers(pytestconfig: pytest.Config, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Layers]:
    """What lies under the tests of this process."""
    pytestconfig.stash[LAYERS] = found = Layers(django_db_blocker)
    yield found
    found.keep()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Take away what the test did not ask for, before its first fixture."""
    if found := item.config.stash.get(LAYERS, None):
        found.keep(_asked_for(item))


def _asked_for(item: pytest.Item) -> set[str]:
    """The layers below a test; none below one that commits, or whose mark opens its transaction first."""
    names = set(item.fixturenames)  # type: ignore[attr-defined]  # every function has them
    alone = "transactional_db" in names or item.get_closest_marker("django_db")
    return set() if alone else names & set(BUILDERS)


@pytest.fixture
def laid(request: pytest.FixtureRequest, layers: Layers) -> Content:
    """The objects of the layers that the test asks for."""
    return layers.lay(_asked_for(request.node))


@pytest.fixture
def db(laid: Content, db: None) -> None:
    """The transaction of a test, above its layers."""


@pytest.fixture
def laid_town(db: None, laid: Content) -> Town:
    return laid["laid_town"] if laid else build_town()


@pytest.fixture
def laid_rows(laid_town: Town, laid: Content) -> dict[str, tuple[Any, Any]]:
    return laid["laid_rows"] if laid else rows_of(laid_town)


@pytest.fixture
def town(laid_town: Town) -> Town:
    """Two villages with branches in two areas, and one person for each duty."""
    return laid_town


@pytest.fixture
def rows(town: Town, laid_rows: dict[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
    """A row of the own village and one of the foreign, for each model with a scope."""
    return laid_rows
