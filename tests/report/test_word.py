"""The Word report: every figure in the office's wording, the page of an official document, always the same bytes."""

import subprocess
import zipfile
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from chishang.core.figures import all_figures
from chishang.report.enums import FileFormat
from chishang.report.files import write_report
from chishang.report.models import ReportTemplate
from chishang.report.report import Report, build_report
from chishang.report.word import OWN_TEMPLATE, faults_of, render, write_docx
from chishang.report.word.content import LISTS, content_of
from chishang.report.word.guide import names_in_use, wordings_in_use
from organizations.enums import DutyCode as D
from tests.factories import Town
from tests.report.word_files import own_text, split_runs, template, text_of

LAST_DAY = date(2017, 12, 31)


def content(**changes: Any) -> dict[str, Any]:
    """What a template is filled with, without a database: every figure is 1, every list is empty."""
    values = dict.fromkeys((one.key for one in all_figures()), 1)
    names: dict[str, Any] = {"as_of": LAST_DAY, "year": 2017, "organization": "中共池上镇委员会", "status": "草稿"}
    names |= {"is_draft": True, "dividend_kind": "村", **{name: [] for name in LISTS}}
    return {**names, "figures": values | changes.pop("figures", {}), **changes}


def filled(text: str, **changes: Any) -> str:
    return text_of(render(template(text), content(**changes))).strip()


SAID_AT_THE_YEARS_END = [
    "池上镇党建工作报告",
    "（截至2017年12月31日）",
    "池上镇辖44个行政村，总人口2.3万，划分为10个片区，现有党员1400余名，其中预备党员23名",
    "1个非公综合党委、67个基层党支部",
    "机关党支部2个、驻地事业单位党支部4个、非公企业党支部17个、村级党支部44个",
    "67个党支部全部签收",
    "走访全面覆盖44个村及企业8675户，累计走访10172次",
    "村级发展等方面的7大类1083条问题",
    "目前已解决807条问题，占74.5%；未解决276条，其中已通过区挂包领导协调与上级有关部门对接的58条",
    "党建工作专项经费30万元、“两新”组织党建工作经费12万元",
    "村党组织书记报酬448.6万元，剩余61.4万元",
    "书记领办片区管理项目完成9个",
    "44个村完成选情预判",
    "动员会、培训会、专题组织生活会124次，44个村“两委”换届全部完成",
    "等19个非省定贫困村将专项扶贫资金注入龙头企业入股，惠及884户1441名贫困人口",
    "村集体和贫困人口分红45.6万元",
    "集体经济收入超过3万元的村达15个",
    "等9个村党支部发展光伏产业，合计年实现增收23.9万元",
    "优秀村干部7名（",
    "返乡创业青年6名（",
    "获得荣誉称号16项",
    "参观学习130余人次，对1400余名党员进行普遍轮训",
    "在任第一书记6名",
    "责任清单4份",
    "廉政谈话等活动42次，开展作风检查17次",
    "清单清理的村44个",
    "信访件7件，已调查办结7件",
    "9大类70余条问题认真整改，已完成73条",
    "违纪案件8件，已结案7件，处分违纪党员8人，批评教育31人",
]


def test_report_says_what_the_office_says(whole_township: None) -> None:
    text = text_of(write_docx(build_report(as_of=LAST_DAY)))
    assert [one for one in SAID_AT_THE_YEARS_END if one not in text] == []
    assert not [one for one in ("{", "}", "None", "&amp;amp;") if one in text]
    assert text.lstrip().startswith("草稿")


def test_every_figure_stands_in_the_text_and_in_the_appendix(whole_township: None) -> None:
    text = own_text()
    assert [one.key for one in all_figures() if one.key not in text] == []
    (table,) = Document(BytesIO(write_docx(build_report(as_of=LAST_DAY)))).tables
    rows = {row.cells[1].text: [cell.text for cell in row.cells] for row in table.rows[1:]}
    assert set(rows) == {one.label for one in all_figures()}
    assert rows["村级运转经费和书记报酬拨付"][2:] == ["元", "4,486,000.00", "0.00", "1"]
    assert rows["党员"][2:4] == ["人", "1412"]
    assert rows["总人口"][4] == "—"


