"""Party dues (党费; 中组发〔2008〕3号): brackets, each member's standard, exemptions, payments. Yuan, two decimals."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from chishang.core.dates import LocalDate
from chishang.core.history import tracked
from chishang.core.scoping import PUBLIC, ScopedModel, ScopedQuerySet
from members.enums import DuesMethod, DuesPayer
from members.models.people import Member
from organizations.models import User

NOT_NEGATIVE = MinValueValidator(Decimal("0.00"), "金额不能是负数。")


def _first_of_month(name: str, label: str, *, optional: bool = False) -> models.CheckConstraint:
    condition = Q(**{f"{name}__day": 1})
    return models.CheckConstraint(
        name=label,
        condition=condition | Q(**{f"{name}__isnull": True}) if optional else condition,
        violation_error_message="月份请写当月第一天。",
    )


class DuesBracketQuerySet(ScopedQuerySet):
    """Brackets."""

    def in_force(self, day: date) -> Self:
        """Return those valid on ``day``."""
        return self.filter(valid_from__lte=day).exclude(valid_until__lt=day)


@tracked()
class DuesBracket(ScopedModel):
    """One bracket: over an income (exclusive) up to one (inclusive), a rate of the whole base; or fixed bounds.

    The whole base is charged at one rate, not slice by slice. Bounds of a fixed amount (farmers 0.2 to 1 yuan) are
    ``least`` and ``most``.
    """

    scope_path = PUBLIC

    payer = models.CharField("交纳人", max_length=10, choices=DuesPayer)
    over = models.DecimalField("收入高于（元）", max_digits=12, decimal_places=2, default=Decimal("0.00"))
    up_to = models.DecimalField("收入至（元，含）", max_digits=12, decimal_places=2, null=True, blank=True)
    percent = models.DecimalField("比例（%）", max_digits=4, decimal_places=2, null=True, blank=True)
    least = models.DecimalField("最低（元/月）", max_digits=12, decimal_places=2, null=True, blank=True)
    most = models.DecimalField("最高（元/月）", max_digits=12, decimal_places=2, null=True, blank=True)
    valid_from = models.DateField("起始日期")
    valid_until = models.DateField("截止日期", null=True, blank=True)
    source = models.CharField("依据", max_length=200, blank=True)

    objects: ClassVar[Any] = models.Manager.from_queryset(DuesBracketQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "党费标准"
        ordering = ["payer", "valid_from", "over"]
        constraints = [
            models.CheckConstraint(
                name="duesbracket_rate_or_bounds",
                condition=Q(percent__isnull=False, least__isnull=True, most__isnull=True)
                | Q(percent__isnull=True, least__isnull=False, most__gte=F("least")),
                violation_error_message="填比例，或填最低和最高金额，只填一种。",
            ),
            models.CheckConstraint(
                name="duesbracket_upwards",
                condition=Q(up_to__isnull=True) | Q(up_to__gt=F("over")),
                violation_error_message="收入上限要高于下限。",
            ),
            models.UniqueConstraint(
                name="duesbracket_once",
                fields=["payer", "over", "valid_from"],
                violation_error_message="这一档已经登记。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_payer_display()} {self.over}"


@tracked()
class DuesStandard(ScopedModel):
    """What a member owes each month from a month on, until the next standard."""

    scope_path = "member__branch"

    member = models.ForeignKey(Member, verbose_name="党员", on_delete=models.PROTECT, related_name="dues_standards")
    payer = models.CharField("交纳人", max_length=10, choices=DuesPayer)
    base = models.DecimalField(
        "计算基数（元/月）", max_digits=12, decimal_places=2, null=True, blank=True, validators=[NOT_NEGATIVE]
    )
    amount = models.DecimalField("每月应交（元）", max_digits=12, decimal_places=2, validators=[NOT_NEGATIVE])
    valid_from = models.DateField("从哪个月起", help_text="当月第一天")

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "党员党费标准"
        ordering = ["member", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                name="duesstandard_once",
                fields=["member", "valid_from"],
                violation_error_message="该党员从这个月起的标准已经登记。",
            ),
            models.CheckConstraint(
                name="duesstandard_not_negative",
                condition=Q(amount__gte=0),
                violation_error_message="金额不能是负数。",
            ),
            _first_of_month("valid_from", "duesstandard_from_first_of_month"),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.amount}"


@tracked()
class DuesExemption(ScopedModel):
    """A reduction or exemption by decision, from a month to a month (both inclusive)."""

    scope_path = "member__branch"

    member = models.ForeignKey(Member, verbose_name="党员", on_delete=models.PROTECT, related_name="dues_exemptions")
    from_month = models.DateField("从哪个月起")
    until_month = models.DateField("到哪个月止", help_text="含")
    amount = models.DecimalField(
        "减为每月（元）", max_digits=12, decimal_places=2, default=Decimal("0.00"), validators=[NOT_NEGATIVE]
    )
    decided_on = models.DateField("批准日期")
    decided_by = models.CharField("批准单位", max_length=100)
    reason = models.CharField("理由", max_length=200)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "党费减免"
        ordering = ["member", "-from_month"]
        constraints = [
            models.CheckConstraint(
                name="duesexemption_until_after_from",
                condition=Q(until_month__gte=F("from_month")),
                violation_error_message="截止月份不能早于起始月份。",
            ),
            models.CheckConstraint(
                name="duesexemption_not_negative",
                condition=Q(amount__gte=0),
                violation_error_message="金额不能是负数。",
            ),
            _first_of_month("from_month", "duesexemption_from_first_of_month"),
            _first_of_month("until_month", "duesexemption_until_first_of_month"),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.from_month}"


@tracked()
class DuesPayment(ScopedModel):
    """Dues of one member for one month; without a month a voluntary extra. A wrong one is reversed by a second row."""

    scope_path = "member__branch"

    member = models.ForeignKey(Member, verbose_name="党员", on_delete=models.PROTECT, related_name="dues_payments")
    month = models.DateField("所属月份", null=True, blank=True, help_text="当月第一天；自愿多交的留空")
    amount = models.DecimalField("金额（元）", max_digits=12, decimal_places=2)
    paid_on = models.DateField("交纳日期")
    method = models.CharField("方式", max_length=10, choices=DuesMethod, default=DuesMethod.CASH)
    receipt_no = models.CharField("收据号", max_length=50, blank=True)
    note = models.CharField("说明", max_length=200, blank=True, help_text="冲销的写理由")
    reverses = models.OneToOneField(
        "self", verbose_name="冲销", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )
    recorded_by = models.ForeignKey(
        User, verbose_name="录入人", on_delete=models.PROTECT, null=True, editable=False, related_name="dues_recorded"
    )
    recorded_at = models.DateTimeField("录入时间", default=timezone.now, editable=False)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "党费交纳"
        ordering = ["-paid_on", "-pk"]
        indexes = [models.Index(fields=["member", "month"], name="duespayment_by_month")]
        constraints = [
            models.CheckConstraint(
                name="duespayment_positive_or_reversal",
                condition=Q(reverses__isnull=True, amount__gt=0) | Q(reverses__isnull=False, amount__lt=0),
                violation_error_message="金额要大于 0；冲销的金额为负数。",
            ),
            models.UniqueConstraint(
                name="duespayment_once",
                fields=["member", "month", "paid_on", "receipt_no"],
                condition=Q(reverses__isnull=True),
                nulls_distinct=False,
                violation_error_message="这一笔已经登记：同一党员、同一月份、同一天、同一收据号。",
            ),
            models.CheckConstraint(
                name="duespayment_not_in_future",
                condition=Q(paid_on__lte=LocalDate("recorded_at")),
                violation_error_message="交纳日期不能晚于今天。",
            ),
            _first_of_month("month", "duespayment_first_of_month", optional=True),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.amount}"
