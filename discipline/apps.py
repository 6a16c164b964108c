"""Discipline and supervision (confidential)."""

from django.apps import AppConfig


class DisciplineConfig(AppConfig):
    """How the rules were kept."""

    name = "discipline"
    verbose_name = "廉政"
