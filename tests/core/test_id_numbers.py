"""GB 11643: what passes, what does not, and that no message repeats the number."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chishang.core.id_numbers import check_character, parse_id_number
from tests.members.books import id_number

# The example of the standard's own text; its area code is not the town's.
STANDARD = "11010519491231002X"


def test_example_of_the_standard_passes() -> None:
    number = parse_id_number(STANDARD)
    assert (number.born_on, number.is_male) == (date(1949, 12, 31), False)


@pytest.mark.parametrize("text", [STANDARD.lower(), " 110105 19491231 002x ", "１１０１０５１９４９１２３１００２Ｘ"])
def test_numbers_as_people_type_them_pass(text: str) -> None:
    assert parse_id_number(text).text == STANDARD


def test_old_number_is_brought_to_eighteen() -> None:
    assert parse_id_number("110105491231002").text == STANDARD


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (STANDARD[:-1], "现在是 17 位"),
        (STANDARD + "1", "现在是 19 位"),
        ("", "现在是 0 位"),
        (STANDARD[:-1] + "1", "校验位不对"),
        ("1101051949123100AX", "只能是数字"),
        ("11010519491231002Y", "只能是数字"),
        ("１１０１０５１９４９１３３１００２" + check_character("11010519491331002"), "出生日期不存在"),
    ],
)
def test_wrong_number_is_refused_without_repeating_it(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as refusal:
        parse_id_number(text)
    assert not text or text not in str(refusal.value)


@given(born_on=st.dates(date(1900, 1, 1), date(2026, 1, 1)), sequence=st.integers(0, 999), at=st.integers(0, 16))
def test_one_wrong_digit_is_always_found(born_on: date, sequence: int, at: int) -> None:
    number = id_number(born_on, sequence=sequence)
    assert parse_id_number(number).born_on == born_on
    wrong = number[:at] + str((int(number[at]) + 1) % 10) + number[at + 1 :]
    with pytest.raises(ValueError, match=r"校验位不对|出生日期不存在"):
        parse_id_number(wrong)
