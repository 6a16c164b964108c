"""What the report's pages ask for."""

from datetime import date, timedelta
from typing import Any

from django import forms

from chishang.core.dates import today
from chishang.core.forms import DayField
from members.selectors.reconciliation import VIEW
from organizations.models import Organization, User


def usual_periods(day: date) -> list[tuple[str, date, date]]:
    """Return the periods that the statistics ask for at ``day``: label, day before the first day, last day."""
    last_year, this_year = date(day.year - 1, 12, 31), date(day.year, 12, 31)
    return [
        (f"{day.year}年至今", last_year, min(day, this_year)),
        (f"{day.year - 1}年全年", date(day.year - 2, 12, 31), last_year),
        (f"{day.year - 1}年上半年", date(day.year - 2, 12, 31), date(day.year - 1, 6, 30)),
    ]


class PeriodForm(forms.Form):
    """A period and an organization; left empty: this year so far, and all that one may see."""

    since = DayField(label="上期末", required=False, help_text="这一天的在册党员是期初数")
    until = DayField(label="期末", required=False)
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
        organization.queryset = Organization.objects.visible_to(user, VIEW)

    def clean(self) -> dict[str, Any]:
        """Fill in the usual period; refuse one that ends before it begins, or in the future."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return given
        _, since, until = usual_periods(today())[0]
        given["until"] = given["until"] or until
        given["since"] = given["since"] or min(since, given["until"] - timedelta(days=1))
        if given["until"] > today():
            self.add_error("until", "期末不能晚于今天。")
        elif given["since"] >= given["until"]:
            self.add_error("since", "上期末应早于期末。")
        return given
