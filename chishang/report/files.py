"""The report as a file: one and the same content as JSON, CSV, Excel or Word."""

import base64
import json
from datetime import date

from django.core.serializers.json import DjangoJSONEncoder

from chishang.report.csv_file import write_csv
from chishang.report.enums import FileFormat
from chishang.report.excel import write_workbook
from chishang.report.report import Report
from chishang.report.word import write_docx
from chishang.report.wording import place
from organizations.models import Organization

MEDIA_TYPES = {
    FileFormat.JSON: "application/json",
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def write_report(report: Report, file_format: FileFormat) -> bytes:
    """Return ``report`` as a file; the same report always has the same bytes."""
    return WRITERS[file_format](report)


def file_name(organization: Organization | None, as_of: date, file_format: FileFormat, issue: str = "") -> str:
    """Return how a file is called on disk: 池上镇党建工作报告 截至2017-12-31 第1版.docx; a live one is 草稿."""
    where = place(organization.name) if organization else ""
    return f"{where}党建工作报告 截至{as_of.isoformat()} {issue or '草稿'}.{file_format.value}"


def repr_digest(sha256: str) -> str:
    """Return the header ``Repr-Digest`` (RFC 9530) of a file by its hexadecimal hash."""
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"


def write_json(report: Report) -> bytes:
    """Return the figures as UTF-8 JSON."""
    return json.dumps(report.as_data(), ensure_ascii=False, indent=1, cls=DjangoJSONEncoder).encode() + b"\n"


WRITERS = {
    FileFormat.JSON: write_json,
    FileFormat.CSV: write_csv,
    FileFormat.XLSX: write_workbook,
    FileFormat.DOCX: write_docx,
}
