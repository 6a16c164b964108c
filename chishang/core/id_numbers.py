"""Citizen ID numbers (公民身份号码, GB 11643-1999). Messages never repeat the number."""

from dataclasses import dataclass
from datetime import date

from chishang.core.text import narrow

LENGTH, OLD_LENGTH = 18, 15
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"


@dataclass(frozen=True)
class IdNumber:
    """A number that passed the check, with what it says of its holder."""

    text: str
    born_on: date
    is_male: bool


def check_character(digits: str) -> str:
    """Return the check character of the first 17 digits (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True))
    return CHECK_CHARACTERS[total % 11]


def parse_id_number(text: object) -> IdNumber:
    """Read an ID number as people type it: full-width digits, spaces and a small x are borne.

    An old one of 15 digits is brought to 18. Raises ValueError with a Chinese message that does not repeat it.
    """
    number = "".join(narrow(str(text)).split()).upper()
    if len(number) == OLD_LENGTH and number.isdecimal():
        number = number[:6] + "19" + number[6:]
        number += check_character(number)
    if len(number) != LENGTH:
        raise ValueError(f"身份证号码应为 18 位，现在是 {len(number)} 位")
    if not (number[:-1].isascii() and number[:-1].isdecimal()) or number[-1] not in CHECK_CHARACTERS:
        raise ValueError("身份证号码只能是数字，最后一位可以是 X")
    try:
        born_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise ValueError("身份证号码里的出生日期不存在，请核对第 7 到 14 位") from None
    if check_character(number[:-1]) != number[-1]:
        raise ValueError("身份证号码的校验位不对，请逐位核对")
    return IdNumber(number, born_on, is_male=int(number[16]) % 2 == 1)
