"""What a template can name beside the figures: the day, the organization, lists of names, the appendix."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from chishang.core.dates import add_months
from chishang.core.figures import Question, all_figures, compute, find_figure
from chishang.report.lines import told
from chishang.report.report import Report
from chishang.report.sections import SECTIONS
from members.enums import HonourLevel
from members.models import Talent

DRAFT = "草稿"
"""How a live report is marked; an issued one says which version it is."""
MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class AppendixRow:
    """A figure in the appendix, as text."""

    section: str
    label: str
    unit: str
    value: str
    previous: str
    """The value of the same day one year before."""
    definition: str
    version: int


@dataclass(frozen=True)
class FailedCheck:
    """A cross-check that does not hold."""

    code: str
    title: str
    told: str
    rows: str
    """Those that do not add up, by name."""


@dataclass(frozen=True)
class _Name:
    told: str
    """What it is, in Chinese."""
    row_type: type | None
    """What its rows are when it is a list."""
    value: Callable[[Report], Any]


def _rows(key: str, question: Question) -> Any:
    """Return the rows behind a figure: the names in the text are those that it counts."""
    figure = find_figure(key)
    if figure is None:
        raise KeyError(key)
    return figure.rows(question)


def _villages(key: str) -> Callable[[Report], list[str]]:
    return lambda report: [one.name for one in _rows(key, report.question).order_by("sort_no", "code")]


def _talents(key: str) -> Callable[[Report], list[str]]:
    def named(report: Report) -> list[str]:
        rows = _rows(key, report.question).select_related("village").order_by("village__sort_no", "recorded_on", "pk")
        return [f"{one.village.name}{one.name}" for one in rows]

    return named


def _honours(report: Report) -> list[str]:
    """Return who was granted what, the holders of the highest level first."""
    rows = _rows("talent.honours", report.question).select_related("talent__village")
    levels = HonourLevel.values
    titles: dict[Talent, list[str]] = {}
    for one in sorted(rows, key=lambda one: (levels.index(one.level), one.talent.village.sort_no, one.pk)):
        titles.setdefault(one.talent, []).append(f"“{one.title}”")
    return [f"{holder.village.name}{holder.name}获{''.join(held)}称号" for holder, held in titles.items()]


def _categories(report: Report) -> list[str]:
    return [str(one) for one in _rows("issues.categories", report.question)]


def _dividend_kind(report: Report) -> str:
    """Return what the villages with dividends are called: the official term while none is on the province's list."""
    listed = _rows("finance.dividend_villages", report.question).filter(on_poverty_list=True)
    return "村" if listed.exists() else "非省定贫困村"


def _appendix(report: Report) -> list[AppendixRow]:
    before = replace(report.question, as_of=add_months(report.as_of, -MONTHS_A_YEAR))
    previous = compute(before)
    titles = {key: one.title for one in SECTIONS for key in one.figures}
    order = {key: number for number, key in enumerate(titles)}
    return [
        AppendixRow(
            titles.get(one.key, ""),
            one.label,
            one.unit,
            told(report.values[one.key], one.unit),
            told(previous[one.key], one.unit),
            one.definition,
            one.version,
        )
        for one in sorted(all_figures(), key=lambda one: order.get(one.key, len(order)))
    ]


def _failed_checks(report: Report) -> list[FailedCheck]:
    return [FailedCheck(one.code, one.title, one.told, one.named) for one in report.checks if not one.holds]


NAMES: dict[str, _Name] = {
    "as_of": _Name("截至日", None, lambda report: report.as_of),
    "year": _Name("截至日的年份", None, lambda report: report.as_of.year),
    "organization": _Name(
        "所报党组织的名称", None, lambda report: report.organization.name if report.organization else "所辖党组织"
    ),
    "status": _Name("“草稿”；签发的报告写第几版", None, lambda report: report.issue or DRAFT),
    "is_draft": _Name("是不是草稿，用在 if 里", None, lambda report: not report.issue),
    "issue_categories": _Name("所反映问题的类别", str, _categories),
    "dividend_villages": _Name("有扶贫资金分红的村", str, _villages("finance.dividend_villages")),
    "dividend_kind": _Name("这些村的称谓：“非省定贫困村”，其中有省定贫困村的写“村”", None, _dividend_kind),
    "solar_villages": _Name("有光伏收益的村", str, _villages("finance.solar_villages")),
    "outstanding_cadres": _Name("优秀村干部，村名加姓名", str, _talents("talent.outstanding_cadres")),
    "young_returnees": _Name("返乡创业青年，村名加姓名", str, _talents("talent.young_returnees")),
    "honours": _Name("谁获什么荣誉，级别高的在前", str, _honours),
    "appendix": _Name("全部数字", AppendixRow, _appendix),
    "failed_checks": _Name("对不上的数", FailedCheck, _failed_checks),
}
"""The names, what they stand for, and how each is found."""
LISTS = {name: one.row_type for name, one in NAMES.items() if one.row_type}


def content_of(report: Report) -> dict[str, Any]:
    """Return what a template is filled with: the values of the figures by key, and the other names."""
    return {"figures": report.values, **{name: one.value(report) for name, one in NAMES.items()}}
