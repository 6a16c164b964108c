"""The papers are complete and hang together."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from chishang.report.enums import ChangeAction, ReportState
from discipline.enums import (
    CaseStage,
    CriticismForm,
    Disposal,
    EducationKind,
    FeedbackState,
    LimitCode,
    ListKind,
    Measure,
)
from finance.enums import MOVES as REQUEST_MOVES
from finance.enums import RequestMove, RequestState, StatementState, SubjectCode
from members.enums import ChangeKind, Standing
from organizations.enums import DutyCode, OrganizationKind
from tests.environment import ROOT
from visits.enums import MOVES, IssueState, MoveCode, OperationKind, OperationState

PAPERS = sorted(path for path in ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md"))
VARIABLES = (
    *("DATABASE_URL", "CHISHANG_DATA", "SECRET_KEY", "KEY_FILE", "CONFIDENTIAL_KEY_FILE"),
    *("ALLOWED_HOSTS", "DEBUG", "PORT", "SERVICE_WORKER", "DESK_PHONE"),
)


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


def own_models() -> list[Any]:
    """The registers of the portal's apps, without their history."""
    own = [model for model in apps.get_models() if (ROOT / model.__module__.split(".")[0]).is_dir()]
    return [model for model in own if not model.__name__.endswith("History")]


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model.__name__)
def test_glossary_has_every_register_with_its_fields(model: Any) -> None:
    start = f"| {model._meta.verbose_name} | `{model.__name__}` |"
    lines = (ROOT / "docs" / "glossary.md").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith(start)]
    inherited = {"id", "password", "last_login", "is_superuser"}
    fields = [field for field in model._meta.concrete_fields if field.name not in inherited]
    assert [field.name for field in fields if f"{field.verbose_name} `{field.name}`" not in line] == []


CHOICES = (
    *(IssueState, MoveCode, DutyCode, OrganizationKind, Standing, ChangeKind),
    *(RequestState, RequestMove, SubjectCode, StatementState),
    *(ReportState, ChangeAction, OperationKind, OperationState),
    *(ListKind, EducationKind, FeedbackState, Disposal, CaseStage, Measure, CriticismForm, LimitCode),
)


@pytest.mark.parametrize("choices", CHOICES, ids=lambda one: one.__name__)
def test_glossary_has_every_word_of_the_code_lists(choices: Any) -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text()
    assert [value for value, label in choices.choices if f"| {label} | `{value}` |" not in glossary] == []


@pytest.mark.parametrize("state", IssueState, ids=str)
def test_manual_says_what_may_be_done_in_every_state(state: IssueState) -> None:
    lines = (ROOT / "docs" / "manual.md").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith(f"| {state.label} |")]
    moves = "、".join(move.code.label for move in MOVES.values() if state in move.sources)
    assert line.endswith(f" | {moves or '—'} |")


@pytest.mark.parametrize("kind", ChangeKind, ids=str)
def test_manual_says_what_each_change_of_a_member_is(kind: ChangeKind) -> None:
    lines = (ROOT / "docs" / "manual.md").read_text().splitlines()
    named = [line.split("|")[1].strip().split("、") for line in lines if line.startswith("| ")]
    assert any(kind.label in labels for labels in named)


def test_every_picture_is_shown() -> None:
    shown = [name for paper in PAPERS for name in re.findall(r"images/([\w.-]+)", paper.read_text())]
    taken = [path.name for path in (ROOT / "docs" / "images").iterdir()]
    assert sorted(set(taken) - set(shown)) == []


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_within_a_paper_lead_to_a_heading(paper: Path) -> None:
    text = paper.read_text()
    headings = {re.sub(r"[^\w -]", "", line.lstrip("# ")).lower().replace(" ", "-") for line in text.splitlines()}
    assert [link for link in re.findall(r"\]\(#([^)]+)\)", text) if link not in headings] == []


def test_every_command_is_documented() -> None:
    papers = "\n".join(path.read_text() for path in PAPERS)
    commands = [path for path in ROOT.glob("*/**/management/commands/*.py") if path.stem != "__init__"]
    own = {path.stem for path in commands if not {".venv", "var"} & set(path.relative_to(ROOT).parts)}
    assert own >= {"load_ledgers", "report", "serve"}
    assert [name for name in sorted(own) if f"`{name}" not in papers and f"manage.py {name}" not in papers] == []


@pytest.mark.parametrize("target", ["run", "test", "check", "fmt", "setup", "bench", "schema", "screenshots"])
def test_every_make_target_is_in_the_readme(target: str) -> None:
    assert f"make {target}" in (ROOT / "README.md").read_text()
    assert f"\n{target}:" in (ROOT / "Makefile").read_text()


def test_service_has_a_temporary_folder() -> None:
    unit = (ROOT / "deploy" / "chishang.service").read_text()
    assert "manage.py serve" in unit
    assert "PrivateTmp=true" in unit, "gunicorn needs a temporary folder beside ProtectSystem=strict"


def test_every_decision_says_context_decision_consequence() -> None:
    for paper in (ROOT / "docs" / "adr").glob("*.md"):
        text = paper.read_text()
        assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Consequence")), paper.name


@pytest.mark.parametrize("state", RequestState, ids=str)
def test_manual_says_what_may_be_done_with_a_request(state: RequestState) -> None:
    lines = (ROOT / "docs" / "manual.md").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith(f"| {state.label} | ") and line.count("|") == 4]
    moves = "、".join(move.code.label for move in REQUEST_MOVES.values() if state in move.sources)
    assert line.endswith(f" | {moves or '—'} |")
