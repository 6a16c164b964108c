"""The district's change feed. What its events show of a row is what the row's own address shows, as keys and codes."""

from functools import cached_property
from typing import Any, ClassVar

from drf_spectacular.utils import (
    OpenApiParameter,
    PolymorphicProxySerializer,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.viewsets import GenericViewSet

from chishang.core.api.filters import check_parameters
from chishang.core.api.pagination import MAX_LIMIT, read_limit
from chishang.core.api.permissions import ActionPermission
from chishang.core.api.problems import Gone
from chishang.core.api.responses import CountedResponse
from chishang.report.enums import ChangeAction
from chishang.report.feed import NAMES, TYPES, Change, Cursor, LostCursor, Reading, WrongCursor

DEFAULT_LIMIT = 200
HISTORY = {fed.name: fed.history for fed in TYPES}


def key(label: str, **kwargs: Any) -> serializers.IntegerField:
    """Return a field with the key of another row."""
    return serializers.IntegerField(label=label, read_only=True, **kwargs)


def code(source: str, label: str, **kwargs: Any) -> serializers.CharField:
    """Return a field with the code or name of a row that the event names; null when that one is no more."""
    return serializers.CharField(source=source, label=label, read_only=True, allow_null=True, **kwargs)


class VisitDataSerializer(serializers.ModelSerializer[Any]):
    """A visit as it stood."""

    campaign_id = key("走访活动的编号")
    campaign = code("campaign.name", "走访活动")
    household_id = key("走访对象的编号")
    household_code = code("household.code", "户编号")
    village_code = code("household.village.code", "行政村编码")
    visitor_id = key("走访人的编号")
    entered_by_id = key("录入人的编号", allow_null=True)

    class Meta:
        model = HISTORY["visit"]
        fields = (
            *("campaign_id", "campaign", "household_id", "household_code", "village_code", "visited_on", "visitor_id"),
            *("companions", "entered_by_id", "content", "remark", "source", "recorded_at"),
        )


class IssueDataSerializer(serializers.ModelSerializer[Any]):
    """An issue as it stood."""

    visit_id = key("走访的编号")
    household_code = code("visit.household.code", "户编号")
    village_code = code("visit.household.village.code", "行政村编码")
    category_id = key("问题类别的编号")
    category = code("category.name", "问题类别")
    unit_id = key("承办单位的编号", allow_null=True)
    unit = code("unit.name", "承办单位")
    assignee_id = key("责任人的编号", allow_null=True)
    resolved_by_id = key("办结人的编号", allow_null=True)
    closed_by_id = key("销号人的编号", allow_null=True)
    merged_into_id = key("合并到的问题的编号", allow_null=True)

    class Meta:
        model = HISTORY["issue"]
        fields = (
            *("visit_id", "household_code", "village_code", "raised_on", "category_id", "category", "description"),
            *("urgency", "state", "unit_id", "unit", "assignee_id", "due_on", "resolved_on", "resolved_by_id"),
            *("closed_by_id", "escalated_on", "escalation_level", "escalated_to", "project", "satisfaction"),
            "merged_into_id",
        )


class IssueEventDataSerializer(serializers.ModelSerializer[Any]):
    """A move of an issue."""

    issue_id = key("问题的编号")
    actor_id = key("经办人的编号", allow_null=True)

    class Meta:
        model = HISTORY["issue_event"]
        fields = ("issue_id", "move", "from_state", "to_state", "occurred_on", "recorded_at", "actor_id", "note")


class DisbursementDataSerializer(serializers.ModelSerializer[Any]):
    """A disbursement request as it stood; payees are not shown."""

    budget_id = key("预算的编号", allow_null=True)
    organization_id = key("村党支部或镇本级的编号")
    organization_code = code("organization.code", "村党支部或镇本级的编码")
    village_code = code("organization.village.code", "行政村编码", help_text="镇本级为 null")
    subject_code = code("subject.code", "经费科目编码")
    subject = code("subject.name", "经费科目")
    reverses_id = key("所冲销凭证的编号", allow_null=True)
    maker_id = key("经办人的编号")

    class Meta:
        model = HISTORY["disbursement"]
        fields = (
            *("budget_id", "organization_id", "organization_code", "village_code", "subject_code", "subject"),
            *("reverses_id", "amount", "purpose", "decision", "attachments", "maker_id", "state", "created_at"),
            "submitted_at",
        )


class VoucherDataSerializer(serializers.ModelSerializer[Any]):
    """A posted voucher; payees are not shown."""

    organization_id = key("村党支部或镇本级的编号")
    organization_code = code("organization.code", "村党支部或镇本级的编码")
    village_code = code("organization.village.code", "行政村编码", help_text="镇本级为 null")
    subject_code = code("subject.code", "经费科目编码")
    subject = code("subject.name", "经费科目")
    budget_id = key("预算的编号", allow_null=True)
    disbursement_id = key("拨付申请的编号", allow_null=True)
    reverses_id = key("所冲销凭证的编号", allow_null=True, help_text="不为空的是冲销凭证，相加时减去")

    class Meta:
        model = HISTORY["voucher"]
        fields = (
            *("code", "year", "number", "date", "organization_id", "organization_code", "village_code"),
            *("subject_code", "subject", "budget_id", "amount", "summary", "disbursement_id", "reverses_id"),
            *("maker_name", "checker_name", "approver_name", "posted_at", "imported"),
        )


DATA: dict[str, type[serializers.ModelSerializer[Any]]] = {
    "visit": VisitDataSerializer,
    "issue": IssueDataSerializer,
    "issue_event": IssueEventDataSerializer,
    "disbursement": DisbursementDataSerializer,
    "voucher": VoucherDataSerializer,
}


@extend_schema_field(
    PolymorphicProxySerializer(
        component_name="ChangedRow", serializers=list(DATA.values()), resource_type_field_name=None
    )
)
class DataField(serializers.Field[Any, Any, Any, Any]):
    """The row of an event as it stood then; its columns depend on the type."""

    @cached_property
    def serializers(self) -> dict[str, serializers.BaseSerializer[Any]]:
        """One for each type: making one for each event would take most of the time."""
        return {name: serializer() for name, serializer in DATA.items()}

    def to_representation(self, value: Change) -> dict[str, Any] | None:
        """Return the columns, or None for a row that is gone."""
        if value.action == ChangeAction.DELETED:
            return None
        columns: dict[str, Any] = self.serializers[value.fed.name].to_representation(value.row)
        return columns


class ChangeSerializer(serializers.Serializer[Change]):
    """An event."""

    event_id = serializers.CharField(help_text="事件的编号，永不改变；同一事件可能收到两次")
    type = serializers.ChoiceField(source="fed.name", choices=NAMES, help_text="哪一类记录")
    action = serializers.ChoiceField(
        choices=ChangeAction.choices, help_text="merged：问题并入另一个问题（data.merged_into_id），这一行仍在"
    )
    id = serializers.IntegerField(source="row.pgh_obj_id", help_text="记录的编号")
    sequence = serializers.IntegerField(
        source="row.pgh_id", help_text="同一条记录的两个事件，大的在后；只在大于手头的 sequence 时采用"
    )
    recorded_at = serializers.DateTimeField(source="row.pgh_created_at", help_text="写入的时间")
    data = DataField(  # type: ignore[assignment]  # a serializer's own data are not meant
        source="*", allow_null=True, help_text="当时的内容；已删除的为 null"
    )


class ChangesSerializer(serializers.Serializer[Any]):
    """A page of the feed."""

    feed_id = serializers.UUIDField(help_text="变更流的编号；数据库恢复后是另一个")
    types = serializers.ListField(child=serializers.ChoiceField(choices=NAMES), help_text="所含的类别")
    events = ChangeSerializer(many=True)
    cursor = serializers.CharField(help_text="读到这里的游标")
    next = serializers.URLField(help_text="接着读的地址；读到末尾也有，以后从这里继续")
    more = serializers.BooleanField(help_text="后面现在还有没有")


class ChecksumSerializer(serializers.Serializer[Any]):
    """What a complete copy of a type has."""

    count = serializers.IntegerField(help_text="未删除的行数")
    sha256 = serializers.CharField(help_text="按 id 排序、每行“id:sequence”加换行符，其 SHA-256（十六进制）")


class ChecksumsSerializer(serializers.Serializer[Any]):
    """What a complete copy has that was read up to a cursor."""

    feed_id = serializers.UUIDField(help_text="变更流的编号")
    cursor = serializers.CharField(help_text="核对到这里")
    checksums = serializers.DictField(child=ChecksumSerializer(), help_text="类别 → 校验")


LIMIT = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
CURSOR = OpenApiParameter("cursor", str, description="上一页给出的游标；不写为从头读取")
TYPE = OpenApiParameter("type", str, description=f"只要这些类别，用逗号分开：{'、'.join(NAMES)}；不写为全部")


class ChangesViewSet(GenericViewSet[Any]):
    """The feed of what was written to visits, issues and village money."""

    permission_classes = (ActionPermission,)
    action_permissions: ClassVar[dict[str, str]] = dict.fromkeys(("retrieve", "checksum"), "report.view_feed")
    filter_backends = ()
    pagination_class = None

    @extend_schema(
        operation_id="changes_retrieve",
        summary="变更流：走访、问题和村级资金的每一次变动",
        description=(
            "从头读一遍就是全部，以后从 `next` 继续，不漏、不重。类别另需各自的查看权限，账号看不到的不列。"
            "用法见 `docs/api.md`，可运行的程序见 `docs/pull_changes.py`。"
        ),
        tags=["变更流"],
        parameters=[
            CURSOR,
            TYPE,
            OpenApiParameter("limit", LIMIT, description="每页最多几个事件"),
        ],
        responses=ChangesSerializer,
    )
    def retrieve(self, request: Request) -> Response:
        """Return the events behind a cursor."""
        check_parameters(request, {"cursor", "type", "limit"})
        limit = read_limit(request, DEFAULT_LIMIT)
        reading, cursor = _read(request)
        page = reading.page(cursor, limit)
        packed = page.cursor.pack()
        following = replace_query_param(request.build_absolute_uri(), "cursor", packed)
        body = {
            "feed_id": reading.feed.feed_id,
            "types": reading.types,
            "events": page.changes,
            "cursor": packed,
            "next": following,
            "more": page.more,
        }
        headers = {"Link": f'<{following}>; rel="next"'}
        return CountedResponse(ChangesSerializer(body).data, row_count=len(page.changes), headers=headers)

    @extend_schema(
        operation_id="changes_checksum",
        summary="变更流：核对副本",
        description="每夜核对一次：把自己的副本按同样的办法算一遍，不一致就从头读取。",
        tags=["变更流"],
        parameters=[CURSOR, TYPE],
        responses=ChecksumsSerializer,
    )
    def checksum(self, request: Request) -> Response:
        """Return what a reader should hold that has come to a cursor."""
        check_parameters(request, {"cursor", "type"})
        reading, cursor = _read(request)
        checksums = reading.checksums(cursor)
        body = {"feed_id": reading.feed.feed_id, "cursor": cursor.pack(), "checksums": checksums}
        return Response(ChecksumsSerializer(body).data)


def _read(request: Request) -> tuple[Reading, Cursor]:
    """Return what the account may read of the types asked for, and from where."""
    reading = Reading(request.user, _types(request))
    try:
        return reading, reading.cursor(request.query_params.get("cursor", ""))
    except WrongCursor as error:
        raise ValidationError({"cursor": "游标无效，或不是为这些 type 给出的。请原样使用上一页的 next。"}) from error
    except LostCursor as error:
        raise Gone from error


def _types(request: Request) -> tuple[str, ...]:
    asked = request.query_params.get("type")
    names = tuple(asked.split(",")) if asked else NAMES
    if set(names) - set(NAMES):
        raise ValidationError({"type": f"没有这个类别，可用：{'、'.join(NAMES)}；几个用逗号分开。"})
    return names
