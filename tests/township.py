"""The whole township, loaded from the offices' workbooks; a layer below the tests that ask for it."""

from pathlib import Path

import pytest

from chishang.core.ledgers import Options, Report, Status, load_ledgers

LEDGERS = Path(__file__).resolve().parent.parent / "demo" / "ledgers"
BAD = Path(__file__).resolve().parent / "ledgers" / "bad"
TRUTH = Path(__file__).resolve().parent / "ledgers" / "truth.json"


def load(*files: Path, **options: bool) -> list[Report]:
    """Load workbooks as the operator does."""
    return load_ledgers(files or sorted(LEDGERS.glob("*.xlsx")), Options(**options))


def build_township() -> None:
    """Load all workbooks but the confidential one."""
    assert Status.REFUSED not in {report.status for report in load()}


def add_confidential() -> None:
    """Load the confidential workbook as well, which the operator asks for."""
    (report,) = load(LEDGERS / "06廉政台账.xlsx", confidential=True)
    assert report.status == Status.LOADED


@pytest.fixture
def laid_township(db: None, laid: dict[str, object]) -> None:
    if not laid:
        build_township()


@pytest.fixture
def laid_whole_township(laid_township: None, laid: dict[str, object]) -> None:
    if not laid:
        add_confidential()


@pytest.fixture
def township(laid_township: None) -> None:
    """All workbooks but the confidential one."""


@pytest.fixture
def whole_township(laid_whole_township: None) -> None:
    """All workbooks."""
