"""Forms of dues. The services check and store; what they refuse stands at its field."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from chishang.core.admin.services import ServiceForm
from chishang.core.dates import Precision, add_months, parse_partial_date, today
from chishang.core.forms import DayField
from members.enums import DuesMethod
from members.models import DuesExemption, DuesPayment, DuesStandard, Member
from members.services import PaymentFacts, grant_exemption, record_payment, set_standard

MOST_MONTHS = 24
"""So many months are recorded at once at most."""


class MonthField(forms.DateField):
    """A month, as its first day: typed or chosen as ``2017-03``."""

    def __init__(self, **kwargs: Any) -> None:
        widget = UnfoldAdminTextInputWidget(attrs={"type": "month", "placeholder": "2017-03"})
        super().__init__(**{"widget": widget, **kwargs})

    def to_python(self, value: Any) -> date | None:
        """Read it; the message says how to write it."""
        if value in self.empty_values:
            return None
        try:
            known = parse_partial_date(value)
        except ValueError as error:
            raise ValidationError(f"“{value}”不是月份，请写成 2017-03。", code="invalid") from error
        if known.precision == Precision.YEAR:
            raise ValidationError("请写到月份，如 2017-03。", code="invalid")
        return known.day.replace(day=1)

    def prepare_value(self, value: Any) -> Any:
        """Show it as it is typed."""
        return f"{value:%Y-%m}" if isinstance(value, date) else value


class StandardForm(ServiceForm):
    """What a member owes from a month on."""

    valid_from = MonthField(label="从哪个月起", initial=lambda: today().replace(day=1))

    class Meta:
        model = DuesStandard
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "amount" in self.fields:
            self.fields["amount"].required = False
            self.fields["amount"].help_text = "农民党员在规定范围内填写；按比例交纳的由系统计算，不用填"
            self.fields["base"].help_text = "每月固定、经常性的收入（税后）；按固定金额交纳的不用填"

    def store(self, row: DuesStandard) -> DuesStandard:
        """Store it."""
        return set_standard(actor=self.actor, standard=row)


class ExemptionForm(ServiceForm):
    """A reduction by decision."""

    from_month = MonthField(label="从哪个月起")
    until_month = MonthField(label="到哪个月止", help_text="含")

    class Meta:
        model = DuesExemption
        fields = "__all__"

    def store(self, row: DuesExemption) -> DuesExemption:
        """Store it."""
        return grant_exemption(actor=self.actor, exemption=row)


class PaymentForm(ServiceForm):
    """One payment of one member."""

    month = MonthField(label="所属月份", required=False, help_text="自愿多交的留空")

    class Meta:
        model = DuesPayment
        fields = "__all__"

    def store(self, row: DuesPayment) -> DuesPayment:
        """Store it."""
        return record_payment(actor=self.actor, payment=row)


class ReversalForm(forms.Form):
    """Why a payment is taken back."""

    reason = forms.CharField(label="冲销的理由", max_length=200, widget=UnfoldAdminTextInputWidget())


class MonthsForm(forms.Form):
    """Which months payments are recorded for."""

    since = MonthField(label="从哪个月")
    until = MonthField(label="到哪个月")

    def clean(self) -> dict[str, Any]:
        """Refuse months in the wrong order, or too many."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and not since <= until < add_months(since, MOST_MONTHS):
            self.add_error("until", f"截止月份不能早于起始月份，一次最多 {MOST_MONTHS} 个月。")
        return cleaned

    @property
    def months(self) -> list[date]:
        """Return the first days of the months."""
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        every = (add_months(since, number) for number in range(MOST_MONTHS))
        return [month for month in every if month <= until]


class CollectForm(forms.Form):
    """Who has paid, when and how."""

    members = forms.ModelMultipleChoiceField(
        Member.objects.none(), label="党员", error_messages={"required": "请至少选一名党员。"}
    )
    paid_on = DayField(label="交纳日期", widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}), initial=today)
    method = forms.ChoiceField(
        label="方式", choices=DuesMethod, initial=DuesMethod.CASH, widget=UnfoldAdminSelectWidget()
    )
    receipt_no = forms.CharField(
        label="收据号", max_length=50, required=False, widget=UnfoldAdminTextInputWidget(), help_text="可不填"
    )

    def __init__(self, *args: Any, members: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["members"].queryset = members

    @property
    def facts(self) -> PaymentFacts:
        """Return what the payments have in common."""
        typed = self.cleaned_data
        return PaymentFacts(typed["paid_on"], typed["method"], typed["receipt_no"])
