"""The report, and the rows behind each of its figures."""

from typing import Any, ClassVar

from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from chishang.core.api.filters import PAGING, check_parameters
from chishang.core.api.permissions import ActionPermission
from chishang.core.api.responses import CountedResponse
from chishang.core.api.serializers import all_row_serializers, serializer_of
from chishang.core.dates import today
from chishang.core.figures import all_figures, find_figure
from chishang.report import selectors
from chishang.report.api.renderers import REPORT_RENDERERS, ROW_RENDERERS
from chishang.report.api.serializers import (
    LATEST,
    ReportQuerySerializer,
    ReportSerializer,
    SignedReportQuerySerializer,
)
from chishang.report.enums import FileFormat
from chishang.report.files import MEDIA_TYPES, file_name, repr_digest, write_report
from chishang.report.models import IssuedReport, IssuedReportFile
from chishang.report.report import Report, UnknownOrganization, build_report

QUERY = {"as_of", "organization"}


def _as_files(shown: Any, *formats: FileFormat) -> dict[tuple[int, str], Any]:
    """Describe an answer that is also to be had as files."""
    media_types = [MEDIA_TYPES[one].partition(";")[0] for one in formats]
    return {(200, "application/json"): shown} | {(200, one): OpenApiTypes.BINARY for one in media_types}


class ReportViewSet(GenericViewSet[Any]):
    """The report. Figures and rows are those that the account may see, in whichever form they are asked for."""

    permission_classes = (ActionPermission,)
    action_permissions: ClassVar[dict[str, str]] = dict.fromkeys(
        ("retrieve", "rows"), "organizations.view_organization"
    )
    filter_backends = ()

    def get_renderers(self) -> list[BaseRenderer]:
        """Return the forms of the report, or those of the rows."""
        return [one() for one in (ROW_RENDERERS if self.action == "rows" else REPORT_RENDERERS)]

    @extend_schema(
        operation_id="report_retrieve",
        summary="报表：截至某日的全部数字",
        description=(
            "每个数字由记录当场计算，只算账号可见的行；各种格式的数字相同。写 `snapshot` 则给出已签发的报告，"
            "响应头 Repr-Digest 是文件的 SHA-256，Report-Version 是版本，Content-Location 是这一份的固定地址。"
        ),
        tags=["报表"],
        parameters=[SignedReportQuerySerializer],
        responses=_as_files(ReportSerializer, FileFormat.CSV, FileFormat.XLSX, FileFormat.DOCX),
    )
    def retrieve(self, request: Request) -> Response:
        """Return every figure, live or as it was signed."""
        check_parameters(request, QUERY | {"snapshot"})
        asked = SignedReportQuerySerializer(data=request.query_params.dict()).validated()
        file_format = FileFormat(request.accepted_renderer.format)
        if "snapshot" in asked:
            return _signed(request, file_format, asked)
        report = _build(request, asked)
        name = file_name(report.organization, report.as_of, file_format)
        return _file(write_report(report, file_format), file_format, name)

    @extend_schema(
        operation_id="report_rows_list",
        summary="报表：一个数字背后的行",
        description=(
            "计数类数字有多少，就有多少行。一次翻页过程中 as_of 应保持不变。CSV 和 Excel 一页一个文件，"
            "嵌套的内容展开成 `village.name` 这样的列，下一页的地址在响应头 Link 里。"
        ),
        tags=["报表"],
        parameters=[ReportQuerySerializer, OpenApiParameter("key", str, "path", description="数字的代码")],
        responses=_as_files(
            PolymorphicProxySerializer(
                component_name="FigureRow", serializers=all_row_serializers, resource_type_field_name=None, many=True
            ),
            FileFormat.CSV,
            FileFormat.XLSX,
        ),
    )
    def rows(self, request: Request, key: str) -> Response:
        """Return a page of the rows behind the figure ``key``."""
        check_parameters(request, QUERY | PAGING)
        figure = find_figure(key)
        if figure is None or figure.confidential:  # a confidential figure has no rows outside its office
            raise NotFound
        asked = ReportQuerySerializer(data=request.query_params.dict()).validated()
        question = _build(request, asked).question
        found = figure.rows(question) if figure.exists(question) else figure.rows(question).none()
        meta = found.model._meta
        if not request.user.has_perm(f"{meta.app_label}.view_{meta.model_name}"):
            raise PermissionDenied
        serializer = serializer_of(found.model)
        page = self.paginate_queryset(serializer.prepare(found, request.user))
        response = self.get_paginated_response(serializer(page, many=True).data)
        if request.accepted_renderer.format != FileFormat.JSON:
            name = f"{figure.label} 截至{question.as_of.isoformat()}.{request.accepted_renderer.format}"
            response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
        return response


def _build(request: Request, asked: dict[str, Any]) -> Report:
    try:
        return build_report(as_of=asked.get("as_of") or today(), user=request.user, organization=asked["organization"])
    except UnknownOrganization as error:
        raise NotFound from error


def _file(content: bytes, file_format: FileFormat, name: str) -> Response:
    response = CountedResponse(content, row_count=len(all_figures()))
    if file_format != FileFormat.JSON:
        response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


def _signed(request: Request, file_format: FileFormat, asked: dict[str, Any]) -> Response:
    """Answer with the very bytes that were signed."""
    issued = _find_issued(request, asked)
    stored = IssuedReportFile.objects.visible_to(request.user).filter(report=issued, format=file_format).first()
    if stored is None:
        raise NotFound("这份报告没有这种格式的文件。")
    if not stored.is_intact:
        raise ValueError(f"the content of issued file {stored.pk} is not what was signed")
    name = file_name(issued.organization, issued.as_of, file_format, selectors.issue_name(issued.version))
    response = _file(bytes(stored.content), file_format, name)
    request.META.pop("HTTP_ACCEPT_ENCODING", None)  # compressed on the way they would not be the bytes of the digest
    response.headers["Repr-Digest"] = repr_digest(stored.sha256)
    response.headers["Report-Version"] = str(issued.version)
    response.headers["Content-Location"] = f"{request.path}?snapshot={issued.pk}&format={file_format}"
    return response


def _find_issued(request: Request, asked: dict[str, Any]) -> IssuedReport:
    """Return the signed report that is asked for; raise NotFound, or ValidationError where the query contradicts."""
    user: Any = request.user
    signed = selectors.issued_reports(user).released().select_related("organization")
    day, code = asked.get("as_of"), asked["organization"]
    if asked["snapshot"] == LATEST:
        place = {"organization__code": code} if code else {"organization__parent": None}
        of_day = {"as_of": day} if day else {}
        found = signed.in_force().filter(**place, **of_day).order_by("-as_of").first()
    else:
        found = signed.filter(pk=asked["snapshot"]).first()
    if found is None:
        raise NotFound("没有这样的已签发报告。已签发的见 /api/v1/issued-reports/；不写 snapshot 为当场计算。")
    wrong = {
        "as_of": day and day != found.as_of and f"这份报告的截至日是 {found.as_of.isoformat()}。",
        "organization": code and code != found.organization.code and f"这份报告的党组织是 {found.organization.code}。",
    }
    if told := {name: text for name, text in wrong.items() if text}:
        raise ValidationError(told)
    return found  # type: ignore[no-any-return]  # a queryset of reports
