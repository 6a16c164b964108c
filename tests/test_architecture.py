"""House rules that no linter sees."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

from chishang.core.scoping import ScopedModel
from tests.environment import ROOT

APPS = ("organizations", "members", "visits", "finance", "discipline")
OWN = (*APPS, "chishang", "tests", "benchmarks")
LAYERS = {
    *("__init__", "admin", "admin_forms", "admin_views", "apps", "backends", "checks", "duties", "enums", "figures"),
    *(
        "filters",
        "forms",
        "ledger",
        "directive_ledger",
        "election_ledger",
        "life_ledger",
        "models",
        "permissions",
        "resources",
        "selectors",
        "services",
    ),
    *("urls", "views"),
}


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts)


def own_models() -> list[type]:
    return [
        model
        for model in apps.get_models()
        if model.__module__.split(".")[0] in (*APPS, "chishang") and not model.__name__.endswith("History")
    ]


def test_files_stay_short() -> None:
    long = {
        str(path.relative_to(ROOT)): n for path in sources(*OWN) if (n := len(path.read_text().splitlines())) > 400
    }
    assert long == {}


def test_apps_have_the_same_file_names() -> None:
    extra = {
        str(path.relative_to(ROOT)) for app in APPS for path in (ROOT / app).glob("*.py") if path.stem not in LAYERS
    }
    assert extra == set()


def test_no_signals_no_utils_no_switched_off_history() -> None:
    for path in sources("organizations", "members", "visits", "finance", "discipline", "chishang"):
        text = path.read_text()
        assert path.name not in {"utils.py", "signals.py", "helpers.py"}, path
        # A new life of the change feed numbers the history anew; it switches off nothing but its append-only guard.
        assert "pgtrigger.ignore" not in text or path == ROOT / "chishang" / "report" / "feed.py", path
        assert "db.models.signals" not in text, path


def test_query_count_assertions_are_used_as_context_managers() -> None:
    for path in sources("tests"):
        tree = ast.parse(path.read_text())
        used = {id(item.context_expr) for node in ast.walk(tree) if isinstance(node, ast.With) for item in node.items}
        for node in ast.walk(tree):
            name = getattr(getattr(node, "func", None), "attr", "") or getattr(getattr(node, "func", None), "id", "")
            if name in {"assertNumQueries", "django_assert_num_queries", "CaptureQueriesContext"}:
                assert id(node) in used, f"{path}:{node.lineno} checks nothing"


def test_no_test_is_skipped() -> None:
    words = ("pytest.mark." + "skip", "pytest." + "skip(", "pytest.mark." + "xfail", "import" + "orskip")
    for path in sources("tests"):
        assert not any(word in path.read_text() for word in words), path


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model._meta.label)
def test_every_model_has_a_scope_a_history_and_chinese_names(model: type) -> None:
    assert issubclass(model, ScopedModel)
    assert model.scope_path
    written_once = any(trigger.name.endswith("_written_once") for trigger in getattr(model._meta, "triggers", ()))
    counters = {"Device", "FiscalYear"}
    assert hasattr(model, "history") or written_once or model.__name__ in counters
    assert model._meta.verbose_name
    assert not model._meta.verbose_name.isascii()
    for field in model._meta.local_fields:
        if not field.auto_created and field.name != "last_login":
            assert not str(field.verbose_name).isascii(), field


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model._meta.label)
def test_nothing_is_deleted(model: type) -> None:
    assert "delete" not in model._meta.default_permissions


def test_constraints_say_in_chinese_what_is_wrong() -> None:
    for model in own_models():
        for constraint in model._meta.constraints:
            message = str(constraint.violation_error_message)
            assert not message.isascii(), f"{model._meta.label} {constraint.name}"


def test_templates_are_all_used() -> None:
    text = "\n".join(path.read_text() for path in sources(*OWN))
    text += "\n".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    implied = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html", "registration/login.html"}
    for path in (ROOT / "templates").rglob("*.html"):
        name = str(path.relative_to(ROOT / "templates"))
        overrides = name.startswith(("admin/", "unfold/", "import_export/"))
        assert name in text or name in implied or overrides, f"{name} is used nowhere"


def test_nothing_is_committed_that_does_not_belong_here() -> None:
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    assert not [name for name in files if name.endswith((".min.js", ".min.css", ".pyc")) or name.startswith("var/")]
    for requirements in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / requirements).read_text()
        assert "://" not in text
        assert "--index" not in text
