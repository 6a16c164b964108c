"""The gate for templates: a plain Word file, every name and wording known, and it can be filled on any day."""

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from docx import Document
from docx.opc.exceptions import OpcError
from docxtpl import DocxTemplate
from jinja2.exceptions import TemplateError
from lxml import etree

from chishang.core.archives import NotAnArchive, UnpacksToTooMuch, check_archive
from chishang.core.figures import all_figures
from chishang.report.word.content import LISTS
from chishang.report.word.language import FIGURES, TOO_MUCH, Language, by_line, fault_of_braces
from chishang.report.word.rendering import render
from chishang.report.wording import WordingMisused

MAX_FILE_BYTES = 2 * 1024 * 1024
MAX_UNPACKED_BYTES = 20 * 1024 * 1024
MAX_PART_BYTES = 2 * 1024 * 1024
"""Of one part of the document, also when it is filled."""
MAX_TEXT_BYTES = 1024 * 1024
"""Of all parts that are filled; the portal's own template has a fortieth of it."""
MOST_BRACES = 10_000
"""As many as 5000 values have; the portal's own template has 200 of those."""
TOLD_AT_ONCE = 30
NO_WORD = "这不是 Word 文档（.docx），请在 Word 里另存为 .docx 再上传；有密码的请先去掉密码。"
UNFIT = "填写以后打不开。if 和 endif、for 和 endfor 要么都写在同一段里，要么各占一段（写成 {%p if … %}）。"
BROKEN = "这份 Word 文档已损坏，打不开。请在 Word 里打开，另存一份再上传。"
TOO_LARGE = "文档太大，请删去里面的图片再上传。"
TOO_LONG = "文档的文字太多，请删短再上传。"
MACROS = "文档里有宏，不能作为模板。请在 Word 里另存为不带宏的 .docx。"
FOREIGN = "文档里有指向别处的链接、外部图片或外部模板，请去掉后再上传（超链接改成普通文字）。"
EMBEDDED = "文档里嵌入了别的文件或控件，请删去后再上传。"
FIELDS = "文档里有从别处取内容的域（如 INCLUDETEXT、DDE），请删去后再上传。"
FETCHING_FIELD = re.compile(r"\b(DDE|DDEAUTO|INCLUDE|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK|DATABASE|MACROBUTTON)\b")
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WIDE_BRACES = re.compile("｛[｛%]")
BARE_VALUE = re.compile(r"\{\{(r|p|tr|tc)\s")
"""docxtpl would put the value outside the runs, where Word does not show it."""
TEXTS = re.compile(r"word/(document|header\d*|footer\d*|footnotes)\.xml|docProps/core\.xml")
"""The parts that are filled."""


def faults_of(template: bytes, content: dict[str, Any]) -> list[str]:
    """Return everything that is wrong with a template, in Chinese; ``content`` is that of today's report."""
    if fault := _refusal(template):
        return [fault]
    found = list(dict.fromkeys(_in_the_text(template))) or list(dict.fromkeys(_in_trials(template, content)))
    more = len(found) - TOLD_AT_ONCE
    return [*found[:TOLD_AT_ONCE], *([f"还有 {more} 处没有列出。"] if more > 0 else [])]


def _refusal(template: bytes) -> str:
    """Say why a file is no plain Word document, before anything of it is used; empty when it is one."""
    if len(template) > MAX_FILE_BYTES:
        return f"文件超过 {MAX_FILE_BYTES // 1024 // 1024} MB，{TOO_LARGE}"
    try:
        names = check_archive(template, most=MAX_UNPACKED_BYTES)
    except UnpacksToTooMuch:
        return TOO_LARGE
    except NotAnArchive:
        return NO_WORD
    if not {"[Content_Types].xml", "word/document.xml"} <= set(names):
        return NO_WORD
    if len(set(names)) < len(names):
        return BROKEN
    if any(name.lower().startswith(("word/embeddings/", "word/activex/", "customui/")) for name in names):
        return EMBEDDED
    with zipfile.ZipFile(BytesIO(template)) as archive:
        parts = {name: archive.read(name) for name in names if name.lower().endswith((".xml", ".rels"))}
    found = next(filter(None, (_refusal_of_part(*part) for part in parts.items())), "")
    return found or _refusal_of_document(template)


def _refusal_of_part(name: str, content: bytes) -> str:
    if len(content) > MAX_PART_BYTES:
        return TOO_LARGE
    try:
        tree = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return BROKEN
    if tree.getroottree().docinfo.doctype:
        return BROKEN  # Word writes none; one can define entities that unfold without end
    if name == "[Content_Types].xml" and re.search(rb"macroEnabled|vbaProject|vbaData", content):
        return MACROS
    if any(one.get("TargetMode", "").lower() == "external" for one in tree.iter("*")):
        return FOREIGN
    if next(tree.iter(f"{W}altChunk", f"{W}object", f"{W}control"), None) is not None:
        return EMBEDDED
    asked = [one.text or "" for one in tree.iter(f"{W}instrText")]
    asked += [f" {one.get(f'{W}instr', '')} " for one in tree.iter(f"{W}fldSimple")]
    return FIELDS if FETCHING_FIELD.search("".join(asked).upper()) else ""


def _refusal_of_document(template: bytes) -> str:
    try:
        Document(BytesIO(template))
    except (OpcError, KeyError, ValueError, AttributeError, etree.LxmlError):
        return BROKEN
    return ""


def _in_the_text(template: bytes) -> Iterator[str]:
    """Yield what is wrong with names, wordings and statements, in all parts that are filled."""
    language = Language()
    patch = DocxTemplate(BytesIO(template)).patch_xml
    with zipfile.ZipFile(BytesIO(template)) as archive:
        parts = [archive.read(name) for name in archive.namelist() if TEXTS.fullmatch(name)]
        if sum(map(len, parts)) > MAX_TEXT_BYTES or sum(part.count(b"{") for part in parts) > MOST_BRACES:
            yield TOO_LONG
            return
        for part in parts:
            plain = etree.tostring(etree.fromstring(part), encoding="unicode")
            if fault := fault_of_braces(plain):
                yield fault
                continue
            text = re.sub("<[^>]+>", "", plain)
            if WIDE_BRACES.search(text):
                yield "有全角的花括号“｛”，要改成半角的“{”。"
            if BARE_VALUE.search(text):
                yield "“{{”后面不能紧跟 r、p、tr、tc 加空格，请在“{{”后面先空一格。"
            yield from language.faults(by_line(patch(plain)))


def _in_trials(template: bytes, content: dict[str, Any]) -> Iterator[str]:
    """Fill the template as of today, and as if nothing existed yet, and yield why that does not work."""
    figures = dict.fromkeys(one.key for one in all_figures())
    nothing = {FIGURES: figures, "is_draft": False, **{name: [] for name in LISTS}}
    for trial in (content, content | nothing):
        try:
            fault = _refusal(render(template, trial))
            if fault:
                yield UNFIT if fault == BROKEN else fault
        except WordingMisused as error:
            yield f"写法用错了地方：{error}。"
        except (TemplateError, TypeError, ArithmeticError) as error:
            yield f"试着填写时出错，请核对写法括号里的内容（{_briefly(error)}）。"
        except (OpcError, ValueError, KeyError, AttributeError, etree.LxmlError):
            yield UNFIT
        except (SyntaxError, RecursionError):  # Python's own; lxml's is a SyntaxError, too, and comes before
            yield TOO_MUCH


def _briefly(error: Exception) -> str:
    return str(error).splitlines()[0][:100] if str(error) else type(error).__name__
