"""Addresses of the pages of village money, and of the statements that need no sign-in."""

from django.urls import path

from finance.views import budgets, disclosure, income, requests, statements, steps

app_name = "finance"
urlpatterns = [
    path("finance/", requests.home, name="home"),
    path("finance/requests/new/", requests.request_new, name="request_new"),
    path("finance/requests/<int:pk>/", requests.request_page, name="request"),
    path("finance/requests/<int:pk>/edit/", requests.request_edit, name="request_edit"),
    path("finance/requests/<int:pk>/submit/", steps.submit, name="request_submit"),
    path("finance/requests/<int:pk>/seal/", steps.seal, name="request_seal"),
    path("finance/requests/<int:pk>/reject/", steps.reject, name="request_reject"),
    path("finance/requests/<int:pk>/withdraw/", steps.withdraw, name="request_withdraw"),
    path("finance/requests/<int:pk>/post/", steps.post, name="request_post"),
    path("finance/vouchers/<int:pk>/", requests.voucher, name="voucher"),
    path("finance/vouchers/<int:pk>/reverse/", requests.reverse, name="reverse"),
    path("finance/budgets/", budgets.budgets, name="budgets"),
    path("finance/budgets/<int:pk>/", budgets.budget, name="budget"),
    path("finance/income/", income.income, name="income"),
    path("finance/statements/", statements.statements, name="statements"),
    path("finance/statements/draft/", statements.draft, name="statement_draft"),
    path("finance/statements/<int:pk>/", statements.statement, name="statement"),
    path("finance/statements/<int:pk>/check/", statements.check, name="statement_check"),
    path("finance/statements/<int:pk>/release/", statements.release, name="statement_release"),
    path("finance/statements/<int:pk>/withdraw/", statements.withdraw, name="statement_withdraw"),
    path("disclosure/", disclosure.index, name="disclosure"),
    path("disclosure/<str:code>/", disclosure.village, name="disclosure_village"),
    path("disclosure/<str:code>/<int:year>/<int:quarter>/", disclosure.in_force, name="disclosure_statement"),
    path(
        "disclosure/<str:code>/<int:year>/<int:quarter>/<int:number>/", disclosure.version, name="disclosure_version"
    ),
]
