"""What the resources of this office share: rows named together by several columns, no row twice in a sheet."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from import_export import widgets

from chishang.core.resources import ScopedKey, ScopedResource, guarded, plain
from chishang.core.scoping import leads_to_scope
from discipline.services.people import require_place
from organizations.models import Village


class VillageKey(ScopedKey):
    """A village, by its name as in the ledgers; its code will do, too."""

    def __init__(self, permission: str = "") -> None:
        super().__init__(Village, permission)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return the village's name."""
        return guarded(value.name) if value else ""


class ParentKey(ScopedKey):
    """The row that a row belongs to, named by several columns: ``parts`` gives title → (lookup, widget)."""

    def __init__(self, model: Any, permission: str, parts: dict[str, tuple[str, widgets.Widget]]) -> None:
        super().__init__(model, permission)
        self.parts = parts

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """Return the row; raise ValueError when a column is blank, or the importer sees no such row."""
        cells = {title: plain((row or {}).get(title)) for title in self.parts}
        blank = [title for title, text in cells.items() if not text]
        if blank:
            raise ValueError(f"请填写{'、'.join(blank)}，好知道这一条属于哪份{self.model._meta.verbose_name}")
        key = "\n".join(cells.values())
        if key not in self.known:
            self.known[key] = self._find_by(row, cells)
        return self.known[key]

    def _find_by(self, row: Any, cells: dict[str, str]) -> Any:
        wanted = Q()
        for title, (lookup, widget) in self.parts.items():
            wanted &= Q(**{lookup: widget.clean(row.get(title))})
        rows = self.model.objects.visible_to(self.user).visible_to(self.user, self.permission)
        found = rows.filter(wanted).first()
        if found is None:
            raise ValueError(f"没有“{' '.join(cells.values())}”这份{self.model._meta.verbose_name}，请核对或先登记")
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        """Return what the first column says of the row."""
        lookup, widget = next(iter(self.parts.values()))
        return widget.render(getattr(value, lookup)) if value else ""


class OfficeResource(ScopedResource):
    """Base: a second row of a sheet with the same key is a fault, not a change; the rules of the forms hold, too."""

    what = "记录"
    """What a row is called when it comes twice."""
    check: Callable[[Any], None] | None = None
    """The service's check of a row (a staticmethod)."""

    def __init__(self, user: Any = None, **kwargs: Any) -> None:
        super().__init__(user=user, **kwargs)
        self.seen: dict[Any, int] = {}
        self.row_number = 0

    @classmethod
    def field_from_django_field(cls, field_name: str, django_field: Any, readonly: bool) -> Any:  # noqa: FBT001  the library's signature
        """Name villages as people do."""
        field = super().field_from_django_field(field_name, django_field, readonly)
        if django_field.related_model is Village:
            field.widget = VillageKey(field.widget.permission)
        return field

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Begin a sheet; refuse one that lacks a column by which its rows are found."""
        self.seen = {}
        named: list[str] = []
        for name in self._meta.import_id_fields:
            field = self.fields[name]
            named += field.widget.parts if isinstance(field.widget, ParentKey) else [field.column_name]
        missing = [title for title in named if title not in (dataset.headers or [])]
        if missing:
            raise ValueError(f"缺少列：{'、'.join(missing)}。请先导出一份，按同样的列填写。")

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        """Note where in the sheet we are."""
        self.row_number = kwargs["row_number"]

    def complete(self, instance: Any) -> None:
        """Refuse a row that came before in the sheet, one of another's place, and what the rules refuse."""
        fields = [instance._meta.get_field(name) for name in self._meta.import_id_fields]
        key = tuple(getattr(instance, field.attname) for field in fields)
        first = self.seen.setdefault(key, self.row_number)
        if None not in key and first != self.row_number:
            raise ValidationError(f"与表中第 {first} 条是同一{self.what}，请核对后只留一条。")
        meta = instance._meta
        if leads_to_scope(type(instance), "organization"):
            require_place(self.user, f"{meta.app_label}.import_{meta.model_name}", instance.organization_id)
        if self.check is not None:
            self.check(instance)
