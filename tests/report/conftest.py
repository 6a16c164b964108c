"""What the tests of the report share."""

import pytest
from pytest_django.plugin import DjangoDbBlocker

from chishang.core.ledgers import Status
from tests.township import LEDGERS, load


@pytest.fixture(scope="module")
def whole_township(township: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The confidential workbook as well, which the operator asks for."""
    with django_db_blocker.unblock():
        (report,) = load(LEDGERS / "06廉政台账.xlsx", confidential=True)
        assert report.status == Status.LOADED
