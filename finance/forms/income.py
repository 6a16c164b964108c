"""The question about the villages' income."""

from decimal import Decimal

from django import forms

from finance.forms.requests import AmountField


class ThresholdForm(forms.Form):
    """More than how much a village must have earned to be on top of the list."""

    threshold = AmountField(label="超过多少元", required=False, help_text="正好这么多的不算超过")

    def amount(self, default: Decimal) -> Decimal:
        """Return the threshold in yuan, ``default`` where none was typed; once the form is valid."""
        typed: Decimal | None = self.cleaned_data["threshold"]
        return default if typed is None else typed
