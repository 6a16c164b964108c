"""Issues that households raised, and the dated events of their course."""

from datetime import date
from functools import lru_cache
from typing import Any, ClassVar, Self

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from chishang.core.dates import today
from chishang.core.history import tracked
from chishang.core.scoping import ScopedModel, ScopedQuerySet
from organizations.models import User
from visits.enums import (
    OPEN_STATES,
    OUTCOME_STATES,
    RESOLVED_STATES,
    EscalationLevel,
    IssueState,
    MoveCode,
    Satisfaction,
    Urgency,
    allowed_pairs,
)
from visits.models.lists import IssueCategory, Unit
from visits.models.visits import Visit


class IssueQuerySet(ScopedQuerySet):
    """Issues, as they stand and as they stood."""

    def open(self) -> Self:
        """Return those in which somebody still has to act."""
        return self.filter(state__in=OPEN_STATES)

    def overdue(self) -> Self:
        """Return the open ones whose deadline has passed."""
        return self.open().filter(due_on__lt=today())

    def raised_by(self, day: date) -> Self:
        """Return those raised by visits dated on or before ``day``."""
        return self.filter(raised_on__lte=day)

    def resolved_on_date(self, day: date) -> Self:
        """Return those raised and resolved on or before ``day`` and not reopened by then."""
        return self.raised_by(day).filter(_ended_as(IssueState.RESOLVED, day))

    def pending_on(self, day: date) -> Self:
        """Return those raised on or before ``day`` and not resolved by then (explained and merged ones included)."""
        return self.raised_by(day).filter(~_ended_as(IssueState.RESOLVED, day))

    def explained_on(self, day: date) -> Self:
        """Return those raised on or before ``day`` whose outcome by then is that it cannot be solved."""
        return self.raised_by(day).filter(_ended_as(IssueState.EXPLAINED, day))

    def escalated_by(self, day: date) -> Self:
        """Return those with an escalation dated on or before ``day``."""
        escalations = IssueEvent.objects.filter(
            issue=OuterRef("pk"), occurred_on__lte=day, to_state=IssueState.ESCALATED
        ).exclude(move=MoveCode.NOTE)
        return self.filter(Exists(escalations))


@lru_cache(maxsize=8)  # a report asks for several figures of one day with the same condition
def _ended_as(state: IssueState, day: date) -> Exists:
    """Say whether ``state`` is an issue's last outcome (resolved, reopened, explained, merged) up to ``day``."""
    outcomes = IssueEvent.objects.filter(occurred_on__lte=day, to_state__in=OUTCOME_STATES)
    after = Q(occurred_on__gt=OuterRef("occurred_on")) | Q(occurred_on=OuterRef("occurred_on"), pk__gt=OuterRef("pk"))
    later = outcomes.filter(after, issue=OuterRef("issue"))
    return Exists(outcomes.filter(~Exists(later), issue=OuterRef("pk"), to_state=state))


