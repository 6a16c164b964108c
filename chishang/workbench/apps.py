"""The workbench, and the admin site of the portal."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class WorkbenchConfig(AppConfig):
    """The home page of each duty."""

    name = "chishang.workbench"
    verbose_name = "工作台"
    default = True


class PortalAdminConfig(admin_apps.AdminConfig):
    """Django's admin with the portal's own site."""

    default = False
    default_site = "chishang.workbench.site.PortalAdminSite"
