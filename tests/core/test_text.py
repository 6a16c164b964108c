"""Names and text as people type them."""

import pytest

from chishang.core.text import clean_name, narrow, pinyin_key


def test_narrow_turns_full_width_digits_and_letters_but_keeps_punctuation() -> None:
    assert narrow("\uff11\uff15\uff14\uff2f\u3000,\u201c水\u201d\uff0c") == "154O ,\u201c水\u201d\uff0c"


def test_clean_name_takes_out_the_spaces_that_align_names() -> None:
    assert clean_name("\u3000李\u3000明 ") == "李明"


@pytest.mark.parametrize(
    ("name", "key"),
    [("赵东强", "zdq zhaodongqiang"), ("单国伟", "sgw shanguowei"), ("逯学信", "lxx luxuexin"), ("", "")],
)
def test_pinyin_key_reads_surnames_as_surnames(name: str, key: str) -> None:
    assert pinyin_key(name) == key
