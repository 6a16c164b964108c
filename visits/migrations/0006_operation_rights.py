"""The office decides what could not be taken in, and sees which phones still hold records."""

from typing import Any

from django.db import migrations

from organizations.duties import LEADERS, grant
from organizations.enums import DutyCode


def add_rights(apps: Any, schema_editor: Any) -> None:
    """Leaders look; the office decides."""
    grant(apps, LEADERS, [f"visits.view_{name}" for name in ("operation", "device", "photo")])
    grant(apps, (DutyCode.OFFICE_HEAD, DutyCode.OFFICE_CLERK), ["visits.decide_operation"])


class Migration(migrations.Migration):
    dependencies = [("visits", "0005_operations")]

    operations = [migrations.RunPython(add_rights, migrations.RunPython.noop)]
