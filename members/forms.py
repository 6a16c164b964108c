"""The form of a meeting with the list of who took part."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from chishang.core.dates import in_words, today
from chishang.core.forms import DayField, ProseField
from members.enums import Presence, RuleScope
from members.models import Meeting, MeetingKind, MeetingRule, Member
from members.selectors import meetings_of, members_on, suggested_topics
from members.services import AttendanceDraft, MeetingDraft
from organizations.models import Organization, User

BY_LIST, BY_NUMBERS, PREFIX = "list", "numbers", "presence-"
CHOICES = (Presence.PRESENT, Presence.EXCUSED, Presence.ABSENT)
"""What the list offers; 送学上门 is noted by the office."""
MOST_TOPICS = 80
"""How many topics are proposed at most, the most frequent first."""


def _limit(name: str) -> int:
    field: Any = Meeting._meta.get_field(name)
    return int(field.max_length)


def _short(label: str, name: str, **options: Any) -> forms.CharField:
    messages = {"max_length": f"{label}最多 %(limit_value)d 个字，现在有 %(show_value)d 个。"}
    messages |= options.pop("error_messages", {})
    return forms.CharField(label=label, max_length=_limit(name), error_messages=messages, **options)


def _number(label: str) -> forms.IntegerField:
    messages = {
        "invalid": f"{label}请填整数。",
        "min_value": f"{label}不能是负数。",
        "max_value": f"{label}太大，请核对。",
    }
    widget = forms.NumberInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(
        label=label, min_value=0, max_value=99_999, required=False, widget=widget, error_messages=messages
    )


class MeetingForm(forms.Form):
    """The meeting itself. Required: kind, topic, day; place and host are those of the last meeting."""

    kind = forms.TypedChoiceField(
        label="活动类型",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择活动类型。", "invalid_choice": "没有这种活动类型，请重新选择。"},
    )
    topic = _short("主题", "topic", error_messages={"required": "请填写主题，如“学习党章”。"})
    held_on = DayField(label="日期", error_messages={"required": "请填写日期。"})
    by = forms.ChoiceField(
        label="怎么记人数",
        choices=[(BY_LIST, "按名单"), (BY_NUMBERS, "只填人数")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择怎么记人数。", "invalid_choice": "请选择怎么记人数。"},
    )
    due = _number("应到人数")
    present = _number("实到人数")
    also_kind = forms.TypedChoiceField(
        label="同时也是（可不选）",
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": "没有这种活动类型，请重新选择。"},
    )
    place = _short("地点", "place", required=False)
    host = _short("主持人", "host", required=False)
    minutes = ProseField(label="会议记录（可不填）", max_length=_limit("minutes"), rows=6, required=False)

    def __init__(self, *args: Any, kinds: list[MeetingKind], **kwargs: Any) -> None:
        super().__init__(*args, **{"use_required_attribute": False, **kwargs})
        choices = [(kind.pk, kind.name) for kind in kinds]
        kind_field, also_field = self.fields["kind"], self.fields["also_kind"]
        kind_field.choices = choices  # type: ignore[attr-defined]  # it is a choice field
        also_field.choices = [("", "没有"), *choices]  # type: ignore[attr-defined]
        self.fields["held_on"].widget.attrs["max"] = today().isoformat()
        self.fields["topic"].widget.attrs |= {"list": "topics", "autocomplete": "off"}

    def clean_held_on(self) -> date:
        """Refuse a day in the future."""
        day: date = self.cleaned_data["held_on"]
        if day > today():
            raise ValidationError("日期不能晚于今天。")
        return day

    def clean(self) -> dict[str, Any]:
        """Leave the numbers out of account where the list is counted."""
        if self.cleaned_data.get("by") == BY_LIST:
            for name in ("due", "present"):
                self.errors.pop(name, None)
        return self.cleaned_data


@dataclass(frozen=True)
class Row:
    """One member on the list, and how he is noted so far."""

    member: Member
    presence: str

    @property
    def name(self) -> str:
        """The name of the field in the form."""
        return f"{PREFIX}{self.member.pk}"

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """Value and label of each choice, and whether it is the chosen one."""
        return [(choice.value, str(choice.label), choice == self.presence) for choice in CHOICES]


class MeetingSheet:
    """The whole form: the meeting, and the branch's members on its day, all present until somebody says otherwise."""

    def __init__(
        self, *, user: User, branch: Organization, kind: str | None = None, data: Mapping[str, Any] | None = None
    ) -> None:
        self.branch = branch
        self._data = data
        self.kinds = list(MeetingKind.objects.filter(is_active=True))
        self.partial_kinds = _partial_kinds()
        self.topics = list(suggested_topics(user, today().year)[:MOST_TOPICS])
        self.form = MeetingForm(data, kinds=self.kinds)
        self.form.full_clean()  # what was typed of the day says whose names stand on the list
        day = self.form.cleaned_data.get("held_on") if self.form.is_bound else None
        self.rows = [Row(one, self._presence(one)) for one in members_on(branch, day or today())]
        if data is None:
            self.form.initial = self._proposed(user, kind or "")
        else:
            self._check_list()

    @property
    def parts(self) -> list[forms.Form]:
        """All forms, in the order of the page."""
        return [self.form]

    @property
    def has_errors(self) -> bool:
        """Whether the answer must show what is wrong."""
        return bool(self.form.errors)

    def is_valid(self) -> bool:
        """Check what was typed; the rest is checked where it is stored."""
        return self.form.is_valid()

    def _presence(self, member: Member) -> str:
        given = (self._data or {}).get(f"{PREFIX}{member.pk}", "")
        return given if given in CHOICES else Presence.PRESENT

    def _proposed(self, user: User, kind: str) -> dict[str, Any]:
        last = meetings_of(user).filter(organization=self.branch).first()
        return {
            "kind": kind,
            "held_on": today(),
            "place": last.place if last else "",
            "host": last.host if last else self.branch.secretary_name,
            "by": BY_LIST if self.rows else BY_NUMBERS,
        }

    def _check_list(self) -> None:
        """Refuse a list that is not that of the day (the day was changed), or is no list of all who are due."""
        given = self.form.cleaned_data
        if given.get("by") != BY_LIST or not given.get("held_on"):
            return
        listed = {name for name in self._data or {} if name.startswith(PREFIX)}
        if not self.rows:
            self.form.add_error("by", "这一天支部里没有登记党员，请选“只填人数”。")
        elif listed != {row.name for row in self.rows}:
            self.form.add_error(
                None, f"{in_words(given['held_on'])}的党员名单和刚才的不一样，请核对下面的名单，再登记一次。"
            )
        elif given.get("kind") in self.partial_kinds:
            self.form.add_error("by", "这种会议不是全体党员参加，请选“只填人数”。")

    def draft(self) -> MeetingDraft:
        """Return the meeting as typed, once the sheet is valid."""
        given = self.form.cleaned_data
        by_list = given["by"] == BY_LIST
        return MeetingDraft(
            organization_id=self.branch.pk,
            held_on=given["held_on"],
            kind_id=given["kind"],
            topic=given["topic"],
            also_kind_id=given["also_kind"],
            place=given["place"],
            host=given["host"],
            due=None if by_list else given["due"],
            present=None if by_list else given["present"],
            minutes=given["minutes"],
            attendance=tuple(AttendanceDraft(row.member.pk, row.presence) for row in self.rows) if by_list else (),
        )

    def add_errors(self, error: ValidationError) -> None:
        """Show what the service refused, each at its field."""
        for name, texts in error.message_dict.items():
            self.form.add_error(name if name in self.form.fields else None, texts)

    @property
    def opens_more(self) -> bool:
        """Whether something in the folded part must be seen."""
        fields = ("also_kind", "place", "host", "minutes")
        return any(self.form[name].errors for name in fields) or bool(self.form["minutes"].value())


def _partial_kinds() -> set[int]:
    """Return the kinds to which only a part of a branch is called (支委会, 党小组会), as the rules in force say."""
    rules = MeetingRule.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gte=today()), valid_from__lte=today()
    )
    return set(rules.exclude(owed_by=RuleScope.ALL).order_by().values_list("kind", flat=True))
