"""The registry of whom one visits: households and enterprises."""

from typing import Any, ClassVar, Self

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q

from chishang.core.history import tracked
from chishang.core.scoping import ScopedModel, ScopedQuerySet
from chishang.core.text import narrow, pinyin_key
from organizations.models import Village
from organizations.models.accounts import PHONE
from visits.enums import HouseholdKind

NUMBER_DIGITS = 4
"""Digits of a household's number within its village (V01-0079)."""


class HouseholdQuerySet(ScopedQuerySet):
    """Households and enterprises."""

    def search(self, text: str) -> Self:
        """Return those whose name contains ``text``, whose pinyin begins with it, or whose number ends so."""
        text = narrow(text).lower()
        if not text:
            return self
        found = Q(name__icontains=text) | Q(code__iexact=text) | Q(contact__icontains=text)
        if text.isascii() and text.isalpha():
            found |= Q(pinyin__startswith=text) | Q(pinyin__contains=f" {text}")
        if text.isdigit():
            short = len(text) <= NUMBER_DIGITS
            found |= Q(code__endswith=text.zfill(NUMBER_DIGITS)) if short else Q(phone__startswith=text)
        return self.filter(found)


@tracked(exclude=("pinyin",))
class Household(ScopedModel):
    """A household or an enterprise of a village; ``kind`` tells."""

    scope_path = "village__branch"

    code = models.CharField("户编号", max_length=20, unique=True)
    kind = models.CharField("类型", max_length=12, choices=HouseholdKind, default=HouseholdKind.HOUSEHOLD)
    village = models.ForeignKey(Village, verbose_name="所在村", on_delete=models.PROTECT, related_name="households")
    name = models.CharField("户主或企业名称", max_length=100)
    group = models.CharField("自然村/组", max_length=50, blank=True)
    persons = models.PositiveSmallIntegerField("家庭人口", null=True, blank=True)
    contact = models.CharField("负责人", max_length=50, blank=True, help_text="企业填写")
    phone = models.CharField("联系电话", max_length=20, blank=True, validators=[PHONE])
    pinyin = models.CharField("拼音", max_length=200, editable=False, blank=True)

    objects: ClassVar[Any] = models.Manager.from_queryset(HouseholdQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "农户和企业"
        ordering = ["code"]
        indexes = [models.Index(OpClass("pinyin", "varchar_pattern_ops"), name="household_pinyin")]
        constraints = [
            models.CheckConstraint(
                name="household_persons_of_households",
                condition=Q(kind=HouseholdKind.HOUSEHOLD) | Q(persons__isnull=True),
                violation_error_message="企业不填家庭人口。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.code}）"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the search key in step with the name."""
        self.pinyin = pinyin_key(self.name)
        super().save(*args, **kwargs)
