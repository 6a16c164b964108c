"""Ledgers (台账) are the real interface: how a workbook becomes records.

Each app declares a ``LedgerImport`` for its workbook and registers it. ``load_ledgers`` runs them, for the command
and for the admin's page alike: read and check every row, name every fault, then write in bulk. Importing twice changes
nothing; a workbook with a fault stores nothing unless the caller takes the good rows.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from django.db import IntegrityError, models, transaction

from chishang.core.bulk import analyze, insert_rows
from chishang.core.guards import check_deferred, message_of
from chishang.core.workbooks import Fault, Sheet, Workbook, WorkbookError


@dataclass
class Count:
    """How many rows of one kind are new, changed and unchanged."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


class Status(StrEnum):
    """What became of a workbook."""

    LOADED = "已导入"
    CHECKED = "检查通过"
    REFUSED = "有问题，未导入"
    SKIPPED = "已跳过"


@dataclass
class Report:
    """What became of a workbook: its counts by kind of record, and its faults."""

    file: str
    status: Status = Status.SKIPPED
    reason: str = ""
    counts: dict[str, Count] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


class Progress:
    """Is told how far a run is; the command gives one that draws a bar. This one keeps silent."""

    def start(self, steps: int) -> None:
        """There are ``steps`` steps: one a sheet to read, one a workbook to write."""

    def step(self, message: str) -> None:
        """One step begins."""


@dataclass
class Run:
    """One run of an import: who runs it (None: an operator at the console), its faults and counts."""

    actor: Any
    report: Report
    progress: Progress
    tables: set[str] = field(default_factory=set)
    """The tables to which rows were added."""

    @property
    def faults(self) -> list[Fault]:
        """The faults found so far."""
        return self.report.faults

    def sheet(self, workbook: Workbook, name: str) -> Sheet:
        """Read a sheet, and say so."""
        self.progress.step(f"读取 {workbook.file} {name}")
        return workbook.sheet(name)

    def visible(self, model: type[models.Model], permission: str) -> Any:
        """Return the rows of ``model`` that the one who imports may touch; all for the operator."""
        rows = model.objects.all()  # type: ignore[attr-defined]  # a ScopedModel
        return rows if self.actor is None else rows.visible_to(self.actor, permission)

    def merge(self, model: Any, key: Sequence[str], wanted: Iterable[dict[str, Any]]) -> dict[Any, int]:
        """Bring the table into line with ``wanted`` rows (attribute → value) by natural key, in bulk.

        Rows that are not in ``wanted`` stay as they are. Returns the primary key of every wanted row by its natural
        key (a tuple when that has several attributes). Counts go to the report under the model's name.
        """
        rows = {_key_of(row, key): row for row in wanted}
        existing = {_key_of(vars(found), key): found for found in _find(model, key, rows)}
        new = [row for natural_key, row in rows.items() if natural_key not in existing]
        changed: list[Any] = []
        names: set[str] = set()
        for natural_key, found in existing.items():
            differing = {name: value for name, value in rows[natural_key].items() if vars(found)[name] != value}
            if differing:
                vars(found).update(differing)
                names |= differing.keys()
                changed.append(found)
        created = insert_rows(model, new)
        if changed:
            columns = {model._meta.get_field(name.removesuffix("_id")).name for name in names}
            model.objects.bulk_update(changed, columns, batch_size=500)
        self.count(model, new=len(new), changed=len(changed), unchanged=len(existing) - len(changed))
        keys = {natural_key: found.pk for natural_key, found in existing.items()}
        return keys | {_key_of(row, key): pk for row, pk in zip(new, created, strict=True)}

    def count(self, model: Any, *, new: int = 0, changed: int = 0, unchanged: int = 0) -> None:
        """Add to the counts of ``model``."""
        count = self.report.counts.setdefault(str(model._meta.verbose_name), Count())
        count.new += new
        if new:
            self.tables.add(model._meta.db_table)
        count.changed += changed
        count.unchanged += unchanged


