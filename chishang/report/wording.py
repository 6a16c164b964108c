"""The office's words for numbers, days and lists: 余, 约, 万, 其中, 等.

Each is a plain function and, by its ``@wording``, a filter of the Word templates. All of them take None, which is what
a figure has that does not exist yet or is not told, and say ``—`` or nothing then.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from chishang.core.dates import in_words
from chishang.core.money import WAN

NOTHING = "—"
"""What stands for a value that is not there."""
MOST_DIGITS = 2
"""余 and 约 keep two digits of a large number: 1400余, 23000余."""
Number = int | Decimal | None


class WordingMisused(ValueError):
    """A wording was used on what it is not for; the message says so in Chinese."""


@dataclass(frozen=True)
class Wording:
    """A function of this module as the office knows it."""

    name: str
    told: str
    """What it does, in Chinese."""
    example: str
    """How it stands in a template."""
    function: Callable[..., Any]


WORDINGS: dict[str, Wording] = {}


def wording(told: str, *, example: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the decorated function under its name as a filter of the templates."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        WORDINGS[function.__name__] = Wording(function.__name__, told, example, function)
        return function

    return register


@wording("余：舍去零头，整数不加“余”；要按百、按千舍，写成 over(100)", example="{{ members.total|over }}名")
def over(value: Number, step: int | None = None) -> str:
    """Return ``1400余`` for 1412, ``70余`` for 73 and ``1400`` for 1400; ``step`` is what it is cut down to."""
    if value is None:
        return NOTHING
    number = _checked(value, over)
    unit = _checked_step(step) or _step(number)
    floor = int(number / unit) * unit
    if floor in {number, 0}:
        return _plain(number)
    return f"{floor}余"


@wording("约：四舍五入到两位有效数字，整数不加“约”", example="{{ visits.households|about }}户")
def about(value: Number, step: int | None = None) -> str:
    """Return ``约8700`` for 8675 and ``8700`` for 8700, rounded half up to ``step``."""
    if value is None:
        return NOTHING
    number = _checked(value, about)
    unit = _checked_step(step) or _step(number)
    rounded = int((number / unit).quantize(Decimal(1), ROUND_HALF_UP)) * unit
    if rounded in {number, 0}:
        return _plain(number)
    return f"约{rounded}"


@wording(
    "折合成万，四舍五入到两位小数；总人口写 wan(1)，保留一位",
    example="{{ finance.village_disbursed|wan }}万元",
)
def wan(value: Number, places: int = 2) -> str:
    """Return ``448.6`` for 4486000 (yuan, persons), rounded half up to ``places`` and without zeros at the end."""
    if value is None:
        return NOTHING
    if places not in range(5):
        raise WordingMisused("wan 的小数位数要写 0 到 4")
    step = Decimal(1).scaleb(-places)
    return _plain((_checked(value, wan) / WAN).quantize(step, ROUND_HALF_UP))


@wording("金额到分，加千位分隔", example="{{ finance.solar_income|yuan }}元")
def yuan(value: Number) -> str:
    """Return ``239,000.00`` for 239000.00 yuan."""
    return NOTHING if value is None else f"{_checked(value, yuan).quantize(Decimal('0.01')):,f}"


@wording("占比，一位小数", example="{{ issues.resolved|share(issues.raised) }}")
def share(value: Number, whole: Number) -> str:
    """Return ``74.5%`` for 807 of 1083, rounded half up; ``—`` when there is no whole."""
    if value is None or not whole:
        return NOTHING
    percent = _checked(value, share) * 100 / _checked(whole, share)
    return f"{percent.quantize(Decimal('0.1'), ROUND_HALF_UP)}%"


@wording("占比，并写明分子和分母", example="{{ issues.resolved|part(issues.raised) }}")
def part(value: Number, whole: Number) -> str:
    """Return ``74.5%（807/1083）``."""
    told = share(value, whole)
    return told if told == NOTHING else f"{told}（{value}/{whole}）"


@wording(
    "其中：没有（0 或无数）时整句不写",
    example='{{ members.probationary|including("预备党员", "名") }}',
)
def including(value: Number, what: str, unit: str = "") -> str:
    """Return ``，其中预备党员23名``, or nothing when there are none."""
    return phrase(value, f"，其中{what}", unit) if value else ""


@wording(
    "前后带字的数：无数时整句不写，0 照写",
    example='{{ discipline.cases|phrase("，查处案件", "件") }}',
)
def phrase(value: Number, before: str, after: str = "") -> str:
    """Return ``，查处案件8件``, or nothing when the value is not told."""
    return "" if value is None else f"{before}{value}{after}"


@wording("列出前几个名字，多的用“等”", example='{{ dividend_villages|names("个村") }}')
def names(found: Sequence[str], unit: str = "", shown: int = 1) -> str:
    """Return ``下郝峪村等19个村``: the first ``shown``, and how many they are in all; ``无`` for none.

    All of them are named when there are no more than that: ``甲、乙2人``.
    """
    if isinstance(found, str) or not isinstance(found, Sequence):
        raise WordingMisused("names 要用在名单上")
    if not found:
        return "无"
    more = "等" if len(found) > shown else ""
    return f"{'、'.join(found[:shown])}{more}{len(found)}{unit}"


@wording("把名单全部列出，用顿号隔开", example="{{ issue_categories|listed }}")
def listed(found: Sequence[str]) -> str:
    """Return ``甲、乙、丙``; ``无`` for none."""
    if isinstance(found, str) or not isinstance(found, Sequence):
        raise WordingMisused("listed 要用在名单上")
    return "、".join(found) or "无"


@wording("名单的前几个，用顿号隔开，多的用“等”", example="{{ honours|first_of(2) }}")
def first_of(found: Sequence[str], shown: int = 1) -> str:
    """Return ``甲、乙等``, the first ``shown``; ``甲、乙`` when there are no more, ``无`` for none."""
    return listed(found[:shown]) + ("等" if len(found) > shown else "")


@wording("日期写成年月日", example="{{ as_of|day }}")
def day(value: date | None) -> str:
    """Return ``2017年12月31日``."""
    if value is None:
        return NOTHING
    if not isinstance(value, date):
        raise WordingMisused("day 要用在日期上")
    return in_words(value)


@wording("党组织所在的地方", example="{{ organization|place }}")
def place(organization: str) -> str:
    """Return ``池上镇`` for 中共池上镇委员会, and other names without 中共 in front."""
    return str(organization).removeprefix("中共").removesuffix("委员会")


def _checked(value: Any, what: Callable[..., Any]) -> Decimal:
    """Return a number as Decimal; raise WordingMisused for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise WordingMisused(f"{what.__name__} 要用在数字上")
    return Decimal(value)


def _checked_step(step: Any) -> int | None:
    if step is not None and (not isinstance(step, int) or step < 1):
        raise WordingMisused("按多少舍，要写大于 0 的整数")
    return step


def _step(number: Decimal) -> int:
    """Return what a number of its size is cut down to: 10 below 1000, then all but the first two digits."""
    digits = len(str(abs(int(number))))
    return int(max(10, 10 ** (digits - MOST_DIGITS)))


def _plain(number: Decimal) -> str:
    """Return a number without zeros at the end."""
    text = f"{number + 0:f}"  # plus 0: there is no -0 in a report
    return text.rstrip("0").rstrip(".") if "." in text else text
