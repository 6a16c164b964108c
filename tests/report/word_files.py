"""Word files for tests: templates of a few paragraphs, and files that should not get in."""

import re
import zipfile
from collections.abc import Callable
from io import BytesIO

from docx import Document

from chishang.report.word import OWN_TEMPLATE


def template(*paragraphs: str) -> bytes:
    """A Word file with these paragraphs, each in one run."""
    document, file = Document(), BytesIO()
    for text in paragraphs:
        document.add_paragraph(text)
    document.save(file)
    return file.getvalue()


def split_runs(text: str) -> bytes:
    """A Word file with one paragraph, cut into runs between all of its characters, as Word likes to do."""
    document, file = Document(), BytesIO()
    paragraph = document.add_paragraph()
    for number, character in enumerate(text):
        paragraph.add_run(character).bold = bool(number % 2)
    document.save(file)
    return file.getvalue()


def altered(name: str, change: Callable[[bytes], bytes], content: bytes | None = None) -> bytes:
    """A Word file with one entry changed, or added."""
    file = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(content or template("{{ members.total }}"))) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in dict.fromkeys([*old.namelist(), name]):
            there = old.read(entry) if entry in old.namelist() else b""
            new.writestr(entry, change(there) if entry == name else there)
    return file.getvalue()


def text_of(content: bytes) -> str:
    """All the text of a Word file: paragraphs and tables, one line each."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        xml = archive.read("word/document.xml").decode()
    return "\n".join(re.sub("<[^>]+>", "", part) for part in xml.split("</w:p>"))


def own_text() -> str:
    """The text of the portal's own template."""
    return text_of(OWN_TEMPLATE.read_bytes())
