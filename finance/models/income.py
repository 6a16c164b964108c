"""Collective income of the villages, by year and kind."""

from decimal import Decimal
from typing import Any, ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q, Sum

from chishang.core.history import tracked
from chishang.core.money import MoneyField
from chishang.core.scoping import ScopedModel, ScopedQuerySet
from finance.models.lists import IncomeKind
from organizations.models import Village

THRESHOLD = Decimal("30000.00")
"""Yuan a year that the district's list of villages asks about (集体收入超过3万元); more than it, not as much."""


class CollectiveIncomeQuerySet(ScopedQuerySet):
    """Collective income."""

    def counted(self, year: int) -> Self:
        """Return the rows of ``year`` whose kind counts as collective income."""
        return self.filter(year=year, kind__counts_as_income=True)

    def villages_over(self, threshold: Decimal, year: int) -> Any:
        """Return the keys of villages whose counted income of ``year`` is more than ``threshold`` yuan."""
        totals = self.counted(year).order_by().values("village").annotate(total=Sum("amount"))
        return totals.filter(total__gt=threshold).values("village")


@tracked()
class CollectiveIncome(ScopedModel):
    """What a village earned from one source in a year. It counts from the last day of the year."""

    scope_path = "village__branch"

    year = models.PositiveSmallIntegerField("年度", validators=[MinValueValidator(1949), MaxValueValidator(2100)])
    village = models.ForeignKey(Village, verbose_name="行政村", on_delete=models.PROTECT, related_name="incomes")
    kind = models.ForeignKey(IncomeKind, verbose_name="收入来源", on_delete=models.PROTECT, related_name="incomes")
    amount = MoneyField("金额（元）")
    note = models.CharField("说明", max_length=200, blank=True)

    objects: ClassVar[Any] = models.Manager.from_queryset(CollectiveIncomeQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "集体收入"
        ordering = ["-year", "village__sort_no", "kind__sort_no"]
        constraints = [
            models.UniqueConstraint(
                name="collectiveincome_once",
                fields=["year", "village", "kind"],
                violation_error_message="该村本年度这一来源的收入已经登记。",
            ),
            models.CheckConstraint(
                name="collectiveincome_not_negative",
                condition=Q(amount__gte=0),
                violation_error_message="金额不能是负数。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年 {self.village} {self.kind}"
