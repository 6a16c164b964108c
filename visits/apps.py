"""Household visits and the issues raised there."""

from django.apps import AppConfig


class VisitsConfig(AppConfig):
    """What households said at the door and what became of it."""

    name = "visits"
    verbose_name = "走访"
