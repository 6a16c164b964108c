"""The office's words: 余, 约, 万, 其中, 等; and what they say of nothing."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chishang.report import wording
from chishang.report.wording import WORDINGS, WordingMisused, about, over, wan

COUNTS = st.integers(min_value=0, max_value=10**9)
AMOUNTS = st.decimals(min_value=0, max_value=10**9, places=2)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        *((1412, "1400余"), (132, "130余"), (73, "70余"), (1400, "1400"), (23012, "23000余"), (999, "990余")),
        *(
            (8, "8"),
            (0, "0"),
            (10, "10"),
            (11, "10余"),
            (100, "100"),
            (1000, "1000"),
            (1001, "1000余"),
            (-132, "-130余"),
        ),
        (Decimal("4486000.00"), "4400000余"),
        (None, "—"),
    ],
)
def test_over_cuts_to_the_size_of_the_number(value: Any, said: str) -> None:
    assert over(value) == said


def test_over_and_about_take_a_step() -> None:
    assert (over(1412, 1000), over(1412, 10), about(1412, 1000)) == ("1000余", "1410余", "约1000")
    with pytest.raises(WordingMisused, match="大于 0 的整数"):
        over(1412, 0)


@given(COUNTS)
def test_over_never_says_more_than_there_is_nor_much_less(value: int) -> None:
    said = over(value)
    floor = int(said.removesuffix("余"))
    assert (floor < value) == said.endswith("余")
    assert 0 <= value - floor < max(10, value // 10 + 1)


@given(COUNTS)
def test_about_is_within_half_a_step(value: int) -> None:
    said = about(value)
    rounded = int(said.removeprefix("约"))
    assert (rounded != value) == said.startswith("约")
    assert abs(rounded - value) <= max(5, value // 20 + 1)


@pytest.mark.parametrize(("value", "said"), [(8675, "约8700"), (8700, "8700"), (4, "4"), (15, "约20"), (None, "—")])
def test_about(value: int | None, said: str) -> None:
    assert about(value) == said


@pytest.mark.parametrize(
    ("value", "places", "said"),
    [
        *((Decimal("4486000.00"), 2, "448.6"), (Decimal("456000.00"), 2, "45.6"), (Decimal("300000.00"), 2, "30")),
        *((23012, 1, "2.3"), (0, 2, "0"), (Decimal("0.00"), 2, "0"), (50, 2, "0.01"), (49, 2, "0"), (-30, 2, "0")),
        *((Decimal("81150.00"), 2, "8.12"), (1_000_000, 2, "100"), (None, 2, "—")),
    ],
)
def test_wan(value: Any, places: int, said: str) -> None:
    assert wan(value, places) == said


@given(AMOUNTS)
def test_wan_is_the_amount_to_half_a_hundred_yuan(value: Decimal) -> None:
    said = wan(value)
    assert abs(Decimal(said) * 10_000 - value) <= 50
    assert not ("." in said and said.endswith("0"))


def test_wan_refuses_strange_places() -> None:
    with pytest.raises(WordingMisused, match="0 到 4"):
        wan(1, 99)


def test_shares() -> None:
    assert wording.share(807, 1083) == "74.5%"
    assert wording.part(807, 1083) == "74.5%（807/1083）"
    assert wording.share(1, 8) == "12.5%"
    assert wording.share(Decimal("0.05"), 1) == "5.0%"
    assert wording.share(0, 5) == "0.0%"
    assert {wording.share(*pair) for pair in ((None, 5), (5, None), (5, 0), (None, None))} == {"—"}
    assert wording.part(None, 0) == "—"


def test_clauses_that_leave_out_what_is_not_there() -> None:
    assert wording.including(23, "预备党员", "名") == "，其中预备党员23名"
    assert [wording.including(value, "预备党员", "名") for value in (0, None)] == ["", ""]
    assert [wording.phrase(value, "，查处案件", "件") for value in (8, 0, None)] == [
        "，查处案件8件",
        "，查处案件0件",
        "",
    ]


def test_lists_of_names() -> None:
    assert wording.names(["下郝峪村", "北崖村", "石桥村"], "个村") == "下郝峪村等3个村"
    assert wording.names(["下郝峪村"], "个村") == "下郝峪村1个村"
    assert wording.names(["甲", "乙"], "人", 3) == "甲、乙2人"
    assert wording.names([]) == "无"
    assert wording.listed(["甲", "乙"]) == "甲、乙"
    assert wording.listed([]) == "无"
    assert (wording.first_of(["甲", "乙", "丙"], 2), wording.first_of(["甲"], 2)) == ("甲、乙等", "甲")
    for function in (wording.names, wording.listed, wording.first_of):
        with pytest.raises(WordingMisused, match="名单"):
            function("下郝峪村")


def test_days_money_and_places() -> None:
    assert wording.day(date(2017, 12, 31)) == "2017年12月31日"
    assert wording.yuan(Decimal("4486000.00")) == "4,486,000.00"
    assert wording.place("中共池上镇委员会") == "池上镇"
    assert wording.place("石桥村党支部") == "石桥村党支部"
    assert wording.day(None) == wording.yuan(None) == "—"
    with pytest.raises(WordingMisused, match="日期"):
        wording.day(2017)


@pytest.mark.parametrize("name", ["over", "about", "wan", "yuan"])
@pytest.mark.parametrize("value", ["448.6", True, 1.5, ["甲"]])
def test_wordings_for_numbers_refuse_anything_else(name: str, value: object) -> None:
    with pytest.raises(WordingMisused, match=f"{name} 要用在数字上"):
        WORDINGS[name].function(value)
