"""A data folder in which the embedded server can live."""

from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    # The server runs as another user when we are root: it must be able to pass through.
    for parent in (tmp_path, *tmp_path.parents):
        if parent.owner() == Path.home().owner() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o055)
    return tmp_path / "data"
