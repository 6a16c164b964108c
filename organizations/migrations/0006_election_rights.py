"""Terms of office, and what each duty may do with elections, the journal, and receipts of directives."""

from datetime import date
from typing import Any

from django.db import migrations

from organizations.duties import LEADERS, VISITORS, grant, rights_on
from organizations.enums import DutyCode, ElectionBody

TERMS = (
    (ElectionBody.BRANCH, 3, date(1990, 1, 1), "中国共产党章程（2018年7月前）"),
    (ElectionBody.BRANCH, 5, date(2018, 7, 1), "关于党的基层组织任期的意见（2018年）"),
    (ElectionBody.COMMITTEE, 3, date(1998, 11, 4), "村民委员会组织法（2018年修改前）"),
    (ElectionBody.COMMITTEE, 5, date(2018, 12, 29), "村民委员会组织法第十一条（2018年修改）"),
)
REGISTERS = ("election", "electionterm", "termrule")


def add_rights(apps: Any, schema_editor: Any) -> None:
    """The office keeps the elections; the forecast is for the office and the town's secretary only."""
    TermRule = apps.get_model("organizations", "TermRule")
    for body, years, valid_from, source in TERMS:
        TermRule.objects.get_or_create(body=body, valid_from=valid_from, defaults={"years": years, "source": source})
    app, view = "organizations", ("view",)
    office = (DutyCode.OFFICE_HEAD, DutyCode.OFFICE_CLERK)
    grant(apps, LEADERS, rights_on(app, *REGISTERS, "electionforecast", verbs=("view", "export")))
    grant(apps, office, rights_on(app, *REGISTERS, "electionforecast"))
    readers = (*VISITORS, DutyCode.AREA_LEADER, DutyCode.DISTRICT_CLIENT)
    readers += (DutyCode.DISCIPLINE_HEAD, DutyCode.DISCIPLINE_CLERK)
    grant(apps, readers, rights_on(app, *REGISTERS, verbs=view))
    grant(apps, (DutyCode.BRANCH_SECRETARY,), ["organizations.sign_directivereceipt"])
    keepers = (DutyCode.TOWN_SECRETARY, DutyCode.OFFICE_HEAD, DutyCode.SYSTEM_ADMINISTRATOR)
    grant(apps, keepers, ["organizations.view_journalentry"])


class Migration(migrations.Migration):
    dependencies = [("organizations", "0005_elections_and_journal")]

    operations = [migrations.RunPython(add_rights, migrations.RunPython.noop)]
