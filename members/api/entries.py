"""Reading what a client sends: a meeting, a change of a member, an honour."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from rest_framework import serializers

from chishang.core.api.fields import row_key
from chishang.core.api.serializers import StrictSerializer
from chishang.core.dates import PartialDate, Precision, parse_partial_date
from members.enums import ChangeKind, HonourLevel, Presence
from members.models import Honour, Meeting, MeetingAttendance, Member, MemberChange
from members.services import AttendanceDraft, ChangeFacts, MeetingDraft
from members.services.standing import BY_OWN_SERVICE
from organizations.models import User

MAX_PEOPLE = 2000
MAX_COUNT = 2**31 - 1
ISO = ["iso-8601"]
RECORDABLE = [(kind.value, kind.label) for kind in ChangeKind if kind not in BY_OWN_SERVICE]
"""Kinds that are no joining and no transfer: those have registers of their own."""


def _length(model: Any, name: str) -> int:
    return int(model._meta.get_field(name).max_length)


def _text(model: Any, name: str, **kwargs: Any) -> serializers.CharField:
    label = str(model._meta.get_field(name).verbose_name)
    return serializers.CharField(label=label, max_length=_length(model, name), **kwargs)


def _optional_text(model: Any, name: str) -> serializers.CharField:
    return _text(model, name, allow_blank=True, default="")


def _count(label: str) -> serializers.IntegerField:
    help_text = "有名单的可以不填，由名单计算"
    return serializers.IntegerField(
        label=label, help_text=help_text, min_value=0, max_value=MAX_COUNT, required=False, allow_null=True
    )


class AttendanceEntrySerializer(StrictSerializer):
    """How one member took part."""

    member = row_key("党员的编号")
    presence = serializers.ChoiceField(label="出席", choices=Presence.choices, default=Presence.PRESENT)
    reason = _optional_text(MeetingAttendance, "reason")


class MeetingEntrySerializer(StrictSerializer):
    """A meeting that was held, with the numbers or with the list of who took part."""

    organization = row_key("党支部或单位的编号")
    held_on = serializers.DateField(label="日期", input_formats=ISO)
    kind = row_key("活动类型的编号")
    also_kind = row_key("同时也是，活动类型的编号", required=False, allow_null=True)
    topic = _text(Meeting, "topic")
    place = _optional_text(Meeting, "place")
    host = _optional_text(Meeting, "host")
    due = _count("应到人数")
    present = _count("实到人数")
    excused = _count("请假人数")
    minutes = _optional_text(Meeting, "minutes")
    remark = _optional_text(Meeting, "remark")
    attendance = serializers.ListField(
        label="参会情况",
        help_text="当天的本支部党员，每人一次",
        child=AttendanceEntrySerializer(),
        max_length=MAX_PEOPLE,
        required=False,
        default=list,
    )

    def draft(self) -> MeetingDraft:
        """Return the meeting as the service takes it."""
        data = self.validated_data
        people = tuple(
            AttendanceDraft(member_id=one["member"], presence=one["presence"], reason=one["reason"])
            for one in data["attendance"]
        )
        return MeetingDraft(
            organization_id=data["organization"],
            held_on=data["held_on"],
            kind_id=data["kind"],
            also_kind_id=data.get("also_kind"),
            topic=data["topic"],
            place=data["place"],
            host=data["host"],
            due=data.get("due"),
            present=data.get("present"),
            excused=data.get("excused"),
            minutes=data["minutes"],
            remark=data["remark"],
            attendance=people,
        )


class MemberChangeEntrySerializer(StrictSerializer):
    """A change of a member's standing or circumstances."""

    member = row_key("党员的编号")
    kind = serializers.ChoiceField(
        label="变动", help_text="入党、转入和转出另有登记办法，不在这里办理", choices=RECORDABLE
    )
    occurred_on = serializers.DateField(label="发生日期", input_formats=ISO)
    place = serializers.CharField(
        label="去向或来源", max_length=_length(MemberChange, "place"), allow_blank=True, default=""
    )
    document = _optional_text(MemberChange, "document")
    note = _optional_text(MemberChange, "note")
    until = serializers.DateField(
        label="延长后的届满日期",
        help_text="只用于延长预备期",
        input_formats=ISO,
        required=False,
        allow_null=True,
    )

    def member_for(self, actor: User) -> Member:
        """Return the member, where ``actor`` may record changes; raise ValidationError for any other key."""
        rows = Member.objects.visible_to(actor, "members.add_memberchange")
        found: Member | None = rows.filter(pk=self.validated_data["member"]).first()
        if found is None:
            raise ValidationError({"member": "没有这个党员，或者不归您管，请核对编号。"})
        return found

    def facts(self) -> tuple[ChangeKind, date, ChangeFacts]:
        """Return kind, day, and what else the change brings, as the service takes them."""
        data = self.validated_data
        facts = ChangeFacts(place=data["place"], document=data["document"], note=data["note"], until=data.get("until"))
        return ChangeKind(data["kind"]), data["occurred_on"], facts


class PartialDateEntrySerializer(StrictSerializer):
    """A date as far as it is known."""

    date = serializers.DateField(label="日期", help_text="所知部分的第一天", input_formats=ISO)
    precision = serializers.ChoiceField(label="精确到", choices=Precision.choices, default=Precision.DAY)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Bring the date to the first day of what is known, so that the same date is stored in one way only."""
        try:
            known = parse_partial_date(PartialDate(attrs["date"], Precision(attrs["precision"])).text)
        except ValueError as error:
            raise serializers.ValidationError({"date": [str(error)]}) from error
        return {"date": known.day, "precision": known.precision}


class HonourEntrySerializer(StrictSerializer):
    """An honour for a person of the talent register."""

    talent = row_key("获得人的编号", help_text="人才库里的编号")
    title = _text(Honour, "title")
    level = serializers.ChoiceField(label="级别", choices=HonourLevel.choices)
    granted_by = _text(Honour, "granted_by")
    granted_on = PartialDateEntrySerializer(label="授予日期")
    document = _optional_text(Honour, "document")

    def honour(self) -> tuple[int, Honour]:
        """Return the key of the person, and the honour unsaved."""
        data = self.validated_data
        honour = Honour(
            title=data["title"].strip(),
            level=data["level"],
            granted_by=data["granted_by"].strip(),
            granted_on=data["granted_on"]["date"],
            granted_precision=data["granted_on"]["precision"],
            document=data["document"].strip(),
        )
        return data["talent"], honour
