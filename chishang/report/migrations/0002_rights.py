"""Who draws up, signs and reads reports, keeps the Word template, and follows the changes."""

from typing import Any

from django.db import migrations

from organizations.duties import LEADERS, grant, rights_on
from organizations.enums import DutyCode


def add_rights(apps: Any, schema_editor: Any) -> None:
    """The office draws up, a leader signs, the district reads what was signed and what changes."""
    office = (DutyCode.OFFICE_HEAD, DutyCode.OFFICE_CLERK)
    readers = (*LEADERS, DutyCode.DISTRICT_CLIENT)
    grant(apps, readers, rights_on("report", "issuedreport", "issuedreportfile", verbs=("view",)))
    grant(apps, office, rights_on("report", "issuedreport", verbs=("add",)))
    grant(apps, (DutyCode.TOWN_SECRETARY, DutyCode.OFFICE_HEAD), ["report.release_issuedreport"])
    grant(apps, LEADERS, rights_on("report", "reporttemplate", verbs=("view",)))
    grant(apps, office, rights_on("report", "reporttemplate", verbs=("add",)))
    grant(apps, (DutyCode.DISTRICT_CLIENT,), rights_on("report", "feed", verbs=("view",)))


class Migration(migrations.Migration):
    dependencies = [("report", "0001_initial"), ("organizations", "0010_api_call_rights")]

    operations = [migrations.RunPython(add_rights, migrations.RunPython.noop)]
