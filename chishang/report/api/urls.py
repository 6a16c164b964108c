"""Addresses."""

from django.urls import path

from chishang.report.api.changes import ChangesViewSet
from chishang.report.api.snapshots import IssuedReportViewSet
from chishang.report.api.views import ReportViewSet

urlpatterns = [
    path("changes/", ChangesViewSet.as_view({"get": "retrieve"}), name="changes"),
    path("changes/checksum/", ChangesViewSet.as_view({"get": "checksum"}), name="changes-checksum"),
    path("report/", ReportViewSet.as_view({"get": "retrieve"}), name="report-api"),
    path("report/<str:key>/rows/", ReportViewSet.as_view({"get": "rows"}), name="report-rows"),
    path("issued-reports/", IssuedReportViewSet.as_view({"get": "list"}), name="issuedreport-list"),
    path("issued-reports/<int:pk>/", IssuedReportViewSet.as_view({"get": "retrieve"}), name="issuedreport-detail"),
]
