"""Workbooks as people make them, and files that are none."""

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from chishang.core import workbooks
from chishang.core.workbooks import Fault, Workbook, WorkbookError


def make(rows: list[list[object]], *, title: str = "表") -> io.BytesIO:
    """A workbook with one sheet."""
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def read(rows: list[list[object]], titles: tuple[str, ...]) -> tuple[list[tuple[int, dict[str, object]]], list[Fault]]:
    sheet = Workbook.open(make(rows), name="测试.xlsx").sheet("表")
    faults: list[Fault] = []
    return [(row.number, row.cells) for row in sheet.rows(titles, faults)], faults


def test_rows_skip_title_blank_rows_totals_and_notes_and_keep_excel_numbers() -> None:
    rows, faults = read(
        [
            ["某某台账"],
            ["填报单位\uff1a党建办", "填报日期\uff1a2017年12月31日"],
            ["姓名", "人口"],
            ["李\u3000明", 3],
            [None, None],
            ["王强", "\uff16"],
            ["合计", 9],
            ["注\uff1a以上为常住人口。"],
        ],
        ("人口", "姓名"),
    )
    assert rows == [(4, {"人口": 3, "姓名": "李 明"}), (6, {"人口": "6", "姓名": "王强"})]
    assert faults == []


def test_rows_read_a_header_of_two_rows() -> None:
    rows, _ = read(
        [
            ["分红台账"],
            ["填报日期\uff1a2017-12-31"],
            ["年度", "村", "资金\uff08元\uff09", None, "受益群众", None],
            [None, None, "注入资金", "分红总额", "户数", "人口"],
            [2017, "北崖村", 100, 20.5, 3, 4],
        ],
        ("年度", "村", "注入资金", "分红总额", "户数", "人口"),
    )
    assert rows == [(5, {"年度": 2017, "村": "北崖村", "注入资金": 100, "分红总额": 20.5, "户数": 3, "人口": 4})]


def test_missing_column_is_a_fault_of_the_header_and_no_row_is_read() -> None:
    rows, faults = read([["台账"], ["单位"], ["姓名"], ["李明"]], ("姓名", "人口"))
    assert rows == []
    assert [(fault.row, fault.column) for fault in faults] == [(3, "人口")]


def test_sheet_knows_title_and_date_of_filling() -> None:
    file = make([["某某台账"], [None, None, "填报日期\uff1a2017-12-31"], ["姓名"], [datetime(2017, 1, 1)]])
    sheet = Workbook.open(file, name="x.xlsx").sheet("表")
    assert (sheet.title, sheet.filled_on) == ("某某台账", date(2017, 12, 31))


@pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0" + b"\0" * 600])
def test_file_that_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(WorkbookError, match="不是 Excel 工作簿"):
        Workbook.open(io.BytesIO(content), name="x.xlsx")


def test_zip_that_is_no_workbook_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("notes.txt", "hello")
    file.seek(0)
    with pytest.raises(WorkbookError, match="不是 Excel 工作簿"):
        Workbook.open(file, name="x.xlsx")


def bomb(size: int) -> bytearray:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as entry:
            for _ in range(size // (1 << 20)):
                entry.write(b" " * (1 << 20))
    return bytearray(file.getvalue())


def test_workbook_that_unpacks_to_a_gigabyte_is_refused() -> None:
    with pytest.raises(WorkbookError, match="解压后太大"):
        Workbook.open(io.BytesIO(bomb(1 << 30)), name="x.xlsx")


def test_workbook_that_lies_about_its_size_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_UNPACKED_BYTES", 4 << 20)
    content = bomb(8 << 20)
    honest = (8 << 20).to_bytes(8, "little")
    assert content.count(honest) >= 1
    content = content.replace(honest, (100).to_bytes(8, "little")).replace(honest[:4], (100).to_bytes(4, "little"))
    with pytest.raises(WorkbookError):
        Workbook.open(io.BytesIO(bytes(content)), name="x.xlsx")


def test_workbook_over_the_size_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_FILE_BYTES", 100)
    with pytest.raises(WorkbookError, match="文件超过"):
        Workbook.open(make([["姓名"]]), name="x.xlsx")
