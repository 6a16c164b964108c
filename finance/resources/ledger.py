"""Export of requests and vouchers. They are never imported here: a voucher comes from a sealed request."""

from typing import Any

from import_export.fields import Field

from chishang.core.resources import Money, SafeText
from finance.models import Disbursement, Statement, Voucher
from finance.resources.base import FinanceResource


class DisbursementResource(FinanceResource):
    """Requests with what became of them."""

    also_read = ("organization__village", "voucher", "reverses")
    code = Field(attribute="voucher__code", column_name="凭证号", widget=SafeText(), readonly=True)
    reverses = Field(attribute="reverses__code", column_name="冲销哪张凭证", widget=SafeText(), readonly=True)

    class Meta(FinanceResource.Meta):
        model = Disbursement
        fields = [
            *("created_at", "organization", "subject", "amount", "payee", "purpose", "decision", "attachments"),
            *("state", "maker", "submitted_at", "code", "reverses"),
        ]


class VoucherResource(FinanceResource):
    """Vouchers; a reversal's amount is negative, so that the column adds up."""

    also_read = ("organization__village", "reverses")
    amount = Field(attribute="effect", column_name="金额（元，冲销为负）", widget=Money(), readonly=True)
    reverses = Field(attribute="reverses__code", column_name="冲销哪张凭证", widget=SafeText(), readonly=True)

    class Meta(FinanceResource.Meta):
        model = Voucher
        fields = [
            *("date", "code", "organization", "subject", "amount", "payee", "summary"),
            *("maker_name", "checker_name", "approver_name", "reverses", "imported"),
        ]

    def filter_export(self, queryset: Any, **kwargs: Any) -> Any:
        """Work out the sign of each."""
        return super().filter_export(queryset, **kwargs).signed()


class StatementResource(FinanceResource):
    """Statements: where each stands. Its content is on its own page."""

    class Meta(FinanceResource.Meta):
        model = Statement
        fields = [
            *("village", "year", "quarter", "version", "state", "drafted_at", "checkers", "checked_at"),
            *("released_at", "reason", "sha256"),
        ]