def test_names_are_those_of_the_rows(whole_township: None) -> None:
    found = content_of(build_report(as_of=LAST_DAY))
    assert len(found["dividend_villages"]) == 19
    assert len(found["solar_villages"]) == 9
    assert found["honours"][0] == "泉子村邵晓琴获“全国三八红旗手”“齐鲁乡村之星”称号"
    assert len(content_of(build_report(as_of=date(2017, 6, 30)))["young_returnees"]) == 3


@pytest.mark.parametrize("day", [date(2017, 3, 31), date(2017, 6, 30), date(2017, 9, 30), date(2010, 1, 1)])
def test_report_of_any_day_has_whole_sentences(whole_township: None, day: date) -> None:
    text = text_of(write_docx(build_report(as_of=day)))
    narrative = text.partition("附件")[0]
    assert not torn(narrative)
    assert "尚未登记" in narrative


def torn(narrative: str) -> list[str]:
    """Signs of a sentence that lost its number or its list."""
    signs = ("—", "，，", "。。", "，。", "；。", "、。", "（）", "无等", "None", "  ")
    return [one for one in signs if one in narrative]


def test_what_is_not_told_is_not_called_nothing() -> None:
    """An account without rights on a register gets no number; the report must not say that there is nothing."""
    nothing = dict.fromkeys(one.key for one in all_figures())
    text = text_of(render(OWN_TEMPLATE.read_bytes(), content(figures=nothing))).partition("附件")[0]
    assert not torn(text)
    assert not [word for word in ("尚", "没有", "0", "全部", "全面") if word in text.replace("2017", "")]
    assert text.count("不列入本报告。") == 9


def test_branch_without_villages_gets_no_sentences_on_villages() -> None:
    zero = dict.fromkeys((one.key for one in all_figures()), 0)
    zero |= {"members.total": 5, "org.branches": 1}
    text = text_of(render(OWN_TEMPLATE.read_bytes(), content(figures=zero, organization="石韵党支部")))
    narrative = text.partition("附件")[0]
    assert "石韵党支部现有党员5名。" in narrative
    assert "换届" not in narrative
    assert not torn(narrative)


