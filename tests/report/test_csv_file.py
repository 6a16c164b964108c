"""CSV of the figures."""

import csv
from datetime import date
from io import StringIO

from chishang.report.csv_file import csv_bytes
from chishang.report.enums import FileFormat
from chishang.report.files import write_report
from chishang.report.report import build_report
from tests.factories import Town


def test_figures_are_lines_in_the_order_of_the_json(town: Town) -> None:
    report = build_report(as_of=date(2017, 6, 30))
    text = write_report(report, FileFormat.CSV).decode("utf-8-sig")
    lines = list(csv.DictReader(StringIO(text, newline="")))
    assert list(lines[0]) == ["key", "label", "value", "unit", "definition", "version", "share_of"]
    figures = report.as_data()["figures"]
    assert [line["key"] for line in lines] == list(figures)
    for line in lines:
        one = figures[line["key"]]
        assert line["value"] == ("" if one["value"] is None else str(one["value"]))
        assert (line["label"], line["definition"], line["unit"]) == (one["label"], one["definition"], one["unit"])
    assert {line["value"] for line in lines} >= {"", "0", "0.00"}


def test_file_has_a_mark_and_lines_of_windows() -> None:
    content = csv_bytes(["编号", "说明"], [(1, "路，不平"), (None, "甲")])
    assert content == b"\xef\xbb\xbf" + "编号,说明\r\n1,路，不平\r\n,甲\r\n".encode()


def test_text_is_never_a_formula_and_numbers_stay_numbers() -> None:
    content = csv_bytes(["a", "b"], [("=1+1", -5), ("@SUM(A1)", -0.5), ("\tx", 1234567), ("＝1", 0)])
    lines = content.decode("utf-8-sig").splitlines()
    assert lines[1:] == ["'=1+1,-5", "'@SUM(A1),-0.5", "'\tx,1234567", "'＝1,0"]
