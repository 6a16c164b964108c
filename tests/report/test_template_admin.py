"""Word templates in the admin: what is refused and how it is told, what is stored, who may."""

import io
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from docx import Document
from jinja2.exceptions import TemplateError

from chishang.report.models import ReportTemplate
from chishang.report.services.templates import save_template
from chishang.report.word import OWN_TEMPLATE, checking, faults_of, render
from chishang.report.word.language import TOO_LONG_A_LOOP
from organizations.enums import DutyCode as D
from tests.factories import Town
from tests.organizations.test_admin import sign_in
from tests.report.test_word import content
from tests.report.word_files import altered, split_runs, template, text_of

LIST = "/admin/report/reporttemplate/"


def faults(*paragraphs: str) -> list[str]:
    return faults_of(template(*paragraphs), content())


def insert(mark: bytes, xml: bytes) -> Callable[[bytes], bytes]:
    """Put ``xml`` in front of the first ``mark``."""
    return lambda part: part.replace(mark, xml + mark, 1)


def upload(content: bytes, name: str = "模板", **fields: Any) -> dict[str, Any]:
    return {"name": name, "file": SimpleUploadedFile("模板.docx", content), "as_of": "2017-12-31", **fields}


@pytest.fixture
def office(client: Client, town: Town) -> Client:
    return sign_in(client, town, D.OFFICE_CLERK)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{{ member.total }}", "没有“member.total”这个名称，是不是“members.total”？请核对。"),
        ("{{ issue.resolved|over }}", "没有“issue.resolved”这个名称，是不是“issues.resolved”？请核对。"),
        ("{{ organisation }}", "没有“organisation”这个名称，是不是“organization”？请核对。"),
        ("{{ zzz }}", "没有“zzz”这个名称，请在“可用的数字和写法”里查。"),
        ("{{ members.total|ovre }}", "没有“ovre”这种写法，是不是“over”？请核对。"),
        ("{{ ''.__class__ }}", "模板里不能用“.”取数字以外的内容。"),
        ("{{ organization.__class__ }}", "没有“organization.__class__”这个名称"),
        ("{{ members.total.__class__ }}", "没有“members.total.__class__”这个名称"),
        ("{{ figures['members.total'] }}", "模板里不能用“[]”"),
        ("{{ members.total() }}", "模板里不能用“()”"),
        ("{% for one in range(10 ** 9) %}字{% endfor %}", "for 只能写成“for 名 in 名单”"),
        ("{% for a in honours %}{% for b in honours %}{{ b }}{% endfor %}{% endfor %}", "for 里面不能再用 for。"),
        ("{% for row in appendix %}{{ row.lable }}{% endfor %}", "没有“row.lable”这个名称，是不是“row.label”？"),
        ("{{ '字' * 1000000000 }}", "模板里不能用“*”"),
        ("{{ 9 ** 9 ** 9 }}", "模板里不能用“**”"),
        ("{% set x = 1 %}", "模板里不能用“set”"),
        ("{{ issues.raised - issues.resolved }}", "模板里不能用“-”"),
        ("{{r members.total }}", "“{{”后面不能紧跟"),
        ("{% include 'x' %}", "模板里不能用“include”"),
        ("{% macro f() %}{% endmacro %}", "模板里不能用“macro”"),
        ("{% if members.total > 3 %}多{% endif %}", "模板里不能比大小"),
        ("{% if members.total is odd %}单{% endif %}", "模板里不能用“is odd”"),
        ("{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", "套得太深"),
        ("{% if " + "is_draft and " * 3000 + "is_draft %}字{% endif %}", "套得太深"),
        ("{% if is_draft %}" * 120 + "字" + "{% endif %}" * 120, "套得太深"),
        ("{{ " + "9" * 5000 + " }}", "太长的数"),
        ("{% if members.total %}没有结束", "写法不完整"),
        ("党员{{ members.total", "“党员{{ members.total”附近写法不完整"),
        ("{{ organization|over }}", "写法用错了地方：over 要用在数字上。"),
        ("{{ members.total|wan|over }}", "写法用错了地方：over 要用在数字上。"),
        ("{{ members.total|over(1, 2, 3) }}", "试着填写时出错"),
        ("｛｛ members.total ｝｝", "有全角的花括号“｛”，要改成半角的“{”。"),
    ],
    ids=lambda text: text[:40],
)
def test_fault_of_a_template_is_told_in_chinese(text: str, told: str) -> None:
    assert [one for one in faults(text) if told in one], faults(text)


def test_all_faults_are_told_at_once() -> None:
    found = faults("{{ member.total }}和{{ issues.raised|wam }}", "{{ zzz }}", "{{ zzz }}")
    assert len(found) == 3


