"""Forms of the register of members: the file itself, and a form for each thing that can happen to a member."""

from typing import Any

from django import forms
from unfold.contrib.import_export.forms import ExportForm
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from chishang.core.admin.services import ServiceForm
from chishang.core.dates import PartialDate, Precision, today
from chishang.core.forms import DayField, PartialDayField
from members.enums import ChangeKind, Sex
from members.models import Member, Transfer
from members.services import ChangeFacts, changes_open_to, correct_member, register_member
from members.services.people import REASON_LENGTH
from organizations.models import Organization

DATES = {"born_on": "born_precision", "joined_on": "joined_precision", "full_member_on": "full_member_precision"}
OPENED_WITH = ("joined_on", "full_member_on")
"""Days of a file that others' work moves, too: the form goes back with what it was opened with."""
HOW_TO_WRITE = "可写 1968、1968-07 或 1968-07-01"


def _text(label: str, *, most: int, required: bool = False, hint: str = "") -> forms.CharField:
    widget = UnfoldAdminTextInputWidget()
    return forms.CharField(label=label, max_length=most, required=required, widget=widget, help_text=hint)


def _day(label: str, *, required: bool = True, hint: str = "") -> DayField:
    widget = UnfoldAdminTextInputWidget(attrs={"type": "date"})
    return DayField(label=label, required=required, widget=widget, help_text=hint)


def _partial_day(label: str, *, required: bool = False, hint: str = HOW_TO_WRITE) -> PartialDayField:
    return PartialDayField(label=label, required=required, widget=UnfoldAdminTextInputWidget(), help_text=hint)


def _note(label: str = "说明", *, most: int, required: bool = False) -> forms.CharField:
    widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})
    return forms.CharField(label=label, max_length=most, required=required, widget=widget)


def _branch(label: str, *, required: bool = True) -> forms.ModelChoiceField:
    widget = UnfoldAdminSelectWidget()
    rows = Organization.objects.none()
    return forms.ModelChoiceField(rows, label=label, required=required, widget=widget, empty_label="请选择")


def _number() -> forms.CharField:
    # The browser must not keep it, nor offer it at the next member.
    widget = UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "inputmode": "text"})
    return forms.CharField(label="公民身份号码", max_length=30, required=False, widget=widget)


