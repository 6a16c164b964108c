"""Models of village money: budgets, disbursements, the ledger, income, dividends, solar plants, disclosure."""

from finance.models.budgets import Assessment, Budget, BudgetAdjustment
from finance.models.disbursements import Disbursement, DisbursementEvent, Seal
from finance.models.dividends import Beneficiary, Dividend, DividendScheme
from finance.models.income import CollectiveIncome
from finance.models.lists import Account, DisclosureRule, IncomeKind, Subject
from finance.models.solar import SolarPlant, SolarSettlement
from finance.models.statements import Statement
from finance.models.vouchers import FiscalYear, Period, Voucher, VoucherLine

__all__ = [
    "Account",
    "Assessment",
    "Beneficiary",
    "Budget",
    "BudgetAdjustment",
    "CollectiveIncome",
    "Disbursement",
    "DisbursementEvent",
    "DisclosureRule",
    "Dividend",
    "DividendScheme",
    "FiscalYear",
    "IncomeKind",
    "Period",
    "Seal",
    "SolarPlant",
    "SolarSettlement",
    "Statement",
    "Subject",
    "Voucher",
    "VoucherLine",
]
