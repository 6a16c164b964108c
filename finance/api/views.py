"""Village money, to read: lists, budgets, requests, the ledger, income, dividends, solar plants, statements."""

from chishang.core.api.views import ScopedReadOnlyViewSet
from finance import filters, models
from finance.api import serializers

READ = ("list", "retrieve")


class AccountViewSet(ScopedReadOnlyViewSet):
    """The chart of accounts."""

    queryset = models.Account.objects.all()
    serializer_class = serializers.AccountSerializer
    filterset_class = filters.AccountFilters
    action_permissions = dict.fromkeys(READ, "finance.view_account")
    ordering_fields = ("code",)


class SubjectViewSet(ScopedReadOnlyViewSet):
    """Subjects of the budget."""

    queryset = models.Subject.objects.all()
    serializer_class = serializers.SubjectSerializer
    filterset_class = filters.SubjectFilters
    action_permissions = dict.fromkeys(READ, "finance.view_subject")
    ordering_fields = ("sort_no", "name")


class IncomeKindViewSet(ScopedReadOnlyViewSet):
    """Sources of collective income."""

    queryset = models.IncomeKind.objects.all()
    serializer_class = serializers.IncomeKindSerializer
    filterset_class = filters.IncomeKindFilters
    action_permissions = dict.fromkeys(READ, "finance.view_incomekind")
    ordering_fields = ("sort_no", "name")


class BudgetViewSet(ScopedReadOnlyViewSet):
    """Budgets with how they stand today."""

    queryset = models.Budget.objects.all()
    serializer_class = serializers.BudgetSerializer
    filterset_class = filters.BudgetFilters
    action_permissions = dict.fromkeys(READ, "finance.view_budget")
    ordering_fields = ("year", "amount")


class DisbursementViewSet(ScopedReadOnlyViewSet):
    """Disbursement requests with their seals and course. Payees are not shown."""

    queryset = models.Disbursement.objects.all()
    serializer_class = serializers.DisbursementSerializer
    filterset_class = filters.DisbursementFilters
    action_permissions = dict.fromkeys(READ, "finance.view_disbursement")
    ordering_fields = ("created_at", "amount")


class VoucherViewSet(ScopedReadOnlyViewSet):
    """The ledger: posted vouchers with their entries. Payees are not shown."""

    queryset = models.Voucher.objects.all()
    serializer_class = serializers.VoucherSerializer
    filterset_class = filters.VoucherFilters
    action_permissions = dict.fromkeys(READ, "finance.view_voucher")
    ordering_fields = ("date", "code", "amount")


class CollectiveIncomeViewSet(ScopedReadOnlyViewSet):
    """Collective income by year, village and source."""

    queryset = models.CollectiveIncome.objects.all()
    serializer_class = serializers.CollectiveIncomeSerializer
    filterset_class = filters.CollectiveIncomeFilters
    action_permissions = dict.fromkeys(READ, "finance.view_collectiveincome")
    ordering_fields = ("year", "amount")


class DividendSchemeViewSet(ScopedReadOnlyViewSet):
    """Poverty funds put into enterprises."""

    queryset = models.DividendScheme.objects.all()
    serializer_class = serializers.DividendSchemeSerializer
    filterset_class = filters.DividendSchemeFilters
    action_permissions = dict.fromkeys(READ, "finance.view_dividendscheme")
    ordering_fields = ("capital",)


class DividendViewSet(ScopedReadOnlyViewSet):
    """Dividends by year. Their beneficiaries are counted, not listed."""

    queryset = models.Dividend.objects.all()
    serializer_class = serializers.DividendSerializer
    filterset_class = filters.DividendFilters
    action_permissions = dict.fromkeys(READ, "finance.view_dividend")
    ordering_fields = ("year", "amount")


class SolarPlantViewSet(ScopedReadOnlyViewSet):
    """Solar plants."""

    queryset = models.SolarPlant.objects.all()
    serializer_class = serializers.SolarPlantSerializer
    filterset_class = filters.SolarPlantFilters
    action_permissions = dict.fromkeys(READ, "finance.view_solarplant")
    ordering_fields = ("capacity_kw",)


class SolarSettlementViewSet(ScopedReadOnlyViewSet):
    """What solar plants earned."""

    queryset = models.SolarSettlement.objects.all()
    serializer_class = serializers.SolarSettlementSerializer
    filterset_class = filters.SolarSettlementFilters
    action_permissions = dict.fromkeys(READ, "finance.view_solarsettlement")
    ordering_fields = ("ended_on", "amount")


class StatementViewSet(ScopedReadOnlyViewSet):
    """Statements of the villages' money, quarter by quarter."""

    queryset = models.Statement.objects.all()
    serializer_class = serializers.StatementSerializer
    filterset_class = filters.StatementFilters
    action_permissions = dict.fromkeys(READ, "finance.view_statement")
    ordering_fields = ("year",)
