"""Import and export of the registers of visits."""

from typing import Any

from django.core.exceptions import ValidationError
from import_export.fields import Field

from chishang.core.dates import parse_date
from chishang.core.resources import SafeText, ScopedResource, plain
from visits.enums import EDITABLE_STATES, MoveCode, Source
from visits.models import Campaign, Household, Issue, IssueCategory, Unit, Visit
from visits.services.issues import write_event


def _keep(instance: Any, names: tuple[str, ...], message: str) -> None:
    """Refuse to change columns of a stored row; raise ValidationError at each that differs."""
    stored = type(instance).objects.get(pk=instance.pk)
    fields = [instance._meta.get_field(name) for name in names]
    changed = [field.name for field in fields if getattr(instance, field.attname) != getattr(stored, field.attname)]
    if changed:
        raise ValidationError(dict.fromkeys(changed, message))


class CampaignResource(ScopedResource):
    """Campaigns by name."""

    class Meta(ScopedResource.Meta):
        model = Campaign
        import_id_fields = ["name"]
        fields = ["name", "started_on", "ended_on"]


class IssueCategoryResource(ScopedResource):
    """Categories by name."""

    class Meta(ScopedResource.Meta):
        model = IssueCategory
        import_id_fields = ["name"]
        fields = ["name", "days", "urgent_days", "sort_no", "is_active"]


class UnitResource(ScopedResource):
    """Units by name."""

    class Meta(ScopedResource.Meta):
        model = Unit
        import_id_fields = ["name"]
        fields = ["name", "level", "sort_no"]


class HouseholdResource(ScopedResource):
    """Households and enterprises by number."""

    class Meta(ScopedResource.Meta):
        model = Household
        import_id_fields = ["code"]
        fields = ["code", "kind", "village", "name", "group", "persons", "contact", "phone"]


class VisitResource(ScopedResource):
    """Visits by household, day and visitor. An import adds visits; of stored ones it changes the remark only."""

    class Meta(ScopedResource.Meta):
        model = Visit
        import_id_fields = ["household", "visited_on", "visitor"]
        fields = ["household", "visited_on", "visitor", "campaign", "companions", "content", "remark"]

    FACTS = ("campaign", "companions", "content")
    """What was recorded at the door stays as it was."""

    def complete(self, instance: Any) -> None:
        """Say who entered it and how; the campaign running on the day is the usual one."""
        if instance.pk:
            _keep(instance, self.FACTS, "已登记的走访只能改备注。")
            return
        instance.entered_by, instance.source = self.user, Source.LEDGER
        if instance.campaign_id is None and instance.visited_on:
            instance.campaign = Campaign.objects.running_on(instance.visited_on).first()
        if instance.campaign_id is None:
            raise ValidationError({"visited_on": "这一天没有进行中的走访活动，请先建立活动。"})


class IssueResource(ScopedResource):
    """Issues by household, day of the visit and description. An import adds registered ones; it moves none."""

    also_read = ("visit__household__village",)
    household = Field(column_name="走访对象", attribute="visit__household__code", widget=SafeText(), readonly=True)
    village = Field(column_name="村", attribute="visit__household__village__name", widget=SafeText(), readonly=True)

    class Meta(ScopedResource.Meta):
        model = Issue
        import_id_fields = ["raised_on", "description"]
        fields = [
            *("household", "village", "raised_on", "category", "description", "urgency", "state", "unit", "due_on"),
            *("resolved_on", "escalated_to", "satisfaction"),
        ]

    IMPORTED = {"raised_on", "category", "description", "urgency"}

    def get_import_fields(self, selected_fields: Any = None) -> list[Any]:
        """Take only what was raised; state and outcome come from moves."""
        return [self.fields[name] for name in self.fields if name in self.IMPORTED]

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        """Return the stored issue of the same visit and words."""
        visit = self._visit(row)
        return self.get_queryset().filter(visit=visit, description=plain(row.get("反映问题"))).first()

    def init_instance(self, row: Any = None) -> Any:
        """Return a new issue of the visit that the row names."""
        visit = self._visit(row or {})
        return Issue(visit=visit, raised_on=visit.visited_on)

    def complete(self, instance: Any) -> None:
        """Let category and urgency of a stored issue be put right only while it is new."""
        if instance.pk and instance.state not in EDITABLE_STATES:
            _keep(instance, ("category", "urgency"), "问题已经在办理，类别和紧急程度不能再改。")

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """Write the registration of a new issue."""
        if not instance.events.exists():
            write_event(instance, MoveCode.REGISTER, "", instance.raised_on, self.user, "导入")

    def _visit(self, row: Any) -> Visit:
        code = plain(row.get("走访对象"))
        day = parse_date(row.get("反映日期") or "")
        visits = Visit.objects.visible_to(self.user).visible_to(self.user, "visits.import_issue")
        visit = visits.filter(household__code=code, visited_on=day).order_by("pk").first()
        if visit is None:
            raise ValidationError(f"“{code}”在 {day} 没有走访记录，请先登记走访。")
        return visit
