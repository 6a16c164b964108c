"""Training (培训), and who attended: persons and person-times are two figures."""

from datetime import date
from typing import Any, ClassVar, Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

from chishang.core.history import tracked
from chishang.core.scoping import ScopedModel, ScopedQuerySet
from members.enums import TrainingKind
from members.models.people import Member
from organizations.models import Organization


@tracked()
class Training(ScopedModel):
    """One training: a day or several at one place."""

    scope_path = ("organizer", "attendances__branch")
    scope_is_many = True

    name = models.CharField("培训名称", max_length=100)
    kind = models.CharField("类别", max_length=10, choices=TrainingKind)
    organizer = models.ForeignKey(
        Organization, verbose_name="主办党组织", on_delete=models.PROTECT, related_name="trainings"
    )
    started_on = models.DateField("开始日期")
    ended_on = models.DateField("结束日期")
    place = models.CharField("地点", max_length=100, blank=True)
    hours = models.PositiveSmallIntegerField(
        "学时", null=True, blank=True, validators=[MaxValueValidator(500)], help_text="全天 8 学时，半天 4 学时"
    )

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "培训"
        ordering = ["-started_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="training_once",
                fields=["started_on", "name", "kind", "place"],
                violation_error_message="这次培训已经登记：同一天、同名称、同类别、同地点。",
            ),
            models.CheckConstraint(
                name="training_ends_after_start",
                condition=Q(ended_on__gte=F("started_on")),
                violation_error_message="结束日期不能早于开始日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.started_on} {self.name}"


class TrainingAttendanceQuerySet(ScopedQuerySet):
    """Attendances (person-times)."""

    def within_period(self, first: date, last: date) -> Self:
        """Return those of trainings that began from ``first`` to ``last``, both inclusive."""
        return self.filter(training__started_on__gte=first, training__started_on__lte=last)

    def of_kind(self, kind: TrainingKind) -> Self:
        """Return those of one kind of training."""
        return self.filter(training__kind=kind)


@tracked()
class TrainingAttendance(ScopedModel):
    """One person at one training. A village cadre need not be a member: then the name alone says who it was."""

    scope_path = "branch"

    training = models.ForeignKey(Training, verbose_name="培训", on_delete=models.PROTECT, related_name="attendances")
    branch = models.ForeignKey(
        Organization, verbose_name="党支部", on_delete=models.PROTECT, related_name="training_attendances"
    )
    member = models.ForeignKey(
        Member,
        verbose_name="党员",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="training_attendances",
    )
    name = models.CharField("参训人", max_length=50)

    objects: ClassVar[Any] = models.Manager.from_queryset(TrainingAttendanceQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "参训人员"
        ordering = ["training", "branch__sort_no", "name"]
        constraints = [
            models.UniqueConstraint(
                name="trainingattendance_once",
                fields=["training", "branch", "name", "member"],
                nulls_distinct=False,
                violation_error_message="该人员在这次培训里已经登记。",
            )
        ]

    def __str__(self) -> str:
        return self.name
