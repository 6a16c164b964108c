"""Code lists of visits, and the course of an issue: its states and the table of allowed moves."""

from dataclasses import dataclass

from django.db.models import TextChoices


class HouseholdKind(TextChoices):
    """Kind of an entry in the registry of whom one visits."""

    HOUSEHOLD = "household", "农户"
    ENTERPRISE = "enterprise", "企业"


class Source(TextChoices):
    """How a record came in."""

    PAGE = "page", "走访页面"
    PHONE = "phone", "手机存后上报"
    API = "api", "接口"
    LEDGER = "ledger", "台账导入"


class OperationKind(TextChoices):
    """What a phone sent."""

    VISIT = "visit", "走访"
    FEEDBACK = "feedback", "群众反馈"
    RESUBMIT = "resubmit", "补充上报"


class OperationState(TextChoices):
    """What became of it. Everything an authorized person sent is kept; what cannot be applied waits for the office."""

    APPLIED = "applied", "已入库"
    HELD = "held", "待处理"
    DISMISSED = "dismissed", "不采用"


class Urgency(TextChoices):
    """How soon an issue must be dealt with."""

    NORMAL = "normal", "一般"
    URGENT = "urgent", "紧急"


class UnitLevel(TextChoices):
    """Level of a unit that handles issues."""

    VILLAGE = "village", "村级"
    TOWN = "town", "镇级"
    DISTRICT = "district", "区级"


class EscalationLevel(TextChoices):
    """To whom the town takes what it cannot solve."""

    DISTRICT_LEADER = "district_leader", "区挂包领导"
    BUREAU = "bureau", "区直部门"


class Satisfaction(TextChoices):
    """What the household said of the result."""

    SATISFIED = "satisfied", "满意"
    MOSTLY = "mostly", "基本满意"
    UNSATISFIED = "unsatisfied", "不满意"


class IssueState(TextChoices):
    """State of an issue."""

    REGISTERED = "registered", "已登记"
    ACCEPTED = "accepted", "已受理"
    ASSIGNED = "assigned", "已交办"
    IN_PROGRESS = "in_progress", "办理中"
    ESCALATED = "escalated", "已上报"
    RETURNED = "returned", "已退回"
    REOPENED = "reopened", "重新办理"
    RESOLVED = "resolved", "已办结"
    CONFIRMED = "confirmed", "已反馈"
    CLOSED = "closed", "已销号"
    EXPLAINED = "explained", "已解释（无法办理）"
    MERGED = "merged", "已合并"


S = IssueState
RESOLVED_STATES = (S.RESOLVED, S.CONFIRMED, S.CLOSED)
"""States that count as resolved (已解决)."""
OPEN_STATES = (S.REGISTERED, S.ACCEPTED, S.ASSIGNED, S.IN_PROGRESS, S.ESCALATED, S.RETURNED, S.REOPENED)
"""States in which somebody still has to act. Neither resolved nor open: explained, merged."""
EDITABLE_STATES = (S.REGISTERED, S.ACCEPTED)
"""States in which the office may still put category and urgency right."""
OUTCOME_STATES = (S.RESOLVED, S.REOPENED, S.EXPLAINED, S.MERGED)
"""States whose latest event by a date says how an issue stood at that date."""


class MoveCode(TextChoices):
    """A step in the course of an issue."""

    REGISTER = "register", "登记"
    RECORD = "record", "台账转入"
    ACCEPT = "accept", "受理"
    RETURN = "return", "退回"
    RESUBMIT = "resubmit", "补充后再报"
    ASSIGN = "assign", "交办"
    START = "start", "开始办理"
    NOTE = "note", "记录进展"
    ESCALATE = "escalate", "上报协调"
    RESOLVE = "resolve", "办结"
    CONFIRM = "confirm", "反馈群众"
    CLOSE = "close", "销号"
    EXPLAIN = "explain", "解释无法办理"
    REOPEN = "reopen", "重新办理"
    MERGE = "merge", "合并"


