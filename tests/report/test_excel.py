"""The workbook: its figures and sums, its look to printers, and that other programs read the same in it."""

import json
import subprocess
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from chishang.core.figures import Question, all_figures, compute, find_figure
from chishang.report.enums import FileFormat
from chishang.report.excel import FIRST_ROW, Book, Grid, _look, rows_workbook
from chishang.report.files import write_report
from chishang.report.report import build_report
from chishang.report.tables import all_tables
from tests.layers import BUILDERS, Content
from tests.report.test_report import DATES

LAST_DAY = date(2017, 12, 31)


def sheets_of(content: bytes) -> dict[str, list[list[Any]]]:
    """Name → rows of each sheet; numbers are floats, what is empty is ''."""
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


BUILDERS["laid_workbook"] = lambda _: write_report(build_report(as_of=LAST_DAY), FileFormat.XLSX)


@pytest.fixture
def laid_workbook(township: None, laid: Content) -> bytes:
    return laid["laid_workbook"]


@pytest.fixture
def workbook(laid_workbook: bytes) -> bytes:
    """The workbook of the last day of 2017."""
    return laid_workbook


def test_database_is_there(db: None) -> None:
    """The module's database is made for a test that asks for it."""
    assert connection.settings_dict["NAME"].startswith("test_")


@pytest.mark.parametrize("as_of", DATES)
def test_sums_of_every_table_are_the_figures(township: None, as_of: str) -> None:
    question = Question(as_of=date.fromisoformat(as_of))
    values = compute(question)
    found = {
        (table.key, column.title): (total, values[column.figure])
        for table in all_tables(question)
        for column, total in zip(table.columns, table.totals, strict=True)
        if column.figure
    }
    assert len(found) >= 30
    assert {name: both for name, both in found.items() if both[0] != both[1]} == {}


def test_tables_take_two_queries_each_at_most(township: None) -> None:
    question = Question(as_of=LAST_DAY)
    with CaptureQueriesContext(connection) as queries:
        tables = all_tables(question)
    assert len(queries) <= 2 * len(tables)


def test_figures_are_those_of_the_json(township: None, workbook: bytes) -> None:
    figures = json.loads(write_report(build_report(as_of=LAST_DAY), FileFormat.JSON))["figures"]
    rows = sheets_of(workbook)["数字"][FIRST_ROW:]
    assert [row[0] for row in rows] == list(figures)
    for row, one in zip(rows, figures.values(), strict=True):
        value = None if row[2] == "" else Decimal(repr(row[2]))
        assert (row[1], value, row[3], row[8], row[9]) == (
            one["label"],
            None if one["value"] is None else Decimal(one["value"]),
            one["unit"],
            one["definition"],
            one["version"],
        )


def test_figures_stand_beside_those_of_the_year_before_and_their_share(township: None, workbook: bytes) -> None:
    rows = {row[0]: row for row in sheets_of(workbook)["数字"][FIRST_ROW:]}
    before = build_report(as_of=date(2016, 12, 31)).values["members.total"]
    assert rows["members.total"][4:6] == [before, 1412 - before]
    assert rows["issues.resolved"][6:8] == [pytest.approx(807 / 1083), "807/1083"]
    assert rows["org.villages"][6:8] == ["", ""]


def test_every_table_is_a_sheet_with_its_rows_and_sums(township: None, workbook: bytes) -> None:
    sheets = sheets_of(workbook)
    assert list(sheets)[:3] == ["说明", "数字", "核对"]
    for table in build_report(as_of=LAST_DAY).tables:
        rows = sheets[table.title]
        assert rows[0][0] == table.title
        assert rows[2] == [column.title for column in table.columns]
        shown = rows[FIRST_ROW : FIRST_ROW + len(table.rows)]
        assert _plain_rows(shown) == _plain_rows(table.rows)
        for column, total in enumerate(table.totals):
            if total is not None:
                assert rows[FIRST_ROW + len(table.rows)][column] == pytest.approx(float(total)), (table.key, column)


def _plain_rows(rows: Any) -> list[list[Any]]:
    return [[_plain(cell) for cell in row] for row in rows]


def _plain(value: Any) -> Any:
    if value in {None, ""}:
        return None
    return round(Decimal(value), 9).normalize() if isinstance(value, int | float | Decimal) else value


def test_libreoffice_opens_it_and_finds_the_same(workbook: bytes, tmp_path: Path) -> None:
    (tmp_path / "report.xlsx").write_bytes(workbook)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "ods", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "report.xlsx")], check=True, capture_output=True, timeout=120)
    ours, theirs = sheets_of(workbook), sheets_of((tmp_path / "report.ods").read_bytes())
    assert list(theirs) == list(ours)
    for name, rows in ours.items():
        again = [row[: len(rows[0])] for row in theirs[name]]
        assert _plain_rows(again) == _plain_rows(rows), name


def test_same_report_has_the_same_bytes(township: None, workbook: bytes) -> None:
    assert write_report(build_report(as_of=LAST_DAY), FileFormat.XLSX) == workbook


def test_sheets_are_set_up_for_print(workbook: bytes) -> None:
    with ZipFile(BytesIO(workbook)) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        names = book.read("xl/workbook.xml").decode()
    for sheet in sheets:
        for wanted in ('paperSize="9"', 'orientation="landscape"', 'fitToHeight="0"', "第 &amp;P 页 共 &amp;N 页"):
            assert wanted in sheet
    assert names.count("_xlnm.Print_Area") == len(sheets)
    assert names.count("_xlnm.Print_Titles") == len(sheets) - 1
    assert sum("<f>SUM(" in sheet for sheet in sheets) >= 10
    assert sum("<conditionalFormatting" in sheet for sheet in sheets) == 1


def test_cover_says_what_the_workbook_is(workbook: bytes) -> None:
    rows = {row[0]: row[1] for row in sheets_of(workbook)["说明"]}
    assert rows["截至日"] == "2017年12月31日（含当日）"
    assert rows["状态"] == "草稿：由记录当场计算，未经签发"
    assert rows["范围"] == "门户的全部记录"
    assert "相差 0.01" in rows["金额"]


def test_text_is_never_a_formula() -> None:
    book, signs = Book(LAST_DAY), ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "https://example.cn"]
    book.add_grid(Grid("表", "=标题", "@说明", ["=列"], [(sign,) for sign in signs]))
    content = book.close()
    with ZipFile(BytesIO(content)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert [row[0] for row in sheets_of(content)["表"]] == ["=标题", "@说明", "=列", *signs]


def test_table_without_rows_says_so() -> None:
    book = Book(LAST_DAY)
    book.add_grid(Grid("表", "标题", "说明", ["甲", "乙"], [], (None, 0)))
    assert sheets_of(book.close())["表"][FIRST_ROW:] == [["截至日没有记录。", ""]]


def test_rows_of_programs_begin_with_the_header() -> None:
    content = rows_workbook("数据", ["编号", "金额", "日期"], [(1, Decimal("12.50"), LAST_DAY), (2, None, None)])
    assert sheets_of(content)["数据"] == [["编号", "金额", "日期"], [1, 12.5, LAST_DAY], [2, "", ""]]


def test_every_share_is_of_a_figure() -> None:
    assert [one.key for one in all_figures() if one.share_of and find_figure(one.share_of) is None] == []


def test_counts_have_separators_from_five_digits_on() -> None:
    looks = {value: _look(value)["num_format"] for value in (0, 1083, -9999, 23012, -10000)}
    assert looks == {0: "0", 1083: "0", -9999: "0", 23012: "#,##0", -10000: "#,##0"}
