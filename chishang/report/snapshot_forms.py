"""What issuing a report asks for: the day, the reason of a correction, why a draft is withdrawn."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from chishang.core.dates import today
from chishang.core.forms import DayField
from chishang.report.models import IssuedReport
from organizations.models import Organization, User


def _text(label: str, name: str, required: str = "", **options: Any) -> forms.CharField:
    field: Any = IssuedReport._meta.get_field(name)
    messages = {
        "required": required,
        "max_length": f"{label}最多 %(limit_value)d 个字，现在有 %(show_value)d 个，请写短些。",
    }
    return forms.CharField(
        label=label, max_length=field.max_length, required=bool(required), error_messages=messages, **options
    )


class DraftForm(forms.Form):
    """Of which day a report is drawn up, and what it corrects."""

    as_of = DayField(label="截至日", error_messages={"required": "请填写截至日。"})
    reason = _text("更正了什么", "reason", help_text="同一天第二次制表时填写，如：补录12月走访3户")


class WithdrawForm(forms.Form):
    """Why a draft is withdrawn."""

    withdrawn_because = _text("作废的原因", "withdrawn_because", "请写明为什么作废。")


class DownloadForm(forms.Form):
    """Which report is downloaded; left empty: today's, of all that one may see."""

    as_of = DayField(label="截至日", required=False)
    organization = forms.ModelChoiceField(
        Organization.objects.none(),
        label="党组织",
        required=False,
        empty_label="可见的全部",
        to_field_name="code",
        error_messages={"invalid_choice": "没有这个党组织，请重新选择。"},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organization: Any = self.fields["organization"]
        organization.queryset = Organization.objects.visible_to(user)

    def clean_as_of(self) -> date | None:
        """Refuse a day that is not over yet."""
        as_of: date | None = self.cleaned_data["as_of"]
        if as_of and as_of > today():
            raise ValidationError("截至日不能晚于今天。", code="future")
        return as_of
