"""Household visits and the issues raised there."""

from django.apps import AppConfig


class VisitsConfig(AppConfig):
    """What households said at the door and what became of it."""

    name = "visits"
    verbose_name = "走访"

    def ready(self) -> None:
        """Register what the app declares: its ledger and its figures."""
        from visits import figures, ledger  # noqa: F401, PLC0415  they need the models
