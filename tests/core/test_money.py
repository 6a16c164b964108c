"""Amounts as people write them, and their split: whatever the sum and the people, the parts are the whole."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chishang.core.money import CENT, in_wan, parse_amount, share_of, split

AMOUNTS = st.integers(min_value=0, max_value=10**12).map(lambda cents: cents * CENT)
WEIGHTS = st.lists(st.integers(min_value=0, max_value=10**4), min_size=1, max_size=60).filter(any)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("13813", "13813.00"), ("9,206.00", "9206.00"), ("９２０６．００", "9206.00"), ("84057.80元", "84057.80"),
        ("0", "0.00"), ("1 000.5", "1000.50"), (12.5, "12.50"), ("0.010", "0.01"),
    ],
)  # fmt: skip
def test_parse_amount_reads_what_people_write(text: object, amount: str) -> None:
    assert str(parse_amount(text)) == amount


@pytest.mark.parametrize(
    ("text", "told"),
    [("-0.01", "不能是负数"), ("1.234", "超过两位小数"), ("三百", "不是金额"), ("", "不是金额"), ("1e3", "不是金额")],
)
def test_parse_amount_tells_what_is_wrong(text: object, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse_amount(text)


@pytest.mark.parametrize(
    ("amount", "percent", "share"),
    [
        ("456000.00", "30.00", "136800.00"), ("0.05", "30", "0.02"), ("0.05", "10", "0.01"), ("0.04", "10", "0.00"),
        ("100.00", "33.33", "33.33"), ("100.00", "0", "0.00"), ("100.00", "100", "100.00"),
    ],
)  # fmt: skip
def test_share_of_rounds_half_up_to_the_cent(amount: str, percent: str, share: str) -> None:
    assert str(share_of(Decimal(amount), Decimal(percent))) == share


def test_in_wan_rounds_half_up() -> None:
    assert [str(in_wan(Decimal(yuan))) for yuan in ("456000.00", "30050.00", "30049.99")] == ["45.60", "3.01", "3.00"]


@given(AMOUNTS, WEIGHTS)
def test_split_gives_out_the_whole_to_the_cent(amount: Decimal, weights: list[int]) -> None:
    parts = split(amount, weights)
    assert sum(parts) == amount
    assert all(part >= 0 and part == part.quantize(CENT) for part in parts)
    # Nobody is a whole cent away from his exact due, and who has no weight gets nothing.
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * whole - amount * weight) < CENT * whole
        assert weight or not part


@given(AMOUNTS, st.integers(min_value=1, max_value=3000))
def test_equal_weights_differ_by_one_cent_at_most_and_the_first_get_it(amount: Decimal, people: int) -> None:
    parts = split(amount, [1] * people)
    assert sum(parts) == amount
    assert max(parts) - min(parts) <= CENT
    assert parts == sorted(parts, reverse=True)


@given(AMOUNTS, WEIGHTS)
def test_split_is_the_same_every_time_and_keeps_the_order(amount: Decimal, weights: list[int]) -> None:
    parts = split(amount, weights)
    assert split(amount, list(weights)) == parts
    # Of two equal weights the earlier one never gets less.
    for weight in set(weights):
        own = [part for part, other in zip(parts, weights, strict=True) if other == weight]
        assert own == sorted(own, reverse=True)


def test_the_dividend_of_2017_over_all_its_persons() -> None:
    # 456,000.00 = 1,441 x 316.44 + 9.96
    parts = split(Decimal("456000.00"), [1] * 1441)
    assert sum(parts) == Decimal("456000.00")
    assert (parts.count(Decimal("316.45")), parts.count(Decimal("316.44"))) == (996, 445)
    assert parts[:996] == [Decimal("316.45")] * 996


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [2, -1]])
def test_split_refuses_where_there_is_nobody_to_give_to(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="没有可以分配的对象"):
        split(Decimal("1.00"), weights)
