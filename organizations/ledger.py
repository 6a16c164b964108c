"""Workbook 01 组织台账: Party organizations, areas, villages, and who holds which duty."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db.models.functions import Coalesce
from django.utils import timezone

from chishang.core.cells import Cells
from chishang.core.ledgers import LedgerImport, Run, register
from chishang.core.text import clean_name, pinyin_key
from chishang.core.workbooks import Sheet, Workbook
from organizations.enums import BranchType, DutyCode, OrganizationKind, PlaceKind
from organizations.models import Appointment, Area, AreaProject, Duty, Organization, User, Village, VillageStatistic
from organizations.permissions import may_grant

KINDS = {kind.label: kind for kind in OrganizationKind}
BRANCH_TYPES = {kind.label: kind for kind in BranchType} | {"村级": BranchType.VILLAGE, "行政村": BranchType.VILLAGE}
YES_NO = {"是": True, "否": False}

SHEETS = {
    "党组织": ("编码", "名称", "类别", "上级编码", "支部类型", "成立日期", "本届届满日期", "书记", "联系电话"),
    "片区": ("片区名称", "片区长", "职务", "书记领办项目", "完成日期"),
    "行政村": ("编码", "村名", "所属片区", "党支部编码", "户数", "人口", "省定贫困村"),
    "任职": ("姓名", "手机号", "职务", "任职单位", "开始日期", "结束日期"),
}


@dataclass
class Records:
    """The good rows of the workbook: attribute → value, with natural keys (``*_code``, ``*_name``) for relations."""

    organizations: dict[str, dict[str, Any]] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    areas: dict[str, dict[str, Any]] = field(default_factory=dict)
    projects: list[dict[str, Any]] = field(default_factory=list)
    titles: dict[tuple[str, str], str] = field(default_factory=dict)
    villages: dict[str, dict[str, Any]] = field(default_factory=dict)
    statistics: list[dict[str, Any]] = field(default_factory=list)
    appointments: list[dict[str, Any]] = field(default_factory=list)


@register
class OrganizationLedger(LedgerImport):
    """Reads the four sheets in the order in which they build on each other."""

    keyword = "组织台账"
    order = 1
    permission = "organizations.import_organization"

    def claims(self, workbook: Workbook) -> bool:
        """Say whether it is 组织台账 and not 组织生活台账, by its sheets."""
        return super().claims(workbook) or set(SHEETS) <= set(workbook.sheet_names)

    def read(self, workbook: Workbook, run: Run) -> Records:
        """Return the good rows of all sheets."""
        records = Records()
        if run.actor and not run.actor.scope_for(self.permission).everything:
            # It rewrites the tree by which everybody's scope is counted.
            run.faults.append(Sheet(workbook.file, "", []).fault(None, "", "组织台账是全镇的，只有镇一级可以导入"))
            return records
        readers = {"党组织": _organization, "片区": _area, "行政村": _village, "任职": _appointment}
        known = _Known(run)
        for name, reader in readers.items():
            if name not in workbook.sheet_names:
                run.faults.append(Sheet(workbook.file, name, []).fault(None, "", f"缺少工作表“{name}”"))
                continue
            sheet = run.sheet(workbook, name)
            for cells in _rows(sheet, SHEETS[name], run):
                reader(cells, records, known)
        return records

    def store(self, records: Records, run: Run) -> None:
        """Write organizations, areas, villages, accounts and appointments."""
        organizations = _store_organizations(records, run)
        areas = _store_areas(records, run)
        villages = _store_villages(records, organizations, areas, run)
        _store_appointments(records, {**organizations, **villages, **areas}, run)


class _Known:
    """What the database already has, by the names that a ledger uses."""

    def __init__(self, run: Run) -> None:
        permission = OrganizationLedger.permission
        self.organizations = dict(run.visible(Organization, permission).values_list("code", "name"))
        self.areas = set(run.visible(Area, permission).values_list("name", flat=True))
        self.villages = set(run.visible(Village, permission).values_list("name", flat=True))
        self.duties = {duty.name: duty for duty in Duty.objects.all()}
        self.actor = run.actor
        granted = {duty.pk for duty in self.duties.values() if run.actor is None or may_grant(run.actor, duty)}
        self.not_granted = {duty.pk for duty in self.duties.values()} - granted
        place = Coalesce("organization__name", "village__name", "area__name")
        rows = Appointment.objects.annotate(place_name=place)
        self.held = set(rows.values_list("user__username", "duty", "place_name", "started_on", "ended_on"))

    def refuses(self, record: dict[str, Any]) -> bool:
        """Say whether an appointment that is new or different is one that the importer may not make."""
        duty, phone = record["duty"].pk, record["phone"]
        if (phone, duty, record["place"], record["started_on"], record["ended_on"]) in self.held:
            return False
        own = self.actor is not None and not self.actor.is_superuser and phone == self.actor.username
        return own or duty in self.not_granted


def _rows(sheet: Sheet, titles: tuple[str, ...], run: Run) -> Iterator[Cells]:
    for row in sheet.rows(titles, run.faults):
        yield Cells(sheet, row, run.faults)


def _organization(cells: Cells, records: Records, known: _Known) -> None:
    code = cells.text("编码", required=True, limit=20)
    if code in records.organizations:
        cells.fault("编码", f"编码“{code}”与上面的另一行重复")
    parent = cells.text("上级编码", limit=20)
    if parent and parent not in records.organizations and parent not in known.organizations:
        cells.fault("上级编码", f"没有编码为“{parent}”的党组织，上级应写在下级之前")
    kind = cells.one_of("类别", KINDS, required=True)
    branch_type = cells.one_of("支部类型", BRANCH_TYPES, required=kind == OrganizationKind.BRANCH)
    if branch_type and kind != OrganizationKind.BRANCH:
        cells.fault("支部类型", "只有党支部填写支部类型")
    founded = cells.partial_day("成立日期", required=True, future=False)
    record = {
        "code": code,
        "name": cells.text("名称", required=True, limit=100),
        "kind": kind,
        "branch_type": branch_type or "",
        "founded_on": founded and founded.day,
        "founded_precision": founded and founded.precision,
        "term_ends_on": cells.day("本届届满日期"),
        "secretary_name": cells.name("书记", required=False),
        "phone": cells.phone("联系电话"),
        "sort_no": cells.row.number,
    }
    if cells.sound:
        records.organizations[code] = record
        records.parents[code] = parent


def _area(cells: Cells, records: Records, known: _Known) -> None:
    name = cells.text("片区名称", required=True, limit=50)
    completed = cells.partial_day("完成日期", future=False)
    project = cells.text("书记领办项目", limit=100)
    if completed and not project:
        cells.fault("书记领办项目", "有完成日期而没有项目名称")
    if name in records.areas:
        cells.fault("片区名称", f"片区“{name}”与上面的另一行重复")
    leader, title = cells.name("片区长", required=False), cells.text("职务", limit=100)
    if not cells.sound:
        return
    records.areas[name] = {"name": name, "sort_no": cells.row.number}
    records.titles[leader, name] = title
    if project:
        records.projects.append(
            {
                "area_name": name,
                "name": project,
                "completed_on": completed and completed.day,
                "completed_precision": completed.precision if completed else "day",
            }
        )


def _village(cells: Cells, records: Records, known: _Known) -> None:
    code = cells.text("编码", required=True, limit=20)
    name = cells.text("村名", required=True, limit=50)
    area, branch = cells.text("所属片区", required=True), cells.text("党支部编码", required=True)
    if area and area not in records.areas and area not in known.areas:
        cells.fault("所属片区", f"没有片区“{area}”")
    if branch and branch not in records.organizations and branch not in known.organizations:
        cells.fault("党支部编码", f"没有编码为“{branch}”的党支部")
    if name in records.villages:
        cells.fault("村名", f"村名“{name}”与上面的另一行重复")
    households, population = cells.integer("户数", required=True), cells.integer("人口", required=True)
    poverty = cells.one_of("省定贫困村", YES_NO)
    if cells.sheet.filled_on is None:
        cells.fault("人口", "表头缺少填报日期，不知道户数和人口是哪一年的")
    if not cells.sound or cells.sheet.filled_on is None:
        return
    records.villages[name] = {
        "code": code,
        "name": name,
        "area_name": area,
        "branch_code": branch,
        "on_poverty_list": bool(poverty),
        "sort_no": cells.row.number,
    }
    year = cells.sheet.filled_on.year
    records.statistics.append({"village_name": name, "year": year, "households": households, "population": population})


def _appointment(cells: Cells, records: Records, known: _Known) -> None:
    duty = cells.one_of("职务", known.duties, required=True)
    place = cells.text("任职单位", required=True, limit=100)
    if duty and place and not _has_place(duty, place, records, known):
        cells.fault("任职单位", f"没有{duty.get_place_kind_display()}“{place}”")
    started, ended = cells.day("开始日期", required=True), cells.day("结束日期")
    if started and ended and ended < started:
        cells.fault("结束日期", "结束日期早于开始日期")
    phone = cells.phone("手机号")
    if not phone:
        cells.fault("手机号", "“手机号”没有填写，登录要用")
    record = {
        "name": cells.name("姓名"),
        "phone": phone,
        "duty": duty,
        "place": place,
        "started_on": started,
        "ended_on": ended,
    }
    if cells.sound and known.refuses(record):
        cells.fault("职务", f"您不能任命“{duty}”或办理自己的任职，请由系统管理员办理")
    if cells.sound:
        records.appointments.append(record)


def _has_place(duty: Duty, place: str, records: Records, known: _Known) -> bool:
    if duty.place_kind == PlaceKind.ORGANIZATION:
        named = {record["name"] for record in records.organizations.values()}
        return place in named or place in known.organizations.values()
    if duty.place_kind == PlaceKind.AREA:
        return place in records.areas or place in known.areas
    return place in records.villages or place in known.villages


def _store_organizations(records: Records, run: Run) -> dict[str, Organization]:
    """Write the tree in the ledger's order, parents first; return all organizations by code and by name."""
    run.merge(Organization, ["code"], records.organizations.values())
    found = {one.code: one for one in Organization.objects.all()}
    moved = []
    for code, parent in records.parents.items():
        parent_id = found[parent].pk if parent else None
        if found[code].parent_id != parent_id:
            found[code].parent_id = parent_id
            moved.append(found[code])
    Organization.objects.bulk_update(moved, ["parent"])
    return found | {one.name: one for one in found.values()}


