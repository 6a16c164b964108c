"""People to be proud of: outstanding cadres, young returnees, role models, and their honours."""

from datetime import date
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from chishang.core.dates import Precision
from chishang.core.history import tracked
from chishang.core.scoping import ScopedModel, ScopedQuerySet
from members.enums import HonourLevel, TalentKind
from members.models.people import Member
from organizations.models import Village


class TalentQuerySet(ScopedQuerySet):
    """Talents."""

    def recorded_by(self, day: date) -> Self:
        """Return those recorded on or before ``day``."""
        return self.filter(recorded_on__lte=day)


@tracked()
class Talent(ScopedModel):
    """A person in the talent register (人才), not necessarily a member."""

    scope_path = "village__branch"

    name = models.CharField("姓名", max_length=50)
    kind = models.CharField("类别", max_length=20, choices=TalentKind)
    village = models.ForeignKey(Village, verbose_name="所在村", on_delete=models.PROTECT, related_name="talents")
    member = models.ForeignKey(
        Member, verbose_name="党员", on_delete=models.PROTECT, null=True, blank=True, related_name="talents"
    )
    recorded_on = models.DateField("登记日期")
    recorded_precision = models.CharField("登记日期精确到", max_length=5, choices=Precision, default=Precision.DAY)
    project = models.CharField("项目或事迹", max_length=200, blank=True)

    objects: ClassVar[Any] = models.Manager.from_queryset(TalentQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "人才"
        ordering = ["-recorded_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="talent_once",
                fields=["village", "name", "kind"],
                violation_error_message="该村该类别已有同名人才。",
            )
        ]

    def __str__(self) -> str:
        return self.name


class HonourQuerySet(ScopedQuerySet):
    """Honours."""

    def held_on(self, day: date) -> Self:
        """Return those granted on or before ``day`` and not revoked by then."""
        return self.filter(granted_on__lte=day).exclude(revoked_on__lte=day)


@tracked()
class Honour(ScopedModel):
    """An honour granted to a person; one that is revoked stays, with the day of its end."""

    scope_path = "talent__village__branch"

    talent = models.ForeignKey(Talent, verbose_name="获得人", on_delete=models.PROTECT, related_name="honours")
    title = models.CharField("荣誉称号", max_length=100)
    level = models.CharField("级别", max_length=10, choices=HonourLevel)
    granted_by = models.CharField("授予单位", max_length=100)
    granted_on = models.DateField("授予日期")
    granted_precision = models.CharField("授予日期精确到", max_length=5, choices=Precision, default=Precision.DAY)
    document = models.CharField("文号", max_length=50, blank=True)
    revoked_on = models.DateField("撤销日期", null=True, blank=True)

    objects: ClassVar[Any] = models.Manager.from_queryset(HonourQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "荣誉"
        ordering = ["-granted_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="honour_once",
                fields=["talent", "title", "granted_on"],
                violation_error_message="这项荣誉已经登记。",
            ),
            models.CheckConstraint(
                name="honour_revoked_after_grant",
                condition=Q(revoked_on__isnull=True) | Q(revoked_on__gte=F("granted_on")),
                violation_error_message="撤销日期不能早于授予日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.title
