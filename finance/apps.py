"""Village money."""

from django.apps import AppConfig


class FinanceConfig(AppConfig):
    """Where the village money went."""

    name = "finance"
    verbose_name = "资金"
