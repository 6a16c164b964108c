"""The report as an Excel workbook: what it is, its figures, its cross-checks, and a sheet for each of its tables.

The same report always has the same bytes: nothing in it depends on when or where it was written.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from itertools import takewhile
from math import ceil
from typing import Any

from django.utils import timezone
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from chishang.core.dates import FIRST_YEAR, add_months, in_words
from chishang.core.figures import Figure, all_figures, compute
from chishang.report.checks import Check
from chishang.report.lines import GROUPED_FROM, count_text
from chishang.report.report import Report
from chishang.report.tables import Kind, Table
from visits.selectors import WaitingOnPhones, waiting_on_phones

COVER, FIGURES, CHECKS = "说明", "数字", "核对"
HEADER_ROW, FIRST_ROW = 2, 3
NARROWEST, WIDEST, WRAPPED_TITLE = 8, 46, 14
"""Widths of columns in half-width characters; a title longer than the last is broken into lines."""
LINE_HEIGHT = 16
A4 = 9
HEATED = frozenset({"issues.villages_by_category"})
"""Tables that are coloured by how much stands in a cell."""
SHADE, PALE = "#F3E3DC", "#FAF3F0"
NO_ROWS = "截至日没有记录。"

Row = Sequence[Any]


@dataclass(frozen=True)
class Grid:
    """What goes onto a sheet. A date, Decimal (yuan), int or float (a share) is written as such, all else as text."""

    name: str
    title: str
    note: str
    header: Sequence[str]
    rows: Sequence[Row]
    totals: Row = ()


class Book:
    """A workbook being written, with the formats of its cells."""

    def __init__(self, created: date) -> None:
        self._out = BytesIO()
        options = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
        font = {"font_name": "宋体", "font_size": 11}
        self._book = Workbook(self._out, {"in_memory": True, "default_format_properties": font, **options})
        self._book.set_properties({"created": datetime.combine(created, time.min), "author": "池上镇党建门户"})
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def format(self, **properties: Any) -> Format:
        """Return the format with the properties, made once."""
        wanted = {"valign": "vcenter", "font_name": "宋体", "font_size": 11} | properties
        key = tuple(sorted(wanted.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(wanted)
        return self._formats[key]

    def sheet(self, name: str) -> Worksheet:
        """Return a new sheet, set up to be printed on A4 across, one page wide."""
        sheet = self._book.add_worksheet(name)
        sheet.set_paper(A4)
        sheet.set_landscape()
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.fit_to_pages(1, 0)
        sheet.center_horizontally()
        sheet.set_footer("&C第 &P 页 共 &N 页")
        sheet.hide_gridlines(2)
        return sheet

    def close(self) -> bytes:
        """Return the file."""
        self._book.close()
        return self._out.getvalue()

    def write(self, sheet: Worksheet, row: int, column: int, value: Any, **properties: Any) -> None:
        """Write one cell by the kind of its value; text stays text, whatever it begins with."""
        look = self.format(**(_look(value) | properties))
        if value is None:
            sheet.write_blank(row, column, None, look)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, look)
        elif isinstance(value, int | float | Decimal):
            sheet.write_number(row, column, value, look)
        else:
            sheet.write_string(row, column, str(value), look)

    def write_row(self, sheet: Worksheet, number: int, row: Row, widths: Sequence[int], **properties: Any) -> None:
        """Write the cells of a row, and make it as high as its longest text, broken at the ``widths``, needs.

        Not every program finds the height by itself.
        """
        lines = (ceil(_width(_shown(value)) / width) for value, width in zip(row, widths, strict=False))
        sheet.set_row(number, LINE_HEIGHT * max((1, *lines)))
        for column, value in enumerate(row):
            self.write(sheet, number, column, value, border=1, **properties)

    def add_grid(self, grid: Grid, *, heated: tuple[int, int] | None = None) -> None:
        """Add a sheet with title, note, header and rows. ``heated`` is the first and the last column to colour."""
        sheet = self.sheet(grid.name)
        widths = list(_widths(grid))
        last_column = len(grid.header) - 1
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        self._write_head(sheet, grid, widths)
        for number, row in enumerate(grid.rows, start=FIRST_ROW):
            self.write_row(sheet, number, row, widths)
        if not grid.rows:
            self._write_across(sheet, FIRST_ROW, NO_ROWS, last_column, self.format(border=1))
        last_row = FIRST_ROW + max(len(grid.rows), 1) - 1
        if grid.rows and grid.totals:
            self._write_totals(sheet, grid.totals, last_row)
            last_row += 1
        if heated and grid.rows:
            colours = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#F08A5D"}
            bottom = FIRST_ROW + len(grid.rows) - 1
            sheet.conditional_format(FIRST_ROW, heated[0], bottom, heated[1], colours)
        sheet.repeat_rows(0, HEADER_ROW)
        sheet.print_area(0, 0, last_row, last_column)

    def _write_head(self, sheet: Worksheet, grid: Grid, widths: Sequence[int]) -> None:
        last = len(grid.header) - 1
        heading = self.format(bold=True, font_size=16, align="center", font_name="黑体")
        note = self.format(text_wrap=True, font_color="#444444", font_size=10)
        self._write_across(sheet, 0, grid.title, last, heading)
        self._write_across(sheet, 1, grid.note, last, note)
        sheet.set_row(0, 2 * LINE_HEIGHT)
        sheet.set_row(1, LINE_HEIGHT * ceil(_width(grid.note) / sum(widths)))
        self.write_row(sheet, HEADER_ROW, grid.header, widths, bold=True, align="center", bg_color=SHADE)
        names = takewhile(lambda column: all(isinstance(row[column], str) for row in grid.rows), range(min(2, last)))
        sheet.freeze_panes(FIRST_ROW, len(list(names)))

    def _write_across(self, sheet: Worksheet, row: int, text: str, last: int, look: Format) -> None:
        """Write a text over all columns up to the ``last``."""
        if last:
            sheet.merge_range(row, 0, row, last, "", look)
        sheet.write_string(row, 0, text, look)

    def _write_totals(self, sheet: Worksheet, totals: Row, last_row: int) -> None:
        """Write the line of sums: formulas, so that they follow when somebody changes a number, with their values."""
        look = {"bold": True, "border": 1, "bg_color": PALE}
        for column, value in enumerate(totals):
            if value is None:
                self.write(sheet, last_row + 1, column, None if column else "合计", **look)
                continue
            first, last = xl_rowcol_to_cell(FIRST_ROW, column), xl_rowcol_to_cell(last_row, column)
            cell_format = self.format(**(_look(value) | look))
            sheet.write_formula(last_row + 1, column, f"=SUM({first}:{last})", cell_format, value)


def write_workbook(report: Report) -> bytes:
    """Return ``report`` as an XLSX file."""
    book = Book(report.as_of)
    grids = [_figures(report), _checks(report.checks, report.as_of)]
    tables = [(_sheet_of(table, report.as_of), table) for table in report.tables]
    _write_cover(book, report, [*grids, *(grid for grid, _ in tables)])
    for grid in grids:
        book.add_grid(grid)
    for grid, table in tables:
        book.add_grid(grid, heated=_heated(table))
    return book.close()


def rows_workbook(title: str, header: Sequence[str], rows: Iterable[Row]) -> bytes:
    """Return plain rows for programs: the header is the first line of the only sheet."""
    book = Book(date(FIRST_YEAR, 1, 1))
    sheet = book.sheet(title)
    for number, row in enumerate([header, *rows]):
        for column, value in enumerate(row):
            book.write(sheet, number, column, value, bold=number == 0)
    sheet.freeze_panes(1, 0)
    return book.close()


def _figures(report: Report) -> Grid:
    before = _year_before(report)
    header = ("代码", "名称", "数值", "单位", "上年同期", "增减", "占比", "分子/分母", "口径", "口径版本")
    rows = [_figure_row(figure, report.values, before) for figure in all_figures()]
    note = f"截至{in_words(report.as_of)}。空白表示截至日尚不存在、无权查看或数字过小不予显示，不是 0；金额以元计。"
    return Grid(FIGURES, "全部数字", note, header, rows)


def _year_before(report: Report) -> dict[str, Any]:
    """Return the values of the same day a year before."""
    return compute(replace(report.question, as_of=add_months(report.as_of, -12)))


def _figure_row(figure: Figure, values: dict[str, Any], before: dict[str, Any]) -> Row:
    value, earlier, whole = values[figure.key], before[figure.key], values.get(figure.share_of)
    change = None if value is None or earlier is None else value - earlier
    share, parts = None, None
    if whole and value is not None:
        share, parts = float(value) / float(whole), f"{count_text(value)}/{count_text(whole)}"
    meaning = (figure.definition, figure.version)
    return (figure.key, figure.label, value, figure.unit, earlier, change, share, parts, *meaning)


def _checks(checks: list[Check], as_of: date) -> Grid:
    rows = [(check.code, check.title, check.told, check.difference, _holds(check), check.named) for check in checks]
    header = ("编号", "核对内容", "算式", "差额", "是否相符", "不符的记录")
    return Grid(CHECKS, "数字核对", f"截至{in_words(as_of)}。差额为 0 即相符。", header, rows)


def _holds(check: Check) -> str:
    if check.difference is None:
        return "无法核对"
    return "是" if check.holds else "否"


def _sheet_of(table: Table, as_of: date) -> Grid:
    header = [column.title for column in table.columns]
    note = f"截至{in_words(as_of)}。{table.note}"
    adds_up = any(column.kind.adds_up for column in table.columns)
    return Grid(_sheet_name(table.title), table.title, note, header, table.rows, table.totals if adds_up else ())


def _sheet_name(title: str) -> str:
    """Return the title as Excel takes it for a sheet: without signs of its formulas, 31 characters at most."""
    return "".join(" " if sign in "[]:*?/\\'" else sign for sign in title)[:31]


def _heated(table: Table) -> tuple[int, int] | None:
    """Return the first and last column of the counts that make up the matrix; their sum is not coloured."""
    columns = [number for number, one in enumerate(table.columns) if one.kind is Kind.COUNT and not one.figure]
    return (columns[0], columns[-1]) if table.key in HEATED and columns else None


def _write_cover(book: Book, report: Report, grids: list[Grid]) -> None:
    """Write the first sheet: what the workbook is about, how to read it, and what is in it."""
    sheet = book.sheet(COVER)
    widths = (22, 100)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    name = report.organization.name if report.organization else "账号可见的党支部"
    heading = book.format(bold=True, font_size=18, align="center", font_name="黑体")
    sheet.merge_range(0, 0, 0, 1, "", heading)
    sheet.write_string(0, 0, f"{name}党建工作报表", heading)
    sheet.set_row(0, 3 * LINE_HEIGHT)
    about = list(_about(report, name))
    for row, line in enumerate(about, start=1):
        book.write_row(sheet, row, line, widths)
    contents = len(about) + 2
    link = book.format(font_color="#0B5394", underline=1, border=1)
    for row, grid in enumerate(grids, start=contents):
        book.write_row(sheet, row, (grid.name, grid.note), widths)
        sheet.write_url(row, 0, f"internal:'{grid.name}'!A1", link, grid.name)
    sheet.print_area(0, 0, contents + len(grids) - 1, 1)


def _about(report: Report, name: str) -> Iterator[tuple[str, str]]:
    day, code = report.as_of, f"（{report.organization.code}）" if report.organization else ""
    newer = [f"{one.label}第{one.version}版" for one in all_figures() if one.version > 1]
    yield "所报党组织", f"{name}{code}及其下级"
    yield "截至日", f"{in_words(day)}（含当日）"
    yield "当年", f"{day.year}年1月1日至截至日；经费、组织生活、培训等按当年累计，其余为截至日的情况"
    yield "状态", f"{report.issue}，签发情况以门户的签发记录为准" if report.issue else "草稿：由记录当场计算，未经签发"
    if not report.issue and (waiting := waiting_on_phones(report.question)) and waiting.records:
        yield "手机里的记录", _still_on_phones(waiting)
    yield "范围", "门户的全部记录" if report.question.user is None else "制表账号可见的记录"
    yield "口径版本", "；".join(newer) + "；其余为第1版" if newer else "全部为第1版"
    yield "空白", "截至日尚不存在、无权查看，或者数字过小、不予显示；与 0 不同"
    yield "金额", "以元计，精确到分。换算成万元时先合计、后四舍五入，分项的万元数相加与合计可能相差 0.01"
    yield "涉密登记", "只有合计数字，没有明细；本册不列党员、群众的姓名，只列任职和荣誉"


def _still_on_phones(waiting: WaitingOnPhones) -> str:
    """Return what phones still hold, as of when they last told: not of when the file is written, nor of its day."""
    told_at = timezone.localtime(waiting.told_at)
    heard = f"{in_words(told_at.date())}{told_at:%H:%M}"
    return f"手机里还有{waiting.records}条记录没有报上来（{waiting.phones}部手机，{heard}最近一次联系），本册不含这些"


def _look(value: Any) -> dict[str, Any]:
    """Return how a value is shown."""
    number = {"align": "right", "indent": 1}
    if isinstance(value, date):
        return {"num_format": "yyyy-mm-dd", "align": "center"}
    if isinstance(value, Decimal):
        return {"num_format": "#,##0.00"} | number
    if isinstance(value, float):
        return {"num_format": "0.00%"} | number
    if isinstance(value, int):
        return {"num_format": "#,##0" if abs(value) >= GROUPED_FROM else "0"} | number
    return {"num_format": "@", "text_wrap": True}


def _width(text: str) -> int:
    """Return the width of a text in half-width characters."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)


def _widths(grid: Grid) -> Iterator[int]:
    """Return the width of each column: wide enough for its numbers, up to a limit for its texts."""
    for column, title in enumerate(grid.header):
        cells = [row[column] for row in (*grid.rows, grid.totals) if column < len(row)]
        widest = max((_width(_shown(cell)) for cell in cells), default=0)
        yield max(NARROWEST, min(widest, WIDEST) + 2, min(_width(title), WRAPPED_TITLE) + 2)


def _shown(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, float):
        return f"{value:.2%}"
    return "" if value is None else str(value)
