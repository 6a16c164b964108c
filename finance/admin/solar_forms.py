"""Settlements below their plant: what two rows of one form say against each other."""

from itertools import combinations

from unfold.forms import PaginationInlineFormSet


class SettlementFormSet(PaginationInlineFormSet):
    """Settlements of a plant. Each row is checked against what is stored; here against the others of the form."""

    def clean(self) -> None:
        """Refuse two rows for the same days, at the later one of the two."""
        super().clean()
        filled = [form for form in self.forms if form.is_valid() and form.cleaned_data.get("started_on")]
        for first, second in combinations(filled, 2):
            one, other = first.cleaned_data, second.cleaned_data
            if one["started_on"] <= other["ended_on"] and other["started_on"] <= one["ended_on"]:
                second.add_error("started_on", "与上面另一行的时间重叠，请核对起止日期。")
