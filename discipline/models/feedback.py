"""Feedback of inspections (巡察反馈): round → issue → rectified → verified by another person → struck off."""

from datetime import date
from typing import Any, ClassVar, Self

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q

from chishang.core.history import tracked
from chishang.core.scoping import PUBLIC
from discipline.enums import FeedbackState, IssueLevel, RectificationKind
from discipline.models.confidential import ConfidentialModel, ConfidentialQuerySet
from discipline.models.prevention import place
from organizations.models import User

STATES = {
    FeedbackState.OPEN: Q(rectified_on__isnull=True),
    FeedbackState.RECTIFIED: Q(rectified_on__isnull=False, verified_on__isnull=True),
    FeedbackState.VERIFIED: Q(verified_on__isnull=False, struck_off_on__isnull=True),
    FeedbackState.STRUCK_OFF: Q(struck_off_on__isnull=False),
}
"""Which dates make which state."""


@tracked()
class FeedbackCategory(ConfidentialModel):
    """A category of issues (问题类别), as the inspection itself divides them."""

    scope_path = PUBLIC

    name = models.CharField("类别", max_length=30, unique=True, error_messages={"unique": "该类别已经登记。"})
    sort_no = models.PositiveIntegerField("排序号", default=0)
    is_active = models.BooleanField("使用中", default=True, help_text="停用后不能再选，已有问题不变")

    class Meta(ConfidentialModel.Meta):
        verbose_name = verbose_name_plural = "巡察问题类别"
        ordering = ["sort_no", "name"]

    def __str__(self) -> str:
        return self.name


@tracked()
class InspectionRound(ConfidentialModel):
    """One feedback of an inspecting body (巡察反馈)."""

    scope_path = PUBLIC

    body = models.CharField("巡察单位", max_length=50, default="区委巡察组")
    feedback_on = models.DateField("反馈日期")
    report_due_on = models.DateField("整改情况报告期限", null=True, blank=True)
    reported_on = models.DateField("报告日期", null=True, blank=True)

    class Meta(ConfidentialModel.Meta):
        verbose_name = verbose_name_plural = "巡察反馈"
        ordering = ["-feedback_on", "body"]
        constraints = [
            models.UniqueConstraint(
                name="inspectionround_once",
                fields=["feedback_on", "body"],
                violation_error_message="该单位这一天的反馈已经登记。",
            ),
            models.CheckConstraint(
                name="inspectionround_reported_after_feedback",
                condition=Q(reported_on__isnull=True) | Q(reported_on__gte=F("feedback_on")),
                violation_error_message="报告日期不能早于反馈日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.body} {self.feedback_on:%Y-%m-%d}"


class FeedbackIssueQuerySet(ConfidentialQuerySet):
    """Issues of inspections."""

    def fed_back_by(self, day: date) -> Self:
        """Return those handed over on or before ``day``."""
        return self.filter(round__feedback_on__lte=day)

    def rectified_by(self, day: date) -> Self:
        """Return those of them rectified on or before ``day``."""
        return self.fed_back_by(day).filter(rectified_on__lte=day)

    def in_state(self, state: str) -> Self:
        """Return those that stand in ``state`` today."""
        return self.filter(STATES[FeedbackState(state)])

    def overdue(self, day: date) -> Self:
        """Return those whose deadline was before ``day`` and that were not rectified by then."""
        late = self.filter(deadline__lt=day)
        return late.filter(Q(rectified_on__isnull=True) | Q(rectified_on__gte=day))


@tracked()
class FeedbackIssue(ConfidentialModel):
    """One issue of an inspection, in the inspection's own words. How far it is, its dates say."""

    scope_path = "organization"

    number = models.CharField("编号", max_length=30, unique=True, error_messages={"unique": "该编号已经登记。"})
    round = models.ForeignKey(
        InspectionRound, verbose_name="巡察反馈", on_delete=models.PROTECT, related_name="issues"
    )
    category = models.ForeignKey(
        FeedbackCategory, verbose_name="类别", on_delete=models.PROTECT, related_name="issues"
    )
    level = models.CharField("级别", max_length=10, choices=IssueLevel)
    unit = models.CharField("涉及单位", max_length=50)
    organization = place()
    text = models.TextField("问题（原文）", max_length=1000, validators=[MaxLengthValidator(1000)])
    leader = models.CharField("责任领导", max_length=50, blank=True)
    responsible = models.CharField("责任人", max_length=50)
    kind = models.CharField("整改方式", max_length=20, choices=RectificationKind, default=RectificationKind.IN_TIME)
    deadline = models.DateField("整改时限")
    measures = models.CharField("整改措施", max_length=500, blank=True)

    rectified_on = models.DateField("整改完成日期", null=True, blank=True)
    rectifier = models.CharField("整改人", max_length=50, blank=True)
    result = models.CharField("整改结果", max_length=300, blank=True)
    rectified_by = models.ForeignKey(
        User, verbose_name="整改登记人", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    verified_on = models.DateField("核验日期", null=True, blank=True, editable=False)
    verifier = models.CharField("核验人", max_length=50, blank=True, editable=False)
    verified_by = models.ForeignKey(
        User, verbose_name="核验登记人", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    struck_off_on = models.DateField("销号日期", null=True, blank=True, editable=False)

    objects: ClassVar[Any] = models.Manager.from_queryset(FeedbackIssueQuerySet)()

    class Meta(ConfidentialModel.Meta):
        verbose_name = verbose_name_plural = "巡察反馈问题"
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                name="feedbackissue_verified_after_rectified",
                condition=Q(verified_on__isnull=True)
                | Q(rectified_on__isnull=False, verified_on__gte=F("rectified_on")),
                violation_error_message="先整改、后核验：核验日期不能早于整改完成日期。",
            ),
            models.CheckConstraint(
                name="feedbackissue_struck_off_after_verified",
                condition=Q(struck_off_on__isnull=True)
                | Q(verified_on__isnull=False, struck_off_on__gte=F("verified_on")),
                violation_error_message="先核验、后销号：销号日期不能早于核验日期。",
            ),
            models.CheckConstraint(
                name="feedbackissue_verified_by_another",
                condition=Q(verified_on__isnull=True)
                | (~Q(verifier="") & ~Q(verifier=F("rectifier")) & ~Q(verifier=F("responsible"))),
                violation_error_message="整改人不能核验自己的整改（整改、核验须为两人），请由他人核验。",
            ),
            models.CheckConstraint(
                name="feedbackissue_verified_by_another_account",
                condition=Q(rectified_by__isnull=True)
                | Q(verified_by__isnull=True)
                | ~Q(verified_by=F("rectified_by")),
                violation_error_message="登记整改的人不能核验同一问题（整改、核验须为两人），请由他人核验。",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def state(self) -> FeedbackState:
        """How far it is today."""
        if self.struck_off_on:
            return FeedbackState.STRUCK_OFF
        if self.verified_on:
            return FeedbackState.VERIFIED
        return FeedbackState.RECTIFIED if self.rectified_on else FeedbackState.OPEN
