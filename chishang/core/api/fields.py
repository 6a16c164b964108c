"""Serializer fields that several apps share."""

from typing import Any

from django.db.models import Model
from rest_framework import serializers

SHORT = 7


def mask_phone(number: str) -> str:
    """Return a telephone number with its middle hidden (``154****1234``); of a short one only the last digits stay."""
    if not number:
        return ""
    if len(number) > SHORT:
        return f"{number[:3]}****{number[-4:]}"
    return f"****{number[-2:] if len(number) > len('****') else ''}"


class MaskedPhoneField(serializers.CharField):
    """A telephone number, always masked: whoever must call looks it up in the portal, where the look is kept."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "中间四位已隐去")
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, value: str) -> str:
        """Mask the number."""
        return mask_phone(value)


class RowReferenceSerializer(serializers.Serializer[Model]):
    """A row by its key and name."""

    id = serializers.IntegerField(label="编号")
    name = serializers.CharField(label="名称")


def reference(source: str | None = None, **kwargs: Any) -> RowReferenceSerializer:
    """Return a field that names another row by key and name; null where the row has none."""
    if source is not None:
        kwargs["source"] = source
    return RowReferenceSerializer(read_only=True, **kwargs)
