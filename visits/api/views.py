"""Households, visits and issues; a visit is recorded here too."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from chishang.core.api.problems import KeyReused
from chishang.core.api.views import ScopedReadOnlyViewSet
from visits.api.entries import VisitEntrySerializer, VisitReceiptSerializer, receipt_of
from visits.api.serializers import (
    CampaignSerializer,
    HouseholdSerializer,
    IssueCategorySerializer,
    IssueSerializer,
    UnitSerializer,
    VisitSerializer,
)
from visits.enums import Source
from visits.filters import HouseholdFilters, IssueFilters, VisitFilters
from visits.models import Campaign, Household, Issue, IssueCategory, Unit, Visit
from visits.services import OperationReused, record_visit

READ = ("list", "retrieve")


class CampaignViewSet(ScopedReadOnlyViewSet):
    """Campaigns."""

    queryset = Campaign.objects.all()
    serializer_class = CampaignSerializer
    action_permissions = dict.fromkeys(READ, "visits.view_campaign")
    ordering_fields = ("started_on", "name")


class IssueCategoryViewSet(ScopedReadOnlyViewSet):
    """Categories of issues."""

    queryset = IssueCategory.objects.all()
    serializer_class = IssueCategorySerializer
    action_permissions = dict.fromkeys(READ, "visits.view_issuecategory")
    ordering_fields = ("name",)


class UnitViewSet(ScopedReadOnlyViewSet):
    """Units that handle issues."""

    queryset = Unit.objects.all()
    serializer_class = UnitSerializer
    action_permissions = dict.fromkeys(READ, "visits.view_unit")
    ordering_fields = ("name",)


class HouseholdViewSet(ScopedReadOnlyViewSet):
    """Households and enterprises."""

    queryset = Household.objects.all()
    serializer_class = HouseholdSerializer
    filterset_class = HouseholdFilters
    action_permissions = dict.fromkeys(READ, "visits.view_household")
    ordering_fields = ("code", "name")


class IssueViewSet(ScopedReadOnlyViewSet):
    """Issues with their course."""

    queryset = Issue.objects.all()
    serializer_class = IssueSerializer
    filterset_class = IssueFilters
    action_permissions = dict.fromkeys(READ, "visits.view_issue")
    ordering_fields = ("raised_on", "state")


class VisitViewSet(ScopedReadOnlyViewSet):
    """Visits, and recording one."""

    queryset = Visit.objects.all()
    serializer_class = VisitSerializer
    filterset_class = VisitFilters
    action_permissions = dict.fromkeys(READ, "visits.view_visit") | {"create": "visits.add_visit"}
    ordering_fields = ("visited_on", "recorded_at")

    @extend_schema(
        summary="走访：登记一次走访及其问题",
        description=(
            "一次请求登记一次走访和群众反映的问题，要么全部保存，要么全不保存。"
            "`op_id` 由客户端生成：网络中断时用同一 `op_id` 原样重发，不会重复登记，得到同样的回执，"
            "并带 `Idempotency-Replayed: true`；同一 `op_id` 换了内容则为 422。"
            "回执写登记时的内容，永不改变；问题后来的办理情况见 `/issues/{id}/`。"
        ),
        request=VisitEntrySerializer,
        responses={201: OpenApiResponse(VisitReceiptSerializer, description="已登记（或早已登记）")},
        parameters=[
            OpenApiParameter("Location", str, "header", description="走访的地址", response=[201]),
            OpenApiParameter(
                "Idempotency-Replayed", str, "header", description="重发时为 true", enum=["true"], response=[201]
            ),
        ],
    )
    def create(self, request: Request) -> Response:
        """Record a visit, once for ever under its operation id."""
        actor: Any = request.user
        entry = VisitEntrySerializer(data=request.data)
        entry.is_valid(raise_exception=True)
        op_id, draft = entry.draft()
        try:
            visit, is_new = record_visit(actor=actor, op_id=op_id, draft=draft, source=Source.API)
        except OperationReused as error:
            raise KeyReused from error
        receipt = VisitReceiptSerializer(receipt_of(visit, op_id=op_id, draft=draft, actor=actor)).data
        headers = {"Location": receipt["url"]} | ({} if is_new else {"Idempotency-Replayed": "true"})
        return Response(receipt, status=status.HTTP_201_CREATED, headers=headers)
