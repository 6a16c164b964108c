"""Who sees whether a member is within the period of effect of a sanction."""

from typing import Any

from django.db import migrations

from organizations.duties import grant
from organizations.enums import DutyCode


def add_rights(apps: Any, schema_editor: Any) -> None:
    """The Party-building office checks cadres and candidates, and so reads the one bit."""
    grant(apps, (DutyCode.OFFICE_HEAD, DutyCode.OFFICE_CLERK), ["members.view_impactflag"])


class Migration(migrations.Migration):
    dependencies = [("members", "0003_impact_flag"), ("organizations", "0002_duties")]

    operations = [migrations.RunPython(add_rights, migrations.RunPython.noop)]
