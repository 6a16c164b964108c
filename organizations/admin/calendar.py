"""Register of the calendar of working days: public holidays, and weekend days worked instead."""

from django.contrib import admin

from chishang.core.admin import RegisterAdmin
from chishang.core.admin.filters import YearOfDate
from organizations.models import CalendarDay
from organizations.resources import CalendarDayResource


class CalendarYearFilter(YearOfDate):
    """The years that the calendar has."""

    column = "day"


@admin.register(CalendarDay)
class CalendarDayAdmin(RegisterAdmin):
    """Days that are not what their weekday says. Time limits in working days are counted by it."""

    resource_classes = [CalendarDayResource]
    list_display = ["day", "is_workday", "note"]
    list_filter = [CalendarYearFilter, "is_workday"]
    search_fields = ["note"]
    search_help_text = "说明，如：国庆节"
    fields = ["day", "is_workday", "note"]
