"""Filling a template: the same report and template always give the same bytes."""

import zipfile
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate
from lxml import etree

from chishang.report.models import ReportTemplate
from chishang.report.report import Report
from chishang.report.word.content import content_of
from chishang.report.word.language import Language

OWN_TEMPLATE = Path(__file__).with_name("report.docx")
"""The template of the repository, in force until the office uploads one."""
NO_TIME = (1980, 1, 1, 0, 0, 0)
"""The first time that a zip archive can state."""


def write_docx(report: Report) -> bytes:
    """Return ``report`` as a Word file, by the template in force."""
    newest = ReportTemplate.objects.order_by("-pk").first()
    template = bytes(newest.content) if newest else OWN_TEMPLATE.read_bytes()
    return render(template, content_of(report))


def render(template: bytes, content: dict[str, Any]) -> bytes:
    """Fill a template that was checked, with what ``content_of`` gives.

    Errors of the template are those of Jinja2, WordingMisused of a wording, and lxml's XMLSyntaxError.
    """
    document = _Strict(BytesIO(template))
    document.render(content, Language(), autoescape=True)
    _fix_properties(document.docx.core_properties, content["as_of"])
    file = BytesIO()
    document.save(file)
    return _without_times(file.getvalue())


class _Strict(DocxTemplate):  # type: ignore[misc]  # it has no types
    """Does not mend what a condition that was torn apart leaves behind: text would be lost without a word."""

    def fix_tables(self, xml: str) -> Any:
        """Raise XMLSyntaxError for a document that is not well-formed."""
        etree.fromstring(xml)
        return super().fix_tables(xml)


def _fix_properties(properties: Any, day: date) -> None:
    """Let the file say the day of the report, not when and by which program it was made."""
    properties.created = properties.modified = properties.last_printed = datetime.combine(day, time())
    properties.last_modified_by = properties.author
    properties.revision = 1


def _without_times(content: bytes) -> bytes:
    """Pack the entries of an archive again, with one and the same time."""
    packed = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return packed.getvalue()
