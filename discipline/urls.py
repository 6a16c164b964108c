"""Addresses of the office's pages, below ``admin/discipline/``."""

from typing import Any

app_name = "discipline"
urlpatterns: list[Any] = []
