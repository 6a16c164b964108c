"""What the member register is told of sanctions: one bit."""

from datetime import date
from typing import Any, ClassVar, Self

from django.db import models

from chishang.core.dates import today
from chishang.core.history import tracked
from chishang.core.scoping import ScopedModel, ScopedQuerySet
from members.models.people import Member


class ImpactFlagQuerySet(ScopedQuerySet):
    """Flags."""

    def in_effect(self, day: date | None = None) -> Self:
        """Return those that have not run out on ``day`` (default today); the last day counts."""
        return self.filter(until__gte=day or today())


@tracked()
class ImpactFlag(ScopedModel):
    """A member is within the period of effect of a sanction (影响期), until a day. Why, only one office knows.

    Written by that office's services alone (``discipline.services``); whoever checks cadres reads it.
    """

    scope_path = "member__branch"

    member = models.OneToOneField(Member, verbose_name="党员", on_delete=models.PROTECT, related_name="impact_flag")
    until = models.DateField("影响期至")

    objects: ClassVar[Any] = models.Manager.from_queryset(ImpactFlagQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "影响期提示"
        ordering = ["-until"]
        default_permissions = ("view",)  # type: ignore[assignment]  # fewer than the base has

    def __str__(self) -> str:
        return f"至 {self.until}"
