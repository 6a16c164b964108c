"""Workbook 06 廉政台账 (confidential): what prevents cases, petitions, issues of inspections, cases, criticism.

Only the head imports it, or the operator. A row whose stored record is closed to the head has one fault, the same for
all of them, and no count. That the workbook came in, or was checked, is kept.
"""

import os
import pwd
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chishang.core.cells import Cells
from chishang.core.ledgers import LedgerImport, Run, register
from chishang.core.workbooks import Workbook
from discipline.ledger.cases import CASE_COLUMNS, CASE_OPTIONAL, CaseReader
from discipline.ledger.handling import ISSUE_COLUMNS, ISSUE_OPTIONAL, PETITION_COLUMNS, IssueReader, PetitionReader
from discipline.ledger.known import Known, sheet_rows
from discipline.ledger.people import CRITICISM_COLUMNS, CriticismReader, People
from discipline.ledger.prevention import (
    EDUCATION_COLUMNS,
    INSPECTION_COLUMNS,
    LIST_COLUMNS,
    POWER_COLUMNS,
    read_event,
    read_inspection,
    read_list,
    read_powers,
    store_events,
    store_inspections,
    store_lists,
    store_powers,
)
from discipline.models.petitions import ASSIGN
from discipline.services.readings import CHECK, IMPORT, record_import

Row = dict[str, Any]
Read = Callable[[Cells, Known], Row]


@dataclass(frozen=True)
class Part:
    """One sheet of the workbook: its columns, how a row is read, how the good ones are stored."""

    columns: tuple[str, ...]
    read: Read
    store: Callable[[list[Row], Run], None]
    optional: tuple[str, ...] = ()


PREVENTION = {
    "责任清单": Part(LIST_COLUMNS, read_list, store_lists),
    "廉政教育": Part(EDUCATION_COLUMNS, read_event, store_events),
    "作风检查": Part(INSPECTION_COLUMNS, read_inspection, store_inspections),
    "微权力": Part(POWER_COLUMNS, read_powers, store_powers),
}
PETITIONS, ISSUES, CASES, CRITICISMS = "信访件", "巡察问题", "案件", "批评教育"


@dataclass(frozen=True)
class Records:
    """The good rows by sheet, and who stores them."""

    rows: dict[str, list[Row]]
    parts: dict[str, Part]
    people: People
    cases: CaseReader
    criticisms: CriticismReader


@register
class DisciplineLedger(LedgerImport):
    """Reads eight sheets; a workbook may lack some of them."""

    keyword = "廉政台账"
    order = 6
    permission = ASSIGN
    confidential = True
    sheets = (*PREVENTION, PETITIONS, ISSUES, CASES, CRITICISMS)

    def read(self, workbook: Workbook, run: Run) -> Records:
        """Return the good rows by sheet."""
        known, people = Known(run, self.permission), People(run)
        cases, criticisms = CaseReader(people), CriticismReader(people)
        petitions, issues = PetitionReader(run), IssueReader()
        parts = {
            **PREVENTION,
            PETITIONS: Part(PETITION_COLUMNS, petitions.read, petitions.store),
            ISSUES: Part(ISSUE_COLUMNS, issues.read, issues.store, ISSUE_OPTIONAL),
        }
        found = {name: _rows(workbook, run, name, part, known) for name, part in parts.items()}
        for name, columns, optional, read in (
            (CASES, CASE_COLUMNS, CASE_OPTIONAL, cases.read),
            (CRITICISMS, CRITICISM_COLUMNS, (), criticisms.read),
        ):
            found[name] = _rows(workbook, run, name, Part(columns, read, _elsewhere, optional), known)
        return Records(found, parts, people, cases, criticisms)

    def store(self, records: Records, run: Run) -> None:
        """Write them: persons before what is about them."""
        for name, part in records.parts.items():
            part.store(records.rows[name], run)
        cases, criticisms = records.rows[CASES], records.rows[CRITICISMS]
        keys = records.people.store(row["person"] for row in (*cases, *criticisms))
        records.cases.store(cases, keys, run)
        records.criticisms.store(criticisms, keys, run)

    def loaded(self, run: Run) -> None:
        """Keep who brought the workbook in: an account, or the server account of whoever sat at the console."""
        _keep(run, IMPORT)

    def checked(self, run: Run) -> None:
        """Keep who had the workbook compared with what is stored: counts and faults tell of it, too."""
        _keep(run, CHECK)


def _keep(run: Run, purpose: str) -> None:
    record_import(actor=run.actor, operator=_server_account(), file=run.report.file, purpose=purpose)


def _elsewhere(_rows: list[Row], _run: Run) -> None:
    """Rows about persons are stored once the persons are."""


def _rows(workbook: Workbook, run: Run, name: str, part: Part, known: Known) -> list[Row]:
    if name not in workbook.sheet_names:
        return []
    sheet, rows = run.sheet(workbook, name), []
    for row in sheet_rows(sheet, part.columns, part.optional, run):
        cells = Cells(sheet, row, run.faults)
        record = part.read(cells, known)
        if cells.sound:
            rows.append(record)
    return rows


def _server_account() -> str:
    """Return the name of the account that runs this process, or its number where it has no name."""
    number = os.geteuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid {number}"
