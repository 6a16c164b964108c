"""Addresses of the office's pages, below ``admin/discipline/``."""

from typing import Any

from django.urls import path

from discipline.views import printing
from discipline.views.deadlines import deadlines

app_name = "discipline"
urlpatterns: list[Any] = [
    path("deadlines/", deadlines, name="deadlines"),
    path("print/", printing.print_page, name="print"),
]
