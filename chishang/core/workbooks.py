"""Excel workbooks as offices make them, read into clean rows; and the gate that refuses what is no workbook."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Self

from python_calamine import CalamineError, CalamineWorkbook

from chishang.core.archives import NotAnArchive, UnpacksToTooMuch, check_archive
from chishang.core.dates import parse_partial_date, today
from chishang.core.text import narrow

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
HEADER_WITHIN = 8
"""The header stands in one of the first rows."""

FOOT = re.compile("合计|总计|小计|注[:\uff1a]")
FILLED_ON = re.compile("填报日期[:\uff1a]\\s*(\\S+)")


class WorkbookError(Exception):
    """A file that is refused whole, with a Chinese message that says why."""


@dataclass(frozen=True)
class Fault:
    """What is wrong in a workbook, and where: the Excel row number and the column's title (both may be missing)."""

    file: str
    sheet: str
    row: int | None
    column: str
    message: str

    def as_dict(self) -> dict[str, Any]:
        """Return the fault as ``load_ledgers --errors`` writes it."""
        return {
            "file": self.file,
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "message": self.message,
        }


@dataclass(frozen=True)
class Row:
    """One row below the header: its Excel number, and its cells by column title (None where empty)."""

    number: int
    cells: dict[str, Any]

    def has_any(self, titles: Sequence[str]) -> bool:
        """Say whether any of the columns is filled."""
        cells = self.cells
        for title in titles:  # noqa: SIM110  a plain loop is three times as quick, and this runs 20,000 times
            if cells[title] is not None:
                return True
        return False


@dataclass
class Sheet:
    """A sheet: what stands above its table, and the table."""

    file: str
    name: str
    grid: list[list[Any]]
    today: date = field(default_factory=today)

    @cached_property
    def title(self) -> str:
        """The merged title of row 1."""
        return next((str(cell).strip() for cell in self.grid[0] if cell != ""), "") if self.grid else ""

    @cached_property
    def filled_on(self) -> date | None:
        """The date of the line 填报日期, or None."""
        for line in self.grid[:HEADER_WITHIN]:
            found = FILLED_ON.search(" ".join(str(cell) for cell in line if isinstance(cell, str)))
            if found:
                return parse_partial_date(found.group(1)).day
        return None

    def fault(self, row: int | None, column: str, message: str) -> Fault:
        """Return a fault of this sheet."""
        return Fault(self.file, self.name, row, column, message)

    def rows(self, titles: Sequence[str], faults: list[Fault]) -> Iterator[Row]:
        """Yield the rows below the header whose columns are ``titles``, in whatever order they stand.

        Blank rows, totals (合计) and notes (注:) are passed over. A missing column is a fault of the header row, and
        then nothing is yielded.
        """
        header, places = self._header(titles)
        missing = [title for title in titles if title not in places]
        if missing:
            faults.extend(self.fault(header + 1, title, f"缺少“{title}”这一列") for title in missing)
            return
        order = [(title, places[title]) for title in titles]
        for number, line in enumerate(self.grid[header + 1 :], header + 2):
            cells = {title: _cell(line[place]) if place < len(line) else None for title, place in order}
            if not any(cell is not None for cell in cells.values()) or _is_foot(line):
                continue
            yield Row(number, cells)

    def _header(self, titles: Sequence[str]) -> tuple[int, dict[str, int]]:
        """Return the last header row (from 0) and the column of each title; a header may take two rows."""
        wanted = set(titles)
        best: tuple[int, dict[str, int]] = (min(2, max(len(self.grid) - 1, 0)), {})
        lines = [[_title(cell) for cell in line] for line in self.grid[: HEADER_WITHIN + 1]]
        for index, line in enumerate(lines):
            above = lines[index - 1] if index else []
            for both in (False, True):
                names = [
                    name or (above[place] if both and place < len(above) else "") for place, name in enumerate(line)
                ]
                places = {name: place for place, name in reversed(list(enumerate(names))) if name in wanted}
                if len(places) > len(best[1]):
                    best = (index, places)
        return best


@dataclass
class Workbook:
    """An opened workbook."""

    file: str
    book: CalamineWorkbook = field(repr=False)
    _sheets: dict[str, Sheet] = field(default_factory=dict, repr=False)

    @property
    def sheet_names(self) -> list[str]:
        """Names of the sheets, in order."""
        return list(self.book.sheet_names)

    def sheet(self, name: str) -> Sheet:
        """Read a sheet whole, once: each import that might claim the workbook looks at its first one."""
        if name not in self._sheets:
            cells = self.book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            self._sheets[name] = Sheet(self.file, name, cells)
        return self._sheets[name]

    @classmethod
    def open(cls, source: Path | BinaryIO, *, name: str = "") -> Self:
        """Open an .xlsx file after checking that it is one and how large it unpacks; raise WorkbookError otherwise."""
        if isinstance(source, Path):
            name = name or source.name
            if source.stat().st_size > MAX_FILE_BYTES:
                raise WorkbookError(f"文件超过 {MAX_FILE_BYTES // 1024 // 1024} MB，请拆分后再导入")
            data = source.read_bytes()
        else:
            data = source.read(MAX_FILE_BYTES + 1)
        check_workbook(data)
        try:
            return cls(name, CalamineWorkbook.from_filelike(BytesIO(data)))
        except (CalamineError, ValueError, OSError) as error:
            raise WorkbookError("不是 Excel 工作簿（.xlsx），或文件已损坏") from error


def check_workbook(data: bytes) -> None:
    """Refuse what is no .xlsx, or unpacks to more than 200 MB, before anything parses it; raise WorkbookError."""
    if len(data) > MAX_FILE_BYTES:
        raise WorkbookError(f"文件超过 {MAX_FILE_BYTES // 1024 // 1024} MB，请拆分后再导入")
    try:
        names = check_archive(data, most=MAX_UNPACKED_BYTES)
    except UnpacksToTooMuch as error:
        raise WorkbookError("文件解压后太大，拒绝导入") from error
    except NotAnArchive as error:
        raise WorkbookError("不是 Excel 工作簿（.xlsx），请另存为 .xlsx 后再导入；有密码的请先去掉密码") from error
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise WorkbookError("不是 Excel 工作簿（.xlsx）")


def _cell(value: Any) -> Any:
    """Return a cell's value: None when empty, whole numbers as int, text narrowed and trimmed."""
    if isinstance(value, str):
        return narrow(value) or None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _title(value: Any) -> str:
    return "".join(narrow(value).split()) if isinstance(value, str) else ""


def _is_foot(line: list[Any]) -> bool:
    first = next((cell for cell in line if cell != ""), "")
    return isinstance(first, str) and bool(FOOT.match(narrow(first)))
