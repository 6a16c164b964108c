"""Import and export of responsibility lists, lessons and talks, inspections of style, and lists of powers."""

from typing import Any

from import_export.fields import Field

from chishang.core.resources import DayWidget, LabelWidget, PartialDateField, SafeText, ScopedKey
from discipline.enums import ListKind
from discipline.models import (
    InspectionFinding,
    IntegrityEvent,
    PowerItem,
    PowerList,
    ResponsibilityItem,
    ResponsibilityList,
    StyleInspection,
)
from discipline.resources.base import OfficeResource, ParentKey, VillageKey
from discipline.services import prevention

LIST, ISSUED, DAY, UNIT, INSPECTORS, VILLAGE = "清单", "印发日期", "日期", "被检查单位", "检查人", "村"


class ResponsibilityListResource(OfficeResource):
    """Lists by kind and day."""

    what = "份清单"
    check = staticmethod(prevention.check_list)

    class Meta(OfficeResource.Meta):
        model = ResponsibilityList
        import_id_fields = ["kind", "issued_on"]
        fields = ["kind", "bearer", "issued_on", "document_no", "organization"]


class ResponsibilityItemResource(OfficeResource):
    """Items by list (kind and day) and number."""

    what = "个事项"
    check = staticmethod(prevention.check_item)
    responsibility_list = Field(
        attribute="responsibility_list",
        column_name=LIST,
        widget=ParentKey(
            ResponsibilityList,
            "discipline.import_responsibilityitem",
            {LIST: ("kind", LabelWidget(ListKind.choices)), ISSUED: ("issued_on", DayWidget())},
        ),
    )
    issued_on = Field(
        attribute="responsibility_list__issued_on", column_name=ISSUED, widget=DayWidget(), readonly=True
    )

    class Meta(OfficeResource.Meta):
        model = ResponsibilityItem
        import_id_fields = ["responsibility_list", "number"]
        fields = ["responsibility_list", "issued_on", "number", "content", "owner", "due_on", "done_on", "evidence"]


class IntegrityEventResource(OfficeResource):
    """Lessons and talks by day, kind, topic and audience."""

    what = "次廉政教育"
    check = staticmethod(prevention.check_event)

    class Meta(OfficeResource.Meta):
        model = IntegrityEvent
        import_id_fields = ["held_on", "kind", "topic", "audience"]
        fields = ["held_on", "kind", "talk_kind", "topic", "audience", "attendees", "organization"]


class StyleInspectionResource(OfficeResource):
    """Inspections by day, unit and inspectors."""

    what = "次检查"
    check = staticmethod(prevention.check_inspection)

    class Meta(OfficeResource.Meta):
        model = StyleInspection
        import_id_fields = ["inspected_on", "unit", "inspectors"]
        fields = ["inspected_on", "unit", "inspectors", "organization"]


class InspectionFindingResource(OfficeResource):
    """Findings by inspection (day, unit, inspectors) and text."""

    what = "个问题"
    check = staticmethod(prevention.check_finding)
    inspection = Field(
        attribute="inspection",
        column_name=DAY,
        widget=ParentKey(
            StyleInspection,
            "discipline.import_inspectionfinding",
            {DAY: ("inspected_on", DayWidget()), UNIT: ("unit", SafeText()), INSPECTORS: ("inspectors", SafeText())},
        ),
    )
    unit = Field(attribute="inspection__unit", column_name=UNIT, widget=SafeText(), readonly=True)
    inspectors = Field(attribute="inspection__inspectors", column_name=INSPECTORS, widget=SafeText(), readonly=True)

    class Meta(OfficeResource.Meta):
        model = InspectionFinding
        import_id_fields = ["inspection", "text"]
        fields = ["inspection", "unit", "inspectors", "text", "follow_up", "settled_on"]


class PowerListResource(OfficeResource):
    """Lists of powers by village."""

    what = "个村"
    check = staticmethod(prevention.check_power_list)
    settled_on = PartialDateField(attribute="settled_on", precision="settled_precision", column_name="清理日期")

    class Meta(OfficeResource.Meta):
        model = PowerList
        import_id_fields = ["village"]
        fields = ["village", "item_count", "settled_on"]


class PowerListKey(ScopedKey):
    """A list of powers, by its village's name or code."""

    def _find(self, text: str) -> Any:
        villages = VillageKey()
        villages.user = self.user
        rows = PowerList.objects.visible_to(self.user).visible_to(self.user, self.permission)
        found = rows.filter(village=villages.clean(text)).select_related("village").first()
        if found is None:
            raise ValueError(f"“{text}”还没有微权力清单，请先登记清单")
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return the village's name."""
        return SafeText().render(value.village.name) if value else ""


class PowerItemResource(OfficeResource):
    """Items of lists of powers by village and number."""

    what = "个事项"
    check = staticmethod(prevention.check_power_item)
    also_read = ("power_list__village",)
    power_list = Field(
        attribute="power_list", column_name=VILLAGE, widget=PowerListKey(PowerList, "discipline.import_poweritem")
    )

    class Meta(OfficeResource.Meta):
        model = PowerItem
        import_id_fields = ["power_list", "number"]
        fields = ["power_list", "number", "name", "basis", "holder", "published_on"]
