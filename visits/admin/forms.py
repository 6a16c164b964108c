"""Forms of the office: the moves of an issue, decisions about held operations, a file that a phone exported."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from chishang.core.admin.forms import read_upload
from chishang.core.dates import today
from chishang.core.forms import DayField
from organizations.models import User
from visits.enums import EscalationLevel, Move, MoveCode, OperationKind, Satisfaction
from visits.models import Household, Issue, Operation, Unit, Visit
from visits.services import MoveFacts
from visits.services.exported import MOST_FILE_BYTES, read_exported
from visits.services.issues import suggested_deadline

OPTIONAL: dict[MoveCode, tuple[str, ...]] = {
    MoveCode.ASSIGN: ("unit", "assignee"),
    MoveCode.ESCALATE: ("project", "due_on"),
}


class MoveForm(forms.Form):
    """Asks for the facts of one move; ``facts`` gives them to the service, which checks them."""

    occurred_on = forms.DateField(
        label="日期", widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}), help_text="事情发生的那一天"
    )
    unit = forms.ModelChoiceField(
        Unit.objects.none(), label="承办单位", required=False, widget=UnfoldAdminSelectWidget()
    )
    assignee = forms.ModelChoiceField(
        User.objects.none(), label="责任人", required=False, widget=UnfoldAdminSelectWidget()
    )
    due_on = forms.DateField(
        label="办理期限", required=False, widget=UnfoldAdminTextInputWidget(attrs={"type": "date"})
    )
    escalation_level = forms.ChoiceField(
        label="上报对象", choices=EscalationLevel, required=False, widget=UnfoldAdminSelectWidget()
    )
    escalated_to = forms.CharField(
        label="上报给谁", max_length=100, required=False, widget=UnfoldAdminTextInputWidget()
    )
    project = forms.CharField(label="争取项目", max_length=100, required=False, widget=UnfoldAdminTextInputWidget())
    satisfaction = forms.ChoiceField(
        label="群众评价", choices=Satisfaction, required=False, widget=UnfoldAdminSelectWidget()
    )
    merged_into = forms.ModelChoiceField(
        Issue.objects.none(), label="合并到哪个问题", required=False, widget=UnfoldAdminSelectWidget()
    )
    note = forms.CharField(
        label="说明", max_length=1000, required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, move: Move, issue: Issue, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        needed = {name for need in move.needs for name in ((need,) if isinstance(need, str) else need)}
        asked = {"occurred_on", "note", *needed, *OPTIONAL.get(move.code, ())}
        for name in set(self.fields) - asked:
            del self.fields[name]
        for need in move.needs:
            if isinstance(need, str):
                self.fields[need].required = True
        self.fields["occurred_on"].initial = today()
        self._offer(move, issue, user)

    def _offer(self, move: Move, issue: Issue, user: User) -> None:
        if "unit" in self.fields:
            self.fields["unit"].queryset = Unit.objects.visible_to(user)
            self.fields["unit"].initial = issue.unit_id
            self.fields["assignee"].queryset = User.objects.visible_to(user).filter(is_active=True)
        if "due_on" in self.fields and move.code == MoveCode.ASSIGN:
            self.fields["due_on"].initial = suggested_deadline(issue)
        if "satisfaction" in self.fields:
            choices = [choice for choice in Satisfaction.choices if choice[0] != Satisfaction.UNSATISFIED]
            self.fields["satisfaction"].choices = choices
        if "merged_into" in self.fields:
            village = issue.visit.household.village
            near = Issue.objects.visible_to(user).open().filter(visit__household__village=village)
            near = near.exclude(pk=issue.pk).order_by("-raised_on", "-pk")
            self.fields["merged_into"].queryset = near

    @property
    def facts(self) -> MoveFacts:
        """Return what was typed."""
        return MoveFacts(**{name: value for name, value in self.cleaned_data.items() if value is not None})


class ApplyForm(forms.Form):
    """Takes a held operation in; a visit also to another household or on another day. What is left empty stays."""

    household = forms.ModelChoiceField(
        Household.objects.none(),
        label="改为哪一户",
        required=False,
        help_text="输入户主姓名、拼音首字母或户编号查找；不改就留空。",
        error_messages={"invalid_choice": "没有这一户，或它不归您管，请重新选择。"},
    )
    visited_on = DayField(
        label="改为哪一天",
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
        help_text="手机的时间不准时在这里改正；不改就留空。",
    )

    def __init__(self, *args: Any, operation: Operation, user: User, site: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if operation.kind != OperationKind.VISIT:
            self.fields.clear()
            return
        household: Any = self.fields["household"]
        household.queryset = Household.objects.visible_to(user, "visits.add_visit")
        household.widget = AutocompleteSelect(Visit._meta.get_field("household"), site)
        household.widget.choices = household.choices
        self.fields["visited_on"].widget.attrs["max"] = today().isoformat()

    @property
    def decision(self) -> dict[str, Any]:
        """Return what is changed, as the service takes it."""
        household = self.cleaned_data.get("household")
        return {"household_id": household.pk if household else None, "visited_on": self.cleaned_data.get("visited_on")}


class DismissForm(forms.Form):
    """Says why a held operation is not taken in."""

    reason = forms.CharField(
        label="为什么不采用",
        max_length=Operation._meta.get_field("decision").max_length,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="例如：与已有的走访重复。这句话会显示在提交人的手机上。",
        error_messages={"required": "请写明为什么不采用。"},
    )

    @property
    def decision(self) -> dict[str, str]:
        """Return the reason, as the service takes it."""
        return {"decision": self.cleaned_data["reason"]}


class ExportedForm(forms.Form):
    """The file that a phone exported."""

    file = forms.FileField(
        label="手机导出的记录文件（.json）",
        error_messages={"required": "请选择手机导出的 .json 文件。", "empty": "这个文件是空的。"},
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".json,application/json"}),
    )

    def clean_file(self) -> Any:
        """Refuse what is too large, or no such file."""
        file = self.cleaned_data["file"]
        read_exported(read_upload(file, MOST_FILE_BYTES))
        return file
