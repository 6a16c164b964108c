"""Serializer fields that several apps share."""

from typing import Any

from django.db.models import Model
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from chishang.core.dates import Precision

SHORT = 7
MAX_KEY = 2**63 - 1


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


def row_key(label: str, **kwargs: Any) -> serializers.IntegerField:
    """Return a field in which a request names another row by its key."""
    return serializers.IntegerField(label=label, min_value=1, max_value=MAX_KEY, **kwargs)


class PartialDateSerializer(serializers.Serializer[Any]):
    """A date as far as it is known."""

    date = serializers.DateField(label="日期", help_text="所知部分的第一天")
    precision = serializers.ChoiceField(label="精确到", choices=Precision.choices)


@extend_schema_field(PartialDateSerializer)
class PartialDateField(serializers.Field[Any, Any, Any, Any]):
    """A date of a row with how exactly it is known, from the columns ``…_on`` and ``…_precision``; null where none."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "旧档案有的只知道年或月：date 为所知部分的第一天")
        super().__init__(source="*", read_only=True, **kwargs)

    def to_representation(self, value: Any) -> dict[str, Any] | None:
        """Return date and precision of the row ``value``."""
        name = str(self.field_name)
        day = getattr(value, name)
        precision = getattr(value, f"{name.removesuffix('_on')}_precision")
        return None if day is None else {"date": day.isoformat(), "precision": precision}
