"""Workbook 02 党员花名册: the members. By ID number, or where there is none by branch and name."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import uuid4

from django.db.models import Max, Min, Q

from chishang.core.bulk import insert_rows
from chishang.core.dates import PartialDate, Precision, add_months
from chishang.core.id_numbers import IdNumber, parse_id_number
from chishang.core.ledgers import Cells, LedgerImport, Run, register
from chishang.core.text import pinyin_key
from chishang.core.workbooks import Workbook
from members.enums import EDUCATION_ALIASES, ETHNIC_GROUPS, LEAVING_KINDS, ChangeKind, Education, Sex, Standing
from members.models import Member, MemberChange, Occupation
from members.models.id_numbers import id_number_index
from members.models.people import probation_end
from members.services import disagreements
from organizations.models import Organization

COLUMNS = (
    *(
        "姓名",
        "性别",
        "民族",
        "公民身份号码",
        "学历",
        "职业",
        "入党日期",
        "转正日期",
        "所在党支部",
        "党员类别",
        "手机号",
    ),
    *("流动党员", "困难党员", "备注"),
)
SEXES = {sex.label: sex for sex in Sex}
ETHNIC = {name: code for code, name in ETHNIC_GROUPS}
EDUCATIONS = {one.label: one for one in Education} | EDUCATION_ALIASES
FULL_MEMBER = {"正式党员": True, "预备党员": False}
YES_NO = {"是": True, "否": False}
ADULT_MONTHS = 18 * 12
FROM_LEDGER = "台账记载"


@dataclass
class Record:
    """A good row: the member's columns, the ID number, and what the ledger says of floating and hardship."""

    columns: dict[str, Any]
    number: IdNumber | None
    is_floating: bool
    in_hardship: bool

    @property
    def key(self) -> tuple[str, Any]:
        """What finds the member again: the index of the number, or branch and name."""
        if self.number:
            return "number", id_number_index(self.number.text)
        return "name", (self.columns["branch_id"], self.columns["name"])


@dataclass
class Records:
    """The good rows, and the day at which the ledger says it stands."""

    as_of: date
    rows: list[Record] = field(default_factory=list)


class _Known:
    """What the portal has, as far as it takes to find a row again or to refuse it."""

    def __init__(self, run: Run) -> None:
        branches = run.visible(Organization, MemberLedger.permission).branches()
        self.branches = dict(branches.values_list("name", "pk"))
        self.occupations = dict(Occupation.objects.values_list("name", "pk"))
        self.branch_of: dict[str, int] = {}
        self.namesakes: dict[tuple[int, str], int] = {}
        for index, branch, name in Member.objects.values_list("id_number_index", "branch", "name"):
            if index:
                self.branch_of[index] = branch
            self.namesakes[branch, name] = self.namesakes.get((branch, name), 0) + 1
        self.removed_on = _removals()
        self.row_of: dict[tuple[str, Any], int] = {}


def _removals() -> dict[tuple[str, Any], date]:
    """Return of those who joined again after a removal its day, by what finds them in a row."""
    found: dict[tuple[str, Any], date] = {}
    removed_on: dict[int, date] = {}
    valid = MemberChange.objects.valid().select_related("member").order_by("occurred_on", "pk")
    for change in valid.filter(Q(kind__in=LEAVING_KINDS) | Q(from_standing=Standing.LEFT)):
        member = change.member
        if change.kind in LEAVING_KINDS:
            removed_on[member.pk] = change.occurred_on
        else:
            day = removed_on[member.pk]
            found["name", (member.branch_id, member.name)] = found["number", member.id_number_index] = day
    return found


@register
class MemberLedger(LedgerImport):
    """Reads the first sheet."""

    keyword = "党员花名册"
    order = 2
    permission = "members.import_member"

    def read(self, workbook: Workbook, run: Run) -> Records:
        """Return the good rows."""
        sheet = run.sheet(workbook, workbook.sheet_names[0])
        known, records = _Known(run), Records(sheet.filled_on or sheet.today)
        for row in sheet.rows(COLUMNS, run.faults):
            cells = Cells(sheet, row, run.faults)
            record = _member(cells, known)
            _find_again(cells, record, known)
            if cells.sound:
                records.rows.append(record)
        return records

    def store(self, records: Records, run: Run) -> None:
        """Write members and their changes."""
        keys = _store_members(records, run)
        _store_changes(records, keys, run)