def test_faults_are_told_up_to_a_limit() -> None:
    found = faults(*(f"{{{{ zzz{number} }}}}" for number in range(50)))
    assert len(found) == checking.TOLD_AT_ONCE + 1
    assert found[-1] == "还有 20 处没有列出。"


@pytest.mark.parametrize(
    "text",
    [
        "{{ members.total }}{{ members.total|over }}{{ members.total|over(1000) }}",
        "{% if org.population is not none %}{{ org.population|wan(1) }}万{% else %}不详{% endif %}",
        "{% if org.areas == org.villages and not is_draft %}全部{% elif org.areas %}{{ org.areas }}{% endif %}",
        "{% for row in appendix %}{{ loop.index }}{{ row.label }}{{ row.value }}{% endfor %}",
        "{% for one in honours %}{{ one }}{% if not loop.last %}、{% endif %}{% endfor %}",
        "{{ '有' if is_draft else '无' }}",
        "没有花括号的一段。",
    ],
)
def test_what_the_guide_offers_is_taken(text: str) -> None:
    assert faults(text) == []


def test_names_are_checked_in_every_part_and_in_cut_runs() -> None:
    assert "member.total" in faults_of(split_runs("{{ member.total }}"), content())[0]
    footer = altered(
        "word/footer1.xml",
        lambda part: part.replace(b"</w:p>", b"<w:r><w:t>{{ member.total }}</w:t></w:r></w:p>", 1),
        OWN_TEMPLATE.read_bytes(),
    )
    assert "member.total" in faults_of(footer, content())[0]
    title = altered(
        "docProps/core.xml",
        lambda part: part.replace(b"{{ organization|place }}", b"{{ zzz }}"),
        OWN_TEMPLATE.read_bytes(),
    )
    assert "zzz" in faults_of(title, content())[0]


