"""Export of the periods. They are never imported."""

from finance.models import Period
from finance.resources.base import FinanceResource


class PeriodResource(FinanceResource):
    """Months with who closed them, and who opened them again and why."""

    class Meta(FinanceResource.Meta):
        model = Period
        fields = ["year", "month", "is_closed", "closed_by", "closed_at", "asked_by", "reason", "reopened_by"]
