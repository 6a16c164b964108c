"""Addresses of the report's pages."""

from django.urls import path

from chishang.report import views

app_name = "report"
urlpatterns = [
    path("members/", views.reconciliation, name="reconciliation"),
    path("members/<slug:code>/", views.reconciliation_rows, name="reconciliation-rows"),
]
