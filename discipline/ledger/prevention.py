"""The sheets 责任清单, 廉政教育, 作风检查 and 微权力: what is done so that there are no cases."""

from typing import Any

from chishang.core.cells import Cells
from chishang.core.ledgers import Run, filled
from discipline.enums import EducationKind, ListKind
from discipline.ledger.known import Known, labels
from discipline.models import InspectionFinding, IntegrityEvent, PowerList, ResponsibilityList, StyleInspection
from discipline.models.prevention import MOST_PEOPLE

LIST_COLUMNS = ("名称", "责任主体", "印发日期")
EDUCATION_COLUMNS = ("日期", "形式", "主题", "对象", "人数")
INSPECTION_COLUMNS = ("日期", "被检查单位", "检查人", "发现问题", "整改情况")
POWER_COLUMNS = ("村", "权力事项数", "清理日期")
NO_FINDING = "未发现问题"
MOST_ITEMS = 32_767
EVENT_KEY = ("held_on", "kind", "topic", "audience")
INSPECTION_KEY = ("inspected_on", "unit", "inspectors")

Row = dict[str, Any]


def read_list(cells: Cells, known: Known) -> Row:
    """Return a responsibility list's attributes."""
    row = {
        "kind": cells.one_of("名称", labels(ListKind), required=True),
        "bearer": cells.text("责任主体", required=True, limit=50),
        "issued_on": cells.day("印发日期", required=True, future=False),
    }
    if cells.sound:
        known.once(cells, (row["kind"], row["issued_on"]), "名称", "天印发的同一清单")
    return row


def store_lists(rows: list[Row], run: Run) -> None:
    """Write lists by kind and day."""
    run.merge(ResponsibilityList, ["kind", "issued_on"], rows)


def read_event(cells: Cells, known: Known) -> Row:
    """Return the attributes of a lesson or talk."""
    row = {
        "held_on": cells.day("日期", required=True, future=False),
        "kind": cells.one_of("形式", labels(EducationKind), required=True),
        "topic": cells.text("主题", required=True, limit=100),
        "audience": cells.text("对象", required=True, limit=50),
        "attendees": cells.integer("人数", required=True),
    }
    if cells.sound and not 1 <= row["attendees"] <= MOST_PEOPLE:
        cells.fault("人数", f"人数应在 1 到 {MOST_PEOPLE} 之间")
    if cells.sound:
        known.once(cells, tuple(row[name] for name in EVENT_KEY), "日期", "天同一形式、主题和对象的廉政教育")
    return row


def store_events(rows: list[Row], run: Run) -> None:
    """Write lessons and talks by day, kind, topic and audience."""
    run.merge(IntegrityEvent, EVENT_KEY, rows)


def read_inspection(cells: Cells, known: Known) -> Row:
    """Return the attributes of an inspection and of its finding; one with several findings has several rows."""
    unit, organization = known.unit(cells, "被检查单位")
    text = cells.text("发现问题", limit=200)
    row = {
        "inspected_on": cells.day("日期", required=True, future=False),
        "unit": unit,
        "inspectors": cells.text("检查人", required=True, limit=100),
        "organization_id": organization,
        "text": "" if text == NO_FINDING else text,
        "follow_up": cells.text("整改情况", limit=200),
    }
    if row["follow_up"] and not row["text"]:
        cells.fault("发现问题", "填了整改情况，请写明发现的问题")
    if cells.sound:
        key = tuple(row[name] for name in (*INSPECTION_KEY, "text"))
        known.once(cells, key, "发现问题" if text else "日期", "次检查的同一内容")
    return row


def store_inspections(rows: list[Row], run: Run) -> None:
    """Write inspections by day, unit and inspectors, and their findings by text."""
    names = (*INSPECTION_KEY, "organization_id")
    keys = run.merge(
        StyleInspection,
        INSPECTION_KEY,
        [filled({name: row[name] for name in names}, "organization_id") for row in rows],
    )
    findings = [
        filled(
            {
                "inspection_id": keys[tuple(row[name] for name in INSPECTION_KEY)],
                "text": row["text"],
                "follow_up": row["follow_up"],
            },
            "follow_up",
        )
        for row in rows
        if row["text"]
    ]
    run.merge(InspectionFinding, ["inspection_id", "text"], findings)


def read_powers(cells: Cells, known: Known) -> Row:
    """Return the attributes of a village's list of small powers; often only the month is known."""
    settled = cells.partial_day("清理日期", future=False)
    row = {
        "village_id": cells.one_of("村", known.villages, required=True),
        "item_count": cells.integer("权力事项数", required=True),
        "settled_on": settled.day if settled else None,
        "settled_precision": settled.precision if settled else None,
    }
    if cells.sound and not 1 <= row["item_count"] <= MOST_ITEMS:
        cells.fault("权力事项数", "权力事项数至少为 1" if not row["item_count"] else "“权力事项数”太大，请核对")
    if cells.sound:
        known.once(cells, row["village_id"], "村", "个村")
    return row


def store_powers(rows: list[Row], run: Run) -> None:
    """Write lists by village."""
    run.merge(PowerList, ["village_id"], [filled(row, "settled_on", "settled_precision") for row in rows])