def _store_areas(records: Records, run: Run) -> dict[str, Area]:
    run.merge(Area, ["name"], records.areas.values())
    areas = {area.name: area for area in Area.objects.all()}
    projects = [_related(project, area=areas) for project in records.projects]
    run.merge(AreaProject, ["area_id", "name"], projects)
    return areas


def _store_villages(
    records: Records, organizations: dict[str, Organization], areas: dict[str, Area], run: Run
) -> dict[str, Village]:
    rows = [
        {
            **{name: value for name, value in village.items() if name not in {"area_name", "branch_code"}},
            "area_id": areas[village["area_name"]].pk,
            "branch_id": organizations[village["branch_code"]].pk,
        }
        for village in records.villages.values()
        if village["branch_code"] in organizations and village["area_name"] in areas
    ]
    run.merge(Village, ["code"], rows)
    villages = {village.name: village for village in Village.objects.all()}
    statistics = [_related(row, village=villages) for row in records.statistics if row["village_name"] in villages]
    run.merge(VillageStatistic, ["village_id", "year"], statistics)
    return villages


def _related(row: dict[str, Any], **tables: dict[str, Any]) -> dict[str, Any]:
    """Replace ``<name>_name`` by ``<name>_id``, looked up in the table of that name."""
    row = dict(row)
    for name, table in tables.items():
        row[f"{name}_id"] = table[row.pop(f"{name}_name")].pk
    return row


