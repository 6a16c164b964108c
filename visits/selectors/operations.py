"""Reads of the office's pages about phones: what was sent, what stands in the portal now, what phones still hold."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Min, QuerySet, Sum

from chishang.core.dates import in_words
from chishang.core.figures import Question
from organizations.models import Appointment, User
from visits.enums import OperationKind, Satisfaction, Urgency
from visits.models import Campaign, Device, Household, Issue, IssueCategory, IssueEvent, Operation, Photo, Visit
from visits.selectors.pages import VISIT
from visits.services.drafts import key_of
from visits.services.operations import DECIDE

AROUND = timedelta(days=7)
"""Visits within so many days before or after may be the same one, recorded in another way."""
SHORT = 30


def held_operations(user: User) -> QuerySet[Operation]:
    """Return the operations that wait for ``user``'s decision."""
    return Operation.objects.visible_to(user, DECIDE).held()


def subjects_of(user: User, operations: Iterable[Operation]) -> dict[UUID, str]:
    """Return whom or what each operation is about, as far as ``user`` may see it; two queries."""
    rows = list(operations)
    households = _rows_by_key(Household, user, (row.payload.get("household_id") for row in rows))
    issues = _rows_by_key(Issue, user, (row.payload.get("issue_id") for row in rows))
    found = {}
    for row in rows:
        household = households.get(key_of(row.payload.get("household_id")))
        issue = issues.get(key_of(row.payload.get("issue_id")))
        text = str(household.name) if household else str(row.payload.get("content", ""))
        found[row.op_id] = _short(issue.description if issue else text) or "—"
    return found


def _rows_by_key(model: Any, user: User, keys: Iterable[Any]) -> dict[Any, Any]:
    return model.objects.visible_to(user).in_bulk({key_of(key) for key in keys} - {None})


def _short(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[:SHORT]}…"


@dataclass(frozen=True)
class SentLine:
    """One thing that was sent: what it is called, and the text."""

    label: str
    text: str


def as_sent(user: User, operation: Operation) -> list[SentLine]:
    """Return what was sent, in words; names of rows as far as ``user`` may see them.

    Whatever a phone wrote is shown, also where it makes no sense.
    """
    lines = _visit_as_sent(user, operation) if operation.kind == OperationKind.VISIT else _answer_as_sent(operation)
    return [line for line in lines if line.text]


def _visit_as_sent(user: User, operation: Operation) -> list[SentLine]:
    sent = operation.payload
    visitor, campaign = sent.get("visitor_id"), sent.get("campaign_id")
    lines = [
        SentLine("走访对象", _named(Household, user, sent.get("household_id"))),
        SentLine("走访日期", _day_in_words(sent.get("visited_on"))),
        SentLine("走访人", _named(User, user, visitor) if visitor else str(operation.user)),
        SentLine("谈话内容", _text(sent.get("content"))),
        SentLine("同行人", _text(sent.get("companions"))),
        SentLine("备注", _text(sent.get("remark"))),
        SentLine("走访活动", _named(Campaign, user, campaign) if campaign else ""),
    ]
    issues = sent.get("issues")
    blocks = issues if isinstance(issues, list) else [issues] if issues else []
    categories = dict(IssueCategory.objects.values_list("pk", "name")) if blocks else {}
    return lines + [
        SentLine(f"问题 {number}", _issue_in_words(one, categories)) for number, one in enumerate(blocks, 1)
    ]


def _answer_as_sent(operation: Operation) -> list[SentLine]:
    sent = operation.payload
    satisfaction = _text(sent.get("satisfaction"))
    feedback = operation.kind == OperationKind.FEEDBACK
    return [
        SentLine("问题编号", _text(sent.get("issue_id"))),
        SentLine("群众评价", dict(Satisfaction.choices).get(satisfaction, satisfaction) if feedback else ""),
        SentLine("群众怎么说" if feedback else "补充说明", _text(sent.get("note"))),
    ]


def _issue_in_words(sent: Any, categories: dict[Any, str]) -> str:
    if not isinstance(sent, dict):
        return _text(sent)
    key = sent.get("category_id")
    category = categories.get(key_of(key), f"编号 {key} 的类别（没有这个类别）")
    urgent = "（紧急）" if sent.get("urgency") == Urgency.URGENT else ""
    return f"{category}{urgent}：{_text(sent.get('description'))}"


