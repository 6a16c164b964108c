"""Workbook 03 走访台账: a sheet a village and one for enterprises; each row is a visit, or one more issue of it."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from chishang.core.bulk import insert_rows
from chishang.core.cells import Cells
from chishang.core.ledgers import LedgerImport, Run, register
from chishang.core.text import clean_name, pinyin_key
from chishang.core.workbooks import Row, Sheet, Workbook
from organizations.models import User, Village
from visits.enums import (
    EscalationLevel,
    HouseholdKind,
    IssueState,
    MoveCode,
    Source,
    UnitLevel,
)
from visits.models import Campaign, Household, Issue, IssueCategory, IssueEvent, Unit, Visit

ENTERPRISES = "企业"
STATES = {
    "未办理": IssueState.REGISTERED,
    "办理中": IssueState.IN_PROGRESS,
    "已上报": IssueState.ESCALATED,
    "已解决": IssueState.RESOLVED,
}
LEVELS = {"村": UnitLevel.VILLAGE, "镇": UnitLevel.TOWN, "区": UnitLevel.DISTRICT}
CAMPAIGN = re.compile(r"[“\"](.+)[”\"]")
SEPARATORS = re.compile("[、,\uff0c;\uff1b/]")

ISSUE_COLUMNS = ("反映问题", "问题类别", "办理情况", "解决日期", "承办单位")
COMMON = ("联系电话", "走访人", "走访日期", *ISSUE_COLUMNS, "备注")
HOUSEHOLD_COLUMNS = ("户编号", "户主", "自然村/组", "家庭人口", *COMMON)
ENTERPRISE_COLUMNS = ("编号", "企业名称", "所在村", "负责人", *COMMON)


@dataclass
class IssueRecord:
    """One issue of a row: category and unit by name."""

    description: str
    category: IssueCategory
    unit: str
    state: IssueState
    resolved_on: date | None


@dataclass
class VisitRecord:
    """One visit, with the household's facts and its issues; ``sound`` is false when one of its rows has a fault."""

    household: dict[str, Any]
    visited_on: date | None
    visitor_id: int | None
    companions: str
    remark: str
    row: int
    sound: bool = True
    issues: list[IssueRecord] = field(default_factory=list)

    @property
    def day(self) -> date:
        """The day of a sound visit."""
        assert self.visited_on is not None  # noqa: S101  a visit without a day has a fault and is not stored
        return self.visited_on


@dataclass
class Records:
    """The good visits of the workbook, and the name of their campaign."""

    campaign: str
    visits: list[VisitRecord]


class _Known:
    """What the database has, by the names that the ledger uses, as far as the one who imports may touch it."""

    def __init__(self, run: Run) -> None:
        self.villages = {village.name: village.pk for village in run.visible(Village, VisitLedger.permission)}
        self.categories = {category.name: category for category in IssueCategory.objects.in_use()}
        self.people: dict[str, list[int]] = {}
        for name, key in User.objects.values_list("name", "pk"):
            self.people.setdefault(name, []).append(key)
        self.village_of = dict(Household.objects.values_list("code", "village"))
        self.strangers: set[str] = set()
        self.heads: dict[str, tuple[str, Row, str]] = {}
        self.seen: dict[tuple[str, date, int], tuple[str, int]] = {}


@register
class VisitLedger(LedgerImport):
    """Reads every sheet but those that are neither a village's nor the enterprises'."""

    keyword = "走访台账"
    order = 3
    permission = "visits.import_visit"

    def read(self, workbook: Workbook, run: Run) -> Records:
        """Return the good visits of all sheets."""
        known, visits, campaign = _Known(run), [], ""
        for name in workbook.sheet_names:
            sheet = run.sheet(workbook, name)
            found = CAMPAIGN.search(sheet.title)
            campaign = campaign or (found.group(1) if found else "")
            visits += _read_sheet(sheet, known, run)
        if not campaign:
            run.faults.append(
                Sheet(workbook.file, "", []).fault(1, "", "标题里没有活动名称，应写作：…“活动名称”…走访台账")
            )
        return Records(campaign, [visit for visit in visits if visit.sound])

    def store(self, records: Records, run: Run) -> None:
        """Write campaign, units, households, visits, issues and their events."""
        if not records.visits or not records.campaign:
            return
        started_on = min(visit.day for visit in records.visits)
        campaign, new = Campaign.objects.get_or_create(name=records.campaign, defaults={"started_on": started_on})
        run.count(Campaign, new=int(new), unchanged=int(not new))
        households = run.merge(Household, ["code"], (visit.household for visit in records.visits))
        visits = _store_visits(records.visits, campaign, households, run)
        _store_issues(visits, run)


