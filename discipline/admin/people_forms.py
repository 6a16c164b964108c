"""Forms of persons and of criticism. The services check and store; what they refuse stands at its field."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, Q
from unfold.widgets import UnfoldAdminSelect2Widget, UnfoldAdminSelectWidget

from chishang.core.admin.services import ServiceForm
from discipline.admin.common import SealedForm, sealed_field
from discipline.admin.pages import text_field
from discipline.models import Criticism, Person
from discipline.services.people import (
    PersonFacts,
    accounts_named_as,
    correct_criticism,
    find_or_make_person,
    record_criticism,
    save_person,
)
from organizations.models import Appointment, Organization, User


class AccountField(forms.ModelChoiceField):
    """An account, told from others of the same name by its duties of today."""

    def label_from_instance(self, obj: Any) -> str:
        """Return name and duties."""
        duties = "、".join(str(one.duty) for one in obj.held)
        return f"{obj.name}（{duties}）" if duties else str(obj.name)


class PersonForm(ServiceForm, SealedForm):
    """A person.

    All accounts are offered, by name and duty, though the office may not look into their register: whose account it is
    must be told, or the person could read of himself.
    """

    name = sealed_field(Person.name)
    account = AccountField(
        User.objects.none(),
        label="门户账号",
        required=False,
        widget=UnfoldAdminSelect2Widget(),
        empty_label="没有账号，或不清楚",
        help_text="本人有门户账号的必须选，本人即看不到关于自己的记录；同名账号只有一个的，系统自动填上",
    )

    class Meta:
        model = Person
        fields = ["unit"]  # the admin's fieldsets say which

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "account" in self.fields:
            held = Appointment.objects.in_force().select_related("duty")
            people = User.objects.filter(Q(is_active=True) | Q(pk=self.instance.account_id))
            self.fields["account"].queryset = people.prefetch_related(Prefetch("appointments", held, to_attr="held"))

    def store(self, row: Person) -> Person:
        """Store it."""
        return save_person(actor=self.actor, person=row)


class CriticismForm(ServiceForm, SealedForm):
    """Corrections of a criticism."""

    reason = sealed_field(Criticism.reason)

    class Meta:
        model = Criticism
        fields = ["form"]

    def store(self, row: Criticism) -> Criticism:
        """Store it."""
        return correct_criticism(actor=self.actor, criticism=row, changed=self.typed)


class NewCriticismForm(CriticismForm):
    """A criticism of a person, found by name and unit or registered with it."""

    name = text_field("姓名", most=50)
    unit = text_field("单位", most=100, hint="所在党支部、村或站所；同一姓名、单位和区分即同一人")
    remark = text_field("区分", most=50, required=False, hint="同一单位有同名的人才填，如出生年份")
    organization = forms.ModelChoiceField(
        Organization.objects.none(), label="所涉党组织", required=False, widget=UnfoldAdminSelectWidget()
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Organization.objects.visible_to(self.actor, "discipline.add_person")
        self.fields["organization"].queryset = rows

    def store(self, row: Criticism) -> Criticism:
        """Store it with its person."""
        typed = self.cleaned_data
        facts = PersonFacts(typed["name"], typed["unit"], typed["remark"], typed["organization"])
        row.person = find_or_make_person(actor=self.actor, facts=facts)
        try:
            return record_criticism(actor=self.actor, criticism=row)
        except ValidationError as error:
            if "person" in getattr(error, "error_dict", {}):
                raise ValidationError({"name": error.message_dict["person"]}) from error
            raise


class NamesakeForm(forms.Form):
    """Whose account it is not."""

    user = forms.ModelChoiceField(
        User.objects.none(),
        label="同名账号",
        widget=UnfoldAdminSelectWidget(),
        empty_label="请选择",
        help_text="确认不是同一个人后，此人可以看到这份记录；登记后不能更改",
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keys = [user.pk for user in accounts_named_as(person)]
        self.fields["user"].queryset = User.objects.filter(pk__in=keys)
