"""What every test may use: the small township of ``tests.factories`` and its people."""

import pytest
from django.conf import settings

from tests.factories import Town, build_town
from tests.township import township, undone  # noqa: F401  fixtures for all


@pytest.fixture(autouse=True)
def _fast_and_plain(settings: settings) -> None:  # type: ignore[valid-type]
    """Cheap password hashes, and static files without a manifest."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def town(db: None) -> Town:
    """Two villages with branches in two areas, and one person for each duty."""
    return build_town()
