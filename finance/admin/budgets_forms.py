"""Forms of budgets. The services check and store; what they refuse stands at its field."""

from typing import Any

from chishang.core.admin.services import ServiceForm
from finance.models import Assessment, Budget, BudgetAdjustment
from finance.services import adjust_budget, record_assessment, save_budget
from finance.services.budgets import unit_name


class BudgetForm(ServiceForm):
    """What is planned for a unit and subject in a year."""

    class Meta:
        model = Budget
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "organization" in self.fields:
            self.fields["organization"].label_from_instance = unit_name

    def store(self, row: Budget) -> Budget:
        """Store it."""
        return save_budget(actor=self.actor, budget=row)


class AdjustmentForm(ServiceForm):
    """What is added to a budget or taken from it."""

    class Meta:
        model = BudgetAdjustment
        fields = "__all__"

    def store(self, row: BudgetAdjustment) -> BudgetAdjustment:
        """Store it."""
        return adjust_budget(actor=self.actor, adjustment=row)


class AssessmentForm(ServiceForm):
    """The result of an assessment, and what it releases."""

    class Meta:
        model = Assessment
        fields = "__all__"

    def store(self, row: Assessment) -> Assessment:
        """Store it."""
        return record_assessment(actor=self.actor, assessment=row)