@tracked(in_feed=True)
class Issue(ScopedModel):
    """What a household asked for. Its columns say how it stands today; its events say how it came to that."""

    scope_path = "visit__household__village__branch"

    visit = models.ForeignKey(Visit, verbose_name="走访", on_delete=models.PROTECT, related_name="issues")
    raised_on = models.DateField("反映日期", editable=False, help_text="即走访日期")
    category = models.ForeignKey(
        IssueCategory, verbose_name="问题类别", on_delete=models.PROTECT, related_name="issues"
    )
    description = models.TextField("反映问题", max_length=500, validators=[MaxLengthValidator(500)])
    urgency = models.CharField("紧急程度", max_length=10, choices=Urgency, default=Urgency.NORMAL)

    state = models.CharField("办理情况", max_length=12, choices=IssueState, default=IssueState.REGISTERED)
    unit = models.ForeignKey(Unit, verbose_name="承办单位", on_delete=models.PROTECT, null=True, blank=True)
    assignee = models.ForeignKey(
        User, verbose_name="责任人", on_delete=models.PROTECT, null=True, blank=True, related_name="assigned_issues"
    )
    due_on = models.DateField("办理期限", null=True, blank=True)
    resolved_on = models.DateField("解决日期", null=True, blank=True)
    resolved_by = models.ForeignKey(
        User, verbose_name="办结人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_by = models.ForeignKey(
        User, verbose_name="销号人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    escalated_on = models.DateField("上报日期", null=True, blank=True)
    escalation_level = models.CharField("上报对象", max_length=20, choices=EscalationLevel, blank=True)
    escalated_to = models.CharField("上报给谁", max_length=100, blank=True)
    project = models.CharField("争取项目", max_length=100, blank=True)
    satisfaction = models.CharField("群众评价", max_length=12, choices=Satisfaction, blank=True)
    merged_into = models.ForeignKey(
        "self", verbose_name="合并到", on_delete=models.PROTECT, null=True, blank=True, related_name="merged_issues"
    )

    objects: ClassVar[Any] = models.Manager.from_queryset(IssueQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "反映问题"
        ordering = ["-raised_on", "-pk"]
        permissions = [
            ("handle_issue", "办理问题"),
            ("feedback_issue", "向群众反馈"),
            ("close_issue", "销号"),
        ]
        indexes = [
            models.Index(fields=["raised_on", "id"], name="issue_by_date"),
            models.Index(fields=["state", "due_on"], name="issue_by_state"),
        ]
        constraints = [
            models.CheckConstraint(
                name="issue_resolved_with_date",
                condition=Q(state__in=RESOLVED_STATES, resolved_on__isnull=False)
                | (~Q(state__in=RESOLVED_STATES) & Q(resolved_on__isnull=True)),
                violation_error_message="已解决的问题必须有解决日期，未解决的不能有。",
            ),
            models.CheckConstraint(
                name="issue_resolved_after_raised",
                condition=Q(resolved_on__isnull=True) | Q(resolved_on__gte=F("raised_on")),
                violation_error_message="解决日期不能早于走访日期。",
            ),
            models.CheckConstraint(
                name="issue_closed_by_another",
                condition=Q(closed_by__isnull=True) | Q(resolved_by__isnull=True) | ~Q(closed_by=F("resolved_by")),
                violation_error_message="办结人不能自己销号，请换一位同事。",
            ),
            models.CheckConstraint(
                name="issue_assigned_to_somebody",
                condition=~Q(state=IssueState.ASSIGNED)
                | (Q(due_on__isnull=False) & (Q(unit__isnull=False) | Q(assignee__isnull=False))),
                violation_error_message="交办必须有承办单位或责任人，并有办理期限。",
            ),
            models.CheckConstraint(
                name="issue_merged_into_another",
                condition=(Q(state=IssueState.MERGED, merged_into__isnull=False) & ~Q(merged_into=F("id")))
                | (~Q(state=IssueState.MERGED) & Q(merged_into__isnull=True)),
                violation_error_message="合并必须指定另一个问题。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.description[:20]}"

    @property
    def is_overdue(self) -> bool:
        """Whether it is open and its deadline has passed."""
        return self.state in OPEN_STATES and self.due_on is not None and self.due_on < today()


def _allowed_moves() -> Q:
    allowed = Q()
    for code, pairs in allowed_pairs().items():
        for source, target in pairs:
            allowed |= Q(move=code, from_state=source, to_state=target)
    return allowed


@tracked(in_feed=True)
class IssueEvent(ScopedModel):
    """One move of an issue: when it happened, who did it, and what it brought. Insert-only."""

    scope_path = "issue__visit__household__village__branch"

    issue = models.ForeignKey(Issue, verbose_name="问题", on_delete=models.PROTECT, related_name="events")
    move = models.CharField("事项", max_length=12, choices=MoveCode)
    from_state = models.CharField("原状态", max_length=12, choices=IssueState, blank=True)
    to_state = models.CharField("新状态", max_length=12, choices=IssueState)
    occurred_on = models.DateField("发生日期")
    recorded_at = models.DateTimeField("记录时间", default=timezone.now)
    actor = models.ForeignKey(
        User, verbose_name="经办人", on_delete=models.PROTECT, null=True, related_name="issue_events"
    )
    note = models.TextField("说明", max_length=1000, blank=True, validators=[MaxLengthValidator(1000)])

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "办理过程"
        ordering = ["issue", "pk"]
        indexes = [models.Index(fields=["issue", "occurred_on", "id"], name="issueevent_course")]
        constraints = [
            models.CheckConstraint(
                name="issueevent_allowed_move",
                condition=_allowed_moves(),
                violation_error_message="当前状态不能这样办理。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_move_display()} {self.occurred_on}"
