"""Which quarters have their lesson (一季一堂): one at least, in each quarter of the year."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from chishang.core.dates import add_months, today
from discipline.enums import EducationKind
from discipline.models import IntegrityEvent

QUARTERS = (1, 2, 3, 4)
MONTHS_OF_A_QUARTER = 3


@dataclass(frozen=True)
class Quarter:
    """A quarter with the number of its lessons, as it stands on ``day``."""

    year: int
    number: int
    lessons: int
    day: date

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, MONTHS_OF_A_QUARTER * (self.number - 1) + 1, 1)

    @property
    def last(self) -> date:
        """Its last day, until which a lesson is in time."""
        return add_months(self.first, MONTHS_OF_A_QUARTER) - timedelta(days=1)

    @property
    def label(self) -> str:
        """Its name: 2017年第3季度."""
        return f"{self.year}年第{self.number}季度"

    @property
    def is_missing(self) -> bool:
        """Whether it is over without a lesson."""
        return not self.lessons and self.last < self.day

    @property
    def is_waiting(self) -> bool:
        """Whether it runs and has no lesson yet."""
        return not self.lessons and self.first <= self.day <= self.last

    @property
    def told(self) -> str:
        """How it stands, in words."""
        if self.lessons:
            return f"已开展 {self.lessons} 次"
        if self.is_missing:
            return "缺课"
        return "本季还未开展" if self.is_waiting else "未到"


def lessons_by_quarter(user: Any, year: int, day: date | None = None) -> list[Quarter]:
    """Return the four quarters of ``year`` with the lessons that ``user`` may see, held up to ``day`` (default today).

    A micro-lesson or a talk is no lesson of the quarter. One query.
    """
    day = day or today()
    rows = IntegrityEvent.objects.visible_to(user).filter(kind=EducationKind.LESSON, held_on__lte=day)
    months = rows.filter(held_on__year=year).order_by().values_list("held_on__month", flat=True)
    held = [(month - 1) // MONTHS_OF_A_QUARTER + 1 for month in months]
    return [Quarter(year, number, held.count(number), day) for number in QUARTERS]
