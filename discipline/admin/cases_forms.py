"""Forms of cases. The services check and store; what they refuse stands at its field."""

from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanSwitchWidget,
)

from chishang.core.admin.services import ServiceForm
from chishang.core.dates import add_months, today
from discipline.admin.common import SealedForm, sealed_field
from discipline.admin.pages import day_field, text_field
from discipline.enums import Disposal
from discipline.models import Case, Lead
from discipline.models.cases import STEPS
from discipline.models.petitions import ASSIGN
from discipline.selectors.cases import STEP_NAMES, next_step
from discipline.services.cases import USUAL_MONTHS, Naming, correct_case, file_case, office_holders
from discipline.services.people import PersonFacts
from organizations.models import Organization, User

SEPARATORS = str.maketrans(dict.fromkeys(",、\t;；", "，"))
FEWEST, MOST = 2, 3
"""Parts of a line: name and unit, and what tells namesakes apart."""


def choose_users(label: str, **kwargs: Any) -> forms.ModelChoiceField:
    """Return a field for one of the office's people."""
    return forms.ModelChoiceField(
        User.objects.none(), label=label, widget=UnfoldAdminSelectWidget(), empty_label="请选择", **kwargs
    )


def office(actor: Any) -> Any:
    """Return whom ``actor`` may name on a case: the office's people, or only himself."""
    keys = [user.pk for user in office_holders()] if actor.has_perm(ASSIGN) else [actor.pk]
    return User.objects.filter(pk__in=keys)


class PeopleField(forms.CharField):
    """Persons, one a line: name and unit, and what tells namesakes apart."""

    def __init__(self, **kwargs: Any) -> None:
        hint = "一行一人：姓名，单位。同一单位有同名的，再写区分，如：张某某，石桥村，1960年生"
        super().__init__(
            label="涉案人员", max_length=2000, widget=UnfoldAdminTextareaWidget({"rows": 3}), help_text=hint, **kwargs
        )

    def clean(self, value: Any) -> Any:
        """Return a list of ``PersonFacts``."""
        found = []
        for line in str(super().clean(value)).splitlines():
            parts = [part.strip() for part in line.translate(SEPARATORS).split("，")]
            if not line.strip():
                continue
            if not (FEWEST <= len(parts) <= MOST and all(parts)):
                raise forms.ValidationError("每行写“姓名，单位”，中间用逗号隔开。")
            found.append(PersonFacts(*parts))
        return found


class CaseForm(ServiceForm, SealedForm):
    """Corrections of a case."""

    brief = sealed_field(Case.brief)
    from_steps = STEPS[1:]

    class Meta:
        model = Case
        fields = ["number"]  # the admin's fieldsets say which

    def store(self, row: Case) -> Case:
        """Store it."""
        return correct_case(actor=self.actor, case=row, changed=self.typed)


class NewCaseForm(ServiceForm, SealedForm):
    """The filing of a case."""

    brief = sealed_field(Case.brief)
    people = PeopleField()
    handler = choose_users("承办人")
    readers = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label="还有谁可以查阅",
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )
    until = day_field("可查阅到", hint="当天仍可查阅；最长两年")
    leads = forms.ModelMultipleChoiceField(
        Lead.objects.none(),
        label="由哪些线索立案",
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text="只列经初步核实、还没有立案的线索",
    )
    names = {"user": "handler", "name": "people", "unit": "people", "remark": "people"}

    class Meta:
        model = Case
        fields = ["number"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        users = office(self.actor)
        self.fields["handler"].queryset = users
        self.fields["readers"].queryset = users
        leads = Lead.objects.visible_to(self.actor, "discipline.change_lead")
        self.fields["leads"].queryset = leads.filter(disposal=Disposal.VERIFICATION, case=None)
        self.fields["handler"].initial = self.actor.pk
        self.fields["until"].initial = add_months(today(), USUAL_MONTHS)

    def store(self, row: Case) -> Case:
        """Store it."""
        typed = self.cleaned_data
        naming = Naming(tuple(typed["readers"]), typed["until"])
        return file_case(actor=self.actor, case=row, people=typed["people"], naming=naming, leads=typed["leads"])


class StepForm(forms.Form):
    """The day of the next step."""

    step = forms.ChoiceField(label="步骤", widget=UnfoldAdminSelectWidget())
    day = day_field("日期")

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        expected = next_step(case)
        open_steps = STEPS[STEPS.index(expected) :] if expected else ()
        self.fields["step"].choices = [(name, STEP_NAMES[name]) for name in open_steps]
        self.fields["day"].initial = today()


class InvolveForm(forms.Form):
    """A further person of a case."""

    name = text_field("姓名", most=50)
    unit = text_field("单位", most=100, hint="所在党支部、村或站所")
    remark = text_field("区分", most=50, required=False, hint="同一单位有同名的人才填，如出生年份")
    organization = forms.ModelChoiceField(
        Organization.objects.none(), label="所涉党组织", required=False, widget=UnfoldAdminSelectWidget()
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].queryset = Organization.objects.visible_to(user, "discipline.add_person")

    def add_error(self, field: str | None, error: Any) -> None:
        """Show at the name what is wrong with the person."""
        super().add_error(field or "name", error)


class AssignForm(forms.Form):
    """Who may read a case, until when, and whether he handles it."""

    user = choose_users("指定谁")
    until = day_field("可查阅到", hint="当天仍可查阅；最长两年")
    handles = forms.BooleanField(label="同时作为承办人", required=False, widget=UnfoldBooleanSwitchWidget())

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = office(actor)
        self.fields["until"].initial = add_months(today(), USUAL_MONTHS)
