"""CSV as spreadsheets in China open it: UTF-8 with its mark, CRLF, a header of field names."""

import csv
from codecs import BOM_UTF8
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

from chishang.core.resources import guarded
from chishang.report.report import Report

FIGURE_FIELDS = ("key", "label", "value", "unit", "definition", "version", "share_of")


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a file of ``rows``: no thousands separators, empty for null, and no text that would be a formula."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([guarded(value) if isinstance(value, str) else value for value in row] for row in rows)
    return BOM_UTF8 + out.getvalue().encode()


def write_csv(report: Report) -> bytes:
    """Return the figures, one a line, in the order of the JSON."""
    figures = report.as_data()["figures"]
    lines = ({"key": key} | one for key, one in figures.items())
    return csv_bytes(FIGURE_FIELDS, ([line[name] for name in FIGURE_FIELDS] for line in lines))
