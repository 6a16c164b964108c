"""A form for each move of an issue, made from what the move needs."""

from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from chishang.core.dates import today
from organizations.models import User
from visits.enums import EscalationLevel, Move, MoveCode, Satisfaction
from visits.models import Issue, Unit
from visits.services import MoveFacts
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
