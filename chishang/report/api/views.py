"""The report, and the rows behind each of its figures."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from chishang.core.api.filters import PAGING, check_parameters
from chishang.core.api.permissions import ActionPermission
from chishang.core.api.serializers import all_row_serializers, serializer_of
from chishang.core.figures import find_figure
from chishang.report.api.serializers import ReportQuerySerializer, ReportSerializer
from chishang.report.report import UnknownOrganization, build_report

QUERY = {"as_of", "organization"}


class ReportViewSet(GenericViewSet[Any]):
    """The report. Figures and rows are those that the account may see."""

    permission_classes = (ActionPermission,)
    action_permissions: ClassVar[dict[str, str]] = dict.fromkeys(
        ("retrieve", "rows"), "organizations.view_organization"
    )
    filter_backends = ()

    @extend_schema(
        operation_id="report_retrieve",
        summary="报表：截至某日的全部数字",
        description="每个数字由记录当场计算，只算账号可见的行。",
        tags=["报表"],
        parameters=[ReportQuerySerializer],
        responses=ReportSerializer,
    )
    def retrieve(self, request: Request) -> Response:
        """Return every figure."""
        check_parameters(request, QUERY)
        asked = ReportQuerySerializer(data=request.query_params.dict()).validated()
        try:
            report = build_report(user=request.user, **asked)
        except UnknownOrganization as error:
            raise NotFound from error
        return Response(ReportSerializer(report.as_data()).data)

    @extend_schema(
        operation_id="report_rows_list",
        summary="报表：一个数字背后的行",
        description="计数类数字有多少，就有多少行。一次翻页过程中 as_of 应保持不变。",
        tags=["报表"],
        parameters=[ReportQuerySerializer, OpenApiParameter("key", str, "path", description="数字的代码")],
        responses=PolymorphicProxySerializer(
            component_name="FigureRow", serializers=all_row_serializers, resource_type_field_name=None, many=True
        ),
    )
    def rows(self, request: Request, key: str) -> Response:
        """Return a page of the rows behind the figure ``key``."""
        check_parameters(request, QUERY | PAGING)
        figure = find_figure(key)
        if figure is None or figure.confidential:  # a confidential figure has no rows outside its office
            raise NotFound
        asked = ReportQuerySerializer(data=request.query_params.dict()).validated()
        try:
            question = build_report(user=request.user, **asked).question
        except UnknownOrganization as error:
            raise NotFound from error
        found = figure.rows(question) if figure.exists(question) else figure.rows(question).none()
        meta = found.model._meta
        if not request.user.has_perm(f"{meta.app_label}.view_{meta.model_name}"):
            raise PermissionDenied
        serializer = serializer_of(found.model)
        found = serializer.prepare(found if figure.exists(question) else found.none(), request.user)
        page = self.paginate_queryset(found)
        return self.get_paginated_response(serializer(page, many=True).data)
