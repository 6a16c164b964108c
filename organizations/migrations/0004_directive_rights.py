"""What each duty may do with directives."""

from typing import Any

from django.db import migrations

from organizations.duties import LEADERS, OTHER_OFFICES, VISITORS, grant, rights_on
from organizations.enums import DutyCode


def add_rights(apps: Any, schema_editor: Any) -> None:
    """Office staff keep the register; the others see it in their scope."""
    models = ("directive", "directivereceipt")
    grant(apps, LEADERS, rights_on("organizations", *models, verbs=("view", "export")))
    grant(apps, (DutyCode.OFFICE_HEAD, DutyCode.OFFICE_CLERK), rights_on("organizations", *models))
    readers = (*OTHER_OFFICES, *VISITORS, DutyCode.AREA_LEADER, DutyCode.DISTRICT_CLIENT)
    grant(apps, readers, rights_on("organizations", *models, verbs=("view",)))


class Migration(migrations.Migration):
    dependencies = [("organizations", "0003_directives"), ("organizations", "0002_duties")]

    operations = [migrations.RunPython(add_rights, migrations.RunPython.noop)]