def _named(model: Any, user: User, value: Any) -> str:
    key = key_of(value)
    row = model.objects.visible_to(user).filter(pk=key).first() if key else None
    if row is None:
        return f"编号 {_text(value) or '空缺'}（门户里没有，或不归您管）"
    return f"{row.village}　{row}" if model is Household else str(row)


def _day_in_words(value: Any) -> str:
    try:
        return in_words(date.fromisoformat(value))
    except (TypeError, ValueError):
        return _text(value)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


@dataclass(frozen=True)
class PresentState:
    """What stands in the portal now, to lay beside what was sent."""

    household: Household | None = None
    is_senders: bool = False
    """Whether the sender may record visits to the household today."""
    visits: list[Visit] = field(default_factory=list)
    """Visits to the household within ``AROUND`` of the day that was sent."""
    issue: Issue | None = None
    events: list[IssueEvent] = field(default_factory=list)
    duties: list[Appointment] = field(default_factory=list)
    """What the sender is appointed to today."""


def as_it_stands(user: User, operation: Operation) -> PresentState:
    """Return what ``user`` may see of the household or issue that ``operation`` is about, as it is now."""
    duties = Appointment.objects.visible_to(user).in_force().filter(user=operation.user)
    sender = list(duties.select_related("duty", "organization", "village", "area"))
    if operation.kind == OperationKind.VISIT:
        key = key_of(operation.payload.get("household_id"))
        household = Household.objects.visible_to(user).select_related("village").filter(pk=key).first()
        theirs = Household.objects.visible_to(operation.user, VISIT).filter(pk=key).exists() if household else False
        return PresentState(household, theirs, _visits_around(user, operation, household), duties=sender)
    key = key_of(operation.payload.get("issue_id"))
    issues = Issue.objects.visible_to(user).select_related("category", "unit", "visit__household__village")
    issue = issues.filter(pk=key).first()
    events = IssueEvent.objects.visible_to(user).filter(issue=issue).select_related("actor").order_by("pk")
    return PresentState(issue=issue, events=list(events) if issue else [], duties=sender)


def _visits_around(user: User, operation: Operation, household: Household | None) -> list[Visit]:
    try:
        day = date.fromisoformat(operation.payload.get("visited_on", ""))
        first, last = day - AROUND, day + AROUND
    except (TypeError, ValueError, OverflowError):
        return []
    visits = Visit.objects.visible_to(user).filter(household=household, visited_on__range=(first, last))
    return list(visits.select_related("visitor").annotate(issues_here=Count("issues"))) if household else []


@dataclass(frozen=True)
class PhotoSet:
    """The photos of an operation that have come, without their bytes, and how many it names."""

    photos: list[Photo]
    named: int

    @property
    def missing(self) -> int:
        """How many have not come yet."""
        return max(self.named - len(self.photos), 0)


def photos_of(user: User, operation: Operation) -> PhotoSet:
    """Return the photos of ``operation`` that ``user`` may see."""
    photos = Photo.objects.visible_to(user).filter(operation=operation).defer("content")
    return PhotoSet(list(photos), photos_named(operation))


def photos_named(operation: Operation) -> int:
    """Return how many photos the operation names."""
    named = operation.payload.get("photos")
    return len({name for name in named if isinstance(name, str)}) if isinstance(named, list) else 0


def photos_of_visit(user: User, visit: Visit) -> PhotoSet | None:
    """Return the photos of ``visit``; None when ``user`` may not see what phones sent, or no phone sent it."""
    operation = Operation.objects.visible_to(user).filter(visit=visit).first()
    return photos_of(user, operation) if operation else None


@dataclass(frozen=True)
class WaitingOnPhones:
    """What phones last said they hold: records not yet sent, on how many phones, since when the oldest waits."""

    records: int
    phones: int
    oldest_at: datetime | None
    told_at: datetime | None
    """When the last of these phones was heard of."""


def waiting_on_phones(question: Question) -> WaitingOnPhones | None:
    """Return what still waits on the phones within ``question``, as last reported; None for who may not see phones.

    Those that were written off do not count. It says what is known today, whatever the question's day: what phones
    hold has no history. One query.
    """
    if question.user is not None and not question.user.has_perm("visits.view_device"):
        return None
    found = question.rows(Device).counted().filter(waiting__gt=0)
    times = {"oldest_at": Min("oldest_waiting_at"), "told_at": Max("last_contact_at")}
    return WaitingOnPhones(**found.aggregate(records=Sum("waiting", default=0), phones=Count("pk"), **times))
