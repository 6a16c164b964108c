"""The seven categories of issues, and what each duty may do with visits."""

from typing import Any

from django.db import migrations

from organizations.duties import LEADERS, OTHER_OFFICES, VISITORS, grant, rights_on
from organizations.enums import DutyCode

CATEGORIES = ("村民用水", "村民用电", "道路通行", "民政政策", "医疗养老", "村级发展", "其他")
LISTS = ("campaign", "issuecategory", "unit")
ROWS = ("household", "visit", "issue")


def add_lists(apps: Any, schema_editor: Any) -> None:
    """Add categories and rights."""
    IssueCategory = apps.get_model("visits", "IssueCategory")
    for number, name in enumerate(CATEGORIES, 1):
        IssueCategory.objects.get_or_create(name=name, defaults={"sort_no": number * 10})
    app = "visits"
    view = ("view",)
    handling = ["visits.handle_issue", "visits.feedback_issue", "visits.close_issue", "visits.view_issueevent"]
    office = (DutyCode.OFFICE_HEAD, DutyCode.OFFICE_CLERK)
    grant(apps, office, rights_on(app, *LISTS, *ROWS) + handling)
    grant(apps, LEADERS, [*rights_on(app, *LISTS, *ROWS, verbs=("view", "export")), "visits.view_issueevent"])
    # Other offices see the lists and households' counts through the report only; an area leader reads the area.
    grant(apps, (*OTHER_OFFICES, DutyCode.VILLAGE_AGENT), rights_on(app, *LISTS, verbs=view))
    grant(apps, (DutyCode.AREA_LEADER,), [*rights_on(app, *LISTS, *ROWS, verbs=view), "visits.view_issueevent"])
    secretaries = rights_on(app, *LISTS, *ROWS, verbs=view) + rights_on(app, "visit", "issue", verbs=("add",))
    grant(apps, VISITORS, [*secretaries, "visits.view_issueevent", "visits.feedback_issue"])
    grant(apps, (DutyCode.AREA_LEADER,), ["visits.add_visit", "visits.add_issue"])
    grant(apps, (DutyCode.DISTRICT_CLIENT,), [*rights_on(app, *LISTS, *ROWS, verbs=view), "visits.view_issueevent"])


def remove_lists(apps: Any, schema_editor: Any) -> None:
    """Leave the categories, which issues may name by now; the rights go with their groups."""


class Migration(migrations.Migration):
    dependencies = [("visits", "0001_initial"), ("organizations", "0002_duties")]

    operations = [migrations.RunPython(add_lists, remove_lists)]
