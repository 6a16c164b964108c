"""Import and export of meetings, training, talents and honours, by natural key."""

from typing import Any

from django.core.exceptions import ValidationError
from import_export.fields import Field

from chishang.core.dates import parse_partial_date, refuse_future
from chishang.core.resources import LabelWidget, PartialDateField, SafeText, ScopedResource, plain
from chishang.core.text import clean_name
from members.enums import TalentKind, TrainingKind
from members.models import (
    Honour,
    Meeting,
    MeetingKind,
    MeetingRule,
    Talent,
    Training,
    TrainingAttendance,
)
from members.services.meetings import check_list, check_meeting, stored_list
from members.services.training import check_attendee, check_talent


class MeetingKindResource(ScopedResource):
    """Kinds of meetings by code."""

    class Meta(ScopedResource.Meta):
        model = MeetingKind
        import_id_fields = ["code"]
        fields = ["code", "name", "counts_as", "sort_no", "is_active"]


class MeetingRuleResource(ScopedResource):
    """Rules by kind, period, who owes it, and first day."""

    class Meta(ScopedResource.Meta):
        model = MeetingRule
        import_id_fields = ["kind", "period", "owed_by", "valid_from"]
        fields = ["kind", "period", "times", "owed_by", "valid_from", "valid_until", "source"]


class MeetingResource(ScopedResource):
    """Meetings by day, branch, kind and topic. Where attendance is known person by person, the numbers follow it."""

    class Meta(ScopedResource.Meta):
        model = Meeting
        import_id_fields = ["held_on", "organization", "kind", "topic"]
        fields = [
            *("held_on", "organization", "kind", "also_kind", "topic", "place", "host", "due", "present", "excused"),
            *("minutes", "remark"),
        ]

    def complete(self, instance: Any) -> None:
        """Say who entered it; check the day, and the numbers against a list."""
        if instance.pk is None:
            instance.recorded_by = self.user
        if instance.excused is None:
            instance.excused = 0
        if instance.organization_id and instance.held_on:
            check_meeting(instance)
            check_list(instance, stored_list(instance))


class TrainingResource(ScopedResource):
    """Training by first day, name, kind and place."""

    class Meta(ScopedResource.Meta):
        model = Training
        import_id_fields = ["started_on", "name", "kind", "place"]
        fields = ["started_on", "ended_on", "name", "kind", "organizer", "place", "hours"]

    def complete(self, instance: Any) -> None:
        """A training without a last day took one day."""
        instance.ended_on = instance.ended_on or instance.started_on
        refuse_future(instance, "started_on")


def _text(title: str, attribute: str) -> Field:
    """Return a column that is shown, and by which the row's owner is found."""
    return Field(column_name=title, attribute=attribute, widget=SafeText(), readonly=True)


