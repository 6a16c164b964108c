"""The report."""

from django.apps import AppConfig


class ReportConfig(AppConfig):
    """Every figure computed from rows, for any date."""

    name = "chishang.report"
    verbose_name = "报表"
