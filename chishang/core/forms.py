"""Form fields that several apps share, and how a form tells what a service refused."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from chishang.core.dates import PartialDate, parse_date, parse_partial_date


class DayField(forms.DateField):
    """A day, in whichever way people write it."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})

    def to_python(self, value: Any) -> date | None:
        """Read it; the message says how to write it."""
        if value in self.empty_values:
            return None
        try:
            return parse_date(value)
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error


class PartialDayField(forms.CharField):
    """A date known to the day, month or year: typed as ``1968``, ``1968-07`` or ``1968-07-01``."""

    def to_python(self, value: Any) -> PartialDate | None:  # type: ignore[override]  # a date out of text
        """Read it; the message says how to write it."""
        if value in self.empty_values or isinstance(value, PartialDate):
            return value or None
        try:
            return parse_partial_date(value)
        except ValueError as error:
            raise ValidationError(f"{error}；只知道年月的写成 1968-07。", code="invalid") from error

    def prepare_value(self, value: Any) -> Any:
        """Show it as it is typed."""
        return value.text if isinstance(value, PartialDate) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Say whether another date is meant than before."""
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


class ProseField(forms.CharField):
    """Running text. A line break counts as one character, as in the browser's own count."""

    def __init__(self, *, max_length: int, rows: int = 4, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(max_length=max_length, widget=widget, **kwargs)
        self.error_messages["max_length"] = (
            f"{self.label}最多 %(limit_value)d 个字，现在有 %(show_value)d 个，请写短些。"
        )

    def to_python(self, value: Any) -> str:
        """Return the text with plain line breaks."""
        return super().to_python(str(value or "").replace("\r\n", "\n")) or ""


def show_errors(form: forms.BaseForm, error: ValidationError, names: dict[str, str] | None = None) -> None:
    """Put what a service refused at the fields of ``form``, or on top when the form does not ask for the field.

    ``names`` gives the form's name for a field that the service calls otherwise.
    """
    told = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
    for name, texts in told.items():
        field = (names or {}).get(name, name)
        form.add_error(field if field in form.fields else None, texts)
