"""Village money."""

from django.apps import AppConfig


class FinanceConfig(AppConfig):
    """Where the village money went."""

    name = "finance"
    verbose_name = "资金"

    def ready(self) -> None:
        """Register what the app declares: its ledger and its figures."""
        from finance import figures, ledger  # noqa: F401, PLC0415  they need the models