def filled(row: dict[str, Any], *optional: str) -> dict[str, Any]:
    """Return the row for ``merge`` without optional columns that are blank: these stay as they are stored."""
    return {name: value for name, value in row.items() if name not in optional or value not in {None, ""}}


def _key_of(row: Mapping[str, Any], key: Sequence[str]) -> Any:
    return row[key[0]] if len(key) == 1 else tuple(row[name] for name in key)


def _find(model: Any, key: Sequence[str], rows: Mapping[Any, Any]) -> list[Any]:
    """Return the stored rows with one of the natural keys, by one query over the key's first column."""
    first = {natural_key if len(key) == 1 else natural_key[0] for natural_key in rows}
    found = model.objects.filter(**{f"{key[0]}__in": first})
    return [row for row in found if _key_of(vars(row), key) in rows]


class LedgerImport(ABC):
    """Takes one of the offices' workbooks, or some sheets of it: a workbook may belong to several apps."""

    keyword: ClassVar[str]
    """What the file name or the title of its first sheet contains (走访台账)."""
    order: ClassVar[int]
    """Workbooks that others build on come first."""
    permission: ClassVar[str]
    """Who may import it in the admin (``app_label.codename``)."""
    confidential: ClassVar[bool] = False
    sheets: ClassVar[tuple[str, ...]] = ()
    """The sheets that it takes; empty for all."""

    @abstractmethod
    def read(self, workbook: Workbook, run: Run) -> Any:
        """Read and check the whole workbook, noting faults in ``run``; return its good records. Writes nothing."""

    @abstractmethod
    def store(self, records: Any, run: Run) -> None:
        """Write the records that ``read`` returned, in bulk."""

    def loaded(self, run: Run) -> None:  # noqa: B027  most keep nothing
        """Is told that the workbook is stored for good (not when it was only checked)."""

    def checked(self, run: Run) -> None:  # noqa: B027  most keep nothing
        """Is told that the workbook was read and not stored: checked, or refused. What it writes stays."""

    def claims(self, workbook: Workbook) -> bool:
        """Say whether the workbook is this one."""
        if self.keyword in workbook.file:
            return True
        return bool(workbook.sheet_names) and self.keyword in workbook.sheet(workbook.sheet_names[0]).title


_imports: list[LedgerImport] = []


def register(ledger: type[LedgerImport]) -> type[LedgerImport]:
    """Register an import (a class decorator)."""
    _imports.append(ledger())
    _imports.sort(key=lambda one: one.order)
    return ledger


def may_import_any(user: Any) -> bool:
    """Say whether ``user`` may import at least one of the workbooks."""
    return any(user.has_perm(one.permission) for one in _imports)


def importable_by(user: Any) -> list[str]:
    """Return the names of the workbooks that ``user`` may import, in the order in which they build on each other."""
    return list(dict.fromkeys(one.keyword for one in _imports if user.has_perm(one.permission)))


def find_imports(workbook: Workbook) -> list[LedgerImport]:
    """Return the imports that claim the workbook, in the order in which they build on each other."""
    return [one for one in _imports if one.claims(workbook)]


@dataclass
class Options:
    """How to load: ``check`` stores nothing; ``take_good_rows`` stores the rest of a workbook with faults."""

    actor: Any = None
    check: bool = False
    take_good_rows: bool = False
    confidential: bool = False
    progress: Progress = field(default_factory=Progress)

    def opens(self, ledger: LedgerImport) -> bool:
        """Say whether a confidential workbook may be read: the operator asked for it, or it is the actor's duty."""
        return self.confidential or (self.actor is not None and self.actor.has_perm(ledger.permission))


