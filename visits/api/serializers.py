"""What the API shows of visits and issues."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from chishang.core.api.fields import MaskedPhoneField, reference
from chishang.core.api.serializers import RowSerializer, shows_rows
from visits.models import Campaign, Household, Issue, IssueCategory, IssueEvent, Unit, Visit


class HouseholdReferenceSerializer(serializers.Serializer[Household]):
    """A household or enterprise by its number and name."""

    id = serializers.IntegerField(label="编号")
    code = serializers.CharField(label="户编号")
    name = serializers.CharField(label="户主或企业名称")


@shows_rows
class CampaignSerializer(RowSerializer):
    """A campaign of visits."""

    class Meta:
        model = Campaign
        fields = ("id", "name", "started_on", "ended_on")


@shows_rows
class IssueCategorySerializer(RowSerializer):
    """A category of issues."""

    class Meta:
        model = IssueCategory
        fields = ("id", "name", "days", "urgent_days", "is_active")


class UnitSerializer(RowSerializer):
    """A unit that handles issues."""

    class Meta:
        model = Unit
        fields = ("id", "name", "level")


@shows_rows
class HouseholdSerializer(RowSerializer):
    """A household or enterprise."""

    village = reference(label="所在村")
    phone = MaskedPhoneField(label="联系电话")

    class Meta:
        model = Household
        fields = ("id", "code", "kind", "village", "name", "group", "persons", "contact", "phone")

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join the village."""
        return rows.select_related("village")


class VisitIssueSerializer(serializers.ModelSerializer[Issue]):
    """An issue in short, within its visit."""

    category = reference(label="问题类别")

    class Meta:
        model = Issue
        fields = ("id", "category", "description", "urgency", "state")


@shows_rows
class VisitSerializer(RowSerializer):
    """A visit with its issues in short."""

    campaign = reference(label="走访活动")
    household = HouseholdReferenceSerializer(label="走访对象", read_only=True)
    village = reference("household.village", label="所在村")
    visitor = reference(label="走访人")
    entered_by = reference(label="录入人", allow_null=True)
    issues = VisitIssueSerializer(label="反映问题", many=True, read_only=True)

    class Meta:
        model = Visit
        fields = (
            "id",
            "campaign",
            "household",
            "village",
            "visited_on",
            "visitor",
            "companions",
            "entered_by",
            "content",
            "remark",
            "source",
            "recorded_at",
            "issues",
        )

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join what a visit names; its issues come through the gate."""
        issues = Issue.objects.visible_to(user).select_related("category").order_by("pk")
        return rows.select_related("campaign", "household__village", "visitor", "entered_by").prefetch_related(
            Prefetch("issues", issues)
        )


class IssueEventSerializer(serializers.ModelSerializer[IssueEvent]):
    """A move of an issue."""

    actor = reference(label="经办人", allow_null=True)

    class Meta:
        model = IssueEvent
        fields = ("id", "move", "from_state", "to_state", "occurred_on", "recorded_at", "actor", "note")


@shows_rows
class IssueSerializer(RowSerializer):
    """An issue as it stands, with its course."""

    household = HouseholdReferenceSerializer(source="visit.household", label="走访对象", read_only=True)
    village = reference("visit.household.village", label="所在村")
    branch = reference("visit.household.village.branch", label="村党支部")
    category = reference(label="问题类别")
    unit = reference(label="承办单位", allow_null=True)
    assignee = reference(label="责任人", allow_null=True)
    is_overdue = serializers.BooleanField(label="超过期限仍未解决", read_only=True)
    resolved_by = reference(label="办结人", allow_null=True)
    closed_by = reference(label="销号人", allow_null=True)
    events = IssueEventSerializer(label="办理过程", many=True, read_only=True)

    class Meta:
        model = Issue
        fields = (
            "id",
            "visit",
            "household",
            "village",
            "branch",
            "raised_on",
            "category",
            "description",
            "urgency",
            "state",
            "unit",
            "assignee",
            "due_on",
            "is_overdue",
            "resolved_on",
            "resolved_by",
            "closed_by",
            "escalated_on",
            "escalation_level",
            "escalated_to",
            "project",
            "satisfaction",
            "merged_into",
            "events",
        )

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join what an issue names; its events come through the gate."""
        events = IssueEvent.objects.visible_to(user).select_related("actor").order_by("pk")
        return rows.select_related(
            "visit__household__village__branch", "category", "unit", "assignee", "resolved_by", "closed_by"
        ).prefetch_related(Prefetch("events", events))
