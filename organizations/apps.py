"""Party organizations, villages, areas, accounts."""

from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    """Who belongs where, and who may see what."""

    name = "organizations"
    verbose_name = "组织"

    def ready(self) -> None:
        """Register what the app declares: its ledgers and its figures."""
        from organizations import (  # noqa: PLC0415  they need the models
            checks,  # noqa: F401
            directive_ledger,  # noqa: F401
            election_ledger,  # noqa: F401
            figures,  # noqa: F401
            ledger,  # noqa: F401
        )
