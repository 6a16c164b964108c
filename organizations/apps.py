"""Party organizations, villages, areas, accounts."""

from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    """Who belongs where, and who may see what."""

    name = "organizations"
    verbose_name = "组织"

    def ready(self) -> None:
        """Register what the app declares: its ledger and its figures."""
        from organizations import checks, directive_ledger, figures, ledger  # noqa: F401, PLC0415  they need the models
