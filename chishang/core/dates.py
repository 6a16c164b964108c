"""Business dates: days in Asia/Shanghai, as ledgers and people write them."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from chishang.core.text import narrow


class Precision(models.TextChoices):
    """How exactly a date is known; old files often give the month only."""

    DAY = "day", "日"
    MONTH = "month", "月"
    YEAR = "year", "年"


FIRST_YEAR, LAST_YEAR = 1900, 2100
"""Years that a business date may lie in: whatever is outside was mistyped."""


@dataclass(frozen=True)
class PartialDate:
    """A date known to the day, month or year; ``day`` is the first day of what is known."""

    day: date
    precision: Precision

    @property
    def text(self) -> str:
        """The date as ``2017-03-05``, ``2017-03`` or ``2017``, which ``parse_partial_date`` reads back."""
        length = {Precision.DAY: 10, Precision.MONTH: 7, Precision.YEAR: 4}[self.precision]
        return self.day.isoformat()[:length]


def today() -> date:
    """Return today's date in Asia/Shanghai."""
    return timezone.localdate()


_SEPARATED = re.compile(r"(\d{4})(?:[-./](\d{1,2})(?:[-./](\d{1,2}))?)?")
_CHINESE = re.compile(r"(\d{4})年(?:(\d{1,2})月(?:(\d{1,2})日?)?)?")


def parse_partial_date(value: object) -> PartialDate:
    """Read a date as ledgers have it: an Excel date, ``2017-03-05``, ``2017.3.5``, ``2017年3月5日``, ``2017.03``.

    A bare year (``2017``) is a date, too.

    Raises ValueError with a Chinese message when it is none of these or no such day exists.
    """
    if isinstance(value, date):
        day_alone = value.date() if isinstance(value, datetime) else value
        _check_year(day_alone, day_alone)
        return PartialDate(day_alone, Precision.DAY)
    text = narrow(str(value)).replace(" ", "")
    match = _SEPARATED.fullmatch(text) or _CHINESE.fullmatch(text)
    if not match:
        raise ValueError(f"“{value}”不是日期，请写成 2017-03-05 或 2017年3月5日")
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        known = date(year or 0, month or 1, day or 1)
    except ValueError:
        raise ValueError(f"“{value}”不是存在的日期，请核对年月日") from None
    _check_year(known, value)
    precision = Precision.DAY if day else Precision.MONTH if month else Precision.YEAR
    return PartialDate(known, precision)


def _check_year(day: date, value: object) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"“{value}”的年份不对，请写 {FIRST_YEAR} 到 {LAST_YEAR} 之间的日期")


def parse_date(value: object) -> date:
    """Read a date known to the day; raise ValueError with a Chinese message otherwise."""
    known = parse_partial_date(value)
    if known.precision != Precision.DAY:
        raise ValueError(f"“{value}”缺少日，请写到某一天")
    return known.day


class LocalDate(models.Func):
    """The day in Asia/Shanghai of a time column, for constraints and annotations."""

    template = "((%(expressions)s) AT TIME ZONE 'Asia/Shanghai')::date"
    output_field = models.DateField()
    arity = 1


class Later(models.Func):
    """A date column plus a span of PostgreSQL (``span="18 years"``), as a date; for constraints and annotations."""

    template = "((%(expressions)s) + interval '%(span)s')::date"
    output_field = models.DateField()
    arity = 1


def latest_day(column: str, precision: str) -> models.Case:
    """Return the expression for the last day that a date known to the day, month or year may mean."""
    return models.Case(
        models.When(**{precision: Precision.MONTH}, then=Later(column, span="1 month -1 day")),
        models.When(**{precision: Precision.YEAR}, then=Later(column, span="1 year -1 day")),
        default=models.F(column),
        output_field=models.DateField(),
    )


def refuse_future(row: Any, *names: str) -> None:
    """Raise ValidationError at each of the named date fields of ``row`` that lies after today."""
    late = [name for name in names if (getattr(row, name) or date.min) > today()]
    if late:
        raise ValidationError({name: f"{row._meta.get_field(name).verbose_name}不能晚于今天。" for name in late})


def add_months(day: date, months: int) -> date:
    """Return the same day ``months`` later, or the last day of a shorter month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def last_full_year(day: date) -> int:
    """Return the last year that is over on ``day``: its own on 31 December, the one before on any other day."""
    return day.year if (day.month, day.day) == (12, 31) else day.year - 1


def in_words(day: date, precision: str = Precision.DAY) -> str:
    """Return ``2017年12月31日``, or less where less is known."""
    if precision == Precision.YEAR:
        return f"{day.year}年"
    if precision == Precision.MONTH:
        return f"{day.year}年{day.month}月"
    return f"{day.year}年{day.month}月{day.day}日"
