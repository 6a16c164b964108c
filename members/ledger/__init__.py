"""Workbook 02 党员花名册: the members. By ID number, or where there is none by branch and name."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from chishang.core.cells import Cells
from chishang.core.dates import PartialDate, Precision, add_months, in_words
from chishang.core.id_numbers import IdNumber, parse_id_number
from chishang.core.ledgers import LedgerImport, Run, register
from chishang.core.text import pinyin_key
from chishang.core.workbooks import Workbook
from members.enums import EDUCATION_ALIASES, ETHNIC_GROUPS, Education, Sex
from members.ledger.known import Known
from members.ledger.storing import Record, store_changes, store_members
from members.models import Member
from members.models.id_numbers import id_number_index
from members.services import disagreements

COLUMNS = (
    *("姓名", "性别", "民族", "公民身份号码", "学历", "职业", "入党日期", "转正日期"),
    *("所在党支部", "党员类别", "手机号", "流动党员", "困难党员", "备注"),
)
SEXES = {sex.label: sex for sex in Sex}
ETHNIC = {name: code for code, name in ETHNIC_GROUPS}
EDUCATIONS = {one.label: one for one in Education} | EDUCATION_ALIASES
FULL_MEMBER = {"正式党员": True, "预备党员": False}
YES_NO = {"是": True, "否": False}
ADULT_MONTHS = 18 * 12


@dataclass
class Records:
    """The good rows, the day at which the ledger says it stands, and what the portal knew before."""

    as_of: date
    known: Known
    rows: list[Record] = field(default_factory=list)


@register
class MemberLedger(LedgerImport):
    """Reads the first sheet."""

    keyword = "党员花名册"
    order = 2
    permission = "members.import_member"

    def read(self, workbook: Workbook, run: Run) -> Records:
        """Return the good rows."""
        sheet = run.sheet(workbook, workbook.sheet_names[0])
        records = Records(sheet.filled_on or sheet.today, Known(run, self.permission))
        finder = _Finder(records.known)
        for row in sheet.rows(COLUMNS, run.faults):
            cells = Cells(sheet, row, run.faults)
            record = _member(cells, finder, records)
            if cells.sound:
                records.rows.append(record)
        return records

    def store(self, records: Records, run: Run) -> None:
        """Write members and their changes."""
        store_members(records.rows, run)
        store_changes(records.rows, records.known, records.as_of, run)


class _Finder:
    """Finds the member whom a row means, and rows that may mean the same one."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.row_of: dict[Any, int] = {}
        self.names: dict[tuple[int, str], tuple[int, bool]] = {}

    def find(self, cells: Cells, number: IdNumber | None, branch: int | None, name: str) -> Member | None:
        """Return the stored member of the row, None for somebody new; what cannot be told apart is a fault."""
        if branch is None or not name or (number is None and cells.row.cells["公民身份号码"] is not None):
            return self._numbered(cells, number, branch) if number else None
        stored = self._numbered(cells, number, branch) if number else None
        if stored is None and cells.sound:
            stored = self._named(cells, number, branch, name)
        self._check_once(cells, number, (branch, name), stored)
        return stored

    def _numbered(self, cells: Cells, number: IdNumber, branch: int | None) -> Member | None:
        stored = self.known.numbered.get(id_number_index(number.text))
        first = self.row_of.setdefault(id_number_index(number.text), cells.row.number)
        if first != cells.row.number:
            cells.fault("公民身份号码", f"与第 {first} 行的号码相同")
        elif stored and branch and stored.branch_id != branch:
            # Which branch that is, the importer may not be allowed to know.
            cells.fault("公民身份号码", "该号码已登记在另一个党支部；如是调动，请办理组织关系转接")
        return stored

    def _named(self, cells: Cells, number: IdNumber | None, branch: int, name: str) -> Member | None:
        namesakes = self.known.named(branch, name, with_number=number is not None)
        if len(namesakes) > 1:
            said = "没有身份证号码的" if number else ""
            advice = "请在门户里补登号码" if number else "请填写身份证号码"
            cells.fault("姓名", f"该党支部有多位{said}“{name}”，{advice}")
        return namesakes[0] if len(namesakes) == 1 else None

    def _check_once(self, cells: Cells, number: IdNumber | None, name: tuple[int, str], stored: Member | None) -> None:
        """Refuse two rows of one name of which one has no number: nobody knows whether they are one person or two."""
        first, had_number = self.names.setdefault(name, (cells.row.number, number is not None))
        if first != cells.row.number and not (had_number and number) and cells.sound:
            cells.fault("姓名", f"与第 {first} 行同名，其中有一行没有身份证号码，分不清是谁")


