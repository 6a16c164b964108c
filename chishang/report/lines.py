"""The figures as the page shows them: value, share, comparison with another day, or why there is none."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from chishang.core.figures import YUAN, Figure, Question, all_figures, find_figure
from chishang.core.money import CENT, in_wan
from chishang.report.wording import NOTHING, share, yuan

NOT_YOURS, TOO_SMALL = "无权查看", "数字过小，不予显示"
YEAR_NOT_OVER, UNKNOWN = "该年度未结束", "尚未登记"
GROUPED_FROM = 10_000
"""Counts are written without separators below it: 1083, and 23,012."""


def count_text(value: int) -> str:
    """Return ``1083``, and ``23,012`` with separators from five digits on."""
    return f"{value:,}" if abs(value) >= GROUPED_FROM else str(value)


def told(value: Any, unit: str) -> str:
    """Return a value as it stands in a table: ``1083``, of yuan ``4,486,000.00``, ``—`` for what is not there."""
    if value is None:
        return NOTHING
    return yuan(value) if unit == YUAN else count_text(value)


@dataclass(frozen=True)
class Line:
    """One figure as of the day, beside its value on the day compared with."""

    figure: Figure
    value: Any
    before: Any
    whole: Figure | None = None
    """The figure of which it is a share, and that one's value."""
    whole_value: Any = None
    reason: str = ""
    """Why there is no value."""
    has_rows: bool = False
    """Whether the reader may open the rows behind it."""

    @property
    def is_money(self) -> bool:
        """Whether it is yuan, which are shown as 万元 with the yuan beneath."""
        return self.figure.unit == YUAN

    @property
    def unit(self) -> str:
        """The unit beside the value."""
        return "万元" if self.is_money else self.figure.unit

    @property
    def text(self) -> str:
        """The value: ``1083``, ``448.60``, ``—``."""
        return self._told(self.value)

    @property
    def before_text(self) -> str:
        """The value on the day compared with."""
        return self._told(self.before)

    @property
    def yuan(self) -> str:
        """Money to the cent: ``4,486,000.00``."""
        return yuan(self.value)

    @property
    def share(self) -> str:
        """The part it is of the whole: ``807/1083，74.5%``; empty where there is none."""
        if self.value is None or not self.whole_value:
            return ""
        parts = f"{count_text(self.value)}/{count_text(self.whole_value)}"
        return f"{parts}，{share(self.value, self.whole_value)}"

    @property
    def trend(self) -> str:
        """``more``, ``less`` or ``same`` than before; empty when one of the two is not known."""
        if self.value is None or self.before is None:
            return ""
        if self.value == self.before:
            return "same"
        return "more" if self.value > self.before else "less"

    @property
    def change(self) -> str:
        """How much that is: ``12``, ``3.41 万元``, and in yuan what rounds to nothing."""
        difference = abs(self.value - self.before) if self.trend else 0
        if not self.is_money:
            return count_text(difference)
        wan = in_wan(Decimal(difference))
        return f"{wan:,} 万元" if wan >= CENT else f"{yuan(Decimal(difference))} 元"

    def _told(self, value: Any) -> str:
        if value is None:
            return NOTHING
        return f"{in_wan(value):,}" if self.is_money else count_text(value)


def build_lines(
    question: Question, values: dict[str, Any], before: dict[str, Any], figures: list[Figure] | None = None
) -> dict[str, Line]:
    """Return key → line of the figures (default: all), from the values on the day and on the day compared with."""
    return {
        one.key: Line(
            figure=one,
            value=values[one.key],
            before=before[one.key],
            whole=find_figure(one.share_of),
            whole_value=values.get(one.share_of),
            reason="" if values[one.key] is not None else reason(one, question),
            has_rows=values[one.key] is not None and sees_rows(one, question),
        )
        for one in figures or all_figures()
    }


def reason(figure: Figure, question: Question) -> str:
    """Return why whoever asks gets no value of ``figure``."""
    secret = figure.confidential
    if secret:
        is_counted = question.user is None or question.scope & question.user.scope_for(secret.counted_with)
        return TOO_SMALL if is_counted else NOT_YOURS
    if not figure.exists(question):
        return YEAR_NOT_OVER
    return UNKNOWN if figure.unknown_without_rows and sees_rows(figure, question) else NOT_YOURS


def sees_rows(figure: Figure, question: Question) -> bool:
    """Say whether whoever asks may see such rows; those of a confidential figure nobody may."""
    if figure.confidential:
        return False
    meta = figure.rows(question).model._meta
    return question.user is None or bool(question.user.has_perm(f"{meta.app_label}.view_{meta.model_name}"))
