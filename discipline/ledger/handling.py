"""The sheets 信访件 and 巡察问题: what was handed over, until when it is to be done, and what became of it."""

from datetime import date
from typing import Any

from chishang.core.cells import Cells
from chishang.core.dates import in_words
from chishang.core.ledgers import Run, filled
from discipline.enums import IssueLevel, LimitCode, PetitionOrigin
from discipline.ledger.closed import CLOSED, closed_to_importer
from discipline.ledger.known import Known
from discipline.ledger.sealing import merge_sealed
from discipline.models import FeedbackIssue, InspectionRound, Petition
from discipline.selectors.limits import Limits
from discipline.services.feedback import RETURNED, SAME_ACCOUNT, SAME_PERSON

PETITION_COLUMNS = ("编号", "转来日期", "来源", "反映内容摘要", "办结日期", "处理结果")
ISSUE_COLUMNS = ("编号", "类别", "涉及单位", "问题", "责任人", "整改时限", "反馈日期", "整改完成日期")
ISSUE_OPTIONAL = ("整改人", "核验人", "核验日期")
VERIFIED = ("rectified_on", "rectifier", "verified_on", "verifier")

Row = dict[str, Any]


class PetitionReader:
    """Reads petitions beside what the portal has of them: an empty cell means what is stored."""

    def __init__(self, run: Run) -> None:
        self.stored: dict[str, Petition] = {row.number: row for row in Petition.objects.all()}
        self.closed = closed_to_importer(run, Petition)

    def read(self, cells: Cells, known: Known) -> Row:
        """Return a petition's attributes."""
        number = cells.text("编号", required=True, limit=30)
        stored = self.stored.get(number)
        if stored and stored.pk in self.closed:
            cells.fault("编号", CLOSED)
            return {}
        row = {
            "number": number,
            "received_on": cells.day("转来日期", required=stored is None, future=False),
            "sender": cells.text("来源", required=stored is None, limit=50),
            "summary": cells.text("反映内容摘要", required=stored is None, limit=500),
            "closed_on": cells.day("办结日期", future=False),
            "result": cells.text("处理结果", limit=300),
        }
        if cells.sound:
            known.once(cells, number, "编号", "件信访件")
        if stored and stored.origin != PetitionOrigin.HANDED_OVER:
            cells.fault("编号", "门户里这个编号的信访件不是巡察转办的，请核对编号")
        if cells.sound:
            _check_petition(cells, row, stored)
        return row

    def store(self, rows: list[Row], run: Run) -> None:
        """Write petitions by number."""
        wanted = {row["number"]: _filled(row) | {"origin": PetitionOrigin.HANDED_OVER} for row in rows}
        merge_sealed(run, Petition, wanted, self.stored)


def _check_petition(cells: Cells, row: Row, stored: Petition | None) -> None:
    received_on = _known(row, "received_on", stored)
    closed_on, result = _known(row, "closed_on", stored), _known(row, "result", stored)
    if closed_on and closed_on < received_on:
        cells.fault("办结日期", f"办结日期不能早于转来日期（{in_words(received_on)}）")
    elif closed_on and not result:
        cells.fault("处理结果", "办结的信访件必须有处理结果，请填写处理结果")
    elif result and not closed_on:
        cells.fault("办结日期", "填了处理结果，请写明办结日期")
    elif stored and stored.acknowledged_on and stored.acknowledged_on < received_on:
        cells.fault("转来日期", f"转来日期晚于门户里登记的告知受理日期（{in_words(stored.acknowledged_on)}）")


class IssueReader:
    """Reads the issues of inspections; what the portal verified or took back is not changed from outside."""

    def __init__(self) -> None:
        rows = FeedbackIssue.objects.select_related("round")
        self.stored: dict[str, FeedbackIssue] = {row.number: row for row in rows}

    def read(self, cells: Cells, known: Known) -> Row:
        """Return an issue's attributes, with the day of its round."""
        number = cells.text("编号", required=True, limit=30)
        stored = self.stored.get(number)
        is_new = stored is None
        unit, organization = known.unit(cells, "涉及单位", required=is_new)
        row = {
            "number": number,
            "category_id": cells.one_of("类别", known.categories, required=is_new),
            "unit": unit,
            "text": cells.text("问题", required=is_new, limit=1000),
            "responsible": cells.name("责任人", required=is_new),
            "deadline": cells.day("整改时限", required=is_new),
            "feedback_on": cells.day("反馈日期", required=is_new, future=False),
            "rectified_on": cells.day("整改完成日期", future=False),
            "rectifier": cells.name("整改人", required=False),
            "verified_on": cells.day("核验日期", future=False),
            "verifier": cells.name("核验人", required=False),
        }
        if stored is None or (unit and unit != stored.unit):
            row["level"] = IssueLevel.VILLAGE if unit in known.villages else IssueLevel.TOWN
            row["organization_id"] = organization
        if cells.sound:
            known.once(cells, number, "编号", "条问题")
        if cells.sound:
            _check_days(cells, row, stored)
        if cells.sound:
            _check_verifier(cells, row, stored)
        if cells.sound and stored:
            _check_events(cells, row, stored)
        if row["verified_on"] and not (stored and stored.verified_on):
            _verify(cells, row, stored, known.run.actor)
        elif row["rectified_on"] and known.run.actor and not (stored and stored.rectified_on):
            row["rectified_by_id"] = known.run.actor.pk  # who registers it does not verify it later
        return row

    def store(self, rows: list[Row], run: Run) -> None:
        """Write rounds by the day of the feedback, and issues by number."""
        rounds = _store_rounds({row["feedback_on"] for row in rows if row["feedback_on"]}, run)
        issues = []
        for row in rows:
            issue = _filled(row)
            feedback_on = issue.pop("feedback_on", None)
            if "verified_on" not in issue:
                issue.pop("verifier", None)  # named without a day: it was checked, and nothing is verified yet
            issues.append(issue | ({"round_id": rounds[feedback_on]} if feedback_on else {}))
        run.merge(FeedbackIssue, ["number"], issues)


