"""Business dates: days in Asia/Shanghai, as ledgers and people write them."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from django.db import models
from django.utils import timezone

from chishang.core.text import narrow


class Precision(models.TextChoices):
    """How exactly a date is known; old files often give the month only."""

    DAY = "day", "日"
    MONTH = "month", "月"
    YEAR = "year", "年"


@dataclass(frozen=True)
class PartialDate:
    """A date known to the day, month or year; ``day`` is the first day of what is known."""

    day: date
    precision: Precision


def today() -> date:
    """Return today's date in Asia/Shanghai."""
    return timezone.localdate()


_SEPARATED = re.compile(r"(\d{4})[-./](\d{1,2})(?:[-./](\d{1,2}))?")
_CHINESE = re.compile(r"(\d{4})年(?:(\d{1,2})月(?:(\d{1,2})日?)?)?")


def parse_partial_date(value: object) -> PartialDate:
    """Read a date as ledgers have it: an Excel date, ``2017-03-05``, ``2017.3.5``, ``2017年3月5日``, ``2017.03``.

    Raises ValueError with a Chinese message when it is none of these or no such day exists.
    """
    if isinstance(value, datetime):
        return PartialDate(value.date(), Precision.DAY)
    if isinstance(value, date):
        return PartialDate(value, Precision.DAY)
    text = narrow(str(value)).replace(" ", "")
    match = _SEPARATED.fullmatch(text) or _CHINESE.fullmatch(text)
    if not match:
        raise ValueError(f"“{value}”不是日期，请写成 2017-03-05 或 2017年3月5日")
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        known = date(year or 0, month or 1, day or 1)
    except ValueError:
        raise ValueError(f"“{value}”不是存在的日期，请核对年月日") from None
    precision = Precision.DAY if day else Precision.MONTH if month else Precision.YEAR
    return PartialDate(known, precision)


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


def in_words(day: date) -> str:
    """Return ``2017年12月31日``."""
    return f"{day.year}年{day.month}月{day.day}日"
