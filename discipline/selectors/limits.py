"""When things are due: the time limits in force, counted by the calendar of working days."""

from dataclasses import dataclass
from datetime import date, timedelta

from chishang.core.dates import add_months
from discipline.enums import LimitCode, LimitUnit
from discipline.models import TimeLimit
from organizations.selectors import WorkCalendar


@dataclass(frozen=True)
class Due:
    """The last day on which something is in time, and by which rule."""

    on: date
    limit: TimeLimit
    is_certain: bool = True
    """False when working days were counted through a year whose holidays the calendar does not have."""

    def is_missed(self, day: date, done_on: date | None = None) -> bool:
        """Say whether it was done too late, or is not done on ``day`` though its last day has passed."""
        return (done_on or day) > self.on


@dataclass(frozen=True)
class Limits:
    """All time limits and the calendar, read with two queries."""

    rules: list[TimeLimit]
    calendar: WorkCalendar

    @classmethod
    def load(cls) -> "Limits":
        """Read them."""
        return cls(list(TimeLimit.objects.order_by("-valid_from")), WorkCalendar.load())

    def due(self, code: LimitCode, start: date) -> Due | None:
        """Return when what began on ``start`` is due by the limit in force on that day; None when there was none.

        The day on which it begins does not count. A month ends on the same day of the next, or on its last.
        """
        rule = next((one for one in self.rules if one.code == code and one.valid_from <= start), None)
        if rule is None:
            return None
        if rule.unit == LimitUnit.MONTH:
            return Due(add_months(start, rule.amount), rule)
        if rule.unit == LimitUnit.DAY:
            return Due(start + timedelta(days=rule.amount), rule)
        last = self.calendar.after(start, rule.amount)
        return Due(last, rule, self.calendar.knows(start, last))