class MemberForm(ServiceForm):
    """A member's file. The services check and store it, and what they refuse stands at its field."""

    id_number = _number()
    born_on = _partial_day("出生日期", hint=f"{HOW_TO_WRITE}；不填则取自身份证号码")
    joined_on = _partial_day("加入党组织日期", required=True)
    full_member_on = _partial_day("转为正式党员日期", hint=f"{HOW_TO_WRITE}；预备党员不填")

    class Meta:
        model = Member
        fields = ["name"]  # the admin's fieldsets say which

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, precision in DATES.items():
            day = getattr(self.instance, name)
            if day:
                self.initial[name] = PartialDate(day, Precision(getattr(self.instance, precision)))
        for name in OPENED_WITH:
            if self.instance.pk and name in self.fields:
                self.fields[name].show_hidden_initial = True
        if self.instance.pk and "id_number" in self.fields:
            hint = "不填则不变；改号码的填写完整的新号码" if self.instance.has_id_number else "尚未登记"
            self.fields["id_number"].help_text = hint

    def clean(self) -> dict[str, Any]:
        """Take day and precision of each date apart, if they are still those that the form was opened with."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in OPENED_WITH:
            if name in self.fields and self._is_stale(name):
                self.add_error(name, "刚才已有人改过，请重新打开再改。")
        for name, precision in DATES.items():
            if name in cleaned:
                known = cleaned[name]
                setattr(self.instance, precision, known.precision if known else Precision.DAY)
                cleaned[name] = known.day if known else None
        return cleaned

    def _is_stale(self, name: str) -> bool:
        """Say whether what is stored is no longer what the form was opened with."""
        opened = self.data.get(self.add_initial_prefix(name))
        stored = self.fields[name].prepare_value(self.initial.get(name)) or ""
        return opened is not None and opened != stored

    def store(self, member: Member) -> Member:
        """Store corrections."""
        return correct_member(actor=self.actor, member=member, id_number=self.cleaned_data.get("id_number") or None)


class NewMemberForm(MemberForm):
    """A new member, with how he came."""

    how = forms.ChoiceField(
        label="登记方式",
        choices=[
            (ChangeKind.JOINED.value, ChangeKind.JOINED.label),
            (ChangeKind.TRANSFERRED_IN.value, "转入（从镇外）"),
        ],
        initial=ChangeKind.JOINED.value,
        widget=UnfoldAdminSelectWidget(),
        help_text="镇内党支部之间请在党员页面办理“转出”",
    )
    arrived_on = _day("转入日期", required=False, hint="转入时填写")
    came_from = _text("从哪里转入", most=100, hint="转入时填写，如：沂源县鲁村镇某党支部")
    names = {"occurred_on": "arrived_on", "place": "came_from"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sex"].choices = [("", "请选择"), *Sex.choices]

    def clean(self) -> dict[str, Any]:
        """Ask where a transferred member comes from."""
        cleaned = super().clean()
        if cleaned.get("how") == ChangeKind.TRANSFERRED_IN and not cleaned.get("came_from"):
            self.add_error("came_from", "请写明从哪里转入。")
        return cleaned

    def store(self, member: Member) -> Member:
        """Take the member into the register."""
        typed = self.cleaned_data
        arrived = typed["how"] == ChangeKind.TRANSFERRED_IN
        return register_member(
            actor=self.actor,
            member=member,
            id_number=typed["id_number"],
            kind=ChangeKind(typed["how"]),
            occurred_on=typed["arrived_on"] if arrived else None,
            place=typed["came_from"] if arrived else "",
        )


class RecordForm(forms.Form):
    """One change of a member as he stands."""

    kind = forms.ChoiceField(label="变动", widget=UnfoldAdminSelectWidget())
    occurred_on = _day("日期", hint="事情发生或作出决定的那一天")
    place = _text("去向", most=100, hint="流出的写去向（省、市、县），其他可不填")
    document = _text("批准文号", most=50)
    until = _day("预备期延长至", required=False, hint="只在延长预备期时填写：延长半年到一年")
    note = _note(most=500)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = changes_open_to(member)
        self.fields["kind"].choices = [("", "请选择"), *((kind.value, kind.label) for kind in kinds)]
        self.fields["occurred_on"].initial = today()
        if ChangeKind.PROBATION_EXTENDED not in kinds:
            del self.fields["until"]

    @property
    def facts(self) -> ChangeFacts:
        """Return what was typed beside kind and day."""
        names = ("place", "document", "note", "until")
        return ChangeFacts(**{name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)})


class TransferForm(forms.Form):
    """A transfer to another branch of the town, or beyond it."""

    to_branch = _branch("转往党支部（镇内）", required=False)
    destination = _text("转往单位（镇外）", most=100, hint="转往镇外时填写；与上一项只填一个")
    started_on = _day("转出日期")
    letter_no = _text("介绍信编号", most=50)
    valid_until = _day("有效期至", required=False, hint="不填为 90 天")
    dues_paid_to = _day("党费交至", required=False, hint="交到哪个月，选该月任一天")
    note = _note(most=200)

    def __init__(self, *args: Any, member: Member, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member
        branches = Organization.objects.visible_to(user).branches().existing_on(today())
        self.fields["to_branch"].queryset = branches.exclude(pk=member.branch_id)
        self.fields["started_on"].initial = today()

    @property
    def transfer(self) -> Transfer:
        """Return the transfer that was typed, not stored yet."""
        typed = dict(self.cleaned_data)
        if typed["dues_paid_to"]:
            typed["dues_paid_to"] = typed["dues_paid_to"].replace(day=1)
        return Transfer(member=self.member, **typed)


def _branches_to_record_at(user: Any) -> Any:
    scope = user.scope_for("members.add_memberchange")
    return Organization.objects.visible_to(user).within(scope).branches().existing_on(today())


class TakeBackForm(forms.Form):
    """The return of one who had left for elsewhere."""

    branch = _branch("转入党支部")
    occurred_on = _day("转入日期")
    place = _text("从哪里转入", most=100, required=True)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["branch"].queryset = _branches_to_record_at(user)
        self.fields["occurred_on"].initial = today()


class RejoinForm(forms.Form):
    """Joining again after a removal."""

    branch = _branch("党支部")
    joined_on = _day("重新入党日期", hint="支部大会通过接收为预备党员的那一天")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["branch"].queryset = _branches_to_record_at(user)


class VoidForm(forms.Form):
    """Why a change is withdrawn."""

    reason = _text("撤回的理由", most=200, required=True)


class EndForm(forms.Form):
    """The day on which a transfer ended, and a note."""

    occurred_on = _day("日期")
    note = _note(most=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["occurred_on"].initial = today()


class RevealForm(forms.Form):
    """Why somebody looks at an ID number."""

    reason = _text("查看的理由", most=REASON_LENGTH, required=True, hint="理由和查看人记入查阅日志")


class FindForm(forms.Form):
    """An ID number to find a member by."""

    id_number = _number()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["id_number"].required = True


class MemberExportForm(ExportForm):
    """The export; whole ID numbers only when asked for, with a reason."""

    whole_numbers = forms.BooleanField(label="包含完整身份证号码", required=False, widget=UnfoldBooleanWidget())
    reason = _text("导出完整号码的理由", most=REASON_LENGTH, hint="勾选上一项时必填，记入查阅日志")

    def clean(self) -> dict[str, Any]:
        """Ask for the reason."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("whole_numbers") and not cleaned.get("reason", "").strip():
            self.add_error("reason", "导出完整身份证号码要写明理由。")
        return cleaned
