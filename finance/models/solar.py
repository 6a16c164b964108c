"""Solar plants of villages (光伏) and what they brought in."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value

from chishang.core.history import tracked
from chishang.core.money import ZERO, MoneyField
from chishang.core.scoping import ScopedModel, ScopedQuerySet
from finance.enums import Basis
from organizations.models import Village

ENDS_BEFORE_START = "结算截止日期不能早于起始日期。"


@tracked()
class SolarPlant(ScopedModel):
    """A village's plant: capacity in kilowatts, day of its connection to the grid, tariff in yuan a kilowatt-hour."""

    scope_path = "village__branch"

    village = models.ForeignKey(Village, verbose_name="行政村", on_delete=models.PROTECT, related_name="solar_plants")
    name = models.CharField("电站名称", max_length=50, default="光伏电站")
    capacity_kw = models.DecimalField(
        "装机容量（千瓦）",
        max_digits=8,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0.01"), "装机容量要大于 0。")],
    )
    on_grid_on = models.DateField("并网日期", null=True, blank=True)
    tariff = models.DecimalField("电价（元/度）", max_digits=6, decimal_places=4, null=True, blank=True)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "光伏电站"
        ordering = ["village__sort_no", "name"]
        constraints = [
            models.UniqueConstraint(
                name="solarplant_once",
                fields=["village", "name"],
                violation_error_message="该村已有同名的电站。",
            ),
            models.CheckConstraint(
                name="solarplant_capacity",
                condition=Q(capacity_kw__gt=0),
                violation_error_message="装机容量要大于 0。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.village} {self.name}"


class SolarSettlementQuerySet(ScopedQuerySet):
    """Settlements."""

    def received_by(self, day: date) -> Self:
        """Return the actual ones whose period ended in the year of ``day``, on or before it."""
        return self.filter(ended_on__year=day.year, ended_on__lte=day, basis=Basis.ACTUAL)


@tracked()
class SolarSettlement(ScopedModel):
    """What a plant earned from a day to a day (both inclusive): a month, a quarter or a year. Counts from the last."""

    scope_path = "plant__village__branch"

    plant = models.ForeignKey(
        SolarPlant, verbose_name="光伏电站", on_delete=models.PROTECT, related_name="settlements"
    )
    started_on = models.DateField("结算起始日期")
    ended_on = models.DateField("结算截止日期")
    kwh = models.DecimalField("上网电量（度）", max_digits=12, decimal_places=2, null=True, blank=True)
    base_amount = MoneyField("电费（元）", null=True, blank=True)
    subsidy_amount = MoneyField("补贴（元）", default=ZERO)
    fee = MoneyField("运维费（元）", default=ZERO)
    amount = MoneyField("净收益（元）", help_text="电费加补贴减运维费；只知道总数的，电费留空")
    basis = models.CharField("依据", max_length=10, choices=Basis, default=Basis.ACTUAL)
    received_on = models.DateField("到账日期", null=True, blank=True)

    objects: ClassVar[Any] = models.Manager.from_queryset(SolarSettlementQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "光伏收益"
        ordering = ["-ended_on", "plant__village__sort_no"]
        constraints = [
            models.CheckConstraint(
                name="solarsettlement_ends_after_start",
                condition=Q(ended_on__gte=F("started_on")),
                violation_error_message=ENDS_BEFORE_START,
            ),
            models.CheckConstraint(
                name="solarsettlement_not_negative",
                condition=Q(subsidy_amount__gte=0, fee__gte=0)
                & (Q(base_amount__isnull=True) | Q(base_amount__gte=0))
                & (Q(kwh__isnull=True) | Q(kwh__gte=0)),
                violation_error_message="电量和金额不能是负数。",
            ),
            models.CheckConstraint(
                name="solarsettlement_adds_up",
                condition=Q(base_amount__isnull=True, subsidy_amount=0, fee=0)
                | Q(base_amount__isnull=False, amount=F("base_amount") + F("subsidy_amount") - F("fee")),
                violation_error_message="净收益应等于电费加补贴减运维费；只知道总数的，电费、补贴和运维费都留空。",
            ),
            # The embedded server has no operator class for a key beside a range; a range of one key does as well.
            ExclusionConstraint(
                name="solarsettlement_no_overlap",
                expressions=[
                    (
                        Func(
                            "plant",
                            "plant",
                            Value("[]"),
                            function="int8range",
                            output_field=BigIntegerRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            "started_on", "ended_on", Value("[]"), function="daterange", output_field=DateRangeField()
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="这段时间的收益已经登记过，请核对起止日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plant} {self.started_on}至{self.ended_on}"

    def clean(self) -> None:
        """Refuse an end before the start here already: the database cannot even compare such a period with others."""
        if self.started_on and self.ended_on and self.ended_on < self.started_on:
            raise ValidationError({"ended_on": ENDS_BEFORE_START})
