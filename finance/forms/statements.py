"""Forms of statements: which period to list, the reason of a correction, the check, the withdrawal."""

from typing import Any

from django import forms

from chishang.core.dates import today
from finance.models import Statement
from finance.selectors.statement_content import QUARTERS

WHOLE_YEAR = "0"


def _text(label: str, name: str, required: str = "", **options: Any) -> forms.CharField:
    field: Any = Statement._meta.get_field(name)
    messages = {
        "required": required,
        "max_length": f"{label}最多 %(limit_value)d 个字，现在有 %(show_value)d 个，请写短些。",
    }
    return forms.CharField(
        label=label, max_length=field.max_length, required=bool(required), error_messages=messages, **options
    )


class PeriodForm(forms.Form):
    """The year, and one of its quarters or all."""

    year = forms.TypedChoiceField(
        label="年度", coerce=int, error_messages={"invalid_choice": "没有这一年的账目，请重新选择。"}
    )
    quarter = forms.TypedChoiceField(
        label="季度",
        coerce=int,
        choices=[
            (WHOLE_YEAR, "全年"),
            *((str(number), f"第{name}季度") for number, name in enumerate(QUARTERS, 1)),
        ],
        error_messages={"invalid_choice": "没有这个季度，请重新选择。"},
    )

    def __init__(self, *args: Any, first_year: int, **kwargs: Any) -> None:
        super().__init__(*args, **{"use_required_attribute": False, **kwargs})
        years = [(year, f"{year}年") for year in range(today().year, first_year - 1, -1)]
        self.fields["year"].choices = years  # type: ignore[attr-defined]  # it is a choice field


class DraftForm(forms.Form):
    """Why another version is drawn up; the first one needs no reason."""

    reason = _text("更正了什么", "reason", help_text="村民会看到这句话，如：补记漏记的一笔拨付")

    def __init__(self, *args: Any, is_first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **{"use_required_attribute": False, **kwargs})
        if is_first:
            del self.fields["reason"]


class CheckForm(forms.Form):
    """Who of the money group checked."""

    checkers = _text(
        "民主理财小组审核人",
        "checkers",
        "请填写民主理财小组审核人的姓名，几个人用顿号隔开。",
        help_text="几个人用顿号隔开，如：孙北华、李南国",
    )


class WithdrawForm(forms.Form):
    """Why a statement is withdrawn."""

    reason = _text("作废的原因", "reason", "请写明为什么作废。")
