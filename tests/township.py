"""The whole township, loaded from the offices' workbooks once for a test module and rolled back after it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from chishang.core.ledgers import Options, Report, Status, load_ledgers
from tests.ground import lay_ground
from tests.layers import Layers

LEDGERS = Path(__file__).resolve().parent.parent / "demo" / "ledgers"
BAD = Path(__file__).resolve().parent / "ledgers" / "bad"
TRUTH = Path(__file__).resolve().parent / "ledgers" / "truth.json"


def load(*files: Path, **options: bool) -> list[Report]:
    """Load workbooks as the operator does."""
    return load_ledgers(files or sorted(LEDGERS.glob("*.xlsx")), Options(**options))


@pytest.fixture(scope="module")
def township(layers: Layers, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """All workbooks that the portal takes so far. Tests that change rows do so inside ``undone``."""
    layers.keep()
    with django_db_blocker.unblock(), transaction.atomic():
        lay_ground()
        reports = load()
        assert Status.REFUSED not in {report.status for report in reports}
        yield
        layers.keep()
        transaction.set_rollback(True)


@pytest.fixture
def undone(township: None) -> Iterator[None]:
    """Changes made in the test are rolled back after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
