"""Reading a visit that a client sends, and the receipt it gets."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from rest_framework import serializers

from chishang.core.api.fields import row_key
from chishang.core.api.serializers import StrictSerializer
from organizations.models import User
from visits.enums import IssueState, Urgency
from visits.models import Issue, Visit
from visits.services import IssueDraft, VisitDraft

MAX_ISSUES = 50
COMPANIONS, CONTENT, REMARK, DESCRIPTION = (
    Visit._meta.get_field("companions").max_length,
    Visit._meta.get_field("content").max_length,
    Visit._meta.get_field("remark").max_length,
    Issue._meta.get_field("description").max_length,
)


class IssueEntrySerializer(StrictSerializer):
    """An issue raised at the visit."""

    category = row_key("问题类别的编号")
    description = serializers.CharField(label="反映问题", max_length=DESCRIPTION)
    urgency = serializers.ChoiceField(label="紧急程度", choices=Urgency.choices, default=Urgency.NORMAL)


class VisitEntrySerializer(StrictSerializer):
    """A visit with its issues, under the operation id that the client made."""

    op_id = serializers.UUIDField(label="操作编号", help_text="由客户端生成的 UUID；重发同一次走访时不变")
    household = row_key("走访对象的编号")
    visited_on = serializers.DateField(label="走访日期", input_formats=["iso-8601"])
    content = serializers.CharField(label="谈话内容", max_length=CONTENT, allow_blank=True, default="")
    companions = serializers.CharField(
        label="同行人", help_text="多人用顿号分开", max_length=COMPANIONS, allow_blank=True, default=""
    )
    remark = serializers.CharField(label="备注", max_length=REMARK, allow_blank=True, default="")
    visitor = row_key("走访人的编号", help_text="不填为本账号", required=False, allow_null=True)
    campaign = row_key("走访活动的编号", help_text="不填为当天进行中的活动", required=False, allow_null=True)
    issues = serializers.ListField(
        label="反映问题", child=IssueEntrySerializer(), max_length=MAX_ISSUES, required=False, default=list
    )

    def draft(self) -> tuple[UUID, VisitDraft]:
        """Return the operation id and the visit as the service takes it."""
        data = self.validated_data
        issues = [
            IssueDraft(category_id=one["category"], description=one["description"], urgency=one["urgency"])
            for one in data["issues"]
        ]
        draft = VisitDraft(
            household_id=data["household"],
            visited_on=data["visited_on"],
            content=data["content"],
            companions=data["companions"],
            remark=data["remark"],
            visitor_id=data.get("visitor"),
            campaign_id=data.get("campaign"),
            issues=issues,
        )
        return data["op_id"], draft


class IssueReceiptSerializer(serializers.Serializer[Any]):
    """An issue as it was registered."""

    id = serializers.IntegerField(label="问题编号")
    category = serializers.IntegerField(label="问题类别的编号")
    description = serializers.CharField(label="反映问题")
    urgency = serializers.ChoiceField(label="紧急程度", choices=Urgency.choices)
    state = serializers.ChoiceField(label="登记时的办理情况", choices=[IssueState.REGISTERED.value])


class VisitReceiptSerializer(serializers.Serializer[Any]):
    """What was recorded; the present state is at ``url``."""

    op_id = serializers.UUIDField(label="操作编号")
    id = serializers.IntegerField(label="走访编号")
    url = serializers.CharField(label="走访的地址，现状在这里看")
    household = serializers.IntegerField(label="走访对象的编号")
    visited_on = serializers.DateField(label="走访日期")
    visitor = serializers.IntegerField(label="走访人的编号")
    content = serializers.CharField(label="谈话内容")
    companions = serializers.CharField(label="同行人")
    remark = serializers.CharField(label="备注")
    recorded_at = serializers.DateTimeField(label="录入时间")
    issues = IssueReceiptSerializer(label="反映问题", many=True)


def receipt_of(visit: Visit, *, op_id: UUID, draft: VisitDraft, actor: User) -> dict[str, Any]:
    """Return the receipt for ``draft``, recorded as ``visit``.

    A repeated request must get the same answer for ever, also when the issue was moved or a text corrected meanwhile.
    So it says what was sent (the service made sure that a repetition is equal) and the keys given to it, nothing else.
    """
    keys = visit.issues.order_by("pk").values_list("pk", flat=True)
    issues = [
        {
            "id": key,
            "category": issue.category_id,
            "description": issue.description,
            "urgency": issue.urgency,
            "state": IssueState.REGISTERED.value,
        }
        for key, issue in zip(keys, draft.issues, strict=False)  # later ones may have been added in the admin
    ]
    return {
        "op_id": op_id,
        "id": visit.pk,
        "url": reverse("visit-detail", args=[visit.pk]),
        "household": draft.household_id,
        "visited_on": draft.visited_on,
        "visitor": draft.visitor_id or actor.pk,
        "content": draft.content,
        "companions": draft.companions,
        "remark": draft.remark,
        "recorded_at": visit.recorded_at,
        "issues": issues,
    }
