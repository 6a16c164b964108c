"""The form of a visit with its issues, and the two forms of an issue."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from chishang.core.dates import today
from chishang.core.forms import DayField, ProseField
from organizations.models import User
from visits.enums import Satisfaction, Urgency
from visits.models import Household, Issue, IssueCategory, IssueEvent, Visit
from visits.selectors import visitors_of
from visits.services import IssueDraft, VisitDraft

BLOCKS, MOST_BLOCKS = 3, 10
"""How many issues the form offers at first, and at most."""

NO_OPERATION = UUID(int=0)
"""Stands in the empty form that a phone keeps; the phone makes a new one each time it shows the form."""

OTHER_HOUSEHOLD = "请选择本村的农户或企业。"


class VisitForm(forms.Form):
    """The visit itself. Required: the day and what was said; the household is that of the address."""

    visited_on = DayField(label="走访日期", error_messages={"required": "请填写走访日期。"})
    content = ProseField(
        label="谈了什么",
        max_length=Visit._meta.get_field("content").max_length or 0,
        rows=6,
        error_messages={"required": "请写一写谈了什么，一句话也可以。"},
    )
    companions = forms.CharField(
        label="同行人（可不填）",
        max_length=Visit._meta.get_field("companions").max_length,
        required=False,
        help_text="多人用顿号分开",
        error_messages={"max_length": "同行人最多 %(limit_value)d 个字，现在有 %(show_value)d 个。"},
    )
    visitor = forms.ModelChoiceField(
        label="谁去走访的",
        queryset=User.objects.none(),
        required=False,
        empty_label="我本人",
        error_messages={"invalid_choice": "走访人应是负责这个村的人员，请重新选择。"},
    )
    household = forms.IntegerField(
        required=False, widget=forms.HiddenInput, error_messages={"invalid": OTHER_HOUSEHOLD}
    )

    def __init__(self, *args: Any, user: User | None, household: Household | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._household = household
        if user and household:
            self.fields["visited_on"].widget.attrs["max"] = today().isoformat()
            visitor: Any = self.fields["visitor"]
            visitor.queryset = visitors_of(household, besides=user)

    def clean_visited_on(self) -> date:
        """Refuse a day in the future."""
        day: date = self.cleaned_data["visited_on"]
        if day > today():
            raise ValidationError("走访日期不能晚于今天。")
        return day

    def clean_household(self) -> int:
        """Refuse a form that names another household than its address."""
        own = self._household.pk if self._household else None
        if own is None or self.cleaned_data["household"] not in {None, own}:
            raise ValidationError(OTHER_HOUSEHOLD)
        return own


class IssueForm(forms.Form):
    """One block for an issue; a block left empty is no issue."""

    category = forms.TypedChoiceField(
        label="哪一类",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择问题类别。", "invalid_choice": "没有这个问题类别，请重新选择。"},
    )
    description = ProseField(
        label="问题描述",
        max_length=Issue._meta.get_field("description").max_length or 0,
        error_messages={"required": "请写明是什么问题；如果没有问题，类别请选“没有问题”。"},
    )
    urgent = forms.BooleanField(label="紧急，需要马上办", required=False)

    def __init__(self, *args: Any, categories: list[tuple[int, str]], **kwargs: Any) -> None:
        kwargs |= {"empty_permitted": True, "use_required_attribute": False}
        super().__init__(*args, **kwargs)
        category: Any = self.fields["category"]
        category.choices = [("", "没有问题"), *categories]

    @property
    def is_filled(self) -> bool:
        """Whether anything was typed or chosen."""
        return self.is_bound and self.has_changed()

    def draft(self) -> IssueDraft:
        """Return the issue as typed, once the form is valid."""
        given = self.cleaned_data
        urgency = Urgency.URGENT if given["urgent"] else Urgency.NORMAL
        return IssueDraft(category_id=given["category"], description=given["description"], urgency=urgency)


class VisitSheet:
    """The whole form of one visit: the visit, its blocks for issues, and the operation id made when it opened.

    Without anything it is the empty form of the page that a phone keeps: for nobody, no household and no day.
    """

    most_blocks = MOST_BLOCKS

    def __init__(
        self,
        *,
        user: User | None = None,
        household: Household | None = None,
        op_id: UUID = NO_OPERATION,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        self.is_stale = False
        self._own: dict[str, Any] = {"user": user, "household": household}
        self._categories = list(IssueCategory.objects.in_use().values_list("pk", "name"))
        self.op_id = op_id if data is None else self._read_op_id(data)
        self.block_count = _block_count(data)
        initial = {"visited_on": today(), "household": household.pk} if household else {}
        self.visit = VisitForm(data, initial=initial, use_required_attribute=False, **self._own)
        self.issues = [self._block(number, data) for number in range(self.block_count)]

    def _read_op_id(self, data: Mapping[str, Any]) -> UUID:
        try:
            return UUID(data.get("op_id", ""))
        except ValueError:
            self.is_stale = True
            return uuid4()

    def _block(self, number: int | str, data: Mapping[str, Any] | None = None, **kwargs: Any) -> IssueForm:
        return IssueForm(data, prefix=f"issue{number}", categories=self._categories, **kwargs)

    @property
    def blank_block(self) -> IssueForm:
        """An empty block from which the page makes another one."""
        return self._block("__n__")

    @property
    def parts(self) -> list[forms.Form]:
        """All forms, in the order of the page."""
        return [self.visit, *self.issues]

    @property
    def has_errors(self) -> bool:
        """Whether the answer must show what is wrong."""
        return self.is_stale or any(form.errors for form in self.parts)

    def is_valid(self) -> bool:
        """Check the visit and every block that was filled."""
        return not self.has_errors

    def draft(self) -> VisitDraft:
        """Return the visit as typed, once the sheet is valid."""
        given = self.visit.cleaned_data
        return VisitDraft(
            household_id=given["household"],
            visited_on=given["visited_on"],
            content=given["content"],
            companions=given["companions"],
            visitor_id=given["visitor"].pk if given["visitor"] else None,
            issues=[block.draft() for block in self._filled],
        )

    @property
    def _filled(self) -> list[IssueForm]:
        return [block for block in self.issues if block.is_filled]

    def add_errors(self, error: ValidationError) -> None:
        """Show what the service refused, each at its field."""
        for name, texts in error.message_dict.items():
            form, field = self._place_of(name)
            form.add_error(field if field in form.fields else None, texts)

    def _place_of(self, name: str) -> tuple[forms.Form, str]:
        if name.startswith("issues."):
            _, number, field = name.split(".", 2)
            return self._filled[int(number)], field
        return self.visit, name

    def start_anew(self) -> None:
        """Take what was typed over into a form of its own, with a fresh operation id."""
        self.op_id = uuid4()

    def with_another_block(self, data: Mapping[str, Any]) -> None:
        """Show what was typed so far, unchecked, with one more block for an issue."""
        self.block_count = min(self.block_count + 1, MOST_BLOCKS)
        self.visit = VisitForm(
            initial={name: data.get(name) for name in VisitForm.base_fields}, use_required_attribute=False, **self._own
        )
        self.issues = [
            self._block(
                number, initial={name: data.get(f"issue{number}-{name}", "") for name in IssueForm.base_fields}
            )
            for number in range(self.block_count)
        ]


def _block_count(data: Mapping[str, Any] | None) -> int:
    given = "" if data is None else str(data.get("blocks", ""))
    if not (given.isascii() and given.isdigit()):
        return BLOCKS
    return min(max(int(given[:3]), BLOCKS), MOST_BLOCKS)


NOTE_LIMIT = IssueEvent._meta.get_field("note").max_length or 0


class AnswerForm(forms.Form):
    """An answer to the state in which the page showed the issue."""

    seen = forms.IntegerField(
        min_value=1,
        max_value=models.BigIntegerField.MAX_BIGINT,
        required=False,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), "这一页不完整，请重新打开后再填。"),
    )
    """The last event of the issue on that page."""


class FeedbackForm(AnswerForm):
    """What the household said of the result."""

    satisfaction = forms.ChoiceField(
        label="群众满意吗",
        choices=Satisfaction.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择群众是否满意。", "invalid_choice": "请选择群众是否满意。"},
    )
    note = ProseField(label="群众怎么说（可不填）", max_length=NOTE_LIMIT, required=False)


class ResubmitForm(AnswerForm):
    """What was missing when the office returned an issue."""

    note = ProseField(label="补充说明", max_length=NOTE_LIMIT, error_messages={"required": "请补充说明。"})