class TrainingAttendanceResource(ScopedResource):
    """Who attended, by training, branch and person. The member is found by branch and name where there is one."""

    also_read = ("training",)
    training = _text("培训名称", "training__name")
    started_on = Field(column_name="开始日期", attribute="training__started_on", readonly=True)
    kind = Field(
        column_name="类别", attribute="training__kind", widget=LabelWidget(TrainingKind.choices), readonly=True
    )
    place = _text("地点", "training__place")

    class Meta(ScopedResource.Meta):
        model = TrainingAttendance
        import_id_fields = ["branch", "name"]
        fields = ["started_on", "training", "kind", "place", "branch", "name"]

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Refuse a sheet that lacks a column by which trainings are found."""
        super().before_import(dataset, **kwargs)
        _require(dataset, "开始日期", "培训名称")

    def get_import_fields(self, selected_fields: Any = None) -> list[Any]:
        """Take the person; the training is found, not written."""
        return [self.fields["branch"], self.fields["name"]]

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        """Return the stored row of the same training, branch and name."""
        branch = self.fields["branch"].clean(row)
        name = clean_name(plain(row.get("参训人")))
        return self.get_queryset().filter(training=self._training(row), branch=branch, name=name).first()

    def init_instance(self, row: Any = None) -> Any:
        """Return a new row of the training that the sheet names."""
        return TrainingAttendance(training=self._training(row or {}))

    def complete(self, instance: Any) -> None:
        """Find the member."""
        instance.name = clean_name(instance.name)
        if instance.branch_id and instance.member_id is None:
            check_attendee(instance)

    def _training(self, row: Any) -> Training:
        known = parse_partial_date(row.get("开始日期") or "")
        name, kind = plain(row.get("培训名称")), self.fields["kind"].clean(row) if row.get("类别") else ""
        found = Training.objects.visible_to(self.user).filter(started_on=known.day, name=name)
        if kind:
            found = found.filter(kind=kind)
        if place := plain(row.get("地点")):
            found = found.filter(place=place)
        several = list(found[:2])
        if not several:
            raise ValidationError(f"没有{known.text}开始的培训“{name}”，请核对，或先登记培训。")
        if len(several) > 1:
            raise ValidationError(f"{known.text}开始的培训“{name}”有多个，请写明类别和地点。")
        return several[0]


class TalentResource(ScopedResource):
    """People of the talent register by village, name and kind."""

    recorded_on = PartialDateField(attribute="recorded_on", precision="recorded_precision", column_name="登记日期")

    class Meta(ScopedResource.Meta):
        model = Talent
        import_id_fields = ["village", "name", "kind"]
        fields = ["name", "kind", "village", "recorded_on", "project"]

    def complete(self, instance: Any) -> None:
        """Check the day, and find the member."""
        instance.name = clean_name(instance.name)
        if instance.village_id:
            check_talent(instance)


class HonourResource(ScopedResource):
    """Honours by person (village, name, kind), title and day."""

    also_read = ("talent__village",)
    village = _text("所在村", "talent__village__name")
    name = _text("姓名", "talent__name")
    kind = Field(column_name="类别", attribute="talent__kind", widget=LabelWidget(TalentKind.choices), readonly=True)
    granted_on = PartialDateField(attribute="granted_on", precision="granted_precision", column_name="授予日期")

    class Meta(ScopedResource.Meta):
        model = Honour
        import_id_fields = ["title", "granted_on"]
        fields = [
            *("name", "kind", "village", "title", "level", "granted_by", "granted_on", "document", "revoked_on"),
        ]

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Refuse a sheet that lacks a column by which people are found."""
        super().before_import(dataset, **kwargs)
        _require(dataset, "姓名", "所在村")

    def get_import_fields(self, selected_fields: Any = None) -> list[Any]:
        """Take the honour; the person is found, not written."""
        return [field for name, field in self.fields.items() if name not in {"name", "kind", "village"}]

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        """Return the stored honour of the same person, title and day."""
        known = parse_partial_date(row.get("授予日期") or "")
        stored = self.get_queryset().filter(talent=self._talent(row), title=plain(row.get("荣誉称号")))
        return stored.filter(granted_on=known.day).first()

    def init_instance(self, row: Any = None) -> Any:
        """Return a new honour of the person whom the row names."""
        return Honour(talent=self._talent(row or {}))

    def complete(self, instance: Any) -> None:
        """Refuse a day in the future."""
        refuse_future(instance, "granted_on", "revoked_on")

    def _talent(self, row: Any) -> Talent:
        name, village = clean_name(plain(row.get("姓名"))), plain(row.get("所在村"))
        found = Talent.objects.visible_to(self.user).visible_to(self.user, "members.import_honour")
        found = found.filter(name=name, village__name=village)
        if row.get("类别"):
            found = found.filter(kind=self.fields["kind"].clean(row))
        several = list(found[:2])
        if not several:
            raise ValidationError(f"人才库里没有{village}的“{name}”，请核对，或先登记人才。")
        if len(several) > 1:
            raise ValidationError(f"{village}的“{name}”在人才库里有多条，请写明类别。")
        return several[0]


def _require(dataset: Any, *titles: str) -> None:
    missing = [title for title in titles if title not in (dataset.headers or [])]
    if missing:
        raise ValueError(f"缺少列：{'、'.join(missing)}。请先导出一份，按同样的列填写。")
