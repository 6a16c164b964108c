"""What the API shows of village money: one file an area. Money is decimal text in yuan; payees are in no answer."""

from finance.api.serializers.ledger import (
    AccountSerializer,
    BudgetSerializer,
    DisbursementSerializer,
    SubjectSerializer,
    VoucherSerializer,
)
from finance.api.serializers.yearly import (
    CollectiveIncomeSerializer,
    DividendSchemeSerializer,
    DividendSerializer,
    IncomeKindSerializer,
    SolarPlantSerializer,
    SolarSettlementSerializer,
    StatementSerializer,
)

__all__ = [
    "AccountSerializer",
    "BudgetSerializer",
    "CollectiveIncomeSerializer",
    "DisbursementSerializer",
    "DividendSchemeSerializer",
    "DividendSerializer",
    "IncomeKindSerializer",
    "SolarPlantSerializer",
    "SolarSettlementSerializer",
    "StatementSerializer",
    "SubjectSerializer",
    "VoucherSerializer",
]
