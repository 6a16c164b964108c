"""The eight sheets of the office's ledger as they are printed: the headings of the workbook, rows through the gate."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from chishang.core.dates import PartialDate, Precision
from discipline.enums import PetitionOrigin
from discipline.models import (
    Case,
    Criticism,
    FeedbackIssue,
    IntegrityEvent,
    Petition,
    PowerList,
    ResponsibilityList,
    Sanction,
    StyleInspection,
)

DAY, NAME, TEXT, NUMBER = "day", "name", "text", "number"
"""What a column holds: how wide it is and whether it breaks."""


@dataclass(frozen=True)
class Content:
    """What a sheet shows: its lines, the records behind them (each once), and a line of totals."""

    lines: list[list[str]]
    records: list[Any]
    total: list[str] | None = None


Reader = Callable[[Any, date, date], Content]


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name in the workbook, title, columns (heading → what it holds), and how its rows are read.

    ``sealed`` ones ask for a purpose, and each record printed is kept; ``period`` says which day is compared.
    """

    code: str
    name: str
    title: str
    columns: dict[str, str]
    model: Any
    period: str
    read: Reader
    sealed: bool = False

    @property
    def permission(self) -> str:
        """The right to see its rows."""
        return f"discipline.view_{self.model._meta.model_name}"


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _between(column: str, since: date, until: date) -> dict[str, date]:
    return {f"{column}__gte": since, f"{column}__lte": until}


def _lists(user: Any, since: date, until: date) -> Content:
    found = ResponsibilityList.objects.visible_to(user).filter(**_between("issued_on", since, until))
    rows = list(found.order_by("issued_on", "pk"))
    return Content([[row.get_kind_display(), row.bearer, _day(row.issued_on)] for row in rows], rows)


def _events(user: Any, since: date, until: date) -> Content:
    found = IntegrityEvent.objects.visible_to(user).filter(**_between("held_on", since, until))
    rows = list(found.order_by("held_on", "pk"))
    lines = [[_day(row.held_on), row.get_kind_display(), row.topic, row.audience, str(row.attendees)] for row in rows]
    return Content(lines, rows, ["合计", f"{len(rows)} 次", "", "", str(sum(row.attendees for row in rows))])


def _inspections(user: Any, since: date, until: date) -> Content:
    found = StyleInspection.objects.visible_to(user).filter(**_between("inspected_on", since, until))
    rows = list(found.order_by("inspected_on", "pk").prefetch_related("findings"))
    lines = []
    for row in rows:
        head = [_day(row.inspected_on), row.unit, row.inspectors]
        lines += [[*head, one.text, one.follow_up] for one in row.findings.all()] or [[*head, "未发现问题", ""]]
    return Content(lines, rows)


def _powers(user: Any, since: date, until: date) -> Content:
    # A village has one list: what is asked for is how far the villages are, not what one year brought.
    rows = list(PowerList.objects.visible_to(user).settled_by(until).select_related("village"))
    lines = [[row.village.name, str(row.item_count), _partial(row)] for row in rows]
    return Content(lines, rows, ["合计", str(sum(row.item_count for row in rows)), f"{len(rows)} 个村"])


def _partial(row: PowerList) -> str:
    return PartialDate(row.settled_on, Precision(row.settled_precision)).text if row.settled_on else ""


def _petitions(user: Any, since: date, until: date) -> Content:
    found = Petition.objects.visible_to(user).filter(
        origin=PetitionOrigin.HANDED_OVER, **_between("received_on", since, until)
    )
    rows = list(found.order_by("number"))
    lines = [
        [row.number, _day(row.received_on), row.sender, row.summary, _day(row.closed_on), row.result] for row in rows
    ]
    return Content(lines, rows)


def _issues(user: Any, since: date, until: date) -> Content:
    found = FeedbackIssue.objects.visible_to(user).filter(**_between("round__feedback_on", since, until))
    rows = list(found.order_by("number").select_related("round", "category"))
    lines = [
        [
            *(row.number, row.category.name, row.unit, row.text, row.responsible),
            *(_day(row.deadline), _day(row.round.feedback_on), _day(row.rectified_on)),
        ]
        for row in rows
    ]
    return Content(lines, rows)


