"""The cells of one row of a ledger, read as what they should be."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from chishang.core.dates import PartialDate, Precision, parse_partial_date
from chishang.core.money import parse_amount
from chishang.core.text import clean_name
from chishang.core.workbooks import Fault, Row, Sheet

PHONE_DIGITS = 11
ID_LIKE = re.compile(r"\d{14,17}[\dXx]")


class Cells:
    """Reads the cells of one row; what cannot be read becomes a fault, and the value None or empty."""

    def __init__(self, sheet: Sheet, row: Row, faults: list[Fault]) -> None:
        self.sheet, self.row, self.faults = sheet, row, faults
        self._before = len(faults)

    @property
    def sound(self) -> bool:
        """Whether this row has had no fault so far."""
        return len(self.faults) == self._before

    def fault(self, column: str, message: str) -> None:
        """Note a fault of this row. What looks like an ID number is not repeated, in whichever column it stands."""
        self.faults.append(self.sheet.fault(self.row.number, column, ID_LIKE.sub("（号码）", message)))

    def text(self, column: str, *, required: bool = False, limit: int = 200) -> str:
        """Return the cell as text of at most ``limit`` characters, empty when it is blank."""
        value = self.row.cells[column]
        if value is None:
            if required:
                self.fault(column, f"“{column}”没有填写")
            return ""
        text = str(value)
        if len(text) > limit:
            self.fault(column, f"“{column}”超过 {limit} 个字")
        return text

    def name(self, column: str, *, required: bool = True) -> str:
        """Return a person's name without the spaces that align it."""
        return clean_name(self.text(column, required=required, limit=50))

    def integer(self, column: str, *, required: bool = False) -> int | None:
        """Return a whole number of zero or more; thousands separators and a unit behind are borne."""
        value = self.row.cells[column]
        if value is None:
            if required:
                self.fault(column, f"“{column}”没有填写")
            return None
        if type(value) is int:
            number: int | None = value
        else:
            digits = str(value).replace(",", "").replace("\uff0c", "").rstrip("户人口")
            number = int(digits) if digits.lstrip("-").isdecimal() else None
        if number is None:
            self.fault(column, f"“{value}”不是整数")
        elif number < 0:
            self.fault(column, f"“{column}”不能是负数")
        elif number > 1_000_000:  # noqa: PLR2004  more than any count in a township
            self.fault(column, f"“{column}”太大，请核对")
        else:
            return number
        return None

    def money(self, column: str, *, required: bool = False) -> Decimal | None:
        """Return an amount of yuan of zero or more, with at most two decimals; separators and 元 are borne."""
        value = self.row.cells[column]
        if value is None:
            if required:
                self.fault(column, f"“{column}”没有填写")
            return None
        try:
            return parse_amount(value)
        except ValueError as error:
            self.fault(column, str(error))
            return None

    def partial_day(self, column: str, *, required: bool = False, future: bool = True) -> PartialDate | None:
        """Return a date known to the day, month or year."""
        value = self.row.cells[column]
        if value is None:
            if required:
                self.fault(column, f"“{column}”没有填写")
            return None
        try:
            known = parse_partial_date(value)
        except ValueError as error:
            self.fault(column, str(error))
            return None
        if not future and known.day > self.sheet.today:
            self.fault(column, f"“{column}”不能晚于今天")
            return None
        return known

    def day(self, column: str, *, required: bool = False, future: bool = True) -> date | None:
        """Return a date known to the day; with ``future`` false, one that is not after today."""
        known = self.partial_day(column, required=required, future=future)
        if known and known.precision != Precision.DAY:
            self.fault(column, f"“{self.row.cells[column]}”缺少日，请写到某一天")
            return None
        return known.day if known else None

    def phone(self, column: str) -> str:
        """Return a mobile number: eleven digits beginning with 1, or empty."""
        text = self.text(column, limit=30).replace(" ", "").replace("-", "")
        if text and not (len(text) == PHONE_DIGITS and text.isdecimal() and text[0] == "1"):
            self.fault(column, f"手机号“{text}”应为以 1 开头的 11 位数字")
        return text

    def one_of(self, column: str, choices: Mapping[str, Any], *, required: bool = False) -> Any:
        """Return what ``choices`` gives for the cell's text; None when blank or unknown."""
        text = self.text(column, required=required)
        if text and text not in choices:
            listed = "、".join(list(choices)[:8]) if len(choices) <= 12 else ""  # noqa: PLR2004  as many as one reads
            self.fault(column, f"没有“{text}”" + (f"，应为：{listed}" if listed else "，请核对或先登记"))
        return choices.get(text) if text else None
