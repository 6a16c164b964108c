"""The member register."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    """Members and organisational life."""

    name = "members"
    verbose_name = "党员"
