"""The signed reports, to list; their contents are read at ``/api/v1/report/?snapshot=``."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from chishang.core.api.serializers import RowSerializer
from chishang.core.api.views import ScopedReadOnlyViewSet
from chishang.report import selectors
from chishang.report.api.serializers import ReportedOrganizationSerializer
from chishang.report.enums import FileFormat
from chishang.report.models import IssuedReport, IssuedReportFile


@extend_schema_field(
    {
        "type": "object",
        "properties": {one.value: {"type": "string", "pattern": "^[0-9a-f]{64}$"} for one in FileFormat},
        "description": "格式 → 文件的 SHA-256",
    }
)
class HashesField(serializers.Field[Any, Any, Any, Any]):
    """The SHA-256 of each file, by its format."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="files", read_only=True, **kwargs)

    def to_representation(self, value: Any) -> dict[str, str]:
        """Return format → hash."""
        return {one.format: one.sha256 for one in value.all()}


class IssuedReportSerializer(RowSerializer):
    """A signed report, without its contents."""

    organization = ReportedOrganizationSerializer(label="所报党组织", read_only=True)
    in_force = serializers.SerializerMethodField(label="现行", help_text="同一天没有更正的新版")
    sha256 = HashesField(label="校验码")

    class Meta:
        model = IssuedReport
        fields = ("id", "organization", "as_of", "version", "in_force", "reason", "released_at", "sha256")

    def get_in_force(self, row: Any) -> bool:
        """Whether no later version of the day corrected it."""
        return not row.is_corrected

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join what is shown; the contents stay in the database."""
        files = IssuedReportFile.objects.visible_to(user).defer("content")
        return selectors.with_later(rows).prefetch_related(Prefetch("files", files))  # type: ignore[no-any-return]  # a queryset


class IssuedReportViewSet(ScopedReadOnlyViewSet):
    """Signed reports; drafts do not leave the office."""

    queryset = IssuedReport.objects.all()
    serializer_class = IssuedReportSerializer
    action_permissions = dict.fromkeys(("list", "retrieve"), selectors.VIEW)
    ordering_fields = ("as_of", "released_at")

    def get_queryset(self) -> QuerySet[Any]:
        """Return the signed ones, to those who may have every count that stands in them."""
        user: Any = self.request.user
        signed = selectors.issued_reports(user).released()
        rows: QuerySet[Any] = super().get_queryset().filter(pk__in=signed)
        return rows
