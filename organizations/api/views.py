"""Organizations, places, elections and directives, to read; a directive is signed for here too."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from chishang.core.api.serializers import StrictSerializer
from chishang.core.api.views import ScopedReadOnlyViewSet
from organizations import filters
from organizations.api import serializers
from organizations.models import (
    Area,
    Directive,
    DirectiveReceipt,
    Election,
    ElectionForecast,
    ElectionTerm,
    Organization,
    Village,
)
from organizations.services import sign_directive

READ = ("list", "retrieve")
SIGN = "organizations.sign_directivereceipt"


class OrganizationViewSet(ScopedReadOnlyViewSet):
    """Party organizations."""

    queryset = Organization.objects.all()
    serializer_class = serializers.OrganizationSerializer
    filterset_class = filters.OrganizationFilters
    action_permissions = dict.fromkeys(READ, "organizations.view_organization")
    ordering_fields = ("code", "name", "founded_on")


class AreaViewSet(ScopedReadOnlyViewSet):
    """Areas."""

    queryset = Area.objects.all()
    serializer_class = serializers.AreaSerializer
    action_permissions = dict.fromkeys(READ, "organizations.view_area")
    ordering_fields = ("name",)


class VillageViewSet(ScopedReadOnlyViewSet):
    """Villages."""

    queryset = Village.objects.all()
    serializer_class = serializers.VillageSerializer
    filterset_class = filters.VillageFilters
    action_permissions = dict.fromkeys(READ, "organizations.view_village")
    ordering_fields = ("code", "name")


class DirectiveViewSet(ScopedReadOnlyViewSet):
    """Documents issued to branches."""

    queryset = Directive.objects.all()
    serializer_class = serializers.DirectiveSerializer
    filterset_class = filters.DirectiveFilters
    action_permissions = dict.fromkeys(READ, "organizations.view_directive")
    ordering_fields = ("issued_on", "number")


class NothingSerializer(StrictSerializer):
    """An empty body."""


class DirectiveReceiptViewSet(ScopedReadOnlyViewSet):
    """Which branch got which document, and signing for it."""

    queryset = DirectiveReceipt.objects.all()
    serializer_class = serializers.DirectiveReceiptSerializer
    filterset_class = filters.DirectiveReceiptFilters
    action_permissions = dict.fromkeys(READ, "organizations.view_directivereceipt") | {"sign": SIGN}
    ordering_fields = ("issued_on",)

    @extend_schema(
        summary="文件签收：签收一份文件",
        description="以本账号、今天的日期签收，请求正文为空或 `{}`。重复签收不改变什么，仍是第一次的签收人和日期。",
        request=NothingSerializer,
        responses={200: OpenApiResponse(serializers.DirectiveReceiptSerializer, description="已签收（或早已签收）")},
    )
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, pk: int) -> Response:
        """Sign for a document on behalf of its branch. A receipt that one may only see is 403."""
        actor: Any = request.user
        NothingSerializer(data=request.data).is_valid(raise_exception=True)
        receipt = get_object_or_404(DirectiveReceipt.objects.visible_to(actor), pk=pk)
        if not DirectiveReceipt.objects.visible_to(actor, SIGN).filter(pk=pk).exists():
            raise PermissionDenied
        sign_directive(actor=actor, receipt=receipt)
        return Response(self.get_serializer(self.get_queryset().get(pk=pk)).data)


class ElectionViewSet(ScopedReadOnlyViewSet):
    """Elections of village branches and villagers' committees."""

    queryset = Election.objects.all()
    serializer_class = serializers.ElectionSerializer
    filterset_class = filters.ElectionFilters
    action_permissions = dict.fromkeys(READ, "organizations.view_election")


class ElectionTermViewSet(ScopedReadOnlyViewSet):
    """Rounds of elections."""

    queryset = ElectionTerm.objects.all()
    serializer_class = serializers.ElectionTermSerializer
    action_permissions = dict.fromkeys(READ, "organizations.view_electionterm")
    ordering_fields = ("year", "name")


class ElectionForecastViewSet(ScopedReadOnlyViewSet):
    """Forecasts: confidential, with a right of their own."""

    queryset = ElectionForecast.objects.all()
    serializer_class = serializers.ElectionForecastSerializer
    filterset_class = filters.ElectionForecastFilters
    action_permissions = dict.fromkeys(READ, "organizations.view_electionforecast")
    ordering_fields = ("assessed_on",)
