"""Where the system's Chromium is, for the tests in a browser and for the pictures of the papers."""

import shutil
from typing import Any

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first draws no window of its own, which takes less time; the others do as well."""


def launch_options() -> dict[str, Any]:
    """Return what Playwright needs to start it; a missing browser is an error, never a skip."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise RuntimeError("Chromium is not installed: ./deploy/install-system chromium")
    return {"executable_path": path, "args": ["--no-sandbox"]}
