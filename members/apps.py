"""The member register and organisational life."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    """Members, their changes, dues, meetings, training, development, honours."""

    name = "members"
    verbose_name = "党员"

    def ready(self) -> None:
        """Register what the app declares: its ledgers and its figures."""
        from members import figures, ledger, life_ledger  # noqa: F401, PLC0415  they need the models