def _member(cells: Cells, known: _Known) -> Record:
    number, sex = _number(cells), cells.one_of("性别", SEXES, required=True)
    name, branch_id = cells.name("姓名"), cells.one_of("所在党支部", known.branches, required=True)
    joined = cells.partial_day("入党日期", required=True, future=False)
    full = cells.partial_day("转正日期", future=False)
    if number and sex and disagreements(number, sex=sex, born_on=None, born_precision=Precision.DAY):
        cells.fault("性别", "性别与身份证号码第 17 位不一致")
    _check_dates(cells, number, joined, full)
    columns = {
        "name": name,
        "pinyin": pinyin_key(name),
        "sex": sex,
        "ethnic_group": cells.one_of("民族", ETHNIC, required=True),
        "education": cells.one_of("学历", EDUCATIONS) or "",
        "occupation_id": cells.one_of("职业", known.occupations),
        "branch_id": branch_id,
        "joined_on": joined and joined.day,
        "joined_precision": joined.precision if joined else Precision.DAY,
        "full_member_on": full and full.day,
        "full_member_precision": full.precision if full else Precision.DAY,
        "phone": cells.phone("手机号"),
        "remark": cells.text("备注"),
    }
    if number:
        columns |= {"born_on": number.born_on, "born_precision": Precision.DAY}
    floating, hardship = cells.one_of("流动党员", YES_NO), cells.one_of("困难党员", YES_NO)
    return Record(columns, number, bool(floating), bool(hardship))


def _number(cells: Cells) -> IdNumber | None:
    value = cells.row.cells["公民身份号码"]
    if value is None:
        return None
    try:
        return parse_id_number(value)
    except ValueError as error:
        cells.fault("公民身份号码", str(error))
        return None


def _check_dates(cells: Cells, number: IdNumber | None, joined: PartialDate | None, full: PartialDate | None) -> None:
    """Refuse joining before the eighteenth birthday (党章 art. 1), and what does not fit the kind of member."""
    if number and joined and _last_day(joined) < add_months(number.born_on, ADULT_MONTHS):
        cells.fault("入党日期", "入党时不满 18 周岁，请核对入党日期和身份证号码")
    if joined and full and _last_day(full) < joined.day:
        cells.fault("转正日期", "转正日期早于入党日期")
    is_full = cells.one_of("党员类别", FULL_MEMBER, required=True)
    if is_full and cells.row.cells["转正日期"] is None:
        cells.fault("转正日期", "正式党员没有转正日期")
    if is_full is False and full:
        cells.fault("党员类别", "有转正日期的不是预备党员，请核对")


def _last_day(known: PartialDate) -> date:
    if known.precision == Precision.DAY:
        return known.day
    months = 1 if known.precision == Precision.MONTH else 12
    return date.fromordinal(add_months(known.day, months).toordinal() - 1)


def _find_again(cells: Cells, record: Record, known: _Known) -> None:
    """Refuse a number that occurs twice or belongs to another branch, and a name that could be two people's."""
    name, branch_id = record.columns["name"], record.columns["branch_id"]
    if record.number is None and cells.row.cells["公民身份号码"] is not None:
        return
    kind, key = record.key
    column = "公民身份号码" if kind == "number" else "姓名"
    removed_on, joined_on = known.removed_on.get((kind, key)), record.columns["joined_on"]
    if removed_on and joined_on and joined_on < removed_on:
        cells.fault("入党日期", "该同志出党后重新入党，这里要写重新入党的日期，到日")
    if name or kind == "number":
        first = known.row_of.setdefault((kind, key), cells.row.number)
        if first != cells.row.number:
            said = "与第 {} 行的号码相同" if kind == "number" else "没有身份证号码，又与第 {} 行同名，分不清是谁"
            cells.fault(column, said.format(first))
            return
    if kind == "number" and branch_id and known.branch_of.get(key, branch_id) != branch_id:
        # Which branch that is, the importer may not be allowed to know.
        cells.fault(column, "该号码已登记在另一个党支部；如是调动，请办理组织关系转接")
    if kind == "name" and known.namesakes.get((branch_id, name), 0) > 1:
        cells.fault(column, f"该党支部有多位“{name}”，请填写身份证号码")


def _store_members(records: Records, run: Run) -> dict[tuple[str, Any], int]:
    """Write the members; return the primary key of each by what finds it again."""
    numbered = {record.key[1]: record for record in records.rows if record.number}
    named = {record.key[1]: record for record in records.rows if not record.number}
    stored = set(Member.objects.filter(id_number_index__in=numbered).values_list("id_number_index", flat=True))
    rows = [
        record.columns | ({"id_number_index": index} if index in stored else _fresh(record, index))
        for index, record in numbered.items()
    ]
    keys: dict[tuple[str, Any], int] = {}
    for index, key in run.merge(Member, ["id_number_index"], rows).items():
        keys["number", index] = key
    if named:
        names = Member.objects.filter(branch__in={branch for branch, _ in named}).values_list("branch", "name")
        here = set(names)
        plain = [record.columns | ({} if key in here else _fresh(record, None)) for key, record in named.items()]
        for key, found in run.merge(Member, ["branch_id", "name"], plain).items():
            keys["name", key] = found
    return keys


