"""Addresses."""

from django.urls import path

from chishang.report.api.views import ReportViewSet

urlpatterns = [
    path("report/", ReportViewSet.as_view({"get": "retrieve"}), name="report-api"),
    path("report/<str:key>/rows/", ReportViewSet.as_view({"get": "rows"}), name="report-rows"),
]
