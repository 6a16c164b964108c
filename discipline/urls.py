"""Addresses of the office's pages, below ``admin/discipline/``."""

from typing import Any

from django.urls import path

from discipline.views import printing

app_name = "discipline"
urlpatterns: list[Any] = [
    path("print/", printing.print_page, name="print"),
]
