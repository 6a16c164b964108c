"""Import and export of single registers (django-import-export): scoped, by natural key, under Chinese titles."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, Q
from import_export import fields, resources, widgets

from chishang.core.dates import parse_date
from chishang.core.text import narrow

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for the beginning of a formula."""


def natural_columns(model: Any) -> list[str]:
    """Return the unique text columns by which people name a row (code, name, number)."""
    text = {"CharField", "SlugField"}
    return [field.name for field in model._meta.local_fields if field.unique and field.get_internal_type() in text]


class SafeText(widgets.CharWidget):
    """Text that stays text: nothing in a cell is read as a formula when the export is opened."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        """Return the text with full-width digits and stray spaces put right."""
        return narrow(str(value)) if value is not None else ""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return the text, with a quote before what would be a formula."""
        text = "" if value is None else str(value)
        return f"'{text}" if text.startswith(DANGEROUS) else text


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


class ScopedKey(widgets.Widget):
    """A row of another register, named by its code or name; one outside the importer's scope does not exist."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        self.user: Any = None

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """Return the row; raise ValueError when the importer sees none of that name, or several."""
        text = narrow(str(value)) if value is not None else ""
        if not text:
            return None
        named = Q()
        for column in self.columns():
            named |= Q(**{column: text})
        found = list(self.model.objects.visible_to(self.user).filter(named)[:2])
        if len(found) != 1:
            said = "有多个，请写编码" if found else "请核对或先登记"
            raise ValueError(f"没有“{text}”，{said}" if not found else f"“{text}”{said}")
        return found[0]

    def columns(self) -> list[str]:
        """Return the columns that may name a row: the unique ones, and a person's name."""
        columns = natural_columns(self.model)
        return [*columns, "name"] if "name" not in columns and hasattr(self.model, "name") else columns

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return what names the row without doubt."""
        return str(getattr(value, natural_columns(self.model)[0])) if value else ""


class ScopedResource(resources.ModelResource):
    """Base of all resources. Rows that the importer may not touch are not found, and so cannot be overwritten."""

    class Meta:
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        use_transactions = True

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
            field.widget = ScopedKey(django_field.related_model)
        elif django_field.choices:
            field.widget = LabelWidget(django_field.choices)
        elif kind := WIDGETS.get(django_field.get_internal_type()):
            field.widget = kind()
        return field

    def get_queryset(self) -> Any:
        """Return the rows that the importer may change."""
        meta = self._meta.model._meta
        return self._meta.model.objects.visible_to(self.user, f"{meta.app_label}.import_{meta.model_name}")

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
            raise ValidationError(f"缺少列：{'、'.join(missing)}。请先导出一份，按同样的列填写。")


WIDGETS: dict[str, type[widgets.Widget]] = {
    "CharField": SafeText,
    "SlugField": SafeText,
    "TextField": SafeText,
    "DateField": DayWidget,
    "BooleanField": YesNo,
}

__all__ = ["ScopedResource", "fields"]
