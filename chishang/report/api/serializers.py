"""The report as JSON."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from chishang.core.dates import today


class ReportQuerySerializer(serializers.Serializer[Any]):
    """Which report is asked for."""

    as_of = serializers.DateField(help_text="截至日（含），如 2017-12-31；不写为今天", required=False)
    organization = serializers.CharField(
        help_text="党组织编码；不写为账号可见的全部", required=False, allow_blank=True, default="", max_length=20
    )

    def validated(self) -> dict[str, Any]:
        """Return the arguments of the report; raise ValidationError for a malformed query."""
        self.is_valid(raise_exception=True)
        return {
            "as_of": self.validated_data.get("as_of", today()),
            "organization": self.validated_data["organization"],
        }


@extend_schema_field(
    {
        "type": ["integer", "string", "null"],
        "pattern": r"^-?\d+(\.\d+)?$",
        "description": "计数为整数，金额为十进制字符串，截至日尚不存在的为 null",
    }
)
class FigureValueField(serializers.Field[Any, Any, Any, Any]):
    """A count as a number, money as a decimal string, and null for what does not exist yet."""

    def to_representation(self, value: int | Decimal) -> int | str:
        """Return money as text, so that no client rounds it."""
        return str(value) if isinstance(value, Decimal) else value


class FigureSerializer(serializers.Serializer[Any]):
    """A figure with what it means."""

    label = serializers.CharField(help_text="名称")  # type: ignore[assignment]  # a field's own label is not meant
    value = FigureValueField()
    unit = serializers.CharField(help_text="单位")
    definition = serializers.CharField(help_text="口径")
    version = serializers.IntegerField(help_text="口径的版本")
    share_of = serializers.CharField(help_text="占哪个数字的一部分（代码），没有则为空")


class ReportedOrganizationSerializer(serializers.Serializer[Any]):
    """The organization reported on."""

    code = serializers.CharField(help_text="编码")
    name = serializers.CharField(help_text="名称")


class ReportSerializer(serializers.Serializer[Any]):
    """Every figure of an organization as of a day."""

    as_of = serializers.DateField(help_text="截至日（含）")
    organization = ReportedOrganizationSerializer(
        help_text="所报党组织及其下级；账号只管部分支部而未指定时为 null", allow_null=True
    )
    figures = serializers.DictField(child=FigureSerializer(), help_text="代码 → 数字，代码如 issues.resolved")