def _store_appointments(records: Records, places: dict[str, Any], run: Run) -> None:
    """Write accounts, one a phone number and without a password until the office gives one, and their appointments."""
    people = {row["phone"]: row["name"] for row in records.appointments}
    stored = set(User.objects.filter(username__in=people).values_list("username", flat=True))
    fresh = {"password": make_password(None), "created_at": timezone.now()}
    accounts = [
        {"username": phone, "phone": phone, "name": name, "pinyin": pinyin_key(name)}
        | ({} if phone in stored else fresh)
        for phone, name in people.items()
    ]
    users = run.merge(User, ["username"], accounts)
    rows = []
    for record in records.appointments:
        duty = record["duty"]
        place = {f"{kind}_id": None for kind in PlaceKind}
        place[f"{duty.place_kind}_id"] = places[record["place"]].pk
        title = records.titles.get((clean_name(record["name"]), record["place"]), "")
        rows.append(
            {
                "user_id": users[record["phone"]],
                "duty_id": duty.pk,
                **place,
                "started_on": record["started_on"],
                "ended_on": record["ended_on"],
                "title": title if duty.code == DutyCode.AREA_LEADER else "",
            }
        )
    run.merge(Appointment, ["user_id", "duty_id", "organization_id", "village_id", "area_id", "started_on"], rows)