@dataclass(frozen=True)
class Move:
    """One allowed move: from which states, to which, by whom, and which facts it must bring.

    ``target`` is None where the state stays. ``needs`` names fields of ``services.MoveFacts``; of a group in
    parentheses one is enough.
    """

    code: MoveCode
    sources: tuple[IssueState, ...]
    target: IssueState | None
    permission: str
    needs: tuple[str | tuple[str, ...], ...] = ()

    @property
    def pairs(self) -> list[tuple[IssueState, IssueState]]:
        """All (from, to) pairs of this move."""
        return [(source, self.target or source) for source in self.sources]


HANDLE, FEEDBACK, CLOSE = "visits.handle_issue", "visits.feedback_issue", "visits.close_issue"
WORKING = (S.ACCEPTED, S.ASSIGNED, S.IN_PROGRESS, S.REOPENED)

MOVES: dict[MoveCode, Move] = {
    move.code: move
    for move in (
        Move(MoveCode.ACCEPT, (S.REGISTERED, S.RETURNED), S.ACCEPTED, HANDLE),
        Move(MoveCode.RETURN, (S.REGISTERED, S.ACCEPTED, S.ASSIGNED, S.IN_PROGRESS), S.RETURNED, HANDLE, ("note",)),
        Move(MoveCode.RESUBMIT, (S.RETURNED,), S.REGISTERED, FEEDBACK, ("note",)),
        Move(
            MoveCode.ASSIGN,
            (*WORKING, S.ESCALATED),
            S.ASSIGNED,
            HANDLE,
            (("unit", "assignee"), "due_on"),
        ),
        Move(MoveCode.START, (S.ASSIGNED, S.REOPENED), S.IN_PROGRESS, HANDLE),
        Move(MoveCode.NOTE, (*WORKING, S.ESCALATED), None, HANDLE, ("note",)),
        Move(MoveCode.ESCALATE, WORKING, S.ESCALATED, HANDLE, ("escalation_level", "escalated_to")),
        Move(MoveCode.RESOLVE, (S.ASSIGNED, S.IN_PROGRESS, S.ESCALATED), S.RESOLVED, HANDLE, ("note",)),
        Move(MoveCode.CONFIRM, (S.RESOLVED,), S.CONFIRMED, FEEDBACK, ("satisfaction",)),
        Move(MoveCode.CLOSE, (S.CONFIRMED,), S.CLOSED, CLOSE),
        Move(MoveCode.EXPLAIN, (*WORKING, S.ESCALATED), S.EXPLAINED, HANDLE, ("note",)),
        Move(MoveCode.REOPEN, (*RESOLVED_STATES, S.EXPLAINED), S.REOPENED, FEEDBACK, ("note",)),
        Move(
            MoveCode.MERGE,
            (S.REGISTERED, S.RETURNED, *WORKING, S.ESCALATED),
            S.MERGED,
            HANDLE,
            ("merged_into",),
        ),
    )
}

USUAL_MOVES: dict[IssueState, MoveCode] = {
    S.REGISTERED: MoveCode.ACCEPT,
    S.RETURNED: MoveCode.ACCEPT,
    S.ACCEPTED: MoveCode.ASSIGN,
    S.REOPENED: MoveCode.ASSIGN,
    S.ASSIGNED: MoveCode.START,
    S.IN_PROGRESS: MoveCode.RESOLVE,
    S.ESCALATED: MoveCode.RESOLVE,
    S.RESOLVED: MoveCode.CONFIRM,
    S.CONFIRMED: MoveCode.CLOSE,
}
"""The step that mostly comes next; pages show its button first among equals."""

RECORDED_STATES = (S.IN_PROGRESS, S.ESCALATED, S.RESOLVED)
"""Where an old ledger may put an issue at once, without the steps between (move ``record``, import only)."""


def allowed_pairs() -> dict[MoveCode, list[tuple[IssueState | str, IssueState]]]:
    """Return every (from, to) that an event may record, by move; ``""`` is before the registration."""
    pairs: dict[MoveCode, list[tuple[IssueState | str, IssueState]]] = {
        code: list(move.pairs) for code, move in MOVES.items()
    }
    pairs[MoveCode.REGISTER] = [("", S.REGISTERED)]
    pairs[MoveCode.RECORD] = [(S.REGISTERED, state) for state in RECORDED_STATES]
    return pairs
