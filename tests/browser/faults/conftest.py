"""The portal in several processes, a line that has faults, and the proof that nothing was lost or doubled."""

from collections.abc import Callable, Iterable, Iterator

import pytest
from django.db import connection
from playwright.sync_api import Page

from tests.browser.faults.line import FaultyLine, faulty_line_to
from tests.browser.faults.server import portal_on
from tests.browser.oracle import Verdict, examine_phone

Proof = Callable[..., None]
Tell = Callable[[Verdict], None]


@pytest.fixture(scope="session")
def portal(django_db_setup: None) -> Iterator[str]:
    """The address of the portal, which runs in processes of its own on this process's test database."""
    with portal_on(connection.settings_dict["NAME"]) as address:
        yield address


@pytest.fixture
def line(portal: str) -> Iterator[FaultyLine]:
    """The only way from the phone to the portal."""
    with faulty_line_to(portal) as made:
        yield made


@pytest.fixture
def tell(line: FaultyLine, record_property: Callable[[str, object], None]) -> Tell:
    """A function that adds a verdict to the sums told at the end of the run, and fails unless all is well."""

    def add(verdict: Verdict) -> None:
        record_property("operations", verdict.operations)
        record_property("faults", line.faults)
        record_property("lost", len(verdict.lost))
        record_property("doubled", len(verdict.doubled))
        assert verdict.is_good, verdict

    return add


@pytest.fixture
def prove(tell: Tell) -> Proof:
    """A function that asks the oracle about a phone and the ids that it ``shown`` as stored."""

    def ask(page: Page, shown: Iterable[str] = ()) -> None:
        tell(examine_phone(page, shown))

    return ask
