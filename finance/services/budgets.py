"""Budgets: what is planned, what changes the plan, what an assessment releases. Amounts in yuan."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from chishang.core.dates import refuse_future
from chishang.core.guards import told_in_words
from finance.enums import SubjectLevel
from finance.models import Assessment, Budget, BudgetAdjustment
from organizations.models import Organization, User

TOWN = "镇本级"
"""What the office calls the unit of the town's own money."""
ADJUST, ASSESS = "finance.add_budgetadjustment", "finance.add_assessment"


def unit_name(organization: Any) -> str:
    """Return what the office calls the unit whose money it is: the village of a branch, or 镇本级."""
    village = getattr(organization, "village", None)
    if village is not None:
        return str(village.name)
    return TOWN if organization.parent_id is None else str(organization.name)


def check_budget(budget: Budget) -> None:
    """Refuse a village's subject for the town and the town's for a village; raise ValidationError at ``organization``.

    Nothing is stored.
    """
    unit, subject = budget.organization, budget.subject
    if subject.level == SubjectLevel.TOWN and unit.parent_id is not None:
        raise ValidationError({"organization": f"“{subject.name}”是镇级经费，请选择{TOWN}。"})
    if subject.level == SubjectLevel.VILLAGE and not hasattr(unit, "village"):
        raise ValidationError({"organization": f"“{subject.name}”是村级经费，请选择一个村。"})


def save_budget(*, actor: User, budget: Budget) -> Budget:
    """Store a new or changed budget and return it.

    Raises ValidationError (by field) for a unit that the actor does not look after, one that the subject is not for,
    or an amount below what is paid, asked for and released already.
    """
    verb = "change" if budget.pk else "add"
    with told_in_words():
        budget.full_clean()
        units = Organization.objects.visible_to(actor, f"finance.{verb}_budget")
        if not units.filter(pk=budget.organization_id).exists():
            raise ValidationError({"organization": "这个单位不归您管，请从列表里选择。"})
        check_budget(budget)
        budget.save()
    return budget


def adjust_budget(*, actor: User, adjustment: BudgetAdjustment) -> BudgetAdjustment:
    """Add to a budget, or take from it what is free (a negative amount), and return the stored adjustment.

    Raises ValidationError (by field) when the actor may not, the day is in the future, or more is taken than is free.
    """
    with told_in_words():
        adjustment.recorded_by = actor
        refuse_future(adjustment, "decided_on")
        adjustment.full_clean()
        budget = _locked(actor, ADJUST, adjustment.budget_id)
        if budget.free + adjustment.amount < 0:
            taken = -adjustment.amount
            raise ValidationError({"amount": f"这项预算现在只有 {budget.free:.2f} 元可用，不能调减 {taken:.2f} 元。"})
        adjustment.save(force_insert=True)
    return adjustment


def record_assessment(*, actor: User, assessment: Assessment) -> Assessment:
    """Store a result, which releases withheld money of the budget (or none, 0.00), and return it.

    Raises ValidationError (by field) when the actor may not, the day is in the future, or more is released than is
    withheld.
    """
    with told_in_words():
        assessment.recorded_by = actor
        refuse_future(assessment, "assessed_on")
        assessment.full_clean()
        withheld: Decimal = _locked(actor, ASSESS, assessment.budget_id).withheld
        if assessment.released > withheld:
            told = f"这项预算待考核的还有 {withheld:.2f} 元，不能释放 {assessment.released:.2f} 元。"
            raise ValidationError({"released": told})
        assessment.save(force_insert=True)
    return assessment


def _locked(actor: User, permission: str, key: int) -> Any:
    """Lock the pool and return it with its balance; of two at once the second sees what the first took."""
    rows = Budget.objects.visible_to(actor, permission)
    if rows.select_for_update(no_key=True, of=("self",)).filter(pk=key).first() is None:
        raise ValidationError({"budget": "请从列表里选择一项预算。"})
    return Budget.objects.with_balance().get(pk=key)
