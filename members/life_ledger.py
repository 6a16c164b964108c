"""Sheets 活动, 培训 and 荣誉人才 of workbook 05 组织生活台账."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, FilteredRelation, OuterRef, Q

from chishang.core.cells import Cells
from chishang.core.ledgers import LedgerImport, Run, filled, register
from chishang.core.workbooks import Workbook
from members.enums import DECISIVE_KINDS, HonourLevel, Standing, TalentKind, TrainingKind
from members.models import (
    Honour,
    Meeting,
    MeetingAttendance,
    MeetingKind,
    Member,
    Talent,
    Training,
    TrainingAttendance,
)
from organizations.models import Organization, Village

KEYWORD, ORDER = "组织生活台账", 5
SEPARATORS = re.compile("[、,\uff0c;\uff1b/]")


class _Once:
    """Finds rows that say the same thing twice."""

    def __init__(self) -> None:
        self.rows: dict[Any, int] = {}

    def check(self, cells: Cells, key: Any, column: str, what: str) -> None:
        """Note a fault when a row above has the same key."""
        first = self.rows.setdefault(key, cells.row.number)
        if first != cells.row.number:
            cells.fault(column, f"与第 {first} 行是同一{what}")


@register
class MeetingLedger(LedgerImport):
    """Meetings and activities by day, organization, kind and topic."""

    keyword, order = KEYWORD, ORDER
    permission = "members.import_meeting"
    sheets = ("活动",)
    columns = ("日期", "党支部或单位", "活动类型", "主题", "地点", "主持人", "应到人数", "实到人数", "备注")

    def read(self, workbook: Workbook, run: Run) -> list[dict[str, Any]]:
        """Return the good rows."""
        if self.sheets[0] not in workbook.sheet_names:
            return []
        sheet = run.sheet(workbook, self.sheets[0])
        organizations = dict(run.visible(Organization, self.permission).values_list("name", "pk"))
        kinds = dict(MeetingKind.objects.values_list("name", "pk"))
        listed, once, records = _meetings_with_lists(), _Once(), []
        for row in sheet.rows(self.columns, run.faults):
            cells = Cells(sheet, row, run.faults)
            record = _meeting(cells, organizations, kinds)
            key = tuple(record[name] for name in MEETING_KEY)
            if cells.sound:
                once.check(cells, key, "主题", "次活动")
            if cells.sound and key in listed:
                _compare(cells, record, listed[key])
            if cells.sound:
                records.append(record)
        return records

    def store(self, records: list[dict[str, Any]], run: Run) -> None:
        """Write the meetings."""
        run.merge(Meeting, MEETING_KEY, records)


MEETING_KEY = ("organization_id", "held_on", "kind_id", "topic")


COUNTS = {"due": "应到人数", "present": "实到人数"}


def _meetings_with_lists() -> dict[tuple[Any, ...], dict[str, int]]:
    """Return the numbers of the meetings of which the portal knows more: who took part, or how many were excused."""
    attendances = MeetingAttendance.objects.filter(meeting=OuterRef("pk"))
    rows = Meeting.objects.filter(Q(excused__gt=0) | Exists(attendances)).order_by()
    return {tuple(row[name] for name in MEETING_KEY): row for row in rows.values(*MEETING_KEY, *COUNTS)}


def _compare(cells: Cells, record: dict[str, Any], stored: dict[str, int]) -> None:
    """Note a fault for each number that contradicts what the portal knows person by person."""
    for name, column in COUNTS.items():
        if record[name] != stored[name]:
            what = column.removesuffix("人数")
            cells.fault(column, f"门户里这次活动有参会名单或请假人数，{what} {stored[name]} 人，请核对")


def _meeting(cells: Cells, organizations: dict[str, int], kinds: dict[str, int]) -> dict[str, Any]:
    kind, also_kind = _kinds(cells, kinds)
    due, present = cells.integer("应到人数", required=True), cells.integer("实到人数", required=True)
    if due is not None and present is not None and present > due:
        cells.fault("实到人数", "实到人数多于应到人数")
    row = {
        "organization_id": cells.one_of("党支部或单位", organizations, required=True),
        "held_on": cells.day("日期", required=True, future=False),
        "kind_id": kind,
        "also_kind_id": also_kind,
        "topic": cells.text("主题", required=True),
        "place": cells.text("地点", limit=100),
        "host": cells.name("主持人", required=False),
        "due": due,
        "present": present,
        "remark": cells.text("备注"),
    }
    return filled(row, "also_kind_id", "place", "host", "remark")


def _kinds(cells: Cells, kinds: dict[str, int]) -> tuple[int | None, int | None]:
    """Return the one or two kinds of a meeting (主题党日、党课)."""
    names = [name for name in SEPARATORS.split(cells.text("活动类型", required=True)) if name]
    unknown = [name for name in names if name not in kinds]
    if unknown:
        cells.fault("活动类型", f"没有“{unknown[0]}”，应为：{'、'.join(kinds)}")
    elif len(names) > 2 or len(set(names)) < len(names):  # noqa: PLR2004  one event may be of two kinds
        cells.fault("活动类型", "一次活动最多写两个不同的类型")
    found = [kinds.get(name) for name in names[:2]]
    return (found[0] if found else None), (found[1] if len(found) > 1 else None)


@dataclass
class _Person:
    """A member, the branch of today, and the decisive changes, oldest first: day, standing, branch."""

    pk: int
    branch: int
    course: list[tuple[date, str, int]] = field(default_factory=list)

    def branch_on(self, day: date) -> int | None:
        """Return where the person counted as a member on ``day`` (``MemberChange.objects.counted_on``), or None."""
        found = None
        for occurred_on, standing, branch in self.course:
            if occurred_on <= day:
                found = branch if standing == Standing.NORMAL else None
        return found


class People:
    """Members by name, for the sheets that name people; one query reads them with their changes."""

    def __init__(self) -> None:
        decisive = FilteredRelation(
            "changes", condition=Q(changes__kind__in=DECISIVE_KINDS, changes__voided_at__isnull=True)
        )
        rows = Member.objects.alias(decisive=decisive).order_by("decisive__occurred_on", "decisive__pk")
        change = ("decisive__occurred_on", "decisive__to_standing", "decisive__branch")
        known: dict[int, _Person] = {}
        self.named: dict[str, list[_Person]] = {}
        for pk, name, branch, *course in rows.values_list("pk", "name", "branch", *change):
            if pk not in known:
                known[pk] = _Person(pk, branch)
                self.named.setdefault(name, []).append(known[pk])
            if course[0]:
                known[pk].course.append(tuple(course))

    def find(self, branch: int | None, name: str, day: date | None = None) -> list[int]:
        """Return the members of that name: in the branch on ``day``, or when there was none (or no day) today."""
        people = self.named.get(name, [])
        then = [person.pk for person in people if day and branch and person.branch_on(day) == branch]
        return then or [person.pk for person in people if person.branch == branch]


@dataclass
class _Attendance:
    """A good row: the training (by its key), and who attended."""

    training: dict[str, Any]
    row: dict[str, Any]

    @property
    def training_key(self) -> tuple[Any, ...]:
        """What finds the training again."""
        return tuple(self.training[name] for name in TRAINING_KEY)

    @property
    def key(self) -> tuple[Any, ...]:
        """What finds the row again: the training, branch and name."""
        return (*self.training_key, self.row["branch_id"], self.row["name"])


TRAINING_KEY = ("started_on", "name", "kind", "place")


class _Known:
    """What the portal has: members, trainings, and who is linked to a member already."""

    def __init__(self, branches: dict[str, int]) -> None:
        self.branches, self.people = branches, People()
        self.trainings = set(Training.objects.order_by().values_list(*TRAINING_KEY))
        linked = TrainingAttendance.objects.filter(member__isnull=False).order_by()
        training = (f"training__{name}" for name in TRAINING_KEY)
        self.linked = set(linked.values_list(*training, "branch", "name"))


@register
class TrainingLedger(LedgerImport):
    """Training, a row a person."""

    keyword, order = KEYWORD, ORDER
    permission = "members.import_training"
    sheets = ("培训",)
    columns = ("日期", "培训名称", "类别", "党支部", "参训人", "地点")

    def read(self, workbook: Workbook, run: Run) -> list[_Attendance]:
        """Return the good rows."""
        if self.sheets[0] not in workbook.sheet_names:
            return []
        sheet = run.sheet(workbook, self.sheets[0])
        organizer = run.visible(Organization, self.permission).filter(parent__isnull=True).first()
        if organizer is None:
            run.faults.append(sheet.fault(None, "", "培训台账是全镇的，只有镇一级可以导入"))
            return []
        branches = dict(run.visible(Organization, self.permission).branches().values_list("name", "pk"))
        known, once, records = _Known(branches), _Once(), []
        for row in sheet.rows(self.columns, run.faults):
            cells = Cells(sheet, row, run.faults)
            record = _attendance(cells, known)
            if cells.sound:
                once.check(cells, record.key, "参训人", "人参加的同一次培训")
            if cells.sound:
                if record.training_key not in known.trainings:  # of stored ones the portal knows these better
                    record.training |= {"ended_on": record.training["started_on"], "organizer_id": organizer.pk}
                records.append(record)
        return records

    def store(self, records: list[_Attendance], run: Run) -> None:
        """Write trainings and who attended."""
        trainings = run.merge(Training, TRAINING_KEY, [record.training for record in records])
        rows = [record.row | {"training_id": trainings[record.training_key]} for record in records]
        run.merge(TrainingAttendance, ("training_id", "branch_id", "name"), rows)


KINDS = {kind.label: kind for kind in TrainingKind}


def _attendance(cells: Cells, known: _Known) -> _Attendance:
    training = {
        "started_on": cells.day("日期", required=True, future=False),
        "name": cells.text("培训名称", required=True, limit=100),
        "kind": cells.one_of("类别", KINDS, required=True),
        "place": cells.text("地点", limit=100),
    }
    branch, name = cells.one_of("党支部", known.branches, required=True), cells.name("参训人")
    record = _Attendance(training, {"branch_id": branch, "name": name})
    if record.key not in known.linked:  # a link stays: the member may have moved, or been chosen by hand
        record.row["member_id"] = _attendee(cells, known.people, record)
    return record


def _attendee(cells: Cells, people: People, record: _Attendance) -> int | None:
    """Return the member behind the name; note a fault where there must be one, or could be several."""
    branch, name = record.row["branch_id"], record.row["name"]
    found = people.find(branch, name, record.training["started_on"])
    if len(found) > 1:
        cells.fault("参训人", f"该党支部有多位“{name}”，请在门户里登记这位参训人")
    elif not found and branch and name and record.training["kind"] == TrainingKind.ROTATION:
        cells.fault("参训人", f"该党支部没有党员“{name}”，请核对，或先导入党员花名册")
    return found[0] if found else None


LEVELS = (
    (("全国", "国家", "中央", "国务院", "中共中央"), HonourLevel.NATIONAL),
    (("省",), HonourLevel.PROVINCE),
    (("区", "县"), HonourLevel.DISTRICT),
    (("市",), HonourLevel.CITY),
    (("镇", "乡"), HonourLevel.TOWN),
)


def level_of(body: str) -> HonourLevel:
    """Return the level of the body that grants an honour, as its name says (博山区人民政府: district)."""
    for words, level in LEVELS:
        if any(word in body for word in words):
            return level
    return HonourLevel.OTHER


@dataclass
class _Talents:
    """The good rows: people by village, name and kind, and their honours."""

    people: dict[tuple[Any, ...], dict[str, Any]] = field(default_factory=dict)
    honours: list[tuple[tuple[Any, ...], dict[str, Any]]] = field(default_factory=list)


TALENT_KEY = ("village_id", "name", "kind")
STATED = ("recorded_on", "recorded_precision", "member_id")
"""What a stored person keeps where the ledger says less."""
TALENT_KINDS = {kind.label: kind for kind in TalentKind}


@register
class TalentLedger(LedgerImport):
    """Talents, and their honours: a row without a title is a person without one."""

    keyword, order = KEYWORD, ORDER
    permission = "members.import_talent"
    sheets = ("荣誉人才",)
    columns = ("姓名", "类别", "所在村", "荣誉称号", "授予单位", "日期")

    def read(self, workbook: Workbook, run: Run) -> _Talents:
        """Return the good rows."""
        records = _Talents()
        if self.sheets[0] not in workbook.sheet_names:
            return records
        sheet = run.sheet(workbook, self.sheets[0])
        villages = {village.name: village for village in run.visible(Village, self.permission)}
        stored = {tuple(row[name] for name in TALENT_KEY): row for row in Talent.objects.values(*TALENT_KEY, *STATED)}
        people = People()
        for row in sheet.rows(self.columns, run.faults):
            _talent(Cells(sheet, row, run.faults), villages, people, stored, records)
        return records

    def store(self, records: _Talents, run: Run) -> None:
        """Write people and honours."""
        keys = run.merge(Talent, TALENT_KEY, records.people.values())
        honours = [row | {"talent_id": keys[key]} for key, row in records.honours]
        run.merge(Honour, ("talent_id", "title", "granted_on"), honours)


def _talent(
    cells: Cells,
    villages: dict[str, Village],
    people: People,
    stored: dict[tuple[Any, ...], dict[str, Any]],
    records: _Talents,
) -> None:
    """Read one row; somebody named several times was recorded on the first of the days."""
    name, kind = cells.name("姓名"), cells.one_of("类别", TALENT_KINDS, required=True)
    village = cells.one_of("所在村", villages, required=True)
    title, body = cells.text("荣誉称号", limit=100), cells.text("授予单位", limit=100)
    day = cells.partial_day("日期", required=True, future=False)
    if bool(title) != bool(body):
        empty = "授予单位" if title else "荣誉称号"
        cells.fault(empty, f"有“{'荣誉称号' if title else '授予单位'}”，而“{empty}”没有填写")
    if not cells.sound or day is None or village is None:
        return
    key = (village.pk, name, kind)
    known = [rows[key] for rows in (stored, records.people) if key in rows]
    days = [(row["recorded_on"], row["recorded_precision"]) for row in known]
    recorded_on, precision = min([*days, (day.day, day.precision)])
    person = dict(zip(TALENT_KEY, key, strict=True)) | {"recorded_on": recorded_on, "recorded_precision": precision}
    if key not in stored or stored[key]["member_id"] is None:  # a link stays: the member may have moved
        members = people.find(village.branch_id, name)
        person["member_id"] = members[0] if len(members) == 1 else None
    records.people[key] = person
    if title:
        honour = {
            "title": title,
            "level": level_of(body),
            "granted_by": body,
            "granted_on": day.day,
            "granted_precision": day.precision,
        }
        records.honours.append((key, honour))
