"""Forms of disbursement requests: what the agent types, and what each step asks for."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError

from chishang.core.dates import today
from chishang.core.forms import DayField, ProseField
from chishang.core.money import parse_amount
from finance.models import Budget, Disbursement
from finance.services import RequestDraft

FEW = 6
"""Up to so many budgets are shown as large buttons, more as a list to choose from."""
MOST_SHEETS = 999


class AmountField(forms.CharField):
    """Yuan, in whichever way people write it; cleaned to a Decimal with two places."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # an amount out of text
        """Read it; the message says how to write it."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            return parse_amount(text)
        except ValueError as error:
            raise ValidationError(f"{error}。", code="invalid") from error


def _short(label: str, name: str, **options: Any) -> forms.CharField:
    limit: Any = Disbursement._meta.get_field(name)
    messages = {"max_length": f"{label}最多 %(limit_value)d 个字，现在有 %(show_value)d 个。"}
    messages |= options.pop("error_messages", {})
    return forms.CharField(label=label, max_length=limit.max_length, error_messages=messages, **options)


class RequestForm(forms.Form):
    """A request. Required: the budget, amount, payee and purpose."""

    budget_id = forms.TypedChoiceField(
        label="从哪项经费拨付",
        coerce=int,
        error_messages={"required": "请选择从哪项经费拨付。", "invalid_choice": "请从列表里选择一项经费。"},
    )
    amount = AmountField(label="金额（元）", error_messages={"required": "请填写金额，如 1250.00。"})
    payee = _short("收款人", "payee", error_messages={"required": "请填写收款的单位或个人。"})
    purpose = _short("用途", "purpose", error_messages={"required": "请写明用途，如“购办公用品”。"})
    attachments = forms.IntegerField(
        label="原始凭证张数",
        min_value=0,
        max_value=MOST_SHEETS,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "invalid": "张数请填整数。",
            "min_value": "张数不能是负数。",
            "max_value": "张数太大，请核对。",
        },
    )
    decision = _short("决议（可不填）", "decision", required=False, help_text="大额支出写明“四议两公开”的日期或文号")

    def __init__(self, *args: Any, pools: Sequence[Budget], **kwargs: Any) -> None:
        super().__init__(*args, **{"use_required_attribute": False, **kwargs})
        field: Any = self.fields["budget_id"]
        self.is_short = len(pools) <= FEW
        several = len({pool.organization_id for pool in pools}) > 1
        if self.is_short:
            field.widget = forms.RadioSelect()
            field.choices = [(pool.pk, _label(pool, f"{place_of(pool)} " if several else "")) for pool in pools]
        else:
            field.choices = [("", "请选择"), *_by_place(pools)]
        self.fields["payee"].widget.attrs |= {"list": "payees", "autocomplete": "off"}


def _label(pool: Any, place: str = "") -> str:
    return f"{place}{pool.year}年{pool.subject}（可用 {pool.free:,.2f} 元）"


def place_of(pool: Budget) -> str:
    """Return whose the budget is: the village's name, or that of the town's body."""
    village = getattr(pool.organization, "village", None)
    return str(village or pool.organization)


def _by_place(pools: Sequence[Budget]) -> list[tuple[str, list[tuple[int, str]]]]:
    ordered = sorted(pools, key=lambda pool: (pool.organization.sort_no, pool.organization_id))
    groups = groupby(ordered, key=lambda pool: pool.organization_id)
    found = [list(rows) for _, rows in groups]
    return [(place_of(rows[0]), [(pool.pk, _label(pool)) for pool in rows]) for rows in found]


class RequestSheet:
    """The form with the operation id made when it opened, so that two presses store one request."""

    def __init__(
        self,
        *,
        pools: Sequence[Budget],
        data: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        self.op_id, self.is_stale = read_op_id(data)
        self.form = RequestForm(data, pools=pools, initial=dict(initial or {}))
        if self.is_stale:
            self.form.full_clean()
            self.form.add_error(None, "这张表单已经失效，没有保存。您写的内容都在下面，请核对后再按一次。")

    def is_valid(self) -> bool:
        """Check what was typed; the rest is checked where it is stored."""
        return self.form.is_valid()

    def draft(self) -> RequestDraft:
        """Return the request as typed, once the sheet is valid."""
        given = self.form.cleaned_data
        return RequestDraft(**{**given, "attachments": given["attachments"] or 0})


def read_op_id(data: Mapping[str, Any] | None) -> tuple[UUID, bool]:
    """Return the operation id of a form and whether what was sent is none; a fresh one where there is none."""
    try:
        return (uuid4() if data is None else UUID(data.get("op_id", ""))), False
    except ValueError:
        return uuid4(), True


def initial_of(request: Disbursement) -> dict[str, Any]:
    """Return what the form shows of a stored draft."""
    return {name: getattr(request, name) for name in RequestForm.base_fields}


class SealForm(forms.Form):
    """The password, typed again with each seal."""

    password = forms.CharField(
        label="您的登录密码",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "盖章要再输一次您的登录密码。", "max_length": "密码不对，没有盖章。"},
    )


class RejectForm(forms.Form):
    """Why a request is sent back."""

    note = ProseField(
        label="退回的原因",
        max_length=200,
        rows=3,
        error_messages={"required": "请写明退回的原因，经办人要据此重写。"},
    )


class WithdrawForm(forms.Form):
    """Why one takes back the own request, if one likes to say."""

    note = ProseField(label="撤回的原因（可不填）", max_length=200, rows=2, required=False)


class PostForm(forms.Form):
    """The day of the voucher."""

    day = DayField(label="入账日期", initial=today, error_messages={"required": "请填写入账日期。"})


class ReverseForm(forms.Form):
    """Why a voucher is to be reversed."""

    reason = ProseField(label="为什么冲销", max_length=180, rows=3, error_messages={"required": "请写明为什么冲销。"})
