"""Forms of development files: the file itself, its next step, its end."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from chishang.core.admin.services import ServiceForm
from chishang.core.dates import PartialDate, Precision, today
from chishang.core.forms import DayField, PartialDayField
from members.admin.people_forms import HOW_TO_WRITE
from members.models import DevelopmentFile, DevelopmentStep, Meeting
from members.services import StepFacts, correct_file, open_file

VOTES = ("due", "present", "in_favour", "against", "abstained")
DECISION_LENGTH, REASON_LENGTH = 500, 200
RECENT_MEETINGS = 200


def _day(label: str, hint: str = "") -> DayField:
    return DayField(label=label, widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}), help_text=hint)


def _prose(label: str, *, most: int, required: bool = False, hint: str = "") -> forms.CharField:
    widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})
    return forms.CharField(label=label, max_length=most, required=required, widget=widget, help_text=hint)


def _number(label: str) -> forms.IntegerField:
    widget = UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"})
    return forms.IntegerField(label=label, min_value=0, max_value=9999, required=False, widget=widget)


class FileForm(ServiceForm):
    """An applicant's file. The services check and store it, and what they refuse stands at its field."""

    id_number = forms.CharField(
        label="公民身份号码",
        max_length=30,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text="接收为预备党员前必须登记；保存后不再显示",
    )
    born_on = PartialDayField(label="出生日期", widget=UnfoldAdminTextInputWidget(), help_text=HOW_TO_WRITE)

    class Meta:
        model = DevelopmentFile
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.born_on:
            self.initial["born_on"] = PartialDate(self.instance.born_on, Precision(self.instance.born_precision))
        if self.instance.pk and "id_number" in self.fields:
            hint = "已登记；不填则不变，改号码的填写完整的新号码" if self.instance.has_id_number else "尚未登记"
            self.fields["id_number"].help_text = hint

    def clean(self) -> dict[str, Any]:
        """Take day and precision of the birth date apart."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        known = cleaned.get("born_on")
        if known:
            cleaned["born_on"], self.instance.born_precision = known.day, known.precision
        return cleaned

    def store(self, file: DevelopmentFile) -> DevelopmentFile:
        """Store corrections."""
        return correct_file(actor=self.actor, file=file, id_number=self.cleaned_data.get("id_number", ""))


class NewFileForm(FileForm):
    """A new file begins with the application."""

    applied_on = _day("递交入党申请书日期", "当天要年满 18 周岁")

    def store(self, file: DevelopmentFile) -> DevelopmentFile:
        """Open the file."""
        typed = self.cleaned_data
        return open_file(actor=self.actor, file=file, applied_on=typed["applied_on"], id_number=typed["id_number"])


class StepForm(forms.Form):
    """The day of a step and what was decided; the votes where one votes."""

    occurred_on = _day("日期", "这一步办完的那一天")
    meeting = forms.ModelChoiceField(
        Meeting.objects.none(),
        label="会议",
        required=False,
        widget=UnfoldAdminSelectWidget(),
        help_text="已登记的本支部同一天的会议，可不选",
    )
    due = _number("应到有表决权人数")
    present = _number("实到有表决权人数")
    in_favour = _number("赞成")
    against = _number("反对")
    abstained = _number("弃权")
    decision = _prose("决定或情况说明", most=DECISION_LENGTH, hint="可不填；审批晚于三个月的写明原因")

    def __init__(self, *args: Any, step: DevelopmentStep, file: DevelopmentFile, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["occurred_on"].initial = today()
        self.fields["occurred_on"].widget.attrs["max"] = today().isoformat()
        if step.needs_vote:
            for name in VOTES[:3]:
                self.fields[name].required = True
            meetings = Meeting.objects.visible_to(user).filter(organization=file.branch)
            newest = meetings.order_by("-held_on", "-pk").values("pk")[:RECENT_MEETINGS]
            self.fields["meeting"].queryset = meetings.filter(pk__in=newest).select_related("kind")
        else:
            for name in ("meeting", *VOTES):
                del self.fields[name]

    @property
    def facts(self) -> StepFacts:
        """Return what was typed beside the day."""
        typed = {name: value for name, value in self.cleaned_data.items() if value is not None}
        typed.pop("occurred_on")
        return StepFacts(**typed)


class StopForm(forms.Form):
    """When and why a file ends."""

    stopped_on = _day("终止日期")
    reason = _prose("终止的原因", most=REASON_LENGTH, required=True, hint="如：本人撤回申请，支部大会未通过")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stopped_on"].initial = today()
