"""What the resources of village money have in common: rows named as the office names them, no row twice in a sheet."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from import_export import widgets

from chishang.core.resources import Money, ScopedKey, ScopedResource, guarded, plain
from chishang.core.text import narrow
from finance.services.budgets import TOWN, unit_name
from organizations.models import Organization


class NamedKey(ScopedKey):
    """A row of another register, shown by its name as in the office's ledgers; read by name or code."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return the name."""
        return guarded(value) if value else ""


class UnitKey(ScopedKey):
    """Whose money it is: a village, or 镇本级; a Party organization's name or code will do, too."""

    def __init__(self, permission: str = "") -> None:
        super().__init__(Organization, permission)

    def _find(self, text: str) -> Any:
        rows = self.model.objects.visible_to(self.user)
        if self.permission:
            rows = rows.visible_to(self.user, self.permission)
        named = Q(village__name=text) | Q(village__code=text) | Q(name=text) | Q(code=text)
        if text == TOWN:
            named = Q(parent__isnull=True)
        found = rows.filter(named).first()
        if found is None:
            raise ValueError(f"没有“{text}”，请填村名或{TOWN}")
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return the village's name, or 镇本级."""
        return guarded(unit_name(value)) if value else ""


class SignedMoney(Money):
    """An amount of yuan that may be negative."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Decimal | None:
        """Return the amount, None when blank; raise ValueError with a Chinese message."""
        text = narrow(plain(value)).strip()
        amount = super().clean(text.removeprefix("-"), row, **kwargs)
        return -amount if amount is not None and text.startswith("-") else amount


class Quantity(widgets.Widget):
    """A number of zero or more with so many decimals at most: kilowatts, kilowatt-hours, a tariff."""

    def __init__(self, places: int = 2) -> None:
        super().__init__()
        self.places = places

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Decimal | None:
        """Return the number, None when blank; raise ValueError with a Chinese message."""
        text = narrow(plain(value)).replace(",", "")
        if not text:
            return None
        whole, _, rest = text.partition(".")
        if not whole.isdecimal() or (rest and not rest.isdecimal()) or len(rest) > self.places:
            raise ValueError(f"“{text}”不是数字，请写成 28.5 这样的数，最多 {self.places} 位小数")
        return Decimal(f"{whole}.{rest or 0}")

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return the number with its decimals."""
        return "" if value is None else f"{value:f}"


class Moment(widgets.Widget):
    """A time, shown to the minute in Asia/Shanghai; never imported."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return ``2017-03-05 09:30``."""
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}" if value else ""


class FinanceResource(ScopedResource):
    """Base: related rows by name; a second row of a sheet with the same key is a fault, not a change."""

    what = "记录"
    """What a row is called when it comes twice."""

    def __init__(self, user: Any = None, **kwargs: Any) -> None:
        super().__init__(user=user, **kwargs)
        self.seen: dict[Any, int] = {}
        self.row_number = 0

    @classmethod
    def field_from_django_field(cls, field_name: str, django_field: Any, readonly: bool) -> Any:  # noqa: FBT001  the library's signature
        """Return a field that names related rows as people do, and shows times to the minute."""
        field = super().field_from_django_field(field_name, django_field, readonly)
        widget = field.widget
        if django_field.related_model is Organization:
            field.widget = UnitKey(widget.permission)
        elif isinstance(widget, ScopedKey):
            field.widget = NamedKey(widget.model, widget.permission)
        elif django_field.get_internal_type() == "DateTimeField":
            field.widget = Moment()
        return field

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Begin a sheet."""
        super().before_import(dataset, **kwargs)
        self.seen = {}

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        """Note where in the sheet we are."""
        self.row_number = kwargs["row_number"]

    def key_of(self, instance: Any) -> tuple[Any, ...]:
        """Return what tells rows apart."""
        fields = [instance._meta.get_field(name) for name in self._meta.import_id_fields]
        return tuple(getattr(instance, field.attname) for field in fields)

    def complete(self, instance: Any) -> None:
        """Refuse a row that came before in the sheet."""
        key = self.key_of(instance)
        first = self.seen.setdefault(key, self.row_number)
        if None not in key and first != self.row_number:
            raise ValidationError(f"与表中第 {first} 条是同一{self.what}，请核对后只留一条。")
