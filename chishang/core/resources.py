"""Import and export of single registers (django-import-export): scoped, by natural key, under Chinese titles."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, Q
from import_export import resources, widgets
from import_export.fields import Field
from import_export.results import RowResult

from chishang.core.dates import PartialDate, Precision, parse_date, parse_partial_date
from chishang.core.money import parse_amount
from chishang.core.scoping import leads_to_scope
from chishang.core.text import narrow

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet would take for the beginning of a formula; some editions read the full-width signs as well."""


def guarded(value: Any) -> str:
    """Return the text for a cell, with a quote before what a spreadsheet would take for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(DANGEROUS) else text


def plain(value: Any) -> str:
    """Return a cell's text without the quote that ``guarded`` put, full-width digits and stray spaces put right."""
    text = narrow(str(value)) if value is not None else ""
    return text[1:] if text.startswith("'") and text[1:].startswith(DANGEROUS) else text


def natural_columns(model: Any) -> list[str]:
    """Return the unique text columns by which people name a row (code, name, number); nobody types a keyed index."""
    text = {"CharField", "SlugField"}
    typed = [field for field in model._meta.local_fields if field.unique and field.editable]
    return [field.name for field in typed if field.get_internal_type() in text]


class SafeText(widgets.CharWidget):
    """Text that stays text: nothing in a cell is read as a formula when the export is opened."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        """Return the text; what was exported comes back as it was."""
        return plain(value)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return the text, which no spreadsheet takes for a formula."""
        return guarded(value)