def _fresh(record: Record, index: str | None) -> dict[str, Any]:
    """Return the columns that only a new member gets from the ledger."""
    uid, number = uuid4(), record.number
    on_probation = record.columns["full_member_on"] is None
    return {
        "uid": uid,
        "id_number_index": index,
        "id_number_cipher": Member.seal(uid, number.text) if number else None,
        "probation_ends_on": probation_end(record.columns["joined_on"]) if on_probation else None,
    }


@dataclass
class _Course:
    """What the portal has of a member's changes."""

    joined: MemberChange | None = None
    became_full: MemberChange | None = None
    oldest: date = date.max
    newest: date = date.min


def _store_changes(records: Records, keys: dict[tuple[str, Any], int], run: Run) -> None:
    """Write the days of joining and full membership as changes, and who floats or is in hardship as of the ledger."""
    members = Member.objects.in_bulk(keys.values())
    courses = _courses(members)
    new: list[dict[str, Any]] = []
    moved: list[MemberChange] = []
    restated: list[Member] = []
    for record in records.rows:
        member = members[keys[record.key]]
        course = courses.get(member.pk, _Course())
        dated = (
            (ChangeKind.JOINED, course.joined, member.joined_on),
            (ChangeKind.BECAME_FULL, course.became_full, member.full_member_on),
        )
        for kind, change, day in dated:
            if change is None and day is not None and _is_missing(kind, course, day):
                new.append(_change(member, kind, day))
            elif change is not None and day is not None and change.occurred_on != day:
                change.occurred_on = day
                moved.append(change)
        circumstances = _circumstances(member, record, course, records.as_of)
        if circumstances:
            restated.append(member)
            new += circumstances
    insert_rows(MemberChange, new)
    MemberChange.objects.bulk_update(moved, ["occurred_on"], batch_size=500)
    Member.objects.bulk_update(restated, ["floating_since", "hardship_since"], batch_size=500)
    run.count(MemberChange, new=len(new), changed=len(moved))


def _courses(members: Iterable[int]) -> dict[int, _Course]:
    courses: dict[int, _Course] = {}
    valid = MemberChange.objects.valid().of_this_membership().filter(member__in=members)
    for change in valid.filter(kind__in=[ChangeKind.JOINED, ChangeKind.BECAME_FULL]).order_by("occurred_on", "pk"):
        course = courses.setdefault(change.member_id, _Course())
        if change.kind == ChangeKind.JOINED:
            course.joined = change
        else:
            course.became_full = change
    span = valid.order_by().values_list("member").annotate(Min("occurred_on"), Max("occurred_on"))
    for member, oldest, newest in span:
        course = courses.setdefault(member, _Course())
        course.oldest, course.newest = oldest, newest
    return courses


def _is_missing(kind: ChangeKind, course: _Course, day: date) -> bool:
    """Say whether the portal lacks a change: who came by transfer did not join here, nor what lay before."""
    is_new = course.newest == date.min
    return is_new or (kind == ChangeKind.BECAME_FULL and day >= course.oldest)


def _circumstances(member: Member, record: Record, course: _Course, as_of: date) -> list[dict[str, Any]]:
    """Return the changes by which floating and hardship become what the ledger says, unless the portal knows newer."""
    if member.standing != Standing.NORMAL or course.newest > as_of:
        return []
    day, found = max(as_of, member.joined_on), []
    for column, says, begins, ends in (
        ("floating_since", record.is_floating, ChangeKind.FLOATED, ChangeKind.FLOAT_ENDED),
        ("hardship_since", record.in_hardship, ChangeKind.HARDSHIP, ChangeKind.HARDSHIP_ENDED),
    ):
        if says != (getattr(member, column) is not None):
            setattr(member, column, day if says else None)
            found.append(_change(member, begins if says else ends, day))
    return found


def _change(member: Member, kind: ChangeKind, day: date) -> dict[str, Any]:
    return {
        "member_id": member.pk,
        "kind": kind,
        "from_standing": "" if kind == ChangeKind.JOINED else Standing.NORMAL,
        "to_standing": Standing.NORMAL,
        "branch_id": member.branch_id,
        "occurred_on": day,
        "note": FROM_LEDGER,
    }