def _cases(user: Any, since: date, until: date) -> Content:
    found = Case.objects.visible_to(user).filter(**_between("filed_on", since, until))
    cases = list(found.order_by("filed_on", "number").select_related("source"))
    decided: dict[int, list[Sanction]] = {}
    shown = Sanction.objects.visible_to(user).filter(involvement__case__in=cases)
    sanctions = list(shown.order_by("decided_on", "pk").select_related("involvement__person"))
    for sanction in sanctions:
        decided.setdefault(sanction.involvement.case_id, []).append(sanction)
    lines = []
    for case in cases:
        head = [case.number, case.source.name, _day(case.filed_on), _day(case.closed_on)]
        # The column is of those sanctioned: a case without a decision has one line, and names nobody.
        lines += [[*head, *_sanction(one)] for one in decided.get(case.pk, [])] or [[*head, "", "", "", ""]]
    return Content(lines, [*cases, *sanctions])


def _sanction(row: Sanction) -> list[str]:
    person = row.involvement.person
    return [person.masked_name, person.unit, row.get_measure_display(), _day(row.decided_on)]


def _criticisms(user: Any, since: date, until: date) -> Content:
    found = Criticism.objects.visible_to(user).filter(**_between("occurred_on", since, until))
    rows = list(found.order_by("occurred_on", "pk").select_related("person"))
    lines = [
        [_day(row.occurred_on), row.person.masked_name, row.person.unit, row.reason, row.get_form_display()]
        for row in rows
    ]
    return Content(lines, rows)


LISTS = {"名称": TEXT, "责任主体": TEXT, "印发日期": DAY}
EVENTS = {"日期": DAY, "形式": NAME, "主题": TEXT, "对象": TEXT, "人数": NUMBER}
INSPECTIONS = {"日期": DAY, "被检查单位": NAME, "检查人": NAME, "发现问题": TEXT, "整改情况": TEXT}
POWERS = {"村": TEXT, "权力事项数": NUMBER, "清理日期": DAY}
PETITIONS = {"编号": NAME, "转来日期": DAY, "来源": NAME, "反映内容摘要": TEXT, "办结日期": DAY, "处理结果": TEXT}
ISSUES = {"编号": NAME, "类别": NAME, "涉及单位": NAME, "问题": TEXT, "责任人": NAME}
ISSUES |= {"整改时限": DAY, "反馈日期": DAY, "整改完成日期": DAY}
CASES = {"案号": NAME, "线索来源": TEXT, "立案日期": DAY, "结案日期": DAY}
CASES |= {"被处分党员": NAME, "所在党支部": TEXT, "处分种类": NAME, "处分日期": DAY}
CRITICISMS = {"日期": DAY, "姓名": NAME, "单位": NAME, "事由": TEXT, "形式": NAME}

_ALL = (
    Sheet("lists", "责任清单", "池上镇责任清单印发台账", LISTS, ResponsibilityList, "印发日期", _lists),
    Sheet("events", "廉政教育", "池上镇廉政教育台账", EVENTS, IntegrityEvent, "日期", _events),
    Sheet("inspections", "作风检查", "池上镇作风检查台账", INSPECTIONS, StyleInspection, "日期", _inspections),
    Sheet("powers", "微权力", "池上镇村级“微权力”清理台账", POWERS, PowerList, "清理日期", _powers),
    Sheet("petitions", "信访件", "池上镇巡察转办信访件台账", PETITIONS, Petition, "转来日期", _petitions, sealed=True),
    Sheet("issues", "巡察问题", "池上镇巡察反馈问题整改台账", ISSUES, FeedbackIssue, "反馈日期", _issues),
    Sheet("cases", "案件", "池上镇违纪案件台账", CASES, Case, "立案日期", _cases, sealed=True),
    Sheet("criticisms", "批评教育", "池上镇批评教育台账", CRITICISMS, Criticism, "日期", _criticisms, sealed=True),
)
SHEETS = {sheet.code: sheet for sheet in _ALL}
"""By code, in the order of the workbook."""


def sheets_for(user: Any) -> Iterable[Sheet]:
    """Return the sheets whose rows ``user`` may see at all."""
    return [sheet for sheet in SHEETS.values() if user.has_perm(sheet.permission)]
