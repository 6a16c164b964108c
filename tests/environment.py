"""Loaded before Django's settings: tests have a database folder of their own."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

os.environ.setdefault("CHISHANG_DATA", str(ROOT / "var" / "test"))
for name in ("DATABASE_URL", "DEBUG", "SECRET_KEY", "ALLOWED_HOSTS"):
    os.environ.pop(name, None)

# WhiteNoise warns of a missing folder, and a warning is an error here.
Path(os.environ["CHISHANG_DATA"], "static").mkdir(parents=True, exist_ok=True)
