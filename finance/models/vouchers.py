"""The ledger: posted vouchers with their entries, the counter of their numbers, and the periods.

A voucher is written once. It is numbered in its year without a gap, balanced at commit, refused in a closed period and
put right by a reversal, which is a voucher of its own.
"""

from typing import Any, ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import ExtractYear
from django.utils import timezone

from chishang.core.guards import refusal, written_once
from chishang.core.history import tracked
from chishang.core.money import ZERO, MoneyField
from chishang.core.scoping import PUBLIC, ScopedModel, ScopedQuerySet
from finance.models.budgets import Budget, pool_guard, signed_amount
from finance.models.disbursements import Disbursement
from finance.models.lists import Account, Subject
from organizations.models import Organization, User

NEVER_CHANGED = "已入账的凭证不能更改，也不能删除；写错的请冲销后重新拨付。"


class FiscalYear(ScopedModel):
    """The counter of a year's voucher numbers. Its row is the lock under which vouchers and closings take turns."""

    scope_path = PUBLIC

    year = models.PositiveSmallIntegerField("年度", primary_key=True)
    last_number = models.PositiveIntegerField("最后凭证号", default=0)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "会计年度"
        ordering = ["-year"]

    def __str__(self) -> str:
        return str(self.year)


class PeriodQuerySet(ScopedQuerySet):
    """Periods."""

    def closed(self) -> Self:
        """Return the closed ones."""
        return self.filter(is_closed=True)


