"""The course of an issue: every move is checked against the table, written as an event, and shown on the issue."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet

from chishang.core.dates import in_words, today
from organizations.models import User
from visits.enums import (
    MOVES,
    OPEN_STATES,
    IssueState,
    Move,
    MoveCode,
    Satisfaction,
    Urgency,
)
from visits.models import Issue, IssueCategory, IssueEvent, Unit, Visit


class MoveRefused(ValidationError):
    """A move that the table, a date or a rule does not allow; the message says why and what to do."""


@dataclass(frozen=True)
class MoveFacts:
    """What a move brings; each needs only some (``Move.needs``)."""

    occurred_on: date | None = None
    note: str = ""
    unit: Unit | None = None
    assignee: User | None = None
    due_on: date | None = None
    escalation_level: str = ""
    escalated_to: str = ""
    project: str = ""
    satisfaction: str = ""
    merged_into: Issue | None = None


LABELS = {
    "note": "说明",
    "unit": "承办单位",
    "assignee": "责任人",
    "due_on": "办理期限",
    "escalation_level": "上报对象",
    "escalated_to": "上报给谁",
    "satisfaction": "群众评价",
    "merged_into": "合并到哪个问题",
}


def raise_issue(
    *, actor: User | None, visit: Visit, category: IssueCategory, description: str, urgency: str = Urgency.NORMAL
) -> Issue:
    """Store an issue of ``visit``, registered on the day of the visit. Raises ValidationError at a wrong field."""
    issue = Issue(
        visit=visit, raised_on=visit.visited_on, category=category, description=description.strip(), urgency=urgency
    )
    issue.full_clean()
    issue.save()
    write_event(issue, MoveCode.REGISTER, "", visit.visited_on, actor, "")
    return issue


def moves_open_to(user: User, issue: Issue) -> list[Move]:
    """Return the moves that the issue's state allows and ``user`` may make on it, in the order of the table."""
    moves = [move for move in MOVES.values() if issue.state in move.sources]
    held = {permission for permission in {move.permission for move in moves} if _may(user, permission, issue)}
    own_work = issue.resolved_by_id == user.pk
    return [move for move in moves if move.permission in held and not (own_work and move.code == MoveCode.CLOSE)]


def move_issue(*, actor: User, issue: Issue, move: MoveCode, facts: MoveFacts, gate: User | None = None) -> Issue:
    """Move ``issue``; returns it as it stands afterwards.

    It is ``actor``'s deed. ``gate`` is whose rights are asked where the office takes in what ``actor`` sent.

    The row is locked, so of two simultaneous moves the second is checked against what the first left. Raises
    MoveRefused when the state does not allow the move, a needed fact is missing, a date is out of order, or the
    one who resolved it would also strike it off. ``facts.occurred_on`` is a business date, today by default.
    """
    with transaction.atomic():
        issue = Issue.objects.select_for_update(of=("self",)).get(pk=issue.pk)
        rule = MOVES[move]
        day = facts.occurred_on or today()
        _check_state(issue, rule)
        if not _may(gate or actor, rule.permission, issue):
            raise MoveRefused(f"您没有“{rule.code.label}”的权限。")
        _check_facts(issue, rule, facts)
        _check_date(issue, day)
        source = issue.state
        issue.state = rule.target or source
        changed = ["state", *APPLY[move](issue, facts, day, actor)] if move in APPLY else ["state"]
        issue.full_clean(exclude={"visit", "category"})
        issue.save(update_fields=changed)
        write_event(issue, move, source, day, actor, _told(rule, facts))
    return issue


def record_feedback(
    *, actor: User, issue: Issue, satisfaction: str, note: str = "", gate: User | None = None
) -> Issue:
    """Record what the household said of the result. ``actor`` and ``gate`` as for ``move_issue``."""
    move, facts = feedback_as_move(satisfaction, note)
    return move_issue(actor=actor, issue=issue, move=move, facts=facts, gate=gate)


