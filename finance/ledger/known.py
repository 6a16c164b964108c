"""What a row of the workbook may name: villages, branches, subjects, kinds of income."""

from dataclasses import dataclass, field
from typing import Any

from chishang.core.cells import Cells
from chishang.core.ledgers import Run
from finance.enums import SubjectLevel
from finance.models import IncomeKind, Subject
from organizations.models import Organization, Village

TOWN = "镇本级"
FIRST_YEAR, LAST_YEAR = 1949, 2100


@dataclass
class Known:
    """Places that the importer may touch, lists that are the same for all, and the rows seen so far."""

    run: Run
    permission: str
    villages: dict[str, int] = field(init=False)
    """Village's name → its key."""
    units: dict[str, int] = field(init=False)
    """Village's name or 镇本级 → the organization whose money it is."""
    branches: dict[str, int] = field(init=False)
    """Branch's name → its village's key."""
    seen: dict[Any, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        villages = list(self.run.visible(Village, self.permission).select_related("branch"))
        self.villages = {village.name: village.pk for village in villages}
        self.units = {village.name: village.branch_id for village in villages}
        self.branches = {village.branch.name: village.pk for village in villages}
        town = self.run.visible(Organization, self.permission).filter(parent__isnull=True).first()
        if town:
            self.units[TOWN] = town.pk
        self.subjects: dict[str, Subject] = {subject.name: subject for subject in Subject.objects.all()}
        self.kinds: dict[str, int] = dict(IncomeKind.objects.values_list("name", "pk"))

    def year(self, cells: Cells) -> int | None:
        """Return the year of the row."""
        year = cells.integer("年度", required=True)
        if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
            cells.fault("年度", f"“{year}”不是年度，请写成 2017")
            return None
        return year

    def unit(self, cells: Cells) -> tuple[int | None, Subject | None]:
        """Return whose money the row is about, and its subject; a village's subject belongs to a village."""
        name = cells.text("村")
        unit = cells.one_of("村", self.units, required=True)
        subject: Subject | None = cells.one_of("科目", self.subjects, required=True)
        if unit and subject and (subject.level == SubjectLevel.TOWN) != (name == TOWN):
            should = TOWN if subject.level == SubjectLevel.TOWN else "村名"
            cells.fault("村", f"“{subject.name}”是{subject.get_level_display()}经费，“村”这一列应填{should}")
        return unit, subject

    def once(self, cells: Cells, key: Any, column: str, what: str) -> None:
        """Note a fault when a row above has the same key."""
        first = self.seen.setdefault((cells.sheet.name, key), cells.row.number)
        if first != cells.row.number:
            cells.fault(column, f"与第 {first} 行是同一{what}")