class LabelWidget(SafeText):
    """A code list, shown and read by its Chinese labels."""

    def __init__(self, choices: Any = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.labels = {str(code): str(label) for code, label in choices}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        """Return the code of a label; raise ValueError naming the labels there are."""
        text = super().clean(value, row, **kwargs)
        codes = {label: code for code, label in self.labels.items()}
        if text and text not in codes:
            raise ValueError(f"没有“{text}”，应为：{'、'.join(codes)}")
        return codes.get(text, "")

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return the label."""
        return self.labels.get(str(value), "") if value else ""


class DayWidget(widgets.Widget):
    """A date in any form that ledgers have."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """Return the day; raise ValueError with a Chinese message."""
        return parse_date(value) if value not in {None, ""} else None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return ``2017-03-05``."""
        return value.isoformat() if value else ""


class PartialDateWidget(widgets.Widget):
    """A date known to the day, month or year."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> PartialDate | None:
        """Return what is known of the day; raise ValueError with a Chinese message."""
        return parse_partial_date(value) if value not in {None, ""} else None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return ``2017-03-05``, ``2017-03`` or ``2017``."""
        return value.text if value else ""


class PartialDateField(Field):
    """A column for a date and its precision, which a model keeps in two columns: ``attribute`` and ``precision``."""

    def __init__(self, *, attribute: str, precision: str, column_name: str) -> None:
        super().__init__(attribute=attribute, column_name=column_name, widget=PartialDateWidget())
        self.precision = precision

    def get_value(self, instance: Any) -> PartialDate | None:
        """Return what is known of the day."""
        day = super().get_value(instance)
        return PartialDate(day, Precision(getattr(instance, self.precision))) if day else None

    def save(self, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:  # noqa: FBT001,FBT002  the library's signature
        """Set both columns."""
        known = self.clean(row, **kwargs)
        setattr(instance, self.attribute, known.day if known else None)
        setattr(instance, self.precision, known.precision if known else Precision.DAY)


class Money(widgets.Widget):
    """An amount of yuan of zero or more, with two decimals."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Decimal | None:
        """Return the amount, None when blank; raise ValueError with a Chinese message."""
        text = plain(value)
        return parse_amount(text) if text else None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return ``12.50``."""
        return "" if value is None else f"{value:.2f}"


class WholeNumber(widgets.Widget):
    """A whole number of zero or more."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        """Return the number, None when blank; raise ValueError with a Chinese message."""
        text = plain(value).removesuffix(".0")
        if not text:
            return None
        if not text.isdecimal():
            raise ValueError(f"“{text}”不是整数")
        return int(text)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        """Return the number itself, so that a spreadsheet can count with it."""
        return "" if value is None else value


class YesNo(widgets.Widget):
    """是 or 否."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool:
        """Return whether it is 是; raise ValueError for anything else."""
        text = narrow(str(value or "否"))
        if text not in {"是", "否"}:
            raise ValueError(f"“{text}”应为“是”或“否”")
        return text == "是"

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return 是 or 否."""
        return "是" if value else "否"


class YesNoOrBlank(YesNo):
    """是, 否, or blank where it is not known."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool | None:  # type: ignore[override]  # or nothing
        """Return None for a blank cell; raise ValueError for anything but 是 and 否."""
        return super().clean(value, row, **kwargs) if plain(value) else None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return 是, 否 or nothing."""
        return "" if value is None else super().render(value, obj, **kwargs)


class ScopedKey(widgets.Widget):
    """A row of another register, named by its code or name; one outside the importer's scope does not exist.

    ``permission`` is given where the imported row's own place hangs on the key: it must be held there, too.
    """

    def __init__(self, model: Any, permission: str = "") -> None:
        super().__init__()
        self.model, self.permission = model, permission
        self.user: Any = None
        self.known: dict[str, Any] = {}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """Return the row; raise ValueError when the importer sees none of that name, or several."""
        text = plain(value)
        if not text:
            return None
        if text not in self.known:
            self.known[text] = self._find(text)
        return self.known[text]

    def _find(self, text: str) -> Any:
        named = Q()
        for column in self.columns():
            named |= Q(**{column: text})
        rows = self.model.objects.visible_to(self.user)
        if self.permission:
            rows = rows.visible_to(self.user, self.permission)
        found = list(rows.filter(named)[:2])
        if not found:
            raise ValueError(f"没有“{text}”，请核对或先登记")
        if len(found) > 1:
            raise ValueError(f"“{text}”有多个，请写编码")
        return found[0]

    def columns(self) -> list[str]:
        """Return the columns that may name a row: the unique ones, and a person's name."""
        columns = natural_columns(self.model)
        return [*columns, "name"] if "name" not in columns and hasattr(self.model, "name") else columns

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return what names the row without doubt, or its name where it has no code."""
        columns = natural_columns(self.model)
        return guarded(getattr(value, columns[0]) if columns else value) if value else ""


class ScopedResource(resources.ModelResource):
    """Base of all resources. Rows that the importer may not touch are not found, and so cannot be overwritten."""

    class Meta:
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        use_transactions = True

    also_read: tuple[str, ...] = ()
    """Further relations that an export follows."""

    def __init__(self, user: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.user = user
        for field in self.fields.values():
            if isinstance(field.widget, ScopedKey):
                field.widget.user = user

    @classmethod
    def field_from_django_field(cls, field_name: str, django_field: Any, readonly: bool) -> Any:  # noqa: FBT001  the library's signature
        """Return a field under its Chinese title, with the widget for its kind."""
        field = super().field_from_django_field(field_name, django_field, readonly)
        field.column_name = str(django_field.verbose_name)
        if isinstance(django_field, ForeignKey):
            field.attribute = field_name
            meta = cls._meta.model._meta
            own_place = leads_to_scope(cls._meta.model, field_name)
            permission = f"{meta.app_label}.import_{meta.model_name}" if own_place else ""
            field.widget = ScopedKey(django_field.related_model, permission)
        elif django_field.choices:
            field.widget = LabelWidget(django_field.choices)
        elif django_field.null and django_field.get_internal_type() == "BooleanField":
            field.widget = YesNoOrBlank()
        elif kind := WIDGETS.get(django_field.get_internal_type()):
            field.widget = kind()
        return field

    def get_queryset(self) -> Any:
        """Return the rows that the importer may change."""
        meta = self._meta.model._meta
        return self._meta.model.objects.visible_to(self.user, f"{meta.app_label}.import_{meta.model_name}")

    def import_row(self, row: Any, instance_loader: Any, **kwargs: Any) -> Any:
        """Import a row; what is wrong in it is told under the columns' titles."""
        result = super().import_row(row, instance_loader, **kwargs)
        known = [error for error in result.errors if isinstance(error.error, ValueError)]
        if known:  # from a column by which the row is found
            result.errors, result.import_type = [], RowResult.IMPORT_TYPE_INVALID
            result.validation_error = ValidationError([str(error.error) for error in known])
        elif result.validation_error is not None and hasattr(result.validation_error, "error_dict"):
            told = {self._title(name): texts for name, texts in result.validation_error.error_dict.items()}
            result.validation_error = ValidationError(told)
        return result

    def _title(self, name: str) -> str:
        if name in self.fields:
            return str(self.fields[name].column_name)
        fields = {field.name: str(field.verbose_name) for field in self._meta.model._meta.fields}
        return fields.get(name, name)

    def filter_export(self, queryset: Any, **kwargs: Any) -> Any:
        """Read the related rows that the sheet names in the same query."""
        names = [field.attribute for field in self.fields.values() if isinstance(field.widget, ScopedKey)]
        return queryset.select_related(*names, *self.also_read) if names or self.also_read else queryset

    def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """Fill in from the row, and then what the row does not say (``complete``), before the model is checked."""
        super().import_instance(instance, row, **kwargs)
        self.complete(instance)

    def complete(self, instance: Any) -> None:
        """Fill in what no column gives; subclasses say what."""

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Refuse a sheet that lacks a column by which rows are found."""
        wanted = [self.fields[name].column_name for name in self._meta.import_id_fields]
        missing = [title for title in wanted if title not in (dataset.headers or [])]
        if missing:
            raise ValueError(f"缺少列：{'、'.join(missing)}。请先导出一份，按同样的列填写。")


WIDGETS: dict[str, type[widgets.Widget]] = {
    "CharField": SafeText,
    "SlugField": SafeText,
    "TextField": SafeText,
    "DateField": DayWidget,
    "BooleanField": YesNo,
    "DecimalField": Money,
    "PositiveIntegerField": WholeNumber,
    "PositiveSmallIntegerField": WholeNumber,
}
