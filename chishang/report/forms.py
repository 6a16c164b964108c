"""What the report's pages ask for."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from chishang.core.dates import add_months, today
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


def usual_days(day: date) -> list[tuple[str, date]]:
    """Return the days of which reports are mostly asked for at ``day``: itself, last ends of a year and half-year."""
    half = date(day.year if day >= date(day.year, 6, 30) else day.year - 1, 6, 30)
    return [
        ("今天", day),
        (f"{day.year - 1}年底", date(day.year - 1, 12, 31)),
        (f"{half.year}年上半年末", half),
    ]


class ReportForm(forms.Form):
    """A day, one to compare with, and an organization; left empty: today, a year before, all that one may see."""

    as_of = DayField(label="截至日", required=False)
    compare = DayField(label="对比日", required=False, help_text="不填就和上年同一天比")
    organization = forms.ModelChoiceField(
        Organization.objects.none(),
        label="党组织",
        required=False,
        empty_label="可见的全部",
        to_field_name="code",
        error_messages={"invalid_choice": "没有这个党组织，请重新选择。"},
    )

    def __init__(self, data: QueryDict, *, user: User) -> None:
        given = data.dict()
        given["as_of"] = given.get("as_of") or today().isoformat()
        super().__init__(given, use_required_attribute=False)
        organization: Any = self.fields["organization"]
        organization.queryset = Organization.objects.visible_to(user)

    def clean_as_of(self) -> date:
        """Refuse a day in the future."""
        return _not_in_future(self.cleaned_data["as_of"], "截至日")

    def clean_compare(self) -> date | None:
        """Refuse a day in the future."""
        compare = self.cleaned_data["compare"]
        return _not_in_future(compare, "对比日") if compare else None

    @property
    def compared_with(self) -> date:
        """The day compared with: the chosen one, or the same day of the year before."""
        return self.cleaned_data["compare"] or add_months(self.cleaned_data["as_of"], -12)

    @property
    def code(self) -> str:
        """The code of the chosen organization; empty for all that one may see."""
        organization = self.cleaned_data["organization"]
        return organization.code if organization else ""


def _not_in_future(day: date, label: str) -> date:
    if day > today():
        raise ValidationError(f"{label}不能晚于今天，请改成今天或以前的日期。")
    return day
