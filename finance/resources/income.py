"""Import and export of collective income."""

from finance.models import CollectiveIncome
from finance.resources.base import FinanceResource


class CollectiveIncomeResource(FinanceResource):
    """Income by year, village and source."""

    what = "项收入"

    class Meta(FinanceResource.Meta):
        model = CollectiveIncome
        import_id_fields = ["year", "village", "kind"]
        fields = ["year", "village", "kind", "amount", "note"]
