"""The duties of a township, their groups and their permissions on this app."""

from typing import Any

from django.db import migrations

from organizations.duties import DUTIES, LEADERS, OTHER_OFFICES, VISITORS, grant, rights_on
from organizations.enums import DutyCode

MODELS = ("organization", "area", "areaproject", "village", "villagestatistic", "appointment", "duty")
VIEW, EXPORT = ("view",), ("view", "export")


def add_duties(apps: Any, schema_editor: Any) -> None:
    """Make a group for each duty, and give it what its holders need."""
    Group = apps.get_model("auth", "Group")
    Duty = apps.get_model("organizations", "Duty")
    for number, (code, place_kind, uses_admin, idle_minutes) in enumerate(DUTIES, 1):
        group, _ = Group.objects.get_or_create(name=code.label)
        Duty.objects.get_or_create(
            code=code,
            defaults={
                "name": code.label,
                "group": group,
                "place_kind": place_kind,
                "uses_admin": uses_admin,
                "idle_minutes": idle_minutes,
                "sort_no": number * 10,
            },
        )
    app = "organizations"
    grant(apps, LEADERS, rights_on(app, *MODELS, "user", verbs=EXPORT))
    office = (DutyCode.OFFICE_HEAD, DutyCode.OFFICE_CLERK)
    grant(apps, office, rights_on(app, *MODELS[:-1], verbs=("add", "change", "import")))
    grant(apps, (DutyCode.OFFICE_HEAD,), rights_on(app, "user", verbs=("add", "change")))
    grant(apps, (*OTHER_OFFICES, DutyCode.AREA_LEADER), rights_on(app, *MODELS, verbs=VIEW))
    grant(apps, (*VISITORS, DutyCode.VILLAGE_AGENT), rights_on(app, "organization", "area", "village", verbs=VIEW))
    district = rights_on(app, "organization", "area", "areaproject", "village", "villagestatistic", "appointment", verbs=VIEW)
    grant(apps, (DutyCode.DISTRICT_CLIENT,), district)
    administrator = rights_on(app, "user", "appointment", "apikey", "duty", verbs=("add", "change", "view"))
    grant(apps, (DutyCode.SYSTEM_ADMINISTRATOR,), administrator + rights_on(app, *MODELS[:-1], verbs=VIEW))


def remove_duties(apps: Any, schema_editor: Any) -> None:
    """Take the duties away again, with their groups."""
    Duty = apps.get_model("organizations", "Duty")
    names = list(Duty.objects.values_list("group__name", flat=True))
    Duty.objects.all().delete()
    apps.get_model("auth", "Group").objects.filter(name__in=names).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(add_duties, remove_duties)]
