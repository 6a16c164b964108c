"""What a cross-check is, and the list of them all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from chishang.core.figures import Question
from chishang.report.wording import yuan

if TYPE_CHECKING:
    from chishang.report.report import Report

SHOWN = 20
"""So many rows that do not add up are named."""
NOT_YOURS = "无权核对。"


@dataclass(frozen=True)
class Check:
    """One identity as of a day."""

    code: str
    """X1 to X13."""
    title: str
    told: str
    """The identity with its numbers: 2 + 4 + 17 + 44 = 67."""
    difference: Any
    """Left minus right, or the number of offending rows; 0 when it holds, None when it cannot be said."""
    rows: tuple[str, ...] = ()
    """The rows that do not add up, by name (the first of them; never a confidential one)."""
    has_more: bool = False
    """Whether there are more of them."""

    @property
    def holds(self) -> bool:
        """Whether it adds up."""
        return self.difference is None or self.difference == 0

    @property
    def named(self) -> str:
        """The rows in one line: ``甲村、乙村``, with 等 behind them when there are more."""
        return "、".join(self.rows) + ("等" if self.has_more else "")

    @property
    def distance(self) -> str:
        """How much it is off: ``3``, and of money ``-123.45 元``."""
        return f"{yuan(self.difference)} 元" if isinstance(self.difference, Decimal) else str(self.difference)


@dataclass(frozen=True)
class Unsaid(Exception):
    """The check cannot be made: why, in words."""

    reason: str


Found = tuple[str, Any, Iterable[str]]
"""What a check tells, the difference, and the names of the rows that do not add up."""
Find = Callable[["Report"], Found]


@dataclass(frozen=True)
class _Declared:
    title: str
    models: tuple[Any, ...]
    find: Find


_registry: dict[str, _Declared] = {}


def check(code: str, title: str, *models: Any) -> Callable[[Find], Find]:
    """Register the decorated function as the check ``code``; it reads rows of ``models``, all of which one must see.

    It raises Unsaid where there is nothing to compare.
    """

    def register(find: Find) -> Find:
        if code in _registry:
            raise ValueError(f"check {code} is defined twice")
        _registry[code] = _Declared(title, models, find)
        return find

    return register


def all_checks(report: "Report") -> list[Check]:
    """Return every check of ``report``, in the order of their numbers."""
    return [_run(code, _registry[code], report) for code in sorted(_registry, key=lambda code: int(code[1:]))]


def _run(code: str, declared: _Declared, report: "Report") -> Check:
    try:
        if not all(_sees(report.question, model) for model in declared.models):
            raise Unsaid(NOT_YOURS)
        told, difference, rows = declared.find(report)
    except Unsaid as unsaid:
        return Check(code, declared.title, unsaid.reason, None)
    found = tuple(islice(rows, SHOWN + 1))
    return Check(code, declared.title, told, difference, found[:SHOWN], has_more=len(found) > SHOWN)


def _sees(question: Question, model: Any) -> bool:
    """Say whether whoever asks may see rows of ``model`` where the question looks."""
    if question.user is None:
        return True
    meta = model._meta
    return bool(question.scope & question.user.scope_for(f"{meta.app_label}.view_{meta.model_name}"))
