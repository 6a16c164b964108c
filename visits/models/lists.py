"""Lists that the office edits: campaigns, categories of issues, units that handle them."""

from datetime import date
from typing import Any, ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from chishang.core.dates import today
from chishang.core.history import tracked
from chishang.core.scoping import PUBLIC, ScopedModel, ScopedQuerySet
from visits.enums import UnitLevel


class CampaignQuerySet(ScopedQuerySet):
    """Campaigns."""

    def running_on(self, day: date | None = None) -> Self:
        """Return those running on ``day`` (default today), newest first."""
        day = day or today()
        return self.filter(started_on__lte=day).exclude(ended_on__lt=day).order_by("-started_on", "-pk")


@tracked()
class Campaign(ScopedModel):
    """A campaign of visits (走访活动). A new one needs no programmer."""

    scope_path = PUBLIC

    name = models.CharField("活动名称", max_length=100, unique=True)
    started_on = models.DateField("开始日期")
    ended_on = models.DateField("结束日期", null=True, blank=True)

    objects: ClassVar[Any] = models.Manager.from_queryset(CampaignQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "走访活动"
        ordering = ["-started_on", "name"]
        constraints = [
            models.CheckConstraint(
                name="campaign_ends_after_start",
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                violation_error_message="结束日期不能早于开始日期。",
            )
        ]

    def __str__(self) -> str:
        return self.name


class IssueCategoryQuerySet(ScopedQuerySet):
    """Categories."""

    def in_use(self) -> Self:
        """Return those that may be chosen for new issues."""
        return self.filter(is_active=True)


@tracked()
class IssueCategory(ScopedModel):
    """A category of issues (问题类别)."""

    scope_path = PUBLIC

    name = models.CharField("类别", max_length=30, unique=True)
    days = models.PositiveSmallIntegerField(
        "一般办理期限（天）", default=15, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    urgent_days = models.PositiveSmallIntegerField(
        "紧急办理期限（天）", default=7, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    sort_no = models.PositiveIntegerField("排序号", default=0)
    is_active = models.BooleanField("使用中", default=True, help_text="停用后不能再选，已有问题不变")

    objects: ClassVar[Any] = models.Manager.from_queryset(IssueCategoryQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "问题类别"
        ordering = ["sort_no", "name"]

    def __str__(self) -> str:
        return self.name


@tracked()
class Unit(ScopedModel):
    """A unit that handles issues (承办单位): a village committee, a station of the town, a bureau of the district."""

    scope_path = PUBLIC

    name = models.CharField("承办单位", max_length=50, unique=True)
    level = models.CharField("级别", max_length=10, choices=UnitLevel, default=UnitLevel.TOWN)
    sort_no = models.PositiveIntegerField("排序号", default=0)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "承办单位"
        ordering = ["level", "sort_no", "name"]

    def __str__(self) -> str:
        return self.name