def test_long_text_is_not_repeated_in_a_loop() -> None:
    loop = ("{% for row in appendix %}", "{{ row.label }}" + "字" * 20_000, "{% endfor %}")
    assert faults(*loop) == []
    assert faults(*loop * 6) == [TOO_LONG_A_LOOP]
    assert faults(*("{% for one in honours %}{{ one }}{% endfor %}" for _ in range(1600))) == [TOO_LONG_A_LOOP]
    assert faults("{{ year }}" * (checking.MOST_BRACES // 2 + 1)) == [checking.TOO_LONG]
    with pytest.raises(TemplateError, match="太长"):
        render(template(*loop * 6), content())


@pytest.mark.parametrize("mark", ["{{ ", "{% ", "{{ %} ", "{"])
@pytest.mark.parametrize("paragraphs", [1, 3000])
def test_thousands_of_open_braces_are_told_at_once(mark: str, paragraphs: int) -> None:
    text = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>".format(mark * (9000 // paragraphs // mark.count("{"))) * paragraphs
    file = altered("word/document.xml", insert(b"<w:sectPr", text.encode()))
    begin = time.process_time()
    (told,) = faults_of(file, content())
    assert "没有成对" in told
    assert time.process_time() - begin < 10


SPLICED = """<w:instrText>INCLUDE</w:instrText></w:r><w:r><w:t>{%r if not year %}</w:t></w:r>
<w:r><w:instrText>X</w:instrText></w:r><w:r><w:t>{%r endif %}</w:t></w:r><w:r><w:instrText>TEXT x</w:instrText>"""


@pytest.mark.parametrize(
    "field", ['<w:instrText>{{ ""|phrase("INCLUDE") }}{{ ""|phrase("TEXT x") }}</w:instrText>', SPLICED]
)
def test_field_that_filling_puts_together_is_refused(field: str) -> None:
    paragraph = f"<w:p><w:r>{field}</w:r></w:p>".encode()
    hidden = altered("word/document.xml", insert(b"<w:sectPr", paragraph))
    assert checking.FIELDS in faults_of(hidden, content())


def test_comment_in_the_file_does_no_harm() -> None:
    assert faults_of(altered("word/document.xml", insert(b"<w:sectPr", b"<!-- made elsewhere -->")), content()) == []


def test_table_without_columns_is_told() -> None:
    table = b"<w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>"
    assert faults_of(altered("word/document.xml", insert(b"<w:sectPr", table)), content()) == [checking.UNFIT]


@pytest.mark.parametrize("condition", ["org.population", "is_draft"])
def test_condition_that_tears_the_document_apart_is_told(condition: str) -> None:
    document, file = Document(), io.BytesIO()
    document.add_paragraph(f"{{% if {condition} %}}甲")
    document.add_table(1, 1).cell(0, 0).text = "乙{% endif %}"
    document.save(file)
    (told,) = faults_of(file.getvalue(), content())
    assert "打不开" in told


def test_sandbox_holds_without_the_check() -> None:
    for text in ("{{ ''.__class__ }}", "{% for one in range(9) %}{% endfor %}", "{{ zzz }}"):
        with pytest.raises(TemplateError):
            render(template(text), content())


def bomb() -> bytes:
    """A small file that unpacks to a lot."""
    return altered("word/media/image1.xml", lambda _: b"0" * (checking.MAX_UNPACKED_BYTES + 1))


def workbook() -> bytes:
    """A zip archive of another kind."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return file.getvalue()


def external(part: bytes) -> bytes:
    link = b'<Relationship Id="rIdX" Type="http://x/hyperlink" Target="http://192.0.2.1/" TargetMode="External"/>'
    return part.replace(b"</Relationships>", link + b"</Relationships>")


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><d>&b;</d>'
FIELD = b'<w:p><w:r><w:instrText> INCLUDE</w:instrText></w:r><w:r><w:instrText>TEXT "x"</w:instrText></w:r></w:p>'
SIMPLE_FIELD = b'<w:p><w:fldSimple w:instr="DDEAUTO c x"/></w:p>'
TYPES = "[Content_Types].xml"
MACRO = b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
LONG = b" " * checking.MAX_TEXT_BYTES
HUGE = b" " * checking.MAX_PART_BYTES
CHUNK = b'<w:altChunk xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rId1"/>'


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: b"", checking.NO_WORD),
        (lambda: b"{\\rtf1 text}", checking.NO_WORD),
        (lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 600, checking.NO_WORD),
        (lambda: template("x")[:-200], checking.NO_WORD),
        (workbook, checking.NO_WORD),
        (lambda: altered("word/document.xml", lambda part: part[:-40]), checking.BROKEN),
        (lambda: altered("word/styles.xml", lambda _: ENTITIES), checking.BROKEN),
        (lambda: altered("_rels/.rels", lambda _: b"<Relationships/>"), checking.BROKEN),
        (lambda: altered(TYPES, lambda part: part.replace(b".main+xml", b".macroEnabled.main+xml")), checking.MACROS),
        (lambda: altered(TYPES, insert(b"</Types>", MACRO)), checking.MACROS),
        (lambda: altered("word/_rels/document.xml.rels", external), checking.FOREIGN),
        (lambda: altered("word/embeddings/x.bin", lambda _: b"x"), checking.EMBEDDED),
        (lambda: altered("word/document.xml", insert(b"<w:sectPr", CHUNK)), checking.EMBEDDED),
        (lambda: altered("word/document.xml", insert(b"<w:sectPr", FIELD)), checking.FIELDS),
        (lambda: altered("word/document.xml", insert(b"<w:sectPr", SIMPLE_FIELD)), checking.FIELDS),
        (lambda: altered("word/document.xml", insert(b"<w:sectPr", LONG)), checking.TOO_LONG),
        (lambda: altered("word/document.xml", insert(b"<w:sectPr", HUGE)), checking.TOO_LARGE),
        (bomb, checking.TOO_LARGE),
        (lambda: b"0" * (checking.MAX_FILE_BYTES + 1), f"文件超过 2 MB，{checking.TOO_LARGE}"),
    ],
)
def test_file_that_is_no_plain_document_is_refused(make: Callable[[], bytes], told: str) -> None:
    assert faults_of(make(), content()) == [told]


def test_upload_is_stored_and_in_force(office: Client, town: Town) -> None:
    file = template("{{ organization }}有{{ org.villages }}个村")
    page = office.post(f"{LIST}add/", upload(file, "2017年度报告"), follow=True)
    assert page.status_code == 200
    stored = ReportTemplate.objects.get()
    assert (bytes(stored.content), stored.name) == (file, "2017年度报告")
    assert stored.uploaded_by == town.people[D.OFFICE_CLERK]
    assert stored.is_intact
    assert office.get(f"{LIST}{stored.pk}/file/").content == file
    again = office.post(f"{LIST}add/", upload(file, "又一次"))
    assert "与现行的模板相同" in again.content.decode()
    assert ReportTemplate.objects.count() == 1


def test_upload_with_faults_tells_them_all_and_stores_nothing(office: Client) -> None:
    page = office.post(f"{LIST}add/", upload(template("{{ member.total }}{{ zzz|wam }}"))).content.decode()
    for told in ("是不是“members.total”", "没有“zzz”这个名称", "是不是“wan”"):
        assert told in page
    assert not ReportTemplate.objects.exists()


def test_upload_asks_for_what_is_missing(office: Client) -> None:
    page = office.post(f"{LIST}add/", {"name": "模板"}).content.decode()
    assert "请选择一个 .docx 文件" in page
    page = office.post(f"{LIST}add/", upload(b"0" * (checking.MAX_FILE_BYTES + 1))).content.decode()
    assert "文件超过 2 MB" in page
    assert not ReportTemplate.objects.exists()


def test_preview_gives_the_filled_document_and_stores_nothing(office: Client) -> None:
    file = template("截至{{ as_of|day }}有{{ org.villages }}个村")
    answer = office.post(f"{LIST}add/", upload(file, "", _preview="1"))
    assert answer["Content-Type"].endswith("wordprocessingml.document")
    assert "attachment" in answer["Content-Disposition"]
    assert text_of(answer.content).strip() == "截至2017年12月31日有2个村"
    assert not ReportTemplate.objects.exists()


def test_preview_of_a_faulty_template_tells_why(office: Client) -> None:
    page = office.post(f"{LIST}add/", upload(template("{{ member.total }}"), "", _preview="1")).content.decode()
    assert "是不是“members.total”" in page
    file = template("{{ members.total }}")
    page = office.post(f"{LIST}add/", upload(file, _preview="1", as_of="2099-01-01")).content.decode()
    assert "预览截至日不能晚于今天" in page
    assert not ReportTemplate.objects.exists()


def test_list_says_which_is_in_force_with_the_same_queries(
    office: Client, town: Town, django_assert_num_queries: Any
) -> None:
    def add(number: int) -> None:
        save_template(actor=town.people[D.OFFICE_CLERK], name=f"第{number}份", content=template(f"{number}"))

    assert "还没有上传过模板" in office.get(LIST).content.decode()
    add(1)
    with django_assert_num_queries(queries := 12):
        office.get(LIST)
    add(2)
    add(3)
    with django_assert_num_queries(queries):
        page = office.get(LIST)
    rows = list(page.context["cl"].result_list)
    assert [row.name for row in rows] == ["第3份", "第2份", "第1份"]
    assert page.content.decode().count("以前的") >= 2
    assert "现行" in page.content.decode()


def test_stored_template_is_shown_and_never_changed(office: Client, town: Town) -> None:
    row = save_template(actor=town.people[D.OFFICE_CLERK], name="模板", content=template("甲"))
    page = office.get(f"{LIST}{row.pk}/change/").content.decode()
    assert "现行" in page
    assert f"{LIST}{row.pk}/file/" in page
    assert office.post(f"{LIST}{row.pk}/change/", {"name": "别的"}).status_code == 403
    assert office.get(f"{LIST}{row.pk}/history/").status_code == 200
    assert office.get(f"{LIST}999999/file/").status_code == 404


def test_own_template_can_be_taken_out_and_uploaded_again(office: Client) -> None:
    own = office.get(f"{LIST}own/").content
    assert own == OWN_TEMPLATE.read_bytes()
    assert office.post(f"{LIST}add/", upload(own)).status_code == 302


def test_guide_lists_names_and_wordings(office: Client) -> None:
    page = office.get(f"{LIST}words/").content.decode()
    for text in ("{{ issues.resolved }}", "{{ members.total|over }}名", "discipline.cases", "dividend_villages"):
        assert text in page


@pytest.mark.parametrize(
    ("duty", "sees", "adds"),
    [
        (D.OFFICE_HEAD, 200, 200),
        (D.TOWN_SECRETARY, 200, 403),
        (D.ACCOUNTANT, 403, 403),
        (D.AREA_LEADER, 403, 403),
        (D.BRANCH_SECRETARY, 302, 302),
        (D.DISTRICT_CLIENT, 302, 302),
    ],
)
def test_templates_are_the_offices(client: Client, town: Town, duty: D, sees: int, adds: int) -> None:
    row = save_template(actor=town.people[D.OFFICE_CLERK], name="模板", content=template("甲"))
    sign_in(client, town, duty)
    for address in ("", "own/", "words/", f"{row.pk}/file/", f"{row.pk}/change/"):
        assert client.get(f"{LIST}{address}").status_code == sees, address
    assert client.get(f"{LIST}add/").status_code == adds
    for preview in ({}, {"_preview": "1"}):
        answer = client.post(f"{LIST}add/", upload(template("乙"), **preview))
        assert answer.status_code == (302 if not preview and adds == 200 else adds)
    assert ReportTemplate.objects.count() == (2 if adds == 200 else 1)


def test_service_refuses_whoever_may_not(town: Town) -> None:
    for duty in (D.TOWN_SECRETARY, D.BRANCH_SECRETARY):
        with pytest.raises(PermissionDenied):
            save_template(actor=town.people[duty], name="模板", content=template("甲"))
    with pytest.raises(ValidationError) as refused:
        save_template(actor=town.people[D.OFFICE_HEAD], name="", content=template("甲"))
    assert "name" in refused.value.message_dict
