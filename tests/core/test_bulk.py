"""Bulk inserts go through defaults, constraints and history like any other."""

import pghistory
import pytest
from django.db import IntegrityError

from chishang.core.bulk import insert_rows
from visits.models import Unit


def test_insert_rows_returns_keys_in_order_and_fills_defaults(db: None) -> None:
    keys = insert_rows(Unit, [{"name": "甲"}, {"name": "乙", "sort_no": 5}])
    assert list(Unit.objects.filter(pk__in=keys).order_by("pk").values_list("pk", "name", "sort_no")) == [
        (keys[0], "甲", 0),
        (keys[1], "乙", 5),
    ]


def test_insert_rows_of_nothing_does_nothing(db: None) -> None:
    assert insert_rows(Unit, []) == []


def test_insert_rows_obeys_constraints(db: None) -> None:
    with pytest.raises(IntegrityError):
        insert_rows(Unit, [{"name": "甲"}, {"name": "甲"}])


def test_insert_rows_leaves_a_history_row_each_with_the_context(db: None) -> None:
    with pghistory.context(user=42):
        insert_rows(Unit, [{"name": "甲"}, {"name": "乙"}])
    rows = Unit.history.rel.related_model.objects.order_by("pgh_id")
    assert [(row.name, row.pgh_label, row.pgh_context.metadata["user"]) for row in rows] == [
        ("甲", "insert", 42),
        ("乙", "insert", 42),
    ]
