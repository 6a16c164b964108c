"""Forms of petitions and leads: the record itself, and one for each step. The services check and store."""

from abc import abstractmethod
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from chishang.core.admin.services import ServiceForm
from chishang.core.dates import today
from discipline.admin.common import SealedForm, sealed_field
from discipline.admin.pages import day_field, text_field
from discipline.enums import Disposal
from discipline.models import Case, Lead, Person, Petition
from discipline.services.handling import handlers_for
from discipline.services.leads import correct_lead, open_lead
from discipline.services.people import PersonFacts, find_or_make_person
from discipline.services.petitions import correct_petition, receive_petition
from organizations.models import Organization, User

PERSON = ("person_name", "person_unit", "person_remark")


class HandledForm(ServiceForm, SealedForm):
    """A petition or lead. The person is found by name and unit, or registered with them."""

    person_name = text_field("被反映人姓名", most=50, required=False, hint="不清楚是谁的不填")
    person_unit = text_field("被反映人单位", most=100, required=False, hint="所在党支部、村或站所")
    person_remark = text_field(
        "区分", most=50, required=False, hint="同一单位有同名的人才填，如出生年份；不是同一人的不能混在一起"
    )
    names = {"person": "person_name", "name": "person_name", "unit": "person_unit", "remark": "person_remark"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person = self.instance.person if self.instance.pk else None
        if person is not None:
            self.initial.update(zip(PERSON, (person.name, person.unit, person.remark), strict=True))

    @property
    def typed(self) -> set[str]:
        """What was changed, in the words of the services."""
        changed = super().typed
        return changed | {"person"} if changed.intersection(PERSON) else changed

    def reflected(self, place: Organization | None) -> Person | None:
        """Return the person meant, or None; raise ValidationError when a name or unit is missing."""
        name, unit, remark = (self.cleaned_data.get(field, "") for field in PERSON)
        if not name and (unit or remark):
            raise ValidationError({"name": "请填写被反映人姓名；不清楚是谁的，单位和区分也不填。"})
        if not name:
            return None
        if not unit:
            raise ValidationError({"unit": "请填写被反映人单位：姓名和单位一起才能认定是谁。"})
        return find_or_make_person(actor=self.actor, facts=PersonFacts(name, unit, remark, place))

    def store(self, row: Any) -> Any:
        """Store the person first, where one was typed."""
        if row.pk is None or "person" in self.typed:
            row.person = self.reflected(row.organization)
        return self.correct(row) if row.pk else self.receive(row)

    @abstractmethod
    def receive(self, row: Any) -> Any:
        """Store a new row; subclasses say how."""

    @abstractmethod
    def correct(self, row: Any) -> Any:
        """Store what was put right; subclasses say how."""


class PetitionForm(HandledForm):
    """A petition."""

    summary = sealed_field(Petition.summary)
    result = sealed_field(Petition.result)
    from_steps = ("acknowledged_on", "closed_on", "result")

    class Meta:
        model = Petition
        fields = ["number"]  # the admin's fieldsets say which

    def receive(self, row: Petition) -> Petition:
        """Store a new one."""
        return receive_petition(actor=self.actor, petition=row)

    def correct(self, row: Petition) -> Petition:
        """Store what was put right."""
        return correct_petition(actor=self.actor, petition=row, changed=self.typed)


class LeadForm(HandledForm):
    """A lead."""

    content = sealed_field(Lead.content)
    outcome = sealed_field(Lead.outcome)
    from_steps = ("disposal", "proposed_on", "finished_on", "outcome", "case")

    class Meta:
        model = Lead
        fields = ["number"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "source" in self.fields:
            in_use = Q(is_active=True) | Q(pk=self.instance.source_id)
            self.fields["source"].queryset = self.fields["source"].queryset.filter(in_use)

    def correct(self, row: Lead) -> Lead:
        """Store what was put right."""
        return correct_lead(actor=self.actor, lead=row, changed=self.typed)


class NewLeadForm(LeadForm):
    """A new lead, with the petition that it comes from."""

    petition = forms.ModelChoiceField(
        Petition.objects.none(),
        label="来自信访件",
        required=False,
        widget=UnfoldAdminSelectWidget(),
        empty_label="不是信访件",
        help_text="还有别的信访件的，保存后再关联",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["petition"].queryset = Petition.objects.visible_to(self.actor)

    def receive(self, row: Lead) -> Lead:
        """Store a new one, with its petition."""
        return open_lead(actor=self.actor, lead=row, petition=self.cleaned_data["petition"])


class AcknowledgeForm(forms.Form):
    """When the sender was told."""

    acknowledged_on = day_field("告知受理日期", hint="实名的要告知；期限见“办理期限”")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["acknowledged_on"].initial = today()


class CloseForm(forms.Form):
    """When a petition was closed, and with what result."""

    closed_on = day_field("办结日期")
    result = sealed_field(Petition.result)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["closed_on"].initial = today()
        self.fields["result"].required = True


class ProposeForm(forms.Form):
    """Which of the four ways, and when it was proposed."""

    disposal = forms.ChoiceField(
        label="处置方式", choices=[("", "请选择"), *Disposal.choices], widget=UnfoldAdminSelectWidget()
    )
    proposed_on = day_field("提出处置意见日期", hint="期限见“办理期限”")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["proposed_on"].initial = today()


class FinishForm(forms.Form):
    """When a lead was finished, with what outcome; after a verification possibly with a case."""

    finished_on = day_field("办结日期")
    outcome = sealed_field(Lead.outcome)
    case = forms.ModelChoiceField(
        Case.objects.none(),
        label="案件",
        required=False,
        widget=UnfoldAdminSelectWidget(),
        empty_label="没有立案",
        help_text="经初步核实立案的才选；只列您可查阅的案件",
    )

    def __init__(self, *args: Any, lead: Lead, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["finished_on"].initial = today()
        self.fields["outcome"].required = True
        if lead.disposal == Disposal.VERIFICATION and lead.case_id is None:
            self.fields["case"].queryset = Case.objects.visible_to(user)
        else:
            del self.fields["case"]


class LinkForm(forms.Form):
    """A further petition of a lead."""

    petition = forms.ModelChoiceField(
        Petition.objects.none(), label="信访件", widget=UnfoldAdminSelectWidget(), empty_label="请选择"
    )

    def __init__(self, *args: Any, lead: Lead, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["petition"].queryset = Petition.objects.visible_to(user).exclude(lead_links__lead=lead)


class AssignForm(forms.Form):
    """In whose hands a petition or lead is."""

    handler = forms.ModelChoiceField(
        User.objects.none(),
        label="承办人",
        required=False,
        widget=UnfoldAdminSelectWidget(),
        empty_label="不指定",
        help_text="只列今天担任纪检职务的人，被反映人除外",
    )
    handler_only = forms.BooleanField(
        label="仅承办人可见",
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text="涉及镇领导等情形：其他纪检人员也看不到，您分派后也看不到",
    )

    def __init__(self, *args: Any, row: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["handler"].queryset = handlers_for(row)
        self.initial.update(handler=row.handler_id, handler_only=row.handler_only)