def load_ledgers(files: Iterable[Path | tuple[str, BinaryIO]], options: Options) -> list[Report]:
    """Load workbooks in the order in which they build on each other; return what became of each.

    It is one transaction; a workbook with a fault adds nothing to it. With ``options.check`` all is rolled back at the
    end, so that each workbook is checked against what those before it would bring.
    """
    reports: list[Report] = []
    work: list[tuple[int, Workbook, list[LedgerImport], Report]] = []
    for file in files:
        report = Report(file.name if isinstance(file, Path) else file[0])
        reports.append(report)
        workbook = _open(file, report)
        ledgers = _choose(workbook, report, options) if workbook else []
        if workbook and ledgers:
            work.append((ledgers[0].order, workbook, ledgers, report))
    work.sort(key=lambda one: one[0])
    options.progress.start(sum(1 + _sheets_taken(workbook, ledgers) for _, workbook, ledgers, _ in work))
    runs: list[tuple[list[LedgerImport], Run]] = []
    with transaction.atomic():
        for _, workbook, ledgers, report in work:
            runs.append((ledgers, _load(ledgers, workbook, report, options)))
        if options.check:
            transaction.set_rollback(True)
    for ledgers, run in runs:
        if run.report.status != Status.LOADED:
            for ledger in ledgers:
                ledger.checked(run)
    return reports


def _open(file: Path | tuple[str, BinaryIO], report: Report) -> Workbook | None:
    try:
        return Workbook.open(file) if isinstance(file, Path) else Workbook.open(file[1], name=file[0])
    except WorkbookError as error:
        _refuse(report, str(error))
        return None


def _refuse(report: Report, message: str) -> None:
    report.status = Status.REFUSED
    report.faults.append(Fault(report.file, "", None, "", message))


def _choose(workbook: Workbook, report: Report, options: Options) -> list[LedgerImport]:
    """Return the imports that may take the workbook now; say in the report why others, or sheets, are passed over."""
    claiming = find_imports(workbook)
    open_ones = [one for one in claiming if not one.confidential or options.opens(one)]
    if not claiming:
        report.reason = "门户还不接收这个工作簿"
    elif not open_ones:
        report.reason = "涉密工作簿，由纪委书记导入；服务器操作员须加 --confidential"
    elif options.actor is not None and not all(options.actor.has_perm(one.permission) for one in open_ones):
        _refuse(report, "您没有导入这个工作簿的权限")
        return []
    elif all(one.sheets for one in open_ones):
        taken = {sheet for one in open_ones for sheet in one.sheets}
        left = [name for name in workbook.sheet_names if name not in taken]
        report.reason = f"还不接收的工作表：{'、'.join(left)}" if left else ""
    return open_ones


def _rule_broken(error: IntegrityError) -> str:
    """Return what to tell when rows broke a rule that no check of a sheet had foreseen."""
    return f"有的行与门户里的记录合起来不成立，没有导入。{message_of(error)}"


def _sheets_taken(workbook: Workbook, ledgers: list[LedgerImport]) -> int:
    return sum(len(ledger.sheets) or len(workbook.sheet_names) for ledger in ledgers)


def _load(ledgers: list[LedgerImport], workbook: Workbook, report: Report, options: Options) -> Run:
    run = Run(options.actor, report, options.progress)
    records = [ledger.read(workbook, run) for ledger in ledgers]
    if report.faults and not options.take_good_rows and not options.check:
        report.status = Status.REFUSED
        return run
    options.progress.step(f"写入 {report.file}")
    try:
        with transaction.atomic():
            for ledger, found in zip(ledgers, records, strict=True):
                ledger.store(found, run)
            check_deferred()
            analyze(run.tables)
    except IntegrityError as error:
        # The database's own text would repeat the whole row, ID number's index and all.
        report.counts.clear()
        _refuse(report, _rule_broken(error))
        return run
    if report.faults and not options.take_good_rows:
        report.status = Status.REFUSED
    else:
        report.status = Status.CHECKED if options.check else Status.LOADED
    if report.status == Status.LOADED:
        for ledger in ledgers:
            ledger.loaded(run)
    return run
