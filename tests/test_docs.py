"""The papers are complete and hang together."""

import re
from pathlib import Path

import pytest
from django.apps import apps

from tests.environment import ROOT
from visits.enums import IssueState

PAPERS = sorted(path for path in ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md"))
VARIABLES = ("DATABASE_URL", "CHISHANG_DATA", "SECRET_KEY", "ALLOWED_HOSTS", "DEBUG", "PORT")


def test_readme_has_at_most_a_hundred_lines() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 100


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(paper: Path) -> None:
    text = paper.read_text()
    links = re.findall(r"\]\(([^)#]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    missing = [link for link in links if "://" not in link and not (paper.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("name", VARIABLES)
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in (ROOT / "README.md").read_text()
    assert f"{name}=" in (ROOT / ".env.example").read_text()


def test_settings_read_no_other_variable() -> None:
    text = "\n".join(path.read_text() for path in (ROOT / "chishang" / "settings").glob("*.py"))
    read = set(re.findall(r'(?:environ\.get|read_\w+)\("([A-Z_]+)"', text))
    assert read <= set(VARIABLES)


def test_every_register_is_in_the_glossary() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text()
    for model in apps.get_models():
        if model.__module__.split(".")[0] in {"organizations", "visits"} and not model.__name__.endswith("History"):
            assert f"| {model._meta.verbose_name} | `{model.__name__}` |" in glossary, model


def test_every_state_is_in_the_manual() -> None:
    manual = (ROOT / "docs" / "manual.md").read_text()
    assert [state.label for state in IssueState if f"| {state.label} |" not in manual] == []


def test_every_command_is_documented() -> None:
    papers = "\n".join(path.read_text() for path in PAPERS)
    for command in (ROOT / "chishang").rglob("management/commands/*.py"):
        if command.stem != "__init__":
            assert command.stem in papers, command.stem


def test_every_decision_says_context_decision_consequence() -> None:
    for paper in (ROOT / "docs" / "adr").glob("*.md"):
        text = paper.read_text()
        assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Consequence")), paper.name