def _member(cells: Cells, finder: _Finder, records: Records) -> Record:
    number, sex = _number(cells), cells.one_of("性别", SEXES, required=True)
    name, branch = cells.name("姓名"), cells.one_of("所在党支部", records.known.branches, required=True)
    stored = finder.find(cells, number, branch, name)
    is_overridden = stored is not None and bool(stored.id_override_reason)
    joined = cells.partial_day("入党日期", required=True, future=False)
    full = cells.partial_day("转正日期", future=False)
    if number and sex and not is_overridden and disagreements(number, sex=sex, born_on=None, born_precision="day"):
        cells.fault("性别", "性别与身份证号码第 17 位不一致")
    _check_dates(cells, _birthday(number, stored), joined, full)
    if stored is not None and cells.sound:
        _check_against_portal(cells, stored, joined, full, records)
    columns = {
        "name": name,
        "pinyin": pinyin_key(name),
        "sex": sex,
        "ethnic_group": cells.one_of("民族", ETHNIC, required=True),
        "education": cells.one_of("学历", EDUCATIONS) or "",
        "occupation_id": cells.one_of("职业", records.known.occupations),
        "branch_id": branch,
        **_dates("joined", joined),
        **_dates("full_member", full),
        "phone": cells.phone("手机号"),
        "remark": cells.text("备注"),
    }
    if number and not is_overridden:
        columns |= {"born_on": number.born_on, "born_precision": Precision.DAY}
    floating, hardship = cells.one_of("流动党员", YES_NO), cells.one_of("困难党员", YES_NO)
    return Record(columns, number, stored, bool(floating), bool(hardship))


def _dates(name: str, known: PartialDate | None) -> dict[str, Any]:
    return {f"{name}_on": known and known.day, f"{name}_precision": known.precision if known else Precision.DAY}


def _number(cells: Cells) -> IdNumber | None:
    value = cells.row.cells["公民身份号码"]
    if value is None:
        return None
    try:
        return parse_id_number(value)
    except ValueError as error:
        cells.fault("公民身份号码", str(error))
        return None


def _birthday(number: IdNumber | None, stored: Member | None) -> date | None:
    """Return the birth date that counts: the stored file's, where one is known; else the number's."""
    if stored is not None and stored.born_on is not None and (number is None or stored.id_override_reason):
        return stored.born_on
    return number.born_on if number else None


def _check_dates(cells: Cells, born_on: date | None, joined: PartialDate | None, full: PartialDate | None) -> None:
    """Refuse joining before the eighteenth birthday (党章 art. 1), and what does not fit the kind of member."""
    if born_on and joined and _last_day(joined) < add_months(born_on, ADULT_MONTHS):
        cells.fault("入党日期", "入党时不满 18 周岁，请核对入党日期和出生日期")
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


def _check_against_portal(
    cells: Cells, stored: Member, joined: PartialDate | None, full: PartialDate | None, records: Records
) -> None:
    """Refuse days that contradict what happened to the member, as the portal has it."""
    course, removed_on = records.known.course_of(stored), records.known.removed_on.get(stored.pk)
    if joined and removed_on and joined.day < removed_on:
        cells.fault("入党日期", "该同志出党后重新入党，这里要写重新入党的日期，到日")
    elif joined and joined.day != stored.joined_on and (change := course.before(joined.day)):
        cells.fault("入党日期", f"晚于门户里已登记的“{change.get_kind_display()}”（{in_words(change.occurred_on)}）")
    if full and full.day != stored.full_member_on and (change := course.ended_by(full.day)):
        cells.fault("转正日期", f"晚于门户里已登记的“{change.get_kind_display()}”（{in_words(change.occurred_on)}）")
    became_full_on = stored.full_member_on
    if full is None and became_full_on and became_full_on <= records.as_of:
        cells.fault("党员类别", f"门户里该党员已于{in_words(became_full_on)}转正；登记错了的，请在党员页面撤回")
