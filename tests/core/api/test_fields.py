"""Masks of telephone numbers, and dates known to the month or year."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from rest_framework import serializers

from chishang.core.api.fields import PartialDateField, mask_phone
from chishang.core.dates import Precision


@pytest.mark.parametrize(
    ("number", "masked"),
    [("", ""), ("15400001234", "154****1234"), ("0533-5550123", "053****0123"), ("5550123", "****23"), ("12", "****")],
)
def test_phone_shows_its_ends_only(number: str, masked: str) -> None:
    assert mask_phone(number) == masked


@pytest.mark.parametrize(
    ("day", "shown"), [(date(1968, 7, 1), {"date": "1968-07-01", "precision": "month"}), (None, None)]
)
def test_date_shows_how_exactly_it_is_known(day: date | None, shown: dict[str, str] | None) -> None:
    class Row(serializers.Serializer[Any]):
        born_on = PartialDateField(allow_null=True)

    row = SimpleNamespace(born_on=day, born_precision=Precision.MONTH)

    assert Row(row).data == {"born_on": shown}
