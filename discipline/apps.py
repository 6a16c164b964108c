"""Discipline and supervision (confidential)."""

from django.apps import AppConfig


class DisciplineConfig(AppConfig):
    """How the rules were kept."""

    name = "discipline"
    verbose_name = "廉政"

    def ready(self) -> None:
        """Register what the app declares: its ledger and its figures."""
        from discipline import figures, ledger  # noqa: F401, PLC0415  they need the models
