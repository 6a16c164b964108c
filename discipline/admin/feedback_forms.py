"""Forms of the feedback of inspections: rounds, issues, and one for each step. The services check and store."""

from typing import Any

from django import forms
from django.db.models import Q
from unfold.widgets import UnfoldAdminTextareaWidget

from chishang.core.admin.services import ServiceForm
from chishang.core.dates import today
from discipline.admin.pages import day_field, text_field
from discipline.models import FeedbackIssue, InspectionRound
from discipline.services.feedback import LONGEST_REASON, correct_issue, register_issue, save_round

LONGEST_RESULT = 300


class RoundForm(ServiceForm):
    """A round."""

    class Meta:
        model = InspectionRound
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "report_due_on" in self.fields:
            self.fields["report_due_on"].help_text = "不填则按“办理时限”推算"

    def store(self, row: InspectionRound) -> InspectionRound:
        """Store it."""
        return save_round(actor=self.actor, feedback_round=row)


class IssueForm(ServiceForm):
    """What the inspection said, and who answers for it."""

    class Meta:
        model = FeedbackIssue
        fields = ["number"]  # the admin's fieldsets say which

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "category" in self.fields:
            in_use = Q(is_active=True) | Q(pk=self.instance.category_id)
            self.fields["category"].queryset = self.fields["category"].queryset.filter(in_use)

    def store(self, row: FeedbackIssue) -> FeedbackIssue:
        """Store it."""
        if row.pk is None:
            return register_issue(actor=self.actor, issue=row)
        return correct_issue(actor=self.actor, issue=row, changed=self.changed_data)


class StepForm(forms.Form):
    """The facts of a step of an issue."""

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        for name, field in self.fields.items():
            if isinstance(field, forms.DateField):
                self.initial[name] = today()


class RectifyForm(StepForm):
    """Who put it right, when, with what result."""

    rectified_on = day_field("整改完成日期")
    rectifier = text_field("整改人", most=50, hint="几个人的用顿号隔开；整改人不能再核验")
    result = forms.CharField(
        label="整改结果", max_length=LONGEST_RESULT, widget=UnfoldAdminTextareaWidget({"rows": 3})
    )


class VerifyForm(StepForm):
    """Who verified it, and when."""

    verified_on = day_field("核验日期")
    verifier = text_field("核验人", most=50, hint="不能是整改人、责任人；登记核验的账号也不能是登记整改的账号")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["verifier"] = self.user.name


class ReturnForm(StepForm):
    """Why the rectification does not hold."""

    reason = forms.CharField(
        label="退回理由",
        max_length=LONGEST_REASON,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text="退回后问题回到“整改中”；原来的整改情况留在历史里",
    )


class StrikeOffForm(StepForm):
    """When it was struck off."""

    struck_off_on = day_field("销号日期", hint="销号后这个问题不能再改")
