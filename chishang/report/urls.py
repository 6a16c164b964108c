"""Addresses of the report's pages."""

from django.urls import path

from chishang.report.views import downloads, members, report, rows, snapshots

app_name = "report"
urlpatterns = [
    path("", report.report, name="report"),
    path("rows/<str:key>/", rows.rows, name="rows"),
    path("members/", members.reconciliation, name="reconciliation"),
    path("members/<slug:code>/", members.reconciliation_rows, name="reconciliation-rows"),
    path("issued/", snapshots.snapshots, name="snapshots"),
    path("issued/<int:pk>/", snapshots.snapshot, name="snapshot"),
    path("issued/<int:pk>/release/", snapshots.release, name="snapshot-release"),
    path("issued/<int:pk>/withdraw/", snapshots.withdraw, name="snapshot-withdraw"),
    path("issued/<int:pk>/<str:file_format>/", downloads.issued_file, name="issued-file"),
    path("download/<str:file_format>/", downloads.download, name="download"),
]
