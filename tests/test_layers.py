"""Rows that stay from test to test: each test finds them as they were built, and only those that it asks for."""

from typing import Any

import pytest

from members.models import Member
from organizations.enums import DutyCode
from organizations.models import Village
from tests.factories import Town


@pytest.mark.parametrize("time", [1, 2])
def test_town_is_found_as_it_was_built_whatever_the_test_before_did(town: Town, time: int) -> None:
    assert (town.own.name, Village.objects.get(pk=town.own.pk).name) == ("本村", "本村")
    assert (set(town.people), Member.objects.count()) == (set(DutyCode), 0)
    town.own.name = f"改名{time}"
    town.own.save()
    town.people.clear()


@pytest.mark.parametrize("time", [1, 2])
def test_rows_are_found_as_they_were_built_and_belong_to_the_town(
    town: Town, rows: dict[str, tuple[Any, Any]], time: int
) -> None:
    own, _ = rows["member"]
    assert own.branch is town.own.branch
    assert (own.phone, Member.objects.get(pk=own.pk).phone) == ("15400001234", "15400001234")
    own.phone = f"1540000000{time}"
    own.save()


@pytest.mark.parametrize("time", [1, 2])
def test_nothing_is_found_that_the_test_did_not_ask_for(db: None, time: int) -> None:
    assert (Village.objects.count(), Member.objects.count()) == (0, 0)
