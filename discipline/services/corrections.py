"""A correction changes what was typed, and nothing that somebody else did since the form was opened."""

from collections.abc import Collection
from typing import Any


def take_over(stored: Any, typed: Any, names: Collection[str]) -> None:
    """Give ``stored`` what was typed into the columns and sealed texts ``names``; others stay as they are now.

    A text that says the same is not encrypted anew: the history would tell of a change.
    """
    sealed = {one.name for one in getattr(type(stored), "sealed_texts", list)()}
    for name in names:
        column = name if name in sealed else stored._meta.get_field(name).attname
        value = getattr(typed, column)
        if getattr(stored, column) != value:
            setattr(stored, column, value)
