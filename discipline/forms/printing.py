"""Which sheet is printed, of which time, and for what."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from chishang.core.dates import FIRST_YEAR, LAST_YEAR, today
from chishang.core.forms import DayField
from discipline.selectors.sheets import SHEETS, sheets_for
from discipline.services.printing import Period
from discipline.services.readings import check_purpose

MISSING = "请填写年度，或者填写起止日期。"


def _day(label: str) -> DayField:
    widget = UnfoldAdminTextInputWidget(attrs={"type": "date"})
    return DayField(label=label, required=False, widget=widget, help_text="按一段时间打印的才填，填了就不看年度")


class PrintForm(forms.Form):
    """A year, or a first and a last day. The sealed sheets ask for a purpose."""

    sheet = forms.ChoiceField(label="台账", widget=UnfoldAdminSelectWidget())
    year = forms.IntegerField(
        label="年度",
        required=False,
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text="如：2017。微权力台账列出到这一年年底为止已清理的村",
    )
    since = _day("起始日期")
    until = _day("截止日期")
    purpose = forms.CharField(
        label="打印目的",
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget(),
        help_text="打印信访件、案件、批评教育时必填，如：“准备纪委全会材料”。每一条都记入查阅记录",
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sheet"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            (one.code, one.name) for one in sheets_for(user)
        ]
        self.fields["year"].initial = today().year

    def clean(self) -> dict[str, Any]:
        """Work out the sheet and the period; the sealed sheets need a purpose."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        sheet = SHEETS.get(cleaned.get("sheet", ""))
        if sheet and sheet.sealed and "purpose" not in self.errors:
            try:
                cleaned["purpose"] = check_purpose(cleaned["purpose"])
            except ValidationError as error:
                self.add_error("purpose", error.messages)
        cleaned["period"] = self._period()
        return cleaned | {"sheet": sheet}

    def _period(self) -> Period | None:
        if self.errors.keys() & {"year", "since", "until"}:
            return None
        year, since, until = (self.cleaned_data.get(name) for name in ("year", "since", "until"))
        if since and until:
            if since > until:
                self.add_error("until", "截止日期不能早于起始日期。")
            return Period(since, until)
        if since or until:
            self.add_error("until" if since else "since", "按一段时间打印的，起始和截止日期都要填。")
        elif year is None:
            self.add_error("year", MISSING)
        else:
            return Period(date(year, 1, 1), date(year, 12, 31))
        return None
