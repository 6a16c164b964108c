"""The ground of the portal."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Knows no other app of the portal."""

    name = "chishang.core"
    label = "core"
    verbose_name = "基础"
