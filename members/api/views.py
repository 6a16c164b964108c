"""Members, organisational life, dues and development; meetings, changes and honours are recorded here too."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from chishang.core.api.views import ScopedReadOnlyViewSet
from members import filters, models
from members.api import serializers
from members.api.entries import HonourEntrySerializer, MeetingEntrySerializer, MemberChangeEntrySerializer
from members.services import grant_honour, record_change, record_meeting

READ = ("list", "retrieve")


class MemberViewSet(ScopedReadOnlyViewSet):
    """Members, present and past."""

    queryset = models.Member.objects.all()
    serializer_class = serializers.MemberSerializer
    filterset_class = filters.MemberFilters
    action_permissions = dict.fromkeys(READ, "members.view_member")
    ordering_fields = ("name", "joined_on")


class MemberChangeViewSet(ScopedReadOnlyViewSet):
    """Changes of members, and recording one."""

    queryset = models.MemberChange.objects.all()
    serializer_class = serializers.MemberChangeSerializer
    filterset_class = filters.MemberChangeFilters
    action_permissions = dict.fromkeys(READ, "members.view_memberchange") | {"create": "members.add_memberchange"}
    ordering_fields = ("occurred_on", "recorded_at")

    @extend_schema(
        summary="党员变动：登记一次变动",
        description=(
            "按规定核对后登记一次变动，并更新党员现在的状况；不合规定的，说明原因，什么都不保存。"
            "入党、转入和转出不在这里办理。没有收到回答的，先查有没有登记上，再重发。"
        ),
        request=MemberChangeEntrySerializer,
        responses={201: OpenApiResponse(serializers.MemberChangeSerializer, description="已登记")},
    )
    def create(self, request: Request) -> Response:
        """Record a change of a member."""
        actor: Any = request.user
        entry = MemberChangeEntrySerializer(data=request.data)
        entry.is_valid(raise_exception=True)
        kind, day, facts = entry.facts()
        change = record_change(actor=actor, member=entry.member_for(actor), kind=kind, occurred_on=day, facts=facts)
        return _created(self, change.pk)


class TransferViewSet(ScopedReadOnlyViewSet):
    """Transfers of membership."""

    queryset = models.Transfer.objects.all()
    serializer_class = serializers.TransferSerializer
    filterset_class = filters.TransferFilters
    action_permissions = dict.fromkeys(READ, "members.view_transfer")
    ordering_fields = ("started_on",)


class OccupationViewSet(ScopedReadOnlyViewSet):
    """Occupations."""

    queryset = models.Occupation.objects.all()
    serializer_class = serializers.OccupationSerializer
    action_permissions = dict.fromkeys(READ, "members.view_occupation")
    ordering_fields = ("name",)


class MeetingKindViewSet(ScopedReadOnlyViewSet):
    """Kinds of meetings."""

    queryset = models.MeetingKind.objects.all()
    serializer_class = serializers.MeetingKindSerializer
    action_permissions = dict.fromkeys(READ, "members.view_meetingkind")
    ordering_fields = ("name",)


class MeetingRuleViewSet(ScopedReadOnlyViewSet):
    """How often meetings are owed."""

    queryset = models.MeetingRule.objects.all()
    serializer_class = serializers.MeetingRuleSerializer
    filterset_class = filters.MeetingRuleFilters
    action_permissions = dict.fromkeys(READ, "members.view_meetingrule")
    ordering_fields = ("valid_from",)


class MeetingViewSet(ScopedReadOnlyViewSet):
    """Meetings and activities, and recording one."""

    queryset = models.Meeting.objects.all()
    serializer_class = serializers.MeetingSerializer
    filterset_class = filters.MeetingFilters
    action_permissions = dict.fromkeys(READ, "members.view_meeting") | {"create": "members.add_meeting"}
    ordering_fields = ("held_on", "recorded_at")

    @extend_schema(
        summary="组织生活：登记一次会议或活动",
        description=(
            "填人数，或者填名单（人数由名单计算），要么全部保存，要么全不保存。名单里只能是当天的本支部党员。"
            "同一党支部、同一天、同一类型、同一主题是同一次活动：原样重发不会重复登记，得到已登记的那一次，"
            "并带 `Idempotency-Replayed: true`；内容不同的是 400。"
        ),
        request=MeetingEntrySerializer,
        responses={201: OpenApiResponse(serializers.MeetingSerializer, description="已登记（或早已登记）")},
        parameters=[
            OpenApiParameter(
                "Idempotency-Replayed", str, "header", description="重发时为 true", enum=["true"], response=[201]
            )
        ],
    )
    def create(self, request: Request) -> Response:
        """Record a meeting, once."""
        actor: Any = request.user
        entry = MeetingEntrySerializer(data=request.data)
        entry.is_valid(raise_exception=True)
        meeting, is_new = record_meeting(actor=actor, draft=entry.draft())
        return _created(self, meeting.pk, {} if is_new else {"Idempotency-Replayed": "true"})


class TrainingViewSet(ScopedReadOnlyViewSet):
    """Trainings."""

    queryset = models.Training.objects.all()
    serializer_class = serializers.TrainingSerializer
    filterset_class = filters.TrainingFilters
    action_permissions = dict.fromkeys(READ, "members.view_training")
    ordering_fields = ("started_on",)


class TrainingAttendanceViewSet(ScopedReadOnlyViewSet):
    """Who attended which training: person-times."""

    queryset = models.TrainingAttendance.objects.all()
    serializer_class = serializers.TrainingAttendanceSerializer
    filterset_class = filters.TrainingAttendanceFilters
    action_permissions = dict.fromkeys(READ, "members.view_trainingattendance")
    ordering_fields = ("name",)


class TalentViewSet(ScopedReadOnlyViewSet):
    """People of the talent register."""

    queryset = models.Talent.objects.all()
    serializer_class = serializers.TalentSerializer
    filterset_class = filters.TalentFilters
    action_permissions = dict.fromkeys(READ, "members.view_talent")
    ordering_fields = ("name", "recorded_on")


class HonourViewSet(ScopedReadOnlyViewSet):
    """Honours, and granting one."""

    queryset = models.Honour.objects.all()
    serializer_class = serializers.HonourSerializer
    filterset_class = filters.HonourFilters
    action_permissions = dict.fromkeys(READ, "members.view_honour") | {"create": "members.add_honour"}
    ordering_fields = ("granted_on",)

    @extend_schema(
        summary="荣誉：登记一项荣誉",
        description="获得人要先在人才库里。同一人、同一称号、同一天的荣誉只登记一次，重发是 400，原记录不变。",
        request=HonourEntrySerializer,
        responses={201: OpenApiResponse(serializers.HonourSerializer, description="已登记")},
    )
    def create(self, request: Request) -> Response:
        """Grant an honour."""
        actor: Any = request.user
        entry = HonourEntrySerializer(data=request.data)
        entry.is_valid(raise_exception=True)
        talent_id, honour = entry.honour()
        return _created(self, grant_honour(actor=actor, talent_id=talent_id, honour=honour).pk)


class DevelopmentStepViewSet(ScopedReadOnlyViewSet):
    """Steps of developing a member."""

    queryset = models.DevelopmentStep.objects.all()
    serializer_class = serializers.DevelopmentStepSerializer
    action_permissions = dict.fromkeys(READ, "members.view_developmentstep")
    ordering_fields = ("sequence",)


class DevelopmentFileViewSet(ScopedReadOnlyViewSet):
    """Files of applicants."""

    queryset = models.DevelopmentFile.objects.all()
    serializer_class = serializers.DevelopmentFileSerializer
    filterset_class = filters.DevelopmentFileFilters
    action_permissions = dict.fromkeys(READ, "members.view_developmentfile")
    ordering_fields = ("name",)


class DuesBracketViewSet(ScopedReadOnlyViewSet):
    """Brackets of the dues."""

    queryset = models.DuesBracket.objects.all()
    serializer_class = serializers.DuesBracketSerializer
    filterset_class = filters.DuesBracketFilters
    action_permissions = dict.fromkeys(READ, "members.view_duesbracket")
    ordering_fields = ("valid_from",)


class DuesStandardViewSet(ScopedReadOnlyViewSet):
    """What members owe each month."""

    queryset = models.DuesStandard.objects.all()
    serializer_class = serializers.DuesStandardSerializer
    filterset_class = filters.DuesStandardFilters
    action_permissions = dict.fromkeys(READ, "members.view_duesstandard")
    ordering_fields = ("valid_from",)


class DuesExemptionViewSet(ScopedReadOnlyViewSet):
    """Reductions and exemptions."""

    queryset = models.DuesExemption.objects.all()
    serializer_class = serializers.DuesExemptionSerializer
    filterset_class = filters.DuesExemptionFilters
    action_permissions = dict.fromkeys(READ, "members.view_duesexemption")
    ordering_fields = ("from_month",)


class DuesPaymentViewSet(ScopedReadOnlyViewSet):
    """Dues that were paid."""

    queryset = models.DuesPayment.objects.all()
    serializer_class = serializers.DuesPaymentSerializer
    filterset_class = filters.DuesPaymentFilters
    action_permissions = dict.fromkeys(READ, "members.view_duespayment")
    ordering_fields = ("paid_on", "recorded_at")


def _created(view: ScopedReadOnlyViewSet, key: int, headers: dict[str, str] | None = None) -> Response:
    """Answer with the new row as its list shows it to the account that stored it."""
    row = view.get_queryset().get(pk=key)
    return Response(view.get_serializer(row).data, status=status.HTTP_201_CREATED, headers=headers)
