"""Steps of developing a member, and the files of applicants."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from chishang.core.api.fields import MaskedPhoneField, PartialDateField, reference
from chishang.core.api.serializers import RowSerializer, through_gate
from members.api.serializers.people import NOT_YOURS, address_for
from members.models import DevelopmentFile, DevelopmentRecord, DevelopmentStep, Member


class DevelopmentStepSerializer(RowSerializer):
    """One of the 25 steps."""

    after = reference(label="时间从哪一步算起", allow_null=True)

    class Meta:
        model = DevelopmentStep
        fields = (
            "id",
            "code",
            "stage",
            "sequence",
            "name",
            "after",
            "wait_months",
            "wait_days",
            "within_months",
            "repeats_months",
            "needs_vote",
            "source",
        )

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join the step from which its times count."""
        return rows.select_related("after")


class DevelopmentRecordSerializer(serializers.ModelSerializer[DevelopmentRecord]):
    """A step that was taken, within the file."""

    step = reference(label="步骤")

    class Meta:
        model = DevelopmentRecord
        fields = (
            "id",
            "step",
            "occurred_on",
            "decision",
            "due",
            "present",
            "in_favour",
            "against",
            "abstained",
            "recorded_at",
        )


class DevelopmentFileSerializer(RowSerializer):
    """An applicant's file with the steps taken, without the ID number."""

    branch = reference(label="党支部")
    id_number_verified = serializers.BooleanField(source="has_id_number", label="身份证号码已核验", read_only=True)
    born_on = PartialDateField(label="出生日期")
    occupation = reference(label="工作岗位", allow_null=True)
    phone = MaskedPhoneField(label="手机号")
    address = serializers.CharField(
        source="shown_address", label="家庭住址", help_text="无权修改该档案的为 null", read_only=True, allow_null=True
    )
    member = reference("visible_member", label="党员", help_text=f"尚未入党的、{NOT_YOURS}", allow_null=True)
    records = DevelopmentRecordSerializer(label="办理过程", many=True, read_only=True)

    class Meta:
        model = DevelopmentFile
        fields = (
            "id",
            "branch",
            "name",
            "sex",
            "ethnic_group",
            "id_number_verified",
            "born_on",
            "education",
            "occupation",
            "phone",
            "address",
            "contacts",
            "introducers",
            "state",
            "member",
            "stopped_on",
            "stop_reason",
            "records",
        )

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join branch and occupation; records and member come through the gate."""
        valid = DevelopmentRecord.objects.visible_to(user).valid()
        records = valid.select_related("step").order_by("occurred_on", "pk")
        shown = rows.annotate(shown_address=address_for(DevelopmentFile, user)).defer("id_number_cipher")
        return shown.select_related("branch", "occupation").prefetch_related(
            Prefetch("records", records), through_gate("member", Member, user)
        )
