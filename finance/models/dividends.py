"""Poverty funds put into enterprises as shares, their yearly dividends, and who gets them (专项扶贫资金入股分红)."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Self

import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from chishang.core.dates import last_full_year
from chishang.core.guards import refusal
from chishang.core.history import tracked
from chishang.core.money import MoneyField
from chishang.core.scoping import ScopedModel, ScopedQuerySet
from finance.enums import PovertyLabel
from organizations.models import User, Village

PERCENT = (MinValueValidator(Decimal(0), "比例不能是负数。"), MaxValueValidator(Decimal(100), "比例不能超过 100。"))


@tracked()
class DividendScheme(ScopedModel):
    """Money of one village in one enterprise, and the share of each dividend that stays with the village."""

    scope_path = "village__branch"

    village = models.ForeignKey(
        Village, verbose_name="行政村", on_delete=models.PROTECT, related_name="dividend_schemes"
    )
    enterprise = models.CharField("龙头企业", max_length=100)
    capital = MoneyField("注入资金（元）")
    village_percent = models.DecimalField(
        "村集体所得比例（%）", max_digits=5, decimal_places=2, validators=PERCENT, default=Decimal("30.00")
    )
    minimum_percent = models.DecimalField(
        "保底收益率（%）", max_digits=5, decimal_places=2, null=True, blank=True, validators=PERCENT
    )
    contract_no = models.CharField("协议编号", max_length=50, blank=True)
    started_on = models.DateField("入股日期", null=True, blank=True)
    ended_on = models.DateField("到期日期", null=True, blank=True)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "入股分红协议"
        ordering = ["village__sort_no", "enterprise"]
        constraints = [
            models.UniqueConstraint(
                name="dividendscheme_once",
                fields=["village", "enterprise"],
                violation_error_message="该村在这家企业的入股已经登记。",
            ),
            models.CheckConstraint(
                name="dividendscheme_capital", condition=Q(capital__gte=0), violation_error_message="金额不能是负数。"
            ),
            models.CheckConstraint(
                name="dividendscheme_percent",
                condition=Q(village_percent__gte=0, village_percent__lte=100),
                violation_error_message="比例应在 0 到 100 之间。",
            ),
            models.CheckConstraint(
                name="dividendscheme_ends_after_start",
                condition=Q(ended_on__isnull=True) | Q(started_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                violation_error_message="到期日期不能早于入股日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.village} {self.enterprise}"


class DividendQuerySet(ScopedQuerySet):
    """Dividends."""

    def counted_by(self, day: date) -> Self:
        """Return those of the year of ``day`` that count by then: from the last day of the year."""
        return self.filter(year=day.year, year__lte=last_full_year(day))


@tracked()
class Dividend(ScopedModel):
    """What a scheme paid in a year: the declared whole, the village's part, the rest for poor households.

    It counts from the last day of its year. Households and persons are as declared; their list may follow.
    """

    scope_path = "scheme__village__branch"

    scheme = models.ForeignKey(
        DividendScheme, verbose_name="入股分红协议", on_delete=models.PROTECT, related_name="dividends"
    )
    year = models.PositiveSmallIntegerField("年度", validators=[MinValueValidator(1949), MaxValueValidator(2100)])
    amount = MoneyField("分红总额（元）")
    village_amount = MoneyField("村集体所得（元）")
    label = models.CharField("受益户称谓", max_length=20, choices=PovertyLabel, default=PovertyLabel.POOR)
    households = models.PositiveIntegerField("受益户数")
    persons = models.PositiveIntegerField("受益人口")
    paid_on = models.DateField("发放日期", null=True, blank=True, editable=False, help_text="名单发放后不能再改")
    paid_by = models.ForeignKey(
        User,
        verbose_name="登记发放",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    objects: ClassVar[Any] = models.Manager.from_queryset(DividendQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "扶贫分红"
        ordering = ["-year", "scheme__village__sort_no"]
        triggers = [
            pgtrigger.Trigger(
                name="dividend_paid",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__paid_on__isnull=False),
                func=refusal("dividend_paid", "这笔分红已经发放，不能再改。"),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                name="dividend_once_a_year",
                fields=["scheme", "year"],
                violation_error_message="这份协议本年度的分红已经登记。",
            ),
            models.CheckConstraint(
                name="dividend_not_negative",
                condition=Q(amount__gte=0, village_amount__gte=0),
                violation_error_message="金额不能是负数。",
            ),
            models.CheckConstraint(
                name="dividend_share_within_whole",
                condition=Q(village_amount__lte=F("amount")),
                violation_error_message="村集体所得不能超过分红总额。",
            ),
            models.CheckConstraint(
                name="dividend_persons_in_households",
                condition=Q(persons__gte=F("households")),
                violation_error_message="受益人口不能少于受益户数。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年 {self.scheme}"

    @property
    def household_amount(self) -> Decimal:
        """What goes to the households, in yuan."""
        return self.amount - self.village_amount


@tracked()
class Beneficiary(ScopedModel):
    """One person of a household on the list of a dividend, and what that person gets. No ID number is kept."""

    scope_path = "dividend__scheme__village__branch"

    dividend = models.ForeignKey(
        Dividend, verbose_name="扶贫分红", on_delete=models.PROTECT, related_name="beneficiaries"
    )
    household_no = models.PositiveIntegerField("户号", help_text="名单里的第几户")
    household = models.CharField("户主", max_length=50)
    name = models.CharField("姓名", max_length=50)
    amount = MoneyField("分得金额（元）", null=True, blank=True, editable=False)
    is_active = models.BooleanField("在名单内", default=True, help_text="写错的人取消勾选，不删除")

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "受益人"
        ordering = ["dividend", "household_no", "pk"]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="beneficiary_paid",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=f"""
                    PERFORM 1 FROM finance_dividend WHERE id IN (OLD.dividend_id, NEW.dividend_id) FOR SHARE;
                    IF EXISTS (
                        SELECT FROM finance_dividend
                        WHERE id IN (OLD.dividend_id, NEW.dividend_id) AND paid_on IS NOT NULL
                    ) THEN {refusal("beneficiary_paid", "这笔分红已经发放，名单不能再改。")}
                    END IF;
                    RETURN coalesce(NEW, OLD);
                """,
            )
        ]
        constraints = [
            models.UniqueConstraint(
                name="beneficiary_once",
                fields=["dividend", "household_no", "name"],
                violation_error_message="这一户里已有同名的人。",
            ),
            models.CheckConstraint(
                name="beneficiary_not_negative",
                condition=Q(amount__isnull=True) | Q(amount__gte=0),
                violation_error_message="金额不能是负数。",
            ),
        ]

    def __str__(self) -> str:
        return self.name
