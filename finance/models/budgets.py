"""Budgets: what is planned for a village and subject in a year, what changed it, what the assessment released.

A budget is a pool: no more can be disbursed or asked for than is free. The database keeps that (``pool_guard``).
"""

from datetime import date
from typing import Any, ClassVar, Self

import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, DecimalField, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from chishang.core.dates import LocalDate
from chishang.core.guards import refusal, written_once
from chishang.core.history import tracked
from chishang.core.money import DIGITS, PLACES, ZERO, MoneyField
from chishang.core.scoping import ScopedModel, ScopedQuerySet
from finance.enums import RESERVING_STATES
from finance.models.lists import Subject
from organizations.models import Organization, User

_MONEY: DecimalField = DecimalField(max_digits=DIGITS, decimal_places=PLACES)


def signed_amount() -> Case:
    """Return the expression for a voucher's amount, negative for a reversal."""
    return Case(When(reverses__isnull=True, then=F("amount")), default=-F("amount"), output_field=_MONEY)


def _sum(model: str, amount: Any = "amount", **conditions: Any) -> Coalesce:
    """Return the sum of ``amount`` over rows of ``model`` that belong to a budget, 0.00 when there are none."""
    rows = Budget._meta.apps.get_model("finance", model).objects.filter(budget=OuterRef("pk"), **conditions)
    total = rows.order_by().values("budget").annotate(total=Sum(amount)).values("total")
    return Coalesce(Subquery(total, output_field=_MONEY), Value(ZERO), output_field=_MONEY)


class BudgetQuerySet(ScopedQuerySet):
    """Budgets."""

    def planned_on(self, day: date) -> Self:
        """Annotate ``planned`` and ``paid`` as of ``day`` (inclusive), and ``waiting``, what is left between them."""
        return self.annotate(
            planned=F("amount") + _sum("BudgetAdjustment", decided_on__lte=day),
            paid=_sum("Voucher", signed_amount(), date__lte=day),
        ).annotate(waiting=F("planned") - F("paid"))

    def with_balance(self) -> Self:
        """Annotate how each stands now, in yuan: planned = paid + reserved + withheld + free.

        ``withheld`` waits for the assessment, ``reserved`` is asked for, ``waiting`` is all that is not yet paid.
        """
        return self.annotate(
            planned=F("amount") + _sum("BudgetAdjustment"),
            paid=_sum("Voucher", signed_amount()),
            reserved=_sum("Disbursement", state__in=RESERVING_STATES, reverses__isnull=True),
            withheld=F("held") - _sum("Assessment", "released"),
        ).annotate(
            waiting=F("planned") - F("paid"),
            free=F("planned") - F("paid") - F("reserved") - F("withheld"),
        )


def pool_guard(name: str, operation: pgtrigger.Operation, budget: str) -> pgtrigger.Trigger:
    """Return the trigger that refuses whatever overdraws the pool with the key ``budget`` (``NEW.budget_id``).

    The pool's row is locked first, so that of two at once the second sees what the first took.
    """
    states = ", ".join(f"'{state}'" for state in RESERVING_STATES)
    func = f"""
        SELECT amount - held INTO free FROM finance_budget WHERE id = {budget} FOR NO KEY UPDATE;
        IF FOUND THEN
            free := free
                + coalesce((SELECT sum(amount) FROM finance_budgetadjustment WHERE budget_id = {budget}), 0)
                + coalesce((SELECT sum(released) FROM finance_assessment WHERE budget_id = {budget}), 0)
                - coalesce((SELECT sum(CASE WHEN reverses_id IS NULL THEN amount ELSE -amount END)
                    FROM finance_voucher WHERE budget_id = {budget}), 0)
                - coalesce((SELECT sum(amount) FROM finance_disbursement
                    WHERE budget_id = {budget} AND reverses_id IS NULL AND state IN ({states})), 0);
            IF free < 0 THEN {refusal("pool", "超过这项预算可用的金额，请核对金额，或先调整预算、登记考核结果。")}
            END IF;
        END IF;
        RETURN NULL;
    """  # noqa: S608  our own names
    return pgtrigger.Trigger(
        name=name, when=pgtrigger.After, operation=operation, declare=[("free", "numeric")], func=func
    )


def _released_guard(name: str, operation: pgtrigger.Operation, budget: str) -> pgtrigger.Trigger:
    """Return the trigger that refuses to release more than was withheld of the budget."""
    func = f"""
        SELECT held INTO rest FROM finance_budget WHERE id = {budget} FOR NO KEY UPDATE;
        rest := rest - coalesce((SELECT sum(released) FROM finance_assessment WHERE budget_id = {budget}), 0);
        IF rest < 0 THEN {refusal("released", "考核释放的金额超过待考核金额，请核对。")}
        END IF;
        RETURN NULL;
    """  # noqa: S608  our own names
    return pgtrigger.Trigger(
        name=name, when=pgtrigger.After, operation=operation, declare=[("rest", "numeric")], func=func
    )