def test_the_same_report_has_the_same_bytes(whole_township: None) -> None:
    first = write_report(build_report(as_of=LAST_DAY), FileFormat.DOCX)
    assert write_report(build_report(as_of=LAST_DAY), FileFormat.DOCX) == first
    with zipfile.ZipFile(BytesIO(first)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    properties = Document(BytesIO(first)).core_properties
    assert (properties.title, properties.author) == ("池上镇党建工作报告", "中共池上镇委员会")
    assert properties.created == properties.modified
    assert properties.created.date() == LAST_DAY


def test_issued_report_says_its_version_instead_of_draft(whole_township: None) -> None:
    text = text_of(write_docx(replace(build_report(as_of=LAST_DAY), issue="第2版")))
    assert text.lstrip().startswith("第2版")
    assert "草稿" not in text


def test_report_takes_few_queries(whole_township: None) -> None:
    report: Report = build_report(as_of=LAST_DAY)
    report.checks, report.values  # noqa: B018  theirs are counted elsewhere
    with CaptureQueriesContext(connection) as queries:
        write_docx(report)
    assert len(queries) == 9  # the template, last year's figures, the seven lists of names


def test_branch_secretary_gets_nothing_of_other_villages(town: Town) -> None:
    user = town.people[D.BRANCH_SECRETARY]
    text = text_of(write_docx(build_report(as_of=LAST_DAY, user=user)))
    assert "None" not in text
    assert town.foreign.name not in text
    assert "违纪案件" not in text.partition("附件")[0]


def test_newest_template_of_the_office_is_in_force(town: Town) -> None:
    clerk = town.people[D.OFFICE_CLERK]
    for text in ("先前的{{ org.villages }}", "现在的{{ org.villages }}个村"):
        ReportTemplate.objects.create(name="模板", content=template(text), sha256="", uploaded_by=clerk)
    assert text_of(write_docx(build_report(as_of=LAST_DAY))).strip() == "现在的2个村"


def test_a_figure_and_those_below_it_have_names_of_their_own() -> None:
    values = {"org.branches": 67, "org.branches.agency": 2}
    assert filled("{{ org.branches }}、{{ org.branches.agency }}", figures=values) == "67、2"


def test_what_word_cut_into_runs_is_one_again() -> None:
    text = text_of(render(split_runs("党员{{ members.total|over }}名"), content(figures={"members.total": 1412})))
    assert text.strip() == "党员1400余名"


def test_values_are_text_not_markup() -> None:
    hostile = "<w:br/>&{{ members.total }}\x0b"
    document = Document(BytesIO(render(template("{{ organization }}"), content(organization=hostile))))
    assert document.paragraphs[0].text == "<w:br/>&{{ members.total }}"


def test_nothing_is_a_dash() -> None:
    assert filled("{{ org.population }}", figures={"org.population": None}) == "—"


def test_own_template_has_no_fault() -> None:
    assert faults_of(OWN_TEMPLATE.read_bytes(), content()) == []


def test_page_is_that_of_an_official_document() -> None:
    document = Document(OWN_TEMPLATE)
    section = document.sections[0]
    sizes = (section.page_width, section.page_height, section.top_margin, section.bottom_margin)
    sizes += (section.left_margin, section.right_margin)
    expected = (Mm(210), Mm(297), Mm(37), Mm(35), Mm(28), Mm(26))
    assert all(abs(one - other) < Mm(0.1) for one, other in zip(sizes, expected, strict=True))
    assert document.settings.odd_and_even_pages_header_footer
    for footer in (section.footer, section.even_page_footer):
        assert "PAGE" in footer._element.xml
    fonts = {
        "正文段落": ("仿宋_GB2312", 16, 28.95),
        "Heading 1": ("黑体", 16, 28.95),
        "截至日": ("楷体_GB2312", 16, 28.95),
        "公文标题": ("方正小标宋简体", 22, 36),
    }
    for name, (font, size, pitch) in fonts.items():
        style: Any = document.styles[name]
        assert style.element.rPr.rFonts.get(qn("w:eastAsia")) == font
        assert style.font.size == Pt(size)
        assert abs(style.paragraph_format.line_spacing - Pt(pitch)) <= Pt(0.05)
    indent = document.styles["正文段落"].element.pPr.find(qn("w:ind"))
    assert indent.get(qn("w:firstLineChars")) == "200"


def test_fonts_have_fall_backs_and_none_is_bundled() -> None:
    with zipfile.ZipFile(OWN_TEMPLATE) as archive:
        table = archive.read("word/fontTable.xml").decode()
        assert not [name for name in archive.namelist() if "font" in name.lower() and not name.endswith(".xml")]
    for font, other in {"仿宋_GB2312": "仿宋", "楷体_GB2312": "楷体", "方正小标宋简体": "宋体"}.items():
        assert f'<w:font w:name="{font}"><w:altName w:val="{other}"/>' in table


def test_libreoffice_opens_it(whole_township: None, tmp_path: Path) -> None:
    file = tmp_path / "report.docx"
    file.write_bytes(write_docx(build_report(as_of=LAST_DAY)))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    pdf = (tmp_path / "report.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert len(pdf) > 20_000


def test_guide_names_everything_and_shows_what_it_gives(whole_township: None) -> None:
    content = content_of(build_report(as_of=LAST_DAY))
    entries = {one.name: one for group in names_in_use(content) for one in group.entries}
    assert {one.key for one in all_figures()} <= set(entries)
    assert entries["issues.resolved"].outcome == "807"
    assert entries["appendix"].outcome.startswith(f"{len(all_figures())} 行")
    outcomes = {one.name: one.outcome for one in wordings_in_use(content)}
    assert outcomes["over"] == "1400余名"
    assert outcomes["part"] == "74.5%（807/1083）"
