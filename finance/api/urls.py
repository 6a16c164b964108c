"""Addresses of the API."""

from rest_framework.routers import SimpleRouter

from finance.api import views

router = SimpleRouter(use_regex_path=False)
router.register("accounts", views.AccountViewSet)
router.register("subjects", views.SubjectViewSet)
router.register("income-kinds", views.IncomeKindViewSet)
router.register("budgets", views.BudgetViewSet)
router.register("disbursements", views.DisbursementViewSet)
router.register("vouchers", views.VoucherViewSet)
router.register("incomes", views.CollectiveIncomeViewSet)
router.register("dividend-schemes", views.DividendSchemeViewSet)
router.register("dividends", views.DividendViewSet)
router.register("solar-plants", views.SolarPlantViewSet)
router.register("solar-settlements", views.SolarSettlementViewSet)
router.register("statements", views.StatementViewSet)

urlpatterns = router.urls