def feedback_as_move(satisfaction: str, note: str = "") -> tuple[MoveCode, MoveFacts]:
    """Return what follows from the household's answer: one who is not satisfied gets the issue reopened."""
    if satisfaction == Satisfaction.UNSATISFIED:
        return MoveCode.REOPEN, MoveFacts(note=note or "群众不满意，重新办理", satisfaction=satisfaction)
    return MoveCode.CONFIRM, MoveFacts(note=note, satisfaction=satisfaction)


def answer_issue(*, actor: User, issue: Issue, move: MoveCode, facts: MoveFacts, seen: int | None) -> Issue:
    """Make a move that answers to the event ``seen``, the last one that ``actor`` knew of (None: not told), once.

    The same answer again changes nothing. Raises MoveRefused as ``move_issue`` does, and when others have moved the
    issue meanwhile.
    """
    with transaction.atomic():
        issue = Issue.objects.select_for_update(of=("self",)).get(pk=issue.pk)
        if seen and _answered_before(issue, seen, actor, MOVES[move], facts):
            return issue
        if seen and moves_of_others(issue, actor).filter(pk__gt=seen).exists():
            raise MoveRefused("您打开这一页之后，这个问题又有变化，这次填写的没有保存。请先看下面的办理过程。")
        return move_issue(actor=actor, issue=issue, move=move, facts=facts)


def _answered_before(issue: Issue, seen: int, actor: User, move: Move, facts: MoveFacts) -> bool:
    return issue.events.filter(pk__gt=seen, actor=actor, move=move.code, note=_told(move, facts)).exists()


def moves_of_others(issue: Issue, actor: User) -> QuerySet[IssueEvent]:
    """Return the events by which others than ``actor`` changed the state of the issue."""
    return issue.events.exclude(from_state=F("to_state")).exclude(actor=actor)


def suggested_deadline(issue: Issue, day: date | None = None) -> date:
    """Return the deadline that the category gives for the issue's urgency, counted in days from ``day`` (today)."""
    urgent = issue.urgency == Urgency.URGENT
    days = issue.category.urgent_days if urgent else issue.category.days
    return (day or today()) + timedelta(days=days)


def _may(user: User, permission: str, issue: Issue) -> bool:
    return Issue.objects.visible_to(user, permission).filter(pk=issue.pk).exists()


def _check_state(issue: Issue, move: Move) -> None:
    if issue.state not in move.sources:
        allowed = "、".join(state.label for state in move.sources)
        raise MoveRefused(
            f"问题现在是“{issue.get_state_display()}”，不能“{move.code.label}”；只有{allowed}的问题可以。"
        )


def _check_facts(issue: Issue, move: Move, facts: MoveFacts) -> None:
    for need in move.needs:
        names = (need,) if isinstance(need, str) else need
        if not any(getattr(facts, name) for name in names):
            labels = "或".join(LABELS[name] for name in names)
            raise MoveRefused({names[0]: f"“{move.code.label}”需要填写{labels}。"})
    if move.code == MoveCode.MERGE and facts.merged_into is not None:
        target = facts.merged_into
        if target.pk == issue.pk or target.state == IssueState.MERGED:
            raise MoveRefused({"merged_into": "请选择另一个未被合并的问题。"})
        if target.visit.household.village_id != issue.visit.household.village_id:
            raise MoveRefused({"merged_into": "只能合并到同一个村的问题。"})
    if move.code == MoveCode.CONFIRM and facts.satisfaction == Satisfaction.UNSATISFIED:
        raise MoveRefused({"satisfaction": "群众不满意的，请用“重新办理”。"})
    if move.code == MoveCode.ASSIGN and facts.due_on is not None and facts.due_on < today():
        raise MoveRefused({"due_on": "办理期限不能早于今天。"})