def _check_days(cells: Cells, row: Row, stored: FeedbackIssue | None) -> None:
    feedback_on = row["feedback_on"] or (stored.round.feedback_on if stored else date.min)
    rectified_on, verified_on = _known(row, "rectified_on", stored), _known(row, "verified_on", stored)
    if _known(row, "deadline", stored) < feedback_on:
        cells.fault("整改时限", f"整改时限不能早于反馈日期（{in_words(feedback_on)}）")
    if rectified_on and rectified_on < feedback_on:
        cells.fault("整改完成日期", f"整改完成日期不能早于反馈日期（{in_words(feedback_on)}）")
    elif verified_on and (not rectified_on or verified_on < rectified_on):
        cells.fault("核验日期", "先整改、后核验：核验日期不能早于整改完成日期")


def _check_verifier(cells: Cells, row: Row, stored: FeedbackIssue | None) -> None:
    verifier = row["verifier"]
    if row["verified_on"] and not _known(row, "verifier", stored):
        cells.fault("核验人", "填了核验日期，请写明核验人")
    elif verifier and verifier in {_known(row, "responsible", stored), _known(row, "rectifier", stored)}:
        cells.fault("核验人", SAME_PERSON.rstrip("。"))
    elif verifier and not _known(row, "rectified_on", stored):
        cells.fault("核验人", "先整改、后核验：还没有填写整改完成日期")


def _verify(cells: Cells, row: Row, stored: FeedbackIssue | None, actor: Any) -> None:
    """Note whose account verifies, and a fault when it is the one that registered the rectification."""
    if actor and stored and stored.rectified_by_id == actor.pk:
        cells.fault("核验人", SAME_ACCOUNT.rstrip("。"))
    row["verified_by_id"] = actor and actor.pk


def _check_events(cells: Cells, row: Row, stored: FeedbackIssue) -> None:
    """Note a fault where the workbook says otherwise than what happened in the portal."""
    differing = [name for name in VERIFIED if row[name] and row[name] != getattr(stored, name)]
    if stored.rectified_on is None and row["rectified_on"] and stored.result.startswith(RETURNED):
        cells.fault("整改完成日期", "这个问题的整改在门户里已经退回，请在门户里重新登记整改")
    elif stored.struck_off_on and (differing or _says_otherwise(row, stored)):
        cells.fault("编号", "这个问题在门户里已经销号，内容不同，不能再改")
    elif stored.verified_on and differing:
        cells.fault("编号", "这个问题在门户里已经核验，整改情况不同；有误的请先在门户里退回")


def _says_otherwise(row: Row, stored: FeedbackIssue) -> bool:
    names = ("category_id", "unit", "text", "responsible", "deadline")
    other_round = row["feedback_on"] and row["feedback_on"] != stored.round.feedback_on
    return bool(other_round) or any(row[name] and row[name] != getattr(stored, name) for name in names)


def _store_rounds(days: set[date], run: Run) -> dict[date, int]:
    """Write the rounds that are new, with the day on which their report is due; return the keys by day."""
    body = InspectionRound._meta.get_field("body").get_default()
    stored = {one.feedback_on for one in InspectionRound.objects.all() if one.body == body}
    limits = Limits.load()
    found: dict[date, int] = {}
    for is_new in (True, False):
        wanted: list[Row] = []
        for day in sorted(day for day in days if (day not in stored) == is_new):
            due = limits.due(LimitCode.ROUND_REPORT, day) if is_new else None
            wanted.append({"feedback_on": day, "body": body} | ({"report_due_on": due.on} if due else {}))
        keys = run.merge(InspectionRound, ["feedback_on", "body"], wanted)
        found |= {day: key for (day, _), key in keys.items()}
    return found


def _filled(row: Row) -> Row:
    """Return the row without blank cells; the organization follows its unit, and may be none."""
    return filled(row, *(name for name in row if name not in {"number", "organization_id"}))


def _known(row: Row, name: str, stored: Any) -> Any:
    """Return what the row says, or else what is stored."""
    return row[name] or (getattr(stored, name) if stored else None)
