"""Party organizations, villages, areas, accounts."""

from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    """Who belongs where, and who may see what."""

    name = "organizations"
    verbose_name = "组织"
