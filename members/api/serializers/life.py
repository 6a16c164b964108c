"""Meetings, training, talents and honours."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from chishang.core.api.fields import PartialDateField, reference
from chishang.core.api.serializers import RowSerializer, shows_rows, through_gate
from members.api.serializers.people import NOT_YOURS
from members.models import (
    Honour,
    Meeting,
    MeetingAttendance,
    MeetingKind,
    MeetingRule,
    Member,
    Talent,
    Training,
    TrainingAttendance,
)


class MeetingKindSerializer(RowSerializer):
    """A kind of meeting or activity."""

    counts_as = reference(label="也算作", allow_null=True)

    class Meta:
        model = MeetingKind
        fields = ("id", "code", "name", "counts_as", "is_active")

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join the kind as which it counts."""
        return rows.select_related("counts_as")


class MeetingRuleSerializer(RowSerializer):
    """How often a kind of meeting is owed."""

    kind = reference(label="活动类型")

    class Meta:
        model = MeetingRule
        fields = ("id", "kind", "period", "times", "owed_by", "valid_from", "valid_until", "source")

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join the kind."""
        return rows.select_related("kind")


class MeetingAttendanceSerializer(serializers.ModelSerializer[MeetingAttendance]):
    """How one member took part, within the meeting."""

    member = reference("visible_member", label="党员", help_text=NOT_YOURS, allow_null=True)

    class Meta:
        model = MeetingAttendance
        fields = ("id", "member", "presence", "reason")


@shows_rows
class MeetingSerializer(RowSerializer):
    """A meeting or activity with its attendance."""

    organization = reference(label="党支部或单位")
    kind = reference(label="活动类型")
    also_kind = reference(label="同时也是", allow_null=True)
    recorded_by = reference(label="录入人", allow_null=True)
    attendance = MeetingAttendanceSerializer(source="attendances", label="参会情况", many=True, read_only=True)

    class Meta:
        model = Meeting
        fields = (
            "id",
            "organization",
            "held_on",
            "kind",
            "also_kind",
            "topic",
            "place",
            "host",
            "due",
            "present",
            "excused",
            "minutes",
            "remark",
            "recorded_by",
            "recorded_at",
            "attendance",
        )

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join what a meeting names; the attendance and its members come through the gate."""
        attendances = MeetingAttendance.objects.visible_to(user).order_by("pk")
        return rows.select_related("organization", "kind", "also_kind", "recorded_by").prefetch_related(
            Prefetch("attendances", attendances), through_gate("attendances__member", Member, user)
        )


class AttendanceOfTrainingSerializer(serializers.ModelSerializer[TrainingAttendance]):
    """One person, within the training."""

    branch = reference(label="党支部")
    member = reference("visible_member", label="党员", help_text=f"不是党员的、{NOT_YOURS}", allow_null=True)

    class Meta:
        model = TrainingAttendance
        fields = ("id", "branch", "member", "name")


class TrainingSerializer(RowSerializer):
    """A training with those of its attendances that the account may see."""

    organizer = reference(label="主办党组织")
    attendance = AttendanceOfTrainingSerializer(
        source="attendances", label="参训人员", help_text="只有本账号可见的党支部的", many=True, read_only=True
    )

    class Meta:
        model = Training
        fields = ("id", "name", "kind", "organizer", "started_on", "ended_on", "place", "hours", "attendance")

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join the organizer; attendances of several branches come through the gate."""
        attendances = TrainingAttendance.objects.visible_to(user).select_related("branch").order_by("pk")
        return rows.select_related("organizer").prefetch_related(
            Prefetch("attendances", attendances), through_gate("attendances__member", Member, user)
        )


class TrainingReferenceSerializer(serializers.Serializer[Training]):
    """A training in short."""

    id = serializers.IntegerField(label="编号")
    name = serializers.CharField(label="培训名称")
    kind = serializers.ChoiceField(label="类别", choices=Training._meta.get_field("kind").choices or ())
    started_on = serializers.DateField(label="开始日期")


@shows_rows
class TrainingAttendanceSerializer(RowSerializer):
    """One person at one training: a person-time."""

    training = TrainingReferenceSerializer(label="培训", read_only=True)
    branch = reference(label="党支部")
    member = reference("visible_member", label="党员", help_text=f"不是党员的、{NOT_YOURS}", allow_null=True)

    class Meta:
        model = TrainingAttendance
        fields = ("id", "training", "branch", "member", "name")

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join training and branch; the member comes through the gate."""
        return rows.select_related("training", "branch").prefetch_related(through_gate("member", Member, user))


@shows_rows
class TalentSerializer(RowSerializer):
    """A person in the talent register."""

    village = reference(label="所在村")
    member = reference("visible_member", label="党员", help_text=f"不是党员的、{NOT_YOURS}", allow_null=True)
    recorded_on = PartialDateField(label="登记日期")

    class Meta:
        model = Talent
        fields = ("id", "name", "kind", "village", "member", "recorded_on", "project")

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join the village; the member comes through the gate."""
        return rows.select_related("village").prefetch_related(through_gate("member", Member, user))


@shows_rows
class HonourSerializer(RowSerializer):
    """An honour of a person in the talent register."""

    talent = reference(label="获得人")
    village = reference("talent.village", label="所在村")
    granted_on = PartialDateField(label="授予日期")

    class Meta:
        model = Honour
        fields = ("id", "talent", "village", "title", "level", "granted_by", "granted_on", "document", "revoked_on")

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join person and village."""
        return rows.select_related("talent__village")
