"""Addresses of the pages of village money, and of the statements that need no sign-in."""

from django.urls import path

from finance.views import disclosure, statements

app_name = "finance"
urlpatterns = [
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
