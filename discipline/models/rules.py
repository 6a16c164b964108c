"""Rules with validity: time limits, and what each sanction entails. They change; what was decided under one stays."""

from datetime import date
from typing import Any, ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from chishang.core.history import tracked
from chishang.core.scoping import PUBLIC
from discipline.enums import LimitCode, LimitUnit, Measure
from discipline.models.confidential import ConfidentialModel, ConfidentialQuerySet


class RuleQuerySet(ConfidentialQuerySet):
    """Rules with a first day."""

    def in_force(self, day: date) -> Self:
        """Return those valid on ``day``, the newest first."""
        return self.filter(valid_from__lte=day).order_by("-valid_from")


RuleManager = models.Manager.from_queryset(RuleQuerySet)


@tracked()
class TimeLimit(ConfidentialModel):
    """How long something may take, counted from the day after it begins."""

    scope_path = PUBLIC

    code = models.CharField("事项", max_length=30, choices=LimitCode)
    amount = models.PositiveSmallIntegerField("期限", validators=[MinValueValidator(1), MaxValueValidator(999)])
    unit = models.CharField("单位", max_length=12, choices=LimitUnit)
    valid_from = models.DateField("起始日期")
    source = models.CharField("依据", max_length=200)

    objects: ClassVar[Any] = RuleManager()

    class Meta(ConfidentialModel.Meta):
        verbose_name = verbose_name_plural = "办理时限"
        ordering = ["code", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                name="timelimit_once_a_day",
                fields=["code", "valid_from"],
                violation_error_message="该事项这一天起的时限已经登记。",
            ),
            models.CheckConstraint(
                name="timelimit_not_zero", condition=Q(amount__gte=1), violation_error_message="期限至少为 1。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_code_display()}：{self.amount}{self.get_unit_display()}"


@tracked()
class MeasureRule(ConfidentialModel):
    """How long a sanction has effect (影响期), from the day it takes effect.

    After a sanction of probation the months here count from the end of the probation itself.
    """

    scope_path = PUBLIC

    measure = models.CharField("处分种类", max_length=20, choices=Measure)
    months = models.PositiveSmallIntegerField(
        "影响期（月）",
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        help_text="留党察看：察看期满后的月数；开除党籍：多少个月内不得重新入党",
    )
    valid_from = models.DateField("起始日期")
    source = models.CharField("依据", max_length=200)

    objects: ClassVar[Any] = RuleManager()

    class Meta(ConfidentialModel.Meta):
        verbose_name = verbose_name_plural = "处分影响期规定"
        ordering = ["measure", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                name="measurerule_once_a_day",
                fields=["measure", "valid_from"],
                violation_error_message="该处分这一天起的影响期已经登记。",
            ),
            models.CheckConstraint(
                name="measurerule_not_zero",
                condition=Q(months__gte=1),
                violation_error_message="影响期至少为 1 个月。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_measure_display()}：{self.months}个月"


@tracked()
class LeadSource(ConfidentialModel):
    """Where leads and cases come from (线索来源)."""

    scope_path = PUBLIC

    name = models.CharField("来源", max_length=30, unique=True, error_messages={"unique": "该来源已经登记。"})
    sort_no = models.PositiveIntegerField("排序号", default=0)
    is_active = models.BooleanField("使用中", default=True)

    class Meta(ConfidentialModel.Meta):
        verbose_name = verbose_name_plural = "线索来源"
        ordering = ["sort_no", "name"]

    def __str__(self) -> str:
        return self.name