def _read_sheet(sheet: Sheet, known: _Known, run: Run) -> list[VisitRecord]:
    enterprises = sheet.name.strip() == ENTERPRISES
    village_id = known.villages.get(sheet.name.strip())
    if not enterprises and village_id is None:
        run.faults.append(sheet.fault(None, "", f"没有“{sheet.name}”这个村，请核对工作表名或先导入组织台账"))
    columns = ENTERPRISE_COLUMNS if enterprises else HOUSEHOLD_COLUMNS
    visit_columns = tuple(title for title in columns if title not in ISSUE_COLUMNS and title != "备注")
    visits: list[VisitRecord] = []
    for row in sheet.rows(columns, run.faults):
        cells = Cells(sheet, row, run.faults)
        if row.has_any(visit_columns):
            facts = _enterprise(cells, known) if enterprises else _household(cells, village_id)
            visits.append(_visit(cells, facts, known))
        elif not visits:
            cells.fault(columns[0], "第一行没有编号，不知道是谁家的问题")
            continue
        _issue(cells, visits[-1], known)
        visits[-1].sound = visits[-1].sound and cells.sound
    return visits


def _household(cells: Cells, village_id: int | None) -> dict[str, Any]:
    name = cells.name("户主")
    return {
        "code": cells.text("户编号", required=True, limit=20),
        "kind": HouseholdKind.HOUSEHOLD,
        "village_id": village_id,
        "name": name,
        "group": cells.text("自然村/组", limit=50),
        "persons": cells.integer("家庭人口"),
        "phone": cells.phone("联系电话"),
        "pinyin": pinyin_key(name),
    }


def _enterprise(cells: Cells, known: _Known) -> dict[str, Any]:
    name = cells.text("企业名称", required=True, limit=100)
    return {
        "code": cells.text("编号", required=True, limit=20),
        "kind": HouseholdKind.ENTERPRISE,
        "village_id": cells.one_of("所在村", known.villages, required=True),
        "name": name,
        "contact": cells.name("负责人", required=False),
        "phone": cells.phone("联系电话"),
        "pinyin": pinyin_key(name),
    }


def _visit(cells: Cells, household: dict[str, Any], known: _Known) -> VisitRecord:
    visited_on = cells.day("走访日期", required=True, future=False)
    names = [clean_name(name) for name in SEPARATORS.split(cells.text("走访人", required=True, limit=100))]
    visitor_id = _visitor(cells, names[0], known) if names[0] else None
    _check_household(cells, household, known)
    if visited_on and visitor_id and household["code"]:
        _check_once(cells, (household["code"], visited_on, visitor_id), known)
    return VisitRecord(
        household=household,
        visited_on=visited_on,
        visitor_id=visitor_id,
        companions="、".join(names[1:]),
        remark=cells.text("备注"),
        row=cells.row.number,
    )


def _visitor(cells: Cells, name: str, known: _Known) -> int | None:
    keys = known.people.get(name, [])
    if len(keys) == 1:
        return keys[0]
    if name not in known.strangers:  # named once; a ledger repeats its visitors hundreds of times
        known.strangers.add(name)
        said = "有多位同名人员，请在姓名后加以区分" if keys else "不在账号中，请先在组织台账的任职表登记"
        cells.fault("走访人", f"“{name}”{said}")
    return None


def _check_household(cells: Cells, household: dict[str, Any], known: _Known) -> None:
    """Refuse a number that stands for two heads, or for a household of another village."""
    code, village_id = household["code"], household["village_id"]
    if not code:
        return
    column = "户主" if household["kind"] == HouseholdKind.HOUSEHOLD else "企业名称"
    name, first, sheet = known.heads.setdefault(code, (household["name"], cells.row, cells.sheet.name))
    if household["name"] and name != household["name"]:
        cells.fault(column, f"{code} 在“{sheet}”第 {first.number} 行是“{name}”，这里是“{household['name']}”")
    stored = known.village_of.setdefault(code, village_id)
    if village_id is not None and stored != village_id:
        cells.fault(next(iter(cells.row.cells)), f"{code} 是另一个村的编号")


def _check_once(cells: Cells, key: tuple[str, date, int], known: _Known) -> None:
    sheet, row = known.seen.setdefault(key, (cells.sheet.name, cells.row.number))
    if (sheet, row) != (cells.sheet.name, cells.row.number):
        cells.fault("走访日期", f"与“{sheet}”第 {row} 行是同一次走访；一次走访的多个问题，走访栏留空或合并")


def _issue(cells: Cells, visit: VisitRecord, known: _Known) -> None:
    if not cells.row.has_any(ISSUE_COLUMNS):
        return
    description = cells.text("反映问题", required=True, limit=500)
    category = cells.one_of("问题类别", known.categories, required=True)
    state = cells.one_of("办理情况", STATES, required=True)
    resolved_on = cells.day("解决日期", future=False)
    if state == IssueState.RESOLVED and cells.row.cells["解决日期"] is None:
        cells.fault("解决日期", "“已解决”的问题没有解决日期")
    if state not in {IssueState.RESOLVED, None} and cells.row.cells["解决日期"] is not None:
        cells.fault("解决日期", f"“{cells.row.cells['办理情况']}”的问题不能有解决日期")
    if resolved_on and visit.visited_on and resolved_on < visit.visited_on:
        cells.fault("解决日期", "解决日期早于走访日期")
    unit = cells.text("承办单位", limit=50)
    if cells.sound:
        visit.issues.append(IssueRecord(description, category, unit, state, resolved_on))


