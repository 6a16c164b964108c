"""Addresses of the report's pages."""

from django.urls import path

from chishang.report.views import members

app_name = "report"
urlpatterns = [
    path("members/", members.reconciliation, name="reconciliation"),
    path("members/<slug:code>/", members.reconciliation_rows, name="reconciliation-rows"),
]
