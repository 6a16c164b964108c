"""Money: yuan as Decimal with two places, never float."""

import re
from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from django.db import models

from chishang.core.text import narrow

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
WAN = Decimal(10_000)
AMOUNT = re.compile(r"-?\d{1,10}(\.\d*)?")
DIGITS, PLACES = 14, 2


class MoneyField(models.DecimalField):
    """An amount of yuan with two decimals."""

    def __init__(self, verbose_name: str | None = None, **options: Any) -> None:
        super().__init__(verbose_name, **{"max_digits": DIGITS, "decimal_places": PLACES} | options)


def parse_amount(value: object) -> Decimal:
    """Read an amount as people write it: ``13813``, ``9,206.00``, ``９２０６.００``, ``84057.80元``.

    Raises ValueError with a Chinese message when it is no amount, negative, or finer than a cent.
    """
    text = narrow(str(value)).replace(",", "").replace("\uff0c", "").replace(" ", "").removesuffix("元")
    if not AMOUNT.fullmatch(text):
        raise ValueError(f"“{value}”不是金额，请写成 12.50")
    amount = Decimal(text)
    if amount < 0:
        raise ValueError(f"“{value}”是负数，金额不能是负数")
    if amount != amount.quantize(CENT, ROUND_DOWN):
        raise ValueError(f"“{value}”超过两位小数，请写到分，如 12.50")
    return amount.quantize(CENT)


def share_of(amount: Decimal, percent: Decimal) -> Decimal:
    """Return ``percent`` per cent of ``amount``, rounded half up to the cent."""
    return (amount * percent / 100).quantize(CENT, ROUND_HALF_UP)


def split(amount: Decimal, weights: Sequence[int]) -> list[Decimal]:
    """Split ``amount`` yuan by ``weights`` (zero or more, not all zero) to the cent; the parts add up to the whole.

    By largest remainder: everybody gets the whole cents due, and the cents left over go one each to the largest
    remainders, among equal ones to the first. Raises ValueError when there is nobody to give to.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("没有可以分配的对象")
    cents = int(amount / CENT)
    parts = [cents * weight // whole for weight in weights]
    remainders = [cents * weight % whole for weight in weights]
    for place in sorted(range(len(weights)), key=lambda one: -remainders[one])[: cents - sum(parts)]:
        parts[place] += 1
    return [part * CENT for part in parts]


def in_wan(amount: Decimal) -> Decimal:
    """Return yuan as 万元 with two decimals, rounded half up. Add up first, round last."""
    return (amount / WAN).quantize(CENT, ROUND_HALF_UP)
