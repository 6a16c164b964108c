"""For everybody outside the discipline office its records do not exist: every address of the portal, every account."""

import logging
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.urls import clear_url_caches
from unfold.admin import ModelAdmin

from chishang.workbench import tiles
from discipline.models import Case
from discipline.models.sealed import SealedModel
from organizations.enums import DutyCode as D
from organizations.models import User
from tests.discipline.planted import OFFICE, OPEN, SEALED, Planted, confidential_models, free_texts, plant
from tests.discipline.walker import Walk, differences, shows
from tests.factories import Town, UserFactory

OUTSIDE = [*(one for one in D if one not in OFFICE), "superuser", "anonymous"]
"""Every account that has no business with the registers."""
WIDEST = D.OFFICE_CLERK
"""Who may open the most: looks into every form, history and sheet, and searches every list, too."""
KINDS = {WIDEST, D.TOWN_SECRETARY, D.BRANCH_SECRETARY, "superuser", "anonymous"}
"""One account of each kind: with and without the counts, in the admin and outside it."""


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """A refusal writes a line with its trace; ten thousand of them take longer than the walk."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def superuser(db: None) -> User:
    return UserFactory(is_superuser=True, name="超级用户")


@pytest.fixture
def planted(town: Town, rows: dict[str, tuple[Any, Any]], superuser: User) -> Planted:
    """The planted rows; all accounts are named on the case, so that the duty alone keeps them out."""
    return plant(town, rows["member"][0], [*town.people.values(), superuser])


@pytest.fixture
def walk(rows: dict[str, tuple[Any, Any]], planted: Planted) -> Walk:
    return Walk(rows, planted)


@pytest.fixture
def entered(town: Town, superuser: User) -> Callable[[Any], Client]:
    """Gives the client of an account."""

    def enter(who: Any) -> Client:
        client = Client()
        if who != "anonymous":
            user = superuser if who == "superuser" else town.people[who]
            client.force_login(user, backend="organizations.backends.AppointmentBackend")
        return client

    return enter


Entered = Callable[[Any], Client]


def tables(condition: str) -> str:
    """All rows of the tables whose names meet the condition, as one text."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename {condition}")
        names = [name for (name,) in cursor.fetchall()]
        text = ""
        for name in names:
            cursor.execute(f"SELECT coalesce(string_agg(line::text, chr(10)), '') FROM \"{name}\" line")
            text += cursor.fetchone()[0]
    assert len(names) > 20
    return text


def test_every_text_of_every_register_is_planted(planted: Planted) -> None:
    assert {model._meta.model_name for model in confidential_models()} == set(planted.rows)
    for row in planted.rows.values():
        row.refresh_from_db()
        for name in free_texts(type(row)):
            assert getattr(row, name) == OPEN, (type(row), name)
        if isinstance(row, SealedModel):
            assert {getattr(row, sealed.name) for sealed in row.sealed_texts()} <= {SEALED}, type(row)


def test_walk_knows_the_portal(walk: Walk) -> None:
    assert len(set(walk.addresses())) > 450
    assert len(set(walk.addresses(forms=False))) > 200
    assert len(walk.hidden_addresses()) > 200
    assert len(list(walk.searches())) > 50


@pytest.mark.parametrize("who", OUTSIDE)
def test_nothing_planted_comes_out(entered: Entered, walk: Walk, who: Any) -> None:
    client = entered(who)
    assert walk.visit(client, who, forms=who == WIDEST) == []
    assert not shows(str(dict(client.session)))
    assert not LogEntry.objects.exists()
    assert not shows(tables("NOT LIKE 'discipline%'")), "another app's table keeps it"


@pytest.mark.parametrize("who", OUTSIDE)
def test_addresses_of_the_office_answer_as_unknown_ones(entered: Entered, walk: Walk, who: Any) -> None:
    addresses, methods = walk.hidden_addresses(), ("get", "post")
    if who not in KINDS:
        addresses, methods = [one for one in addresses if one.endswith("/change/") or one.count("/") == 4], ("get",)
    assert len(addresses) > 40
    assert differences(entered(who), addresses, who, *methods) == []


def test_sealed_texts_are_nowhere_in_the_database(planted: Planted) -> None:
    text = tables("LIKE 'discipline%'")
    assert OPEN in text, "the rows are there"
    for plain in (SEALED, SEALED[2:], SEALED.encode().hex(), b64encode(SEALED.encode()).decode()):
        assert plain not in text


class Unguarded(ModelAdmin):
    """A register as one would write it without thinking of the gate."""

    list_display = ["number"]

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return True


@pytest.fixture
def unguarded() -> Iterator[None]:
    """The register of cases, for the time of the test without its gate."""
    site, guarded = admin.site, admin.site._registry.pop(Case)
    site.register(Case, Unguarded)
    clear_url_caches()
    sys.modules.pop("chishang.urls")
    yield
    site._registry[Case] = guarded
    clear_url_caches()
    sys.modules.pop("chishang.urls")


def test_a_register_without_the_gate_is_found(unguarded: None, entered: Entered, walk: Walk) -> None:
    client, addresses = entered(D.OFFICE_CLERK), walk.hidden_addresses()
    found = differences(client, [one for one in addresses if "/case/" in one], "clerk", "get")
    assert "clerk GET /admin/discipline/case/: 200 in place of 404" in found
    assert walk.look(client, "clerk", ["/admin/discipline/case/"]) == ["clerk GET /admin/discipline/case/"]


def test_a_number_counted_without_the_gate_is_found(
    entered: Entered, walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaking = tiles.TileGroup("走访", [tiles.Tile(str(walk.planted.case), "", 1, "/")])
    monkeypatch.setattr("chishang.workbench.views.tile_groups", lambda user: [leaking])
    assert "/" in set(walk.addresses(forms=False))
    assert walk.look(entered(D.FINANCE_HEAD), "head", ["/"]) == ["head GET /"]
