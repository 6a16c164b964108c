"""Masks of telephone numbers."""

import pytest

from chishang.core.api.fields import mask_phone


@pytest.mark.parametrize(
    ("number", "masked"),
    [("", ""), ("15400001234", "154****1234"), ("0533-5550123", "053****0123"), ("5550123", "****23"), ("12", "****")],
)
def test_phone_shows_its_ends_only(number: str, masked: str) -> None:
    assert mask_phone(number) == masked
