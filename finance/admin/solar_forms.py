"""Settlements below their plant: periods that overlap, among themselves and with those that the form does not show."""

from itertools import combinations
from typing import Any

from unfold.forms import PaginationInlineFormSet


class SettlementFormSet(PaginationInlineFormSet):
    """Settlements of a plant."""

    def clean(self) -> None:
        """Refuse two periods that overlap, at the later row."""
        super().clean()
        # A form that is told of a fault loses the date; so the periods are read first.
        filled = [form for form in self.forms if form.is_valid() and form.cleaned_data.get("started_on")]
        periods = [_period(form.cleaned_data) for form in filled]
        for first, second in combinations(range(len(filled)), 2):
            if _overlap(periods[first], periods[second]):
                filled[second].add_error("started_on", "与上面另一行的时间重叠，请核对起止日期。")
        shown = [form.instance.pk for form in filled if form.instance.pk]
        others = list(self.instance.settlements.exclude(pk__in=shown).values("started_on", "ended_on"))
        for form, period in zip(filled, periods, strict=True):
            if any(_overlap(period, _period(other)) for other in others):
                form.add_error("started_on", "这段时间的收益已经登记过，请核对起止日期。")


def _period(row: dict[str, Any]) -> tuple[Any, Any]:
    return row["started_on"], row["ended_on"]


def _overlap(one: tuple[Any, Any], other: tuple[Any, Any]) -> bool:
    """Say whether two periods, both days inclusive, have a day in common."""
    return bool(one[0] <= other[1] and other[0] <= one[1])
