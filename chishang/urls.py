"""Addresses of the portal."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("chishang.workbench.urls")),
    path("", include("organizations.urls")),
    path("members/", include("members.urls")),
    path("visits/", include("visits.urls")),
    path("", include("finance.urls")),
    path("report/", include("chishang.report.urls")),
    path("admin/discipline/", include("discipline.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("organizations.api.urls")),
    path("api/v1/", include("members.api.urls")),
    path("api/v1/", include("visits.api.urls")),
    path("api/v1/", include("finance.api.urls")),
    path("api/v1/", include("chishang.report.api.urls")),
    path("api/", include("chishang.core.api.urls")),  # the last below api/: it answers unknown addresses
]
