"""The calendar of working days: holidays, and weekend days on which people work instead (调休)."""

from django.db import models

from chishang.core.history import tracked
from chishang.core.scoping import PUBLIC, ScopedModel


@tracked()
class CalendarDay(ScopedModel):
    """A day that is not what its weekday says, as the State Council arranges it each year."""

    scope_path = PUBLIC

    day = models.DateField("日期", unique=True, error_messages={"unique": "这一天已经登记。"})
    is_workday = models.BooleanField("上班", help_text="周末调休上班的打勾；放假的不打勾")
    note = models.CharField("说明", max_length=50, blank=True, help_text="如：国庆节、春节调休")

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "工作日历"
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day} {'上班' if self.is_workday else '放假'}"
