"""Which permissions a duty has at the start. Data migrations of the apps use it; later the office edits the groups."""

from typing import Any

from organizations.enums import DutyCode, PlaceKind

OFFICE_IDLE, PHONE_IDLE = 30, 12 * 60
"""Minutes until an idle session ends: on an office desk, and on a secretary's own phone (no draft is lost to it)."""

DUTIES: list[tuple[DutyCode, PlaceKind, bool, int]] = [
    (DutyCode.TOWN_SECRETARY, PlaceKind.ORGANIZATION, True, OFFICE_IDLE),
    (DutyCode.OFFICE_HEAD, PlaceKind.ORGANIZATION, True, OFFICE_IDLE),
    (DutyCode.OFFICE_CLERK, PlaceKind.ORGANIZATION, True, OFFICE_IDLE),
    (DutyCode.DISCIPLINE_HEAD, PlaceKind.ORGANIZATION, True, OFFICE_IDLE),
    (DutyCode.DISCIPLINE_CLERK, PlaceKind.ORGANIZATION, True, OFFICE_IDLE),
    (DutyCode.FINANCE_HEAD, PlaceKind.ORGANIZATION, True, OFFICE_IDLE),
    (DutyCode.ACCOUNTANT, PlaceKind.ORGANIZATION, True, OFFICE_IDLE),
    (DutyCode.AREA_LEADER, PlaceKind.AREA, True, OFFICE_IDLE),
    (DutyCode.VILLAGE_INSTRUCTOR, PlaceKind.VILLAGE, False, PHONE_IDLE),
    (DutyCode.FIRST_SECRETARY, PlaceKind.VILLAGE, False, PHONE_IDLE),
    (DutyCode.BRANCH_SECRETARY, PlaceKind.ORGANIZATION, False, PHONE_IDLE),
    (DutyCode.VILLAGE_AGENT, PlaceKind.VILLAGE, False, PHONE_IDLE),
    (DutyCode.DISTRICT_CLIENT, PlaceKind.ORGANIZATION, False, OFFICE_IDLE),
    (DutyCode.SYSTEM_ADMINISTRATOR, PlaceKind.ORGANIZATION, True, OFFICE_IDLE),
]

VERBS = ("add", "change", "view", "import", "export")

LEADERS = (DutyCode.TOWN_SECRETARY, DutyCode.OFFICE_HEAD, DutyCode.OFFICE_CLERK)
OTHER_OFFICES = (
    DutyCode.DISCIPLINE_HEAD,
    DutyCode.DISCIPLINE_CLERK,
    DutyCode.FINANCE_HEAD,
    DutyCode.ACCOUNTANT,
)
VISITORS = (DutyCode.BRANCH_SECRETARY, DutyCode.FIRST_SECRETARY, DutyCode.VILLAGE_INSTRUCTOR)


def grant(apps: Any, duties: tuple[DutyCode, ...], permissions: list[str]) -> None:
    """Add permissions (``app_label.codename``) to the groups of ``duties``, with a migration's historical models.

    Django makes its permission rows only after all migrations, so missing ones are made here, under the same names.
    """
    Permission = apps.get_model("auth", "Permission")
    ContentType = apps.get_model("contenttypes", "ContentType")
    Duty = apps.get_model("organizations", "Duty")
    groups = [duty.group for duty in Duty.objects.filter(code__in=duties).select_related("group")]
    for permission in permissions:
        app_label, codename = permission.split(".")
        model_name = codename.partition("_")[2]
        model = apps.get_model(app_label, model_name)
        content_type, _ = ContentType.objects.get_or_create(app_label=app_label, model=model_name)
        names = {f"{key}_{model_name}": f"Can {key} {model._meta.verbose_name}" for key in VERBS}
        names |= dict(model._meta.permissions)
        row, _ = Permission.objects.get_or_create(
            content_type=content_type, codename=codename, defaults={"name": names[codename]}
        )
        for group in groups:
            group.permissions.add(row)


def rights_on(app_label: str, *model_names: str, verbs: tuple[str, ...] = VERBS) -> list[str]:
    """Return the permissions of ``verbs`` on each model."""
    return [f"{app_label}.{verb}_{name}" for name in model_names for verb in verbs]
