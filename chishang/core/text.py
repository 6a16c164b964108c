"""Text as people type it: full-width forms, stray spaces, and names found by their pinyin."""

import re
import unicodedata
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

# Read differently as a surname than as a word.
SURNAMES = {"单": "shan", "仇": "qiu", "解": "xie", "任": "ren", "曾": "zeng", "查": "zha", "盖": "ge", "区": "ou"}
SURNAMES |= {"朴": "piao", "尉": "yu", "乐": "yue", "翟": "zhai", "缪": "miao", "逯": "lu", "员": "yun", "折": "she"}


WIDE = re.compile("[\0\u3000\uff00-\uffef\u00a0]")  # and NUL, which PostgreSQL does not store


def narrow(text: str) -> str:
    """Turn full-width letters, digits and spaces into half-width ones and trim the ends; punctuation stays."""
    return "".join(map(_narrow_character, text)).strip() if WIDE.search(text) else text.strip()


@lru_cache(maxsize=4096)
def _narrow_character(character: str) -> str:
    if character == "\0":
        return ""
    folded = unicodedata.normalize("NFKC", character)
    return folded if folded.isalnum() or folded.isspace() or folded in "-./:+" else character


def clean_name(text: str) -> str:
    """Return a person's name without the spaces that ledgers put in to align names (``李　明``)."""
    return "".join(narrow(text).split())


def pinyin_key(name: str) -> str:
    """Return what a name is searched and sorted by: initials and full pinyin (``赵东强``: ``zdq zhaodongqiang``)."""
    if not name:
        return ""
    syllables = [SURNAMES.get(name[0], _syllable(name[0])), *(_syllable(character) for character in name[1:])]
    return f"{''.join(part[:1] for part in syllables)} {''.join(syllables)}"[:200]


@lru_cache(maxsize=8192)
def _syllable(character: str) -> str:
    return "".join(lazy_pinyin(character, style=Style.NORMAL)).lower()
