"""Public holidays and make-up workdays, as the State Council arranged them (国务院办公厅关于节假日安排的通知)."""

from datetime import date, timedelta
from typing import Any

from django.db import migrations

from organizations.duties import LEADERS, OTHER_OFFICES, grant, rights_on
from organizations.enums import DutyCode

HOLIDAYS: dict[int, tuple[tuple[str, str, str], ...]] = {
    2016: (
        ("元旦", "01-01", "01-03"), ("春节", "02-07", "02-13"), ("清明节", "04-02", "04-04"),
        ("劳动节", "04-30", "05-02"), ("端午节", "06-09", "06-11"), ("中秋节", "09-15", "09-17"),
        ("国庆节", "10-01", "10-07"), ("元旦", "12-31", "12-31"),
    ),
    2017: (
        ("元旦", "01-01", "01-02"), ("春节", "01-27", "02-02"), ("清明节", "04-02", "04-04"),
        ("劳动节", "04-29", "05-01"), ("端午节", "05-28", "05-30"), ("国庆节、中秋节", "10-01", "10-08"),
        ("元旦", "12-30", "12-31"),
    ),
    2018: (
        ("元旦", "01-01", "01-01"), ("春节", "02-15", "02-21"), ("清明节", "04-05", "04-07"),
        ("劳动节", "04-29", "05-01"), ("端午节", "06-16", "06-18"), ("中秋节", "09-22", "09-24"),
        ("国庆节", "10-01", "10-07"), ("元旦", "12-30", "12-31"),
    ),
    2025: (
        ("元旦", "01-01", "01-01"), ("春节", "01-28", "02-04"), ("清明节", "04-04", "04-06"),
        ("劳动节", "05-01", "05-05"), ("端午节", "05-31", "06-02"), ("国庆节、中秋节", "10-01", "10-08"),
    ),
    2026: (
        ("元旦", "01-01", "01-03"), ("春节", "02-15", "02-23"), ("清明节", "04-04", "04-06"),
        ("劳动节", "05-01", "05-05"), ("端午节", "06-19", "06-21"), ("中秋节", "09-25", "09-27"),
        ("国庆节", "10-01", "10-07"),
    ),
}
WORKED = {
    2016: ("02-06", "02-14", "06-12", "09-18", "10-08", "10-09"),
    2017: ("01-22", "02-04", "04-01", "05-27", "09-30"),
    2018: ("02-11", "02-24", "04-08", "04-28", "09-29", "09-30", "12-29"),
    2025: ("01-26", "02-08", "04-27", "09-28", "10-11"),
    2026: ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10"),
}
"""Weekend days worked instead. Other years are typed in, or come in by a sheet."""


def add_days(apps: Any, schema_editor: Any) -> None:
    """Add the days of each year."""
    days = apps.get_model("organizations", "CalendarDay").objects
    for year, holidays in HOLIDAYS.items():
        for name, first, last in holidays:
            start, end = date.fromisoformat(f"{year}-{first}"), date.fromisoformat(f"{year}-{last}")
            for offset in range((end - start).days + 1):
                values = {"is_workday": False, "note": name}
                days.get_or_create(day=start + timedelta(days=offset), defaults=values)
    for year, worked in WORKED.items():
        for day in worked:
            values = {"is_workday": True, "note": "调休上班"}
            days.get_or_create(day=date.fromisoformat(f"{year}-{day}"), defaults=values)


def add_rights(apps: Any, schema_editor: Any) -> None:
    """Two offices keep the calendar; the others look at it."""
    keepers = (DutyCode.OFFICE_HEAD, DutyCode.OFFICE_CLERK, DutyCode.DISCIPLINE_HEAD, DutyCode.DISCIPLINE_CLERK)
    grant(apps, keepers, rights_on("organizations", "calendarday"))
    grant(apps, LEADERS, rights_on("organizations", "calendarday", verbs=("view", "export")))
    grant(apps, OTHER_OFFICES, rights_on("organizations", "calendarday", verbs=("view",)))


class Migration(migrations.Migration):
    dependencies = [("organizations", "0007_calendar")]

    operations = [
        migrations.RunPython(add_days, migrations.RunPython.noop),
        migrations.RunPython(add_rights, migrations.RunPython.noop),
    ]
