"""Forms of dividends. The services check and store; what they refuse stands at its field."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from chishang.core.admin.services import ServiceForm
from chishang.core.dates import today
from chishang.core.forms import DayField
from finance.models import Beneficiary, Dividend
from finance.services import record_dividend, save_beneficiary


class DividendForm(ServiceForm):
    """What a scheme paid in a year."""

    class Meta:
        model = Dividend
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "village_amount" in self.fields:
            self.fields["village_amount"].required = False
            self.fields["village_amount"].help_text = "不填的，按协议里的比例计算，四舍五入到分"

    def store(self, row: Dividend) -> Dividend:
        """Store it."""
        return record_dividend(actor=self.actor, dividend=row)


class BeneficiaryForm(ServiceForm):
    """One person of the list."""

    class Meta:
        model = Beneficiary
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "name" in self.fields:
            self.fields["name"].help_text = "只登记姓名，不登记身份证号"

    def store(self, row: Beneficiary) -> Beneficiary:
        """Store it."""
        return save_beneficiary(actor=self.actor, beneficiary=row)


class PayForm(forms.Form):
    """When a dividend was paid out."""

    day = DayField(label="发放日期", widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}), initial=today)
