"""Visits to households and enterprises."""

from datetime import date
from typing import Any, ClassVar, Self

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from chishang.core.dates import LocalDate
from chishang.core.history import tracked
from chishang.core.scoping import ScopedModel, ScopedQuerySet
from organizations.models import User
from visits.enums import Source
from visits.models.households import Household
from visits.models.lists import Campaign


class VisitQuerySet(ScopedQuerySet):
    """Visits."""

    def up_to(self, day: date) -> Self:
        """Return the visits made on or before ``day``."""
        return self.filter(visited_on__lte=day)


@tracked(in_feed=True)
class Visit(ScopedModel):
    """A visit at a door: who, when, whom, what was said. It is never deleted, and its date never changes."""

    scope_path = "household__village__branch"

    campaign = models.ForeignKey(Campaign, verbose_name="走访活动", on_delete=models.PROTECT, related_name="visits")
    household = models.ForeignKey(Household, verbose_name="走访对象", on_delete=models.PROTECT, related_name="visits")
    visited_on = models.DateField("走访日期")
    visitor = models.ForeignKey(User, verbose_name="走访人", on_delete=models.PROTECT, related_name="visits_made")
    companions = models.CharField("同行人", max_length=100, blank=True, help_text="多人用顿号分开")
    entered_by = models.ForeignKey(
        User,
        verbose_name="录入人",
        on_delete=models.PROTECT,
        null=True,
        related_name="visits_entered",
        help_text="与走访人不同时为代录；台账导入且无操作人时为空",
    )
    content = models.TextField("谈话内容", max_length=2000, blank=True, validators=[MaxLengthValidator(2000)])
    remark = models.CharField("备注", max_length=200, blank=True)
    source = models.CharField("来源", max_length=10, choices=Source, default=Source.PAGE)
    recorded_at = models.DateTimeField("录入时间", default=timezone.now, editable=False)

    objects: ClassVar[Any] = models.Manager.from_queryset(VisitQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "走访"
        ordering = ["-visited_on", "-pk"]
        indexes = [models.Index(fields=["visited_on", "id"], name="visit_by_date")]
        constraints = [
            models.CheckConstraint(
                name="visit_not_in_future",
                condition=Q(visited_on__lte=LocalDate("recorded_at")),
                violation_error_message="走访日期不能晚于今天。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.visited_on} {self.household}"