@tracked()
class Period(ScopedModel):
    """A month that was closed (结账). It takes two people with a reason to open it again."""

    scope_path = PUBLIC

    year = models.PositiveSmallIntegerField("年度")
    month = models.PositiveSmallIntegerField("月份")
    is_closed = models.BooleanField("已结账", default=True)
    closed_by = models.ForeignKey(User, verbose_name="结账人", on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField("结账时间", default=timezone.now)
    asked_by = models.ForeignKey(
        User, verbose_name="申请反结账", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField("反结账理由", max_length=200, blank=True)
    reopened_by = models.ForeignKey(
        User, verbose_name="同意反结账", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[Any] = models.Manager.from_queryset(PeriodQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "会计期间"
        ordering = ["-year", "-month"]
        permissions = [("close_period", "结账和反结账")]
        constraints = [
            models.UniqueConstraint(
                name="period_once", fields=["year", "month"], violation_error_message="这个月已经登记。"
            ),
            models.CheckConstraint(
                name="period_is_a_month",
                condition=Q(month__gte=1, month__lte=12),
                violation_error_message="月份应为 1 到 12。",
            ),
            models.CheckConstraint(
                name="period_reopened_by_two",
                condition=Q(is_closed=True, reopened_by__isnull=True)
                | (
                    Q(is_closed=False, asked_by__isnull=False, reopened_by__isnull=False)
                    & ~Q(asked_by=F("reopened_by"))
                    & ~Q(reason="")
                ),
                violation_error_message="反结账要由两个人办理：一人写明理由申请，另一人同意。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年{self.month}月"


class VoucherQuerySet(ScopedQuerySet):
    """Vouchers."""

    def signed(self) -> Self:
        """Annotate ``effect``: the amount in yuan, negative for a reversal. Their sum is what was disbursed."""
        return self.annotate(effect=signed_amount())

    def of_subjects(self, *codes: str) -> Self:
        """Return those of the subjects."""
        return self.filter(subject__code__in=codes)


def _numbering() -> pgtrigger.Trigger:
    """Return the trigger that gives the next number of the year, and refuses a closed period.

    An imported voucher keeps the number of its ledger. The counter's row is held until commit, and a rollback gives
    the number back: so there are no gaps.
    """
    return pgtrigger.Trigger(
        name="voucher_number",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("last", "integer")],
        func=f"""
            INSERT INTO finance_fiscalyear (year, last_number) VALUES (NEW.year, 0) ON CONFLICT (year) DO NOTHING;
            SELECT last_number INTO last FROM finance_fiscalyear WHERE year = NEW.year FOR UPDATE;
            IF EXISTS (
                SELECT FROM finance_period
                WHERE year = NEW.year AND month = extract(month FROM NEW.date) AND is_closed
            ) THEN {refusal("period_open", "这个月已经结账，不能再入账；请改用未结账月份的日期，或先反结账。")}
            END IF;
            IF NOT NEW.imported THEN
                NEW.number := last + 1;
            END IF;
            UPDATE finance_fiscalyear SET last_number = greatest(last, NEW.number) WHERE year = NEW.year;
            NEW.code := '记-' || to_char(NEW.date, 'YYYYMM') || '-'
                || lpad(NEW.number::text, greatest(4, length(NEW.number::text)), '0');
            RETURN NEW;
        """,  # noqa: S608  our own names
    )


def _request_guard() -> pgtrigger.Trigger:
    """Return the trigger that lets the portal's own vouchers come from a sealed request only, as it was sealed."""
    return pgtrigger.Trigger(
        name="voucher_from_request",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Q(new__imported=False),
        func=f"""
            IF NOT EXISTS (
                SELECT FROM finance_disbursement request
                JOIN finance_seal checked ON checked.disbursement_id = request.id AND checked.kind = 'check'
                JOIN finance_seal approved ON approved.disbursement_id = request.id AND approved.kind = 'approve'
                WHERE request.id = NEW.disbursement_id AND request.state = 'posted'
                    AND (request.maker_id, checked.signer_id, approved.signer_id)
                        = (NEW.maker_id, NEW.checker_id, NEW.approver_id)
                    AND (request.organization_id, request.subject_id, request.amount, request.payee, request.purpose)
                        = (NEW.organization_id, NEW.subject_id, NEW.amount, NEW.payee, NEW.summary)
                    AND (request.budget_id, request.reverses_id) IS NOT DISTINCT FROM (NEW.budget_id, NEW.reverses_id)
            ) THEN {refusal("voucher_from_request", "凭证只能由盖齐两枚印鉴的拨付申请入账。")}
            END IF;
            IF NEW.reverses_id IS NOT NULL AND NOT EXISTS (
                SELECT FROM finance_voucher wrong
                WHERE wrong.id = NEW.reverses_id AND wrong.reverses_id IS NULL
                    AND (wrong.organization_id, wrong.subject_id, wrong.amount)
                        = (NEW.organization_id, NEW.subject_id, NEW.amount)
                    AND wrong.budget_id IS NOT DISTINCT FROM NEW.budget_id
            ) THEN {refusal("reversal_mirrors", "冲销的单位、科目和金额要与原凭证相同；冲销凭证本身不能再冲销。")}
            END IF;
            RETURN NEW;
        """,  # noqa: S608  our own names
    )


def _balance_guard(name: str, voucher: str) -> pgtrigger.Trigger:
    """Return the trigger that checks at commit that a voucher's entries balance, and are those of its head."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        func=f"""
            IF NOT EXISTS (
                SELECT FROM finance_voucher head JOIN finance_voucherline line ON line.voucher_id = head.id
                WHERE head.id = {voucher}
                GROUP BY head.id
                HAVING sum(line.debit) = head.amount AND sum(line.credit) = head.amount
                    AND count(*) = head.line_count
            ) THEN {refusal("balanced", "借贷不平，或分录与凭证不符，没有入账。")}
            END IF;
            RETURN NULL;
        """,
    )


@tracked(in_feed=True)
class Voucher(ScopedModel):
    """A posted voucher (记账凭证). Written once; ``amount`` is positive, also where it reverses another."""

    scope_path = "organization"

    year = models.PositiveSmallIntegerField("年度")
    number = models.PositiveIntegerField("序号", default=0, help_text="由数据库编号")
    code = models.CharField("凭证号", max_length=30, unique=True, editable=False)
    date = models.DateField("日期")
    organization = models.ForeignKey(
        Organization, verbose_name="村或镇本级", on_delete=models.PROTECT, related_name="vouchers"
    )
    subject = models.ForeignKey(Subject, verbose_name="经费科目", on_delete=models.PROTECT, related_name="+")
    budget = models.ForeignKey(
        Budget, verbose_name="预算", on_delete=models.PROTECT, null=True, blank=True, related_name="vouchers"
    )
    amount = MoneyField("金额（元）")
    payee = models.CharField("收款人", max_length=100, blank=True)
    summary = models.CharField("摘要", max_length=200)
    line_count = models.PositiveSmallIntegerField("分录数", default=2, editable=False)
    disbursement = models.OneToOneField(
        Disbursement,
        verbose_name="拨付申请",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="voucher",
    )
    reverses = models.OneToOneField(
        "self", verbose_name="冲销凭证", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )
    maker = models.ForeignKey(
        User, verbose_name="经办账号", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    maker_name = models.CharField("经办人", max_length=50)
    checker = models.ForeignKey(
        User, verbose_name="复核账号", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    checker_name = models.CharField("复核人", max_length=50)
    approver = models.ForeignKey(
        User, verbose_name="批准账号", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approver_name = models.CharField("批准人", max_length=50)
    posted_by = models.ForeignKey(
        User, verbose_name="入账人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    posted_at = models.DateTimeField("入账时间", default=timezone.now)
    imported = models.BooleanField("台账转入", default=False, editable=False)

    objects: ClassVar[Any] = models.Manager.from_queryset(VoucherQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "记账凭证"
        ordering = ["-year", "-number"]
        indexes = [models.Index(fields=["organization", "date"], name="voucher_by_date")]
        triggers = [
            *written_once("voucher", NEVER_CHANGED),
            _numbering(),
            _request_guard(),
            _balance_guard("voucher_balanced", "NEW.id"),
            pool_guard("voucher_pool", pgtrigger.Insert, "NEW.budget_id"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="voucher_number_once", fields=["year", "number"], violation_error_message="这个凭证号已经用过。"
            ),
            models.CheckConstraint(
                name="voucher_numbered", condition=Q(number__gte=1), violation_error_message="凭证号从 1 开始。"
            ),
            models.CheckConstraint(
                name="voucher_positive", condition=Q(amount__gt=0), violation_error_message="金额要大于 0。"
            ),
            models.CheckConstraint(
                name="voucher_in_its_year",
                condition=Q(year=ExtractYear("date")),
                violation_error_message="凭证日期不在凭证的年度里。",
            ),
            models.CheckConstraint(
                name="voucher_has_two_sides",
                condition=Q(line_count__gte=2),
                violation_error_message="一张凭证至少两条分录。",
            ),
            models.CheckConstraint(
                name="voucher_by_three_people",
                condition=(
                    Q(imported=False, disbursement__isnull=False, posted_by__isnull=False)
                    & ~Q(maker=F("checker"))
                    & ~Q(maker=F("approver"))
                    & ~Q(checker=F("approver"))
                )
                | (
                    Q(imported=True, disbursement__isnull=True, reverses__isnull=True)
                    & ~Q(maker_name=F("checker_name"))
                    & ~Q(maker_name=F("approver_name"))
                    & ~Q(checker_name=F("approver_name"))
                ),
                violation_error_message="经办、复核、批准要由三个不同的人办理。",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class VoucherLineQuerySet(ScopedQuerySet):
    """Entries."""

    def trial_balance(self) -> Any:
        """Return one row an account that moved: code, name, normal side, and the sums of debit and credit in yuan."""
        rows = self.order_by("account__code").values("account__code", "account__name", "account__normal_side")
        return rows.annotate(debits=Sum("debit"), credits=Sum("credit"))


class VoucherLine(ScopedModel):
    """An entry (分录): one account, on one side. Written once."""

    scope_path = "voucher__organization"

    voucher = models.ForeignKey(Voucher, verbose_name="凭证", on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveSmallIntegerField("行号")
    account = models.ForeignKey(Account, verbose_name="会计科目", on_delete=models.PROTECT, related_name="+")
    debit = MoneyField("借方金额（元）", default=ZERO)
    credit = MoneyField("贷方金额（元）", default=ZERO)

    objects: ClassVar[Any] = models.Manager.from_queryset(VoucherLineQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "分录"
        ordering = ["voucher", "number"]
        triggers = [
            *written_once("voucherline", NEVER_CHANGED),
            _balance_guard("voucherline_balanced", "NEW.voucher_id"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="voucherline_once", fields=["voucher", "number"], violation_error_message="这一行已经登记。"
            ),
            models.CheckConstraint(
                name="voucherline_on_one_side",
                condition=Q(debit__gt=0, credit=0) | Q(debit=0, credit__gt=0),
                violation_error_message="一条分录只记借方或贷方，金额大于 0。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.voucher_id} {self.account}"