def _check_date(issue: Issue, day: date) -> None:
    if day > today():
        raise MoveRefused({"occurred_on": "日期不能晚于今天。"})
    if day < issue.raised_on:
        raise MoveRefused({"occurred_on": f"日期不能早于走访日期（{in_words(issue.raised_on)}）。"})
    last = issue.events.order_by("-occurred_on").values_list("occurred_on", flat=True).first()
    if last and day < last and issue.state not in OPEN_STATES:
        raise MoveRefused({"occurred_on": f"日期不能早于上一步（{in_words(last)}）。"})


def write_event(issue: Issue, move: MoveCode, source: str, day: date, actor: User | None, note: str) -> IssueEvent:
    """Store an event of ``issue``, which already shows the state it leads to; ``day`` is a business date."""
    event = IssueEvent(
        issue=issue, move=move, from_state=source, to_state=issue.state, occurred_on=day, actor=actor, note=note
    )
    event.full_clean(exclude={"issue", "actor"})
    event.save()
    return event


def _told(move: Move, facts: MoveFacts) -> str:
    """Return the event's note: the typed one after what the move itself says (to whom, until when)."""
    parts: list[str] = []
    if move.code == MoveCode.ASSIGN:
        whom = "、".join(str(one) for one in (facts.unit, facts.assignee) if one)
        parts.append(f"交{whom}办理，期限{in_words(facts.due_on)}" if facts.due_on else f"交{whom}办理")
    if move.code == MoveCode.ESCALATE:
        parts.append(f"上报{facts.escalated_to}" + (f"，争取项目：{facts.project}" if facts.project else ""))
    if move.code in {MoveCode.CONFIRM, MoveCode.REOPEN} and facts.satisfaction:
        parts.append(f"群众评价：{Satisfaction(facts.satisfaction).label}")
    if move.code == MoveCode.MERGE and facts.merged_into:
        parts.append(f"并入问题 {facts.merged_into.pk}")
    return "。".join([*parts, facts.note.strip()]).strip("。") if parts else facts.note.strip()


def _assign(issue: Issue, facts: MoveFacts, day: date, actor: User) -> list[str]:
    issue.unit, issue.assignee, issue.due_on = facts.unit, facts.assignee, facts.due_on
    return ["unit", "assignee", "due_on"]


def _escalate(issue: Issue, facts: MoveFacts, day: date, actor: User) -> list[str]:
    issue.escalated_on, issue.escalation_level = day, facts.escalation_level
    issue.escalated_to, issue.project = facts.escalated_to, facts.project
    issue.due_on = facts.due_on or issue.due_on
    return ["escalated_on", "escalation_level", "escalated_to", "project", "due_on"]


def _resolve(issue: Issue, facts: MoveFacts, day: date, actor: User) -> list[str]:
    issue.resolved_on, issue.resolved_by = day, actor
    return ["resolved_on", "resolved_by"]


def _confirm(issue: Issue, facts: MoveFacts, day: date, actor: User) -> list[str]:
    issue.satisfaction = facts.satisfaction
    return ["satisfaction"]


def _close(issue: Issue, facts: MoveFacts, day: date, actor: User) -> list[str]:
    issue.closed_by = actor
    return ["closed_by"]


def _reopen(issue: Issue, facts: MoveFacts, day: date, actor: User) -> list[str]:
    issue.resolved_on = issue.resolved_by = issue.closed_by = issue.due_on = None
    issue.satisfaction = facts.satisfaction
    return ["resolved_on", "resolved_by", "closed_by", "due_on", "satisfaction"]


def _merge(issue: Issue, facts: MoveFacts, day: date, actor: User) -> list[str]:
    issue.merged_into = facts.merged_into
    return ["merged_into"]


APPLY: dict[MoveCode, Any] = {
    MoveCode.ASSIGN: _assign,
    MoveCode.ESCALATE: _escalate,
    MoveCode.RESOLVE: _resolve,
    MoveCode.CONFIRM: _confirm,
    MoveCode.CLOSE: _close,
    MoveCode.REOPEN: _reopen,
    MoveCode.MERGE: _merge,
}
"""What each move changes on the issue's own columns; each returns the names of those it set."""
