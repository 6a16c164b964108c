"""Dates as ledgers have them."""

from datetime import date, datetime

import pytest

from chishang.core.dates import Precision, in_words, parse_date, parse_partial_date


@pytest.mark.parametrize(
    "written",
    [
        datetime(2017, 3, 5),
        date(2017, 3, 5),
        "2017-03-05",
        "2017.3.5",
        "2017/3/5",
        "2017年3月5日",
        "\uff12\uff10\uff11\uff17-3-5",
        " 2017年 3月5日 ",
    ],
)
def test_parse_date_in_every_form_of_the_ledgers(written: object) -> None:
    assert parse_date(written) == date(2017, 3, 5)


@pytest.mark.parametrize(
    ("written", "day", "precision"),
    [
        ("2017.03", date(2017, 3, 1), Precision.MONTH),
        ("2017年3月", date(2017, 3, 1), Precision.MONTH),
        ("1968年", date(1968, 1, 1), Precision.YEAR),
    ],
)
def test_parse_partial_date_keeps_the_precision(written: str, day: date, precision: Precision) -> None:
    known = parse_partial_date(written)
    assert (known.day, known.precision) == (day, precision)


@pytest.mark.parametrize("written", ["2017年6月31日", "2017-02-30", "2017-13-01", "0000-01-01"])
def test_parse_date_of_no_such_day_says_so(written: str) -> None:
    with pytest.raises(ValueError, match="不是存在的日期"):
        parse_date(written)


@pytest.mark.parametrize("written", ["昨天", "5/3/2017", "", 20170305])
def test_parse_date_of_something_else_says_how_to_write_it(written: object) -> None:
    with pytest.raises(ValueError, match="请写成 2017-03-05"):
        parse_date(written)


def test_parse_date_refuses_a_month() -> None:
    with pytest.raises(ValueError, match="缺少日"):
        parse_date("2017.03")


def test_in_words_has_no_leading_zeros() -> None:
    assert in_words(date(2017, 3, 5)) == "2017年3月5日"


@pytest.mark.parametrize(
    "written", ["0001-01-01", "1899-12-31", "2101.01", "9999年", date(1, 1, 1), datetime(9999, 1, 1)]
)
def test_year_that_was_mistyped_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="年份不对"):
        parse_partial_date(written)


@pytest.mark.parametrize("written", ["1900-01-01", "2100-12-31"])
def test_first_and_last_year_are_taken(written: str) -> None:
    assert parse_date(written).isoformat() == written
