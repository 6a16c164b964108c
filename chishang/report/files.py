"""The report as a file: one and the same content as JSON, CSV, Excel or Word."""

import json

from django.core.serializers.json import DjangoJSONEncoder

from chishang.report.enums import FileFormat
from chishang.report.report import Report

MEDIA_TYPES = {
    FileFormat.JSON: "application/json",
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def write_report(report: Report, file_format: FileFormat) -> bytes:
    """Return ``report`` as a file; JSON, CSV and Excel of the same report always have the same bytes."""
    return WRITERS[file_format](report)


def write_json(report: Report) -> bytes:
    """Return the figures as UTF-8 JSON."""
    return json.dumps(report.as_data(), ensure_ascii=False, indent=1, cls=DjangoJSONEncoder).encode() + b"\n"


WRITERS = {FileFormat.JSON: write_json}
