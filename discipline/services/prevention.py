"""Rules of what is done so that there are no cases; forms and sheets check a row by them before it is stored.

Each ``check_…`` takes a row that is filled in and not stored yet, and raises ValidationError by field.
"""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError

from chishang.core.dates import refuse_future
from discipline.enums import EducationKind
from discipline.models import (
    InspectionFinding,
    IntegrityEvent,
    PowerItem,
    PowerList,
    ResponsibilityItem,
    ResponsibilityList,
    StyleInspection,
)


def check_list(row: ResponsibilityList) -> None:
    """Refuse a list issued in the future: the figures count those that are issued."""
    refuse_future(row, "issued_on")


def check_item(row: ResponsibilityItem) -> None:
    """Refuse an item done in the future, or due before its list was issued."""
    refuse_future(row, "done_on")
    issued_on = getattr(_parent(row, "responsibility_list"), "issued_on", None)
    if issued_on and row.due_on and row.due_on < issued_on:
        raise ValidationError({"due_on": f"完成时限不能早于清单的印发日期（{issued_on:%Y-%m-%d}）。"})


def check_event(row: IntegrityEvent) -> None:
    """Refuse a lesson in the future, and a lesson that says which kind of talk it was."""
    refuse_future(row, "held_on")
    if row.talk_kind and row.kind != EducationKind.TALK:
        raise ValidationError({"talk_kind": "只有廉政谈话才填谈话类别，请清空。"})


def check_inspection(row: StyleInspection) -> None:
    """Refuse an inspection in the future."""
    refuse_future(row, "inspected_on")


def check_finding(row: InspectionFinding) -> None:
    """Refuse a finding settled in the future, or before it was found."""
    refuse_future(row, "settled_on")
    found_on = getattr(_parent(row, "inspection"), "inspected_on", None)
    if found_on and row.settled_on and row.settled_on < found_on:
        raise ValidationError({"settled_on": f"整改完成日期不能早于检查日期（{found_on:%Y-%m-%d}）。"})


def check_power_list(row: PowerList) -> None:
    """Refuse a list settled in the future."""
    refuse_future(row, "settled_on")


def check_power_item(row: PowerItem) -> None:
    """Refuse an item published in the future, or one whose number is above the list's own count."""
    refuse_future(row, "published_on")
    count = getattr(_parent(row, "power_list"), "item_count", None)
    if count and row.number and row.number > count:
        raise ValidationError(
            {"number": f"该清单共 {count} 项，序号不能大于 {count}；清单有增加的，请先改权力事项数。"}
        )


def _parent(row: Any, name: str) -> Any:
    """Return the row that ``row`` belongs to, stored or not; None where none is chosen yet."""
    try:
        return getattr(row, name)
    except ObjectDoesNotExist:
        return None
