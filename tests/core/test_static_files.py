"""Hashed names of static files, also inside the modules of the phone."""

import re
from pathlib import Path
from typing import Any

from django.core.management import call_command


def test_modules_import_each_other_by_their_hashed_names(tmp_path: Path, settings: Any) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "chishang.core.static_files.HashedStaticFiles"},
    }
    call_command("collectstatic", "--noinput", verbosity=0)
    modules = {path.name: path.read_text() for path in (tmp_path / "visits").glob("*.????????????.js")}
    imported = [name for text in modules.values() for name in re.findall(r'(?:from |import\()"\./([^"]+)"', text)]
    assert len(imported) >= 10
    assert {name for name in imported if name not in modules} == set()
