"""What the migrations stored, for tests that commit: Django empties every table after such a test."""

from importlib import import_module

from django.apps import apps
from django.db import connection
from django.db.migrations import RunPython
from django.db.migrations.loader import MigrationLoader

from organizations.models import Duty

OWN_APPS = ("organizations", "members", "visits", "finance", "discipline")


def lay_ground() -> None:
    """Run the data migrations of the portal's apps again, in their order, unless what they stored is there."""
    if Duty.objects.exists():
        return
    graph = MigrationLoader(connection).graph
    done: set[tuple[str, str]] = set()
    for leaf in graph.leaf_nodes():
        for key in graph.forwards_plan(leaf):
            if key not in done and key[0] in OWN_APPS:
                _run_again(key)
            done.add(key)


def _run_again(key: tuple[str, str]) -> None:
    migration = import_module(f"{key[0]}.migrations.{key[1]}").Migration
    for operation in migration.operations:
        if isinstance(operation, RunPython):
            operation.code(apps, None)
