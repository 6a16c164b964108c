"""Whoever issues keys sees what was called with them."""

from typing import Any

from django.db import migrations

from organizations.duties import grant
from organizations.enums import DutyCode


def add_rights(apps: Any, schema_editor: Any) -> None:
    """The system administrator reads the calls."""
    grant(apps, (DutyCode.SYSTEM_ADMINISTRATOR,), ["organizations.view_apicall"])


class Migration(migrations.Migration):
    dependencies = [("organizations", "0009_api_calls")]

    operations = [migrations.RunPython(add_rights, migrations.RunPython.noop)]