@tracked()
class Budget(ScopedModel):
    """The plan of one unit (a village by its branch, or the town) for one subject and year."""

    scope_path = "organization"

    year = models.PositiveSmallIntegerField("年度", validators=[MinValueValidator(1949), MaxValueValidator(2100)])
    organization = models.ForeignKey(
        Organization, verbose_name="村或镇本级", on_delete=models.PROTECT, related_name="budgets"
    )
    subject = models.ForeignKey(Subject, verbose_name="经费科目", on_delete=models.PROTECT, related_name="budgets")
    amount = MoneyField("预算金额（元）")
    held = MoneyField("待考核金额（元）", default=ZERO, help_text="其中要等考核结果才能拨付的部分")
    source = models.CharField("依据", max_length=200, blank=True, help_text="如文号")

    objects: ClassVar[Any] = models.Manager.from_queryset(BudgetQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "经费预算"
        ordering = ["-year", "organization__sort_no", "subject__sort_no"]
        triggers = [
            pool_guard("budget_pool", pgtrigger.Update, "NEW.id"),
            _released_guard("budget_released", pgtrigger.Update, "NEW.id"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="budget_once",
                fields=["year", "organization", "subject"],
                violation_error_message="该单位本年度这个科目的预算已经登记；要追加或调减，请登记预算调整。",
            ),
            # What requests and vouchers refer to, so that they are of the unit and subject of their budget.
            models.UniqueConstraint(name="budget_place", fields=["id", "organization", "subject"]),
            models.CheckConstraint(
                name="budget_not_negative", condition=Q(amount__gte=0), violation_error_message="金额不能是负数。"
            ),
            models.CheckConstraint(
                name="budget_held_within",
                condition=Q(held__gte=0, held__lte=F("amount")),
                violation_error_message="待考核金额不能是负数，也不能超过预算金额。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年 {self.organization} {self.subject}"


class BudgetAdjustment(ScopedModel):
    """What was added to a budget or taken from it. Written once; a wrong one is put right by another."""

    scope_path = "budget__organization"

    budget = models.ForeignKey(Budget, verbose_name="预算", on_delete=models.PROTECT, related_name="adjustments")
    amount = MoneyField("调整金额（元）", help_text="追加为正数，调减为负数")
    decided_on = models.DateField("批准日期")
    decided_by = models.CharField("批准单位", max_length=100)
    reason = models.CharField("理由", max_length=200)
    recorded_by = models.ForeignKey(
        User, verbose_name="录入人", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    recorded_at = models.DateTimeField("录入时间", default=timezone.now, editable=False)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "预算调整"
        ordering = ["-decided_on", "-pk"]
        triggers = [
            *written_once("budgetadjustment", "预算调整登记后不能更改，请另登记一笔相反的调整。"),
            pool_guard("budgetadjustment_pool", pgtrigger.Insert, "NEW.budget_id"),
        ]
        constraints = [
            models.CheckConstraint(
                name="budgetadjustment_not_zero", condition=~Q(amount=0), violation_error_message="调整金额不能是 0。"
            ),
            models.CheckConstraint(
                name="budgetadjustment_not_in_future",
                condition=Q(decided_on__lte=LocalDate("recorded_at")),
                violation_error_message="批准日期不能晚于今天。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.budget} {self.amount}"


class Assessment(ScopedModel):
    """The result of a village's assessment (考核结果), which releases withheld money. Written once."""

    scope_path = "budget__organization"

    budget = models.ForeignKey(Budget, verbose_name="预算", on_delete=models.PROTECT, related_name="assessments")
    assessed_on = models.DateField("考核日期")
    result = models.CharField("考核结果", max_length=100, help_text="如：优秀、92 分")
    released = MoneyField("释放金额（元）", help_text="考核后可以拨付的部分")
    decided_by = models.CharField("批准单位", max_length=100)
    note = models.CharField("说明", max_length=200, blank=True)
    recorded_by = models.ForeignKey(
        User, verbose_name="录入人", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    recorded_at = models.DateTimeField("录入时间", default=timezone.now, editable=False)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "考核结果"
        ordering = ["-assessed_on", "-pk"]
        triggers = [
            *written_once("assessment", "考核结果登记后不能更改。"),
            _released_guard("assessment_within_held", pgtrigger.Insert, "NEW.budget_id"),
        ]
        constraints = [
            models.CheckConstraint(
                name="assessment_not_negative",
                condition=Q(released__gte=0),
                violation_error_message="释放金额不能是负数；不予释放的填 0。",
            ),
            models.CheckConstraint(
                name="assessment_not_in_future",
                condition=Q(assessed_on__lte=LocalDate("recorded_at")),
                violation_error_message="考核日期不能晚于今天。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.budget} {self.result}"
