"""Import and export of solar plants and what they brought in."""

from typing import Any

from django.db.models import Q
from import_export.fields import Field

from chishang.core.money import ZERO
from chishang.core.resources import SafeText, ScopedKey, plain
from finance.enums import Basis
from finance.models import SolarPlant, SolarSettlement
from finance.resources.base import FinanceResource, Quantity, SignedMoney

VILLAGE = "行政村"


class SolarPlantResource(FinanceResource):
    """Plants by village and name."""

    what = "个电站"
    capacity_kw = Field(attribute="capacity_kw", column_name="装机容量（千瓦）", widget=Quantity(2))
    tariff = Field(attribute="tariff", column_name="电价（元/度）", widget=Quantity(4))

    class Meta(FinanceResource.Meta):
        model = SolarPlant
        import_id_fields = ["village", "name"]
        fields = ["village", "name", "capacity_kw", "on_grid_on", "tariff"]


class PlantKey(ScopedKey):
    """A plant, named together with its village (name or code) in another column."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """Return the plant; raise ValueError when the importer sees none of that name there."""
        name, village = plain(value), plain((row or {}).get(VILLAGE))
        key = f"{village}\n{name}"
        if key not in self.known:
            self.known[key] = self._find_in(name, village)
        return self.known[key]

    def _find_in(self, name: str, village: str) -> Any:
        rows = SolarPlant.objects.visible_to(self.user).visible_to(self.user, self.permission)
        there = Q(village__name=village) | Q(village__code=village)
        found = rows.filter(there, name=name).first()
        if found is None:
            raise ValueError(f"“{village}”没有电站“{name}”，请核对或先登记电站")
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return the plant's name."""
        return SafeText().render(value.name) if value else ""


class SolarSettlementResource(FinanceResource):
    """Settlements by plant and period."""

    what = "笔收益"
    also_read = ("plant__village",)
    village = Field(attribute="plant__village__name", column_name=VILLAGE, widget=SafeText(), readonly=True)
    plant = Field(
        attribute="plant", column_name="光伏电站", widget=PlantKey(SolarPlant, "finance.import_solarsettlement")
    )
    kwh = Field(attribute="kwh", column_name="上网电量（度）", widget=Quantity(2))
    amount = Field(attribute="amount", column_name="净收益（元）", widget=SignedMoney())

    class Meta(FinanceResource.Meta):
        model = SolarSettlement
        import_id_fields = ["plant", "started_on", "ended_on"]
        fields = [
            *("village", "plant", "started_on", "ended_on", "kwh", "base_amount", "subsidy_amount", "fee", "amount"),
            *("basis", "received_on"),
        ]

    def complete(self, instance: Any) -> None:
        """Take blank cells for none, and for what was received."""
        super().complete(instance)
        for name in ("subsidy_amount", "fee"):
            if getattr(instance, name) is None:
                setattr(instance, name, ZERO)
        instance.basis = instance.basis or Basis.ACTUAL
