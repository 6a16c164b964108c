"""Forms of organisational life: meetings with attendance, training, talents and honours."""

from typing import Any

from django import forms
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminTextInputWidget

from chishang.core.dates import PartialDate, Precision, refuse_future
from chishang.core.forms import PartialDayField
from members.models import Honour, Meeting, Talent, Training, TrainingAttendance
from members.selectors import members_on
from members.services.meetings import AttendanceDraft, check_list, check_meeting, stored_list
from members.services.training import check_attendee, check_talent
from organizations.enums import OrganizationKind

PARTIAL_HELP = "只知道年月的写成 2017-03，只知道年份的写成 2017"


class CheckedForm(forms.ModelForm):
    """A form whose row is checked by a rule once it is filled in."""

    def check(self) -> None:
        """Raise ValidationError when a rule refuses the row; subclasses say which."""

    def _post_clean(self) -> None:
        """Fill in the row, and check it."""
        super()._post_clean()  # type: ignore[misc]  # Django's
        if self.errors:
            return
        try:
            self.check()
        except forms.ValidationError as error:
            self._show(error)

    def _show(self, error: forms.ValidationError) -> None:
        """Put each message at its field, or on top when the form does not ask for that field."""
        for name, texts in error.message_dict.items():
            self.add_error(name if name in self.fields else None, texts)


class SharedChoicesFormSet(PaginationInlineFormSet):
    """Rows that offer the same choices: they are read once, not once a row."""

    shared: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.known: dict[str, list[tuple[Any, str]]] = {}
        super().__init__(*args, **kwargs)

    def add_fields(self, form: Any, index: int | None) -> None:
        """Give the form the choices that all rows share."""
        super().add_fields(form, index)
        for name in self.shared:
            if name in form.fields:
                field = form.fields[name]
                if name not in self.known:
                    self.known[name] = [("", "---------"), *((row.pk, str(row)) for row in self.rows_of(name, field))]
                field.choices = self.known[name]

    def rows_of(self, name: str, field: Any) -> Any:
        """Return the rows to offer."""
        return field.queryset


class MeetingForm(CheckedForm):
    """A meeting; with a list of attendance its numbers agree with the list (see the list)."""

    class Meta:
        model = Meeting
        fields = "__all__"  # noqa: DJ007  the admin names them

    def check(self) -> None:
        """Check the day."""
        check_meeting(self.instance)


class AttendanceFormSet(SharedChoicesFormSet):
    """Who took part: members of the branch on the day; the list and the meeting's numbers agree."""

    shared = ("member",)

    def rows_of(self, name: str, field: Any) -> Any:
        """Offer the branch's members on the day and those listed; below a committee everybody whom one may see."""
        meeting = self.instance
        if not meeting.pk or not meeting.organization_id or not meeting.held_on:
            return field.queryset.none()
        if meeting.organization.kind != OrganizationKind.BRANCH:
            return field.queryset.current()
        here = members_on(meeting.organization, meeting.held_on).order_by().values("pk")
        listed = meeting.attendances.order_by().values("member")
        rows = field.queryset.filter(pk__in=here) | field.queryset.filter(pk__in=listed)
        return rows.order_by("pinyin", "pk")

    def clean(self) -> None:
        """Check the list as the meeting's service does; raise ValidationError with its messages."""
        super().clean()
        if any(self.errors) or not self.instance.organization_id or not self.instance.held_on:
            return
        people = [
            AttendanceDraft(getattr(row["member"], "pk", row["member"]), row["presence"], row.get("reason") or "")
            for row in (form.cleaned_data for form in self.forms)
            if row.get("member")
        ]
        try:
            check_list(self.instance, people or stored_list(self.instance))
        except forms.ValidationError as error:
            raise forms.ValidationError(error.messages) from error


class TrainingForm(CheckedForm):
    """A training that has begun."""

    class Meta:
        model = Training
        fields = "__all__"  # noqa: DJ007  the admin names them

    def check(self) -> None:
        """Check the day."""
        refuse_future(self.instance, "started_on")


class AttendeeForm(CheckedForm):
    """One person at a training; the member is found by branch and name."""

    class Meta:
        model = TrainingAttendance
        fields = "__all__"  # noqa: DJ007  the admin names them

    def check(self) -> None:
        """Find the member."""
        if self.instance.training.started_on:  # a wrong day is told at the training
            check_attendee(self.instance)


class AttendeeFormSet(SharedChoicesFormSet):
    """Who attended: a row a person."""

    shared = ("branch",)


class PartialDayForm(CheckedForm):
    """A form with one date that may be known to the month or year only."""

    day, precision = "", ""
    """The names of the date and of its precision."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.day in self.fields and getattr(self.instance, self.day):
            known = PartialDate(getattr(self.instance, self.day), Precision(getattr(self.instance, self.precision)))
            self.initial[self.day] = known

    def clean(self) -> dict[str, Any]:
        """Take the typed date apart."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if isinstance(known := cleaned.get(self.day), PartialDate):
            cleaned[self.day] = known.day
            setattr(self.instance, self.precision, known.precision)
        return cleaned


class TalentForm(PartialDayForm):
    """A person of the talent register; a member is found by the village's branch and the name."""

    day, precision = "recorded_on", "recorded_precision"
    recorded_on = PartialDayField(label="登记日期", widget=UnfoldAdminTextInputWidget(), help_text=PARTIAL_HELP)

    class Meta:
        model = Talent
        fields = "__all__"  # noqa: DJ007  the admin names them

    def check(self) -> None:
        """Check the day, and find the member."""
        check_talent(self.instance)


class HonourForm(PartialDayForm):
    """An honour; it is not granted in the future."""

    day, precision = "granted_on", "granted_precision"
    granted_on = PartialDayField(label="授予日期", widget=UnfoldAdminTextInputWidget(), help_text=PARTIAL_HELP)

    class Meta:
        model = Honour
        fields = "__all__"  # noqa: DJ007  the admin names them

    def check(self) -> None:
        """Check the days."""
        refuse_future(self.instance, "granted_on", "revoked_on")
