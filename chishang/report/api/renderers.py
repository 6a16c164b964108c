"""The forms in which the report and the rows behind its figures are handed out."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.serializers import BaseSerializer, DateField, DecimalField, Field, Serializer

from chishang.core.api.fields import PartialDateField, PartialDateSerializer
from chishang.report.csv_file import csv_bytes
from chishang.report.enums import FileFormat
from chishang.report.excel import rows_workbook
from chishang.report.files import MEDIA_TYPES

SHEET = "数据"
Column = tuple[tuple[str, ...], Field[Any, Any, Any, Any]]
"""The way to a value within a row, and its field."""


class _FileRenderer(BaseRenderer):
    """Passes on what was written as a file already."""

    charset = None
    render_style = "binary"

    def render(self, data: bytes, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """Return the bytes."""
        return data


def _renderer(file_format: FileFormat, base: type[BaseRenderer]) -> type[BaseRenderer]:
    media_type, _, parameter = MEDIA_TYPES[file_format].partition("; charset=")
    attributes = {"format": file_format.value, "media_type": media_type, "charset": parameter or None}
    return type(f"{file_format.name.title()}{base.__name__}", (base,), attributes)


REPORT_RENDERERS = [_renderer(one, _FileRenderer) for one in FileFormat]


class _RowsRenderer(BaseRenderer):
    """Writes a page of rows as a table: nested values under dotted names, lists as JSON, the header always there."""

    kinds: ClassVar[dict[type[Any], Any]] = {DateField: date.fromisoformat, DecimalField: Decimal}
    """What is text in JSON and of its own kind in a cell: a negative amount is no formula."""

    def render(
        self, data: Mapping[str, Any], accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        """Return the file of the page; the address of the next one is in the Link header."""
        rows = data["results"]
        columns = list(_columns(rows.serializer.child))
        header = [".".join(path) for path, _ in columns]
        return self.write(header, [[self.value(row, *column) for column in columns] for row in rows])

    def value(self, row: Mapping[str, Any], path: tuple[str, ...], field: Field[Any, Any, Any, Any]) -> Any:
        """Return what stands in a cell, of its own kind."""
        found: Any = row
        for name in path:
            found = None if found is None else found[name]
        if isinstance(found, bool | list | dict):
            return json.dumps(found, ensure_ascii=False)
        kind = next((kind for one, kind in self.kinds.items() if isinstance(field, one)), None)
        return kind(found) if kind and found is not None else found

    def write(self, header: list[str], rows: list[list[Any]]) -> bytes:
        """Return the file."""
        raise NotImplementedError


class _CsvRows(_RowsRenderer):
    """Rows as CSV."""

    def write(self, header: list[str], rows: list[list[Any]]) -> bytes:
        """Return the CSV."""
        return csv_bytes(header, rows)


class _ExcelRows(_RowsRenderer):
    """Rows as a workbook; dates and money are such."""

    def write(self, header: list[str], rows: list[list[Any]]) -> bytes:
        """Return the workbook."""
        return rows_workbook(SHEET, header, rows)


ROW_RENDERERS: list[type[BaseRenderer]] = [
    JSONRenderer,
    _renderer(FileFormat.CSV, _CsvRows),
    _renderer(FileFormat.XLSX, _ExcelRows),
]


def _columns(serializer: BaseSerializer[Any], path: tuple[str, ...] = ()) -> Iterator[Column]:
    """Return the columns that rows of the serializer have: the same ones for every page, whatever is null there."""
    if not isinstance(serializer, Serializer):
        raise TypeError(serializer)
    for name, field in serializer.fields.items():
        inner = PartialDateSerializer() if isinstance(field, PartialDateField) else field
        if isinstance(inner, Serializer):
            yield from _columns(inner, (*path, name))
        else:
            yield (*path, name), inner
