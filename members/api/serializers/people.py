"""Members and what happened to them. An ID number is never shown, only whether a checked one is stored."""

from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, QuerySet, When
from rest_framework import serializers

from chishang.core.api.fields import MaskedPhoneField, PartialDateField, reference
from chishang.core.api.serializers import RowSerializer, shows_rows, through_gate
from members.enums import MemberKind
from members.models import Member, MemberChange, Occupation, Transfer
from organizations.models import Organization

NOT_YOURS = "不归本账号看的为 null"


def address_for(model: Any, user: Any) -> Case:
    """Return the expression for the home address: null where ``user`` may not change the row."""
    changeable = model.objects.visible_to(user, f"{model._meta.app_label}.change_{model._meta.model_name}")
    return Case(When(Exists(changeable.filter(pk=OuterRef("pk"))), then=F("address")), output_field=CharField())


class OccupationSerializer(RowSerializer):
    """An occupation."""

    class Meta:
        model = Occupation
        fields = ("id", "name", "code")


@shows_rows
class MemberSerializer(RowSerializer):
    """The sixteen items of the national form in their order, without the ID number."""

    id_number_verified = serializers.BooleanField(source="has_id_number", label="身份证号码已核验", read_only=True)
    born_on = PartialDateField(label="出生日期", allow_null=True)
    kind = serializers.ChoiceField(label="今天的人员类别", choices=MemberKind.choices, read_only=True)
    branch = reference(label="所在党支部")
    joined_on = PartialDateField(label="加入党组织日期")
    full_member_on = PartialDateField(label="转为正式党员日期", allow_null=True)
    occupation = reference(label="工作岗位", allow_null=True)
    phone = MaskedPhoneField(label="手机号")
    landline = MaskedPhoneField(label="固定电话")
    address = serializers.CharField(
        source="shown_address", label="家庭住址", help_text="无权修改该党员的为 null", read_only=True, allow_null=True
    )

    class Meta:
        model = Member
        fields = (
            "id",
            "name",
            "sex",
            "ethnic_group",
            "id_number_verified",
            "born_on",
            "education",
            "kind",
            "branch",
            "joined_on",
            "full_member_on",
            "occupation",
            "phone",
            "landline",
            "address",
            "standing",
            "lost_since",
            "floating_since",
            "floating_to",
            "hardship_since",
            "probation_ends_on",
        )

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join branch and occupation; leave the encrypted number where it is."""
        shown = rows.annotate(shown_address=address_for(Member, user))
        return shown.select_related("branch", "occupation").defer("id_number_cipher")


@shows_rows
class MemberChangeSerializer(RowSerializer):
    """One dated change of a member."""

    member = reference("visible_member", label="党员", help_text=NOT_YOURS, allow_null=True)
    branch = reference(label="党支部")
    other_branch = reference("visible_other_branch", label="对方党支部", help_text=NOT_YOURS, allow_null=True)
    actor = reference(label="经办人", allow_null=True)

    class Meta:
        model = MemberChange
        fields = (
            "id",
            "member",
            "kind",
            "from_standing",
            "to_standing",
            "branch",
            "other_branch",
            "occurred_on",
            "place",
            "document",
            "note",
            "actor",
            "recorded_at",
            "voided_at",
            "void_reason",
        )

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join what belongs to the change; member and other branch come through the gate."""
        return rows.select_related("branch", "actor").prefetch_related(
            through_gate("member", Member, user), through_gate("other_branch", Organization, user)
        )


class TransferSerializer(RowSerializer):
    """A transfer of membership, seen by both branches; of the other one's rows each sees nothing."""

    member = reference("visible_member", label="党员", help_text=NOT_YOURS, allow_null=True)
    from_branch = reference("visible_from_branch", label="转出党支部", help_text=NOT_YOURS, allow_null=True)
    to_branch = reference(
        "visible_to_branch", label="转入党支部（镇内）", help_text=f"转往镇外的、{NOT_YOURS}", allow_null=True
    )

    class Meta:
        model = Transfer
        fields = (
            "id",
            "member",
            "from_branch",
            "to_branch",
            "destination",
            "letter_no",
            "started_on",
            "valid_until",
            "dues_paid_to",
            "state",
            "ended_on",
            "note",
        )

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Fetch member and branches through the gate."""
        return rows.prefetch_related(
            through_gate("member", Member, user),
            through_gate("from_branch", Organization, user),
            through_gate("to_branch", Organization, user),
        )
