"""Hashed names of static files, also inside the modules of the phone."""

import base64
import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client


@pytest.fixture
def collected(tmp_path: Path, settings: Any) -> Path:
    """The folder of the static files, as production serves them."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "chishang.core.static_files.HashedStaticFiles"},
    }
    call_command("collectstatic", "--noinput", verbosity=0)
    return tmp_path


def test_modules_import_each_other_by_their_hashed_names(collected: Path) -> None:
    modules = {path.name: path.read_text() for path in (collected / "visits").glob("*.????????????.js")}
    imported = [name for text in modules.values() for name in re.findall(r'(?:from |import\()"\./([^"]+)"', text)]
    assert len(imported) >= 10
    assert {name for name in imported if name not in modules} == set()


def test_the_worker_knows_the_content_of_what_it_keeps(collected: Path, client: Client, db: None) -> None:
    script = client.get("/visits/sw.js").text
    kept = json.loads(re.search(r"KEPT = ({.*?});", script)[1])  # type: ignore[index]
    shell = kept.pop("/visits/shell/")
    contents = {address: (collected / address.removeprefix("/static/")).read_bytes() for address in kept}
    assert all(re.search(r"\.[0-9a-f]{12}\.", address) for address in contents)
    hashes = {address: base64.b64encode(sha256(content).digest()).decode() for address, content in contents.items()}
    assert kept == {address: f"sha256-{value}" for address, value in hashes.items()}
    page = client.get("/visits/shell/").content
    assert shell == f"sha256-{base64.b64encode(sha256(page).digest()).decode()}"
