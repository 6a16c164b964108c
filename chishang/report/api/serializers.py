"""What may be asked of the report, and what it looks like as JSON (``Report.as_data``)."""

import re
from datetime import date
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from chishang.core.api.fields import MAX_KEY
from chishang.core.dates import parse_date

LATEST = "latest"


class ReportQuerySerializer(serializers.Serializer[Any]):
    """Which report is asked for."""

    as_of = serializers.DateField(help_text="截至日（含），如 2017-12-31；不写为今天", required=False)
    organization = serializers.CharField(
        help_text="党组织编码；不写为账号可见的全部", required=False, allow_blank=True, default="", max_length=20
    )

    def validate_as_of(self, value: date) -> date:
        """Refuse a year that was mistyped."""
        try:
            return parse_date(value)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error

    def validated(self) -> dict[str, Any]:
        """Return what is asked, without a day where none was named; raise ValidationError for a malformed query."""
        self.is_valid(raise_exception=True)
        return dict(self.validated_data)


class SignedReportQuerySerializer(ReportQuerySerializer):
    """Which report is asked for, a live one or one that was signed."""

    snapshot = serializers.CharField(
        help_text=(
            "要已签发的报告，而不是当场计算的：latest 为现行的最近一份（写了 as_of 为那一天的），"
            "或者写报告的编号（见 /api/v1/issued-reports/）；给出的是签发时的文件，一字不差"
        ),
        required=False,
        max_length=20,
    )

    def validate_snapshot(self, value: str) -> str:
        """Refuse what is neither ``latest`` nor a number."""
        if value != LATEST and not (re.fullmatch("[0-9]{1,19}", value) and 0 < int(value) <= MAX_KEY):
            raise serializers.ValidationError("应为 latest 或已签发报告的编号。")
        return value


@extend_schema_field(
    {
        "type": ["integer", "string", "null"],
        "pattern": r"^-?\d+(\.\d+)?$",
        "description": "计数为整数，金额为十进制字符串（元），截至日尚不存在的为 null",
    }
)
class FigureValueField(serializers.Field[Any, Any, Any, Any]):
    """A count as a number, money as a decimal string that no client rounds, null for what does not exist yet."""


class FigureSerializer(serializers.Serializer[Any]):
    """A figure with what it means."""

    label = serializers.CharField(help_text="名称")  # type: ignore[assignment]  # a field's own label is not meant
    value = FigureValueField()
    value_wan = serializers.DecimalField(
        help_text="金额的万元数，四舍五入到两位；不是金额的为 null", max_digits=14, decimal_places=2, allow_null=True
    )
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