def _store_visits(
    records: list[VisitRecord], campaign: Campaign, households: dict[str, int], run: Run
) -> list[tuple[VisitRecord, int]]:
    """Write the visits; one that the portal already has (same household, day and visitor) stays that one."""
    names = ("household_id", "visited_on", "visitor_id")
    stored = {
        tuple(key): pk
        for pk, *key in Visit.objects.filter(household__in=households.values())
        .order_by("-pk")
        .values_list("pk", *names)
    }
    now = timezone.now()
    rows = {
        (households[record.household["code"]], record.visited_on, record.visitor_id): {
            "campaign_id": campaign.pk,
            "household_id": households[record.household["code"]],
            "visited_on": record.visited_on,
            "visitor_id": record.visitor_id,
            "companions": record.companions,
            "entered_by_id": run.actor and run.actor.pk,
            "remark": record.remark,
            "source": Source.LEDGER,
            "recorded_at": now,
        }
        for record in records
    }
    new = {key: row for key, row in rows.items() if key not in stored}
    stored |= dict(zip(new, insert_rows(Visit, list(new.values())), strict=True))
    run.count(Visit, new=len(new), unchanged=len(rows) - len(new))
    return [(record, stored[key]) for key, record in zip(rows, records, strict=True)]


def _store_issues(visits: list[tuple[VisitRecord, int]], run: Run) -> None:
    """Write the issues; one that the portal already has keeps its course, unless it was never moved so far."""
    units = _store_units({issue.unit for record, _ in visits for issue in record.issues if issue.unit}, run)
    found = Issue.objects.filter(visit__in=[visit for record, visit in visits if record.issues])
    stored = {(issue.visit_id, issue.description): issue for issue in found}
    new: list[Issue] = []
    moved: list[Issue] = []
    for record, visit in visits:
        for wanted in record.issues:
            issue = stored.get((visit, wanted.description))
            if issue is None:
                issue = Issue(visit_id=visit, raised_on=record.day, description=wanted.description)
                new.append(issue)
            elif issue.state == IssueState.REGISTERED != wanted.state:
                moved.append(issue)
            else:
                continue
            _apply(issue, wanted, units)
    for issue, key in zip(new, insert_rows(Issue, [vars(issue) for issue in new]), strict=True):
        issue.pk = key
    Issue.objects.bulk_update(moved, ISSUE_FIELDS, batch_size=500)
    events = [_event(issue, MoveCode.REGISTER, run) for issue in new]
    events += [_event(issue, MoveCode.RECORD, run) for issue in new + moved if issue.state != IssueState.REGISTERED]
    insert_rows(IssueEvent, events)
    if events:
        run.count(IssueEvent, new=len(events))
    run.count(Issue, new=len(new), changed=len(moved), unchanged=len(stored) - len(moved))


ISSUE_FIELDS = ["category", "unit", "state", "resolved_on", "escalated_on", "escalation_level", "escalated_to"]


def _store_units(names: set[str], run: Run) -> dict[str, Unit]:
    known = {unit.name: unit for unit in Unit.objects.filter(name__in=names)}
    new = [Unit(name=name, level=LEVELS.get(name[0], UnitLevel.TOWN)) for name in sorted(names - known.keys())]
    Unit.objects.bulk_create(new)
    run.count(Unit, new=len(new), unchanged=len(known))
    return known | {unit.name: unit for unit in new}


def _apply(issue: Issue, wanted: IssueRecord, units: dict[str, Unit]) -> None:
    issue.category, issue.unit, issue.state = wanted.category, units.get(wanted.unit), wanted.state
    issue.resolved_on = wanted.resolved_on
    if wanted.state == IssueState.ESCALATED:
        leader = "领导" in wanted.unit
        issue.escalated_on = issue.raised_on
        issue.escalation_level = EscalationLevel.DISTRICT_LEADER if leader else EscalationLevel.BUREAU
        issue.escalated_to = wanted.unit


def _event(issue: Issue, move: MoveCode, run: Run) -> dict[str, Any]:
    recorded = move == MoveCode.RECORD
    return {
        "issue_id": issue.pk,
        "move": move,
        "from_state": IssueState.REGISTERED if recorded else "",
        "to_state": issue.state if recorded else IssueState.REGISTERED,
        "occurred_on": (issue.resolved_on if recorded else None) or issue.raised_on,
        "actor_id": run.actor and run.actor.pk,
        "note": "台账记载",
    }
