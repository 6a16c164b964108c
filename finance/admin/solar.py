"""Registers of solar plants and settlements."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, Sum
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from chishang.core.admin import RegisterAdmin, ScopedTabularInline
from finance.admin.common import Summed, YearFilter
from finance.admin.solar_forms import SettlementFormSet
from finance.enums import Basis
from finance.models import SolarPlant, SolarSettlement
from finance.resources.solar import SolarPlantResource, SolarSettlementResource


class SettlementInline(ScopedTabularInline):
    """What a plant brought in."""

    model = SolarSettlement
    formset = SettlementFormSet
    fields = [
        "started_on",
        "ended_on",
        "kwh",
        "base_amount",
        "subsidy_amount",
        "fee",
        "amount",
        "basis",
        "received_on",
    ]
    ordering = ["-started_on"]
    show_change_link = False
    hide_title = True


@admin.register(SolarPlant)
class SolarPlantAdmin(RegisterAdmin):
    """Plants with their settlements."""

    resource_classes = [SolarPlantResource, SolarSettlementResource]
    list_display = ["village", "name", "capacity_kw", "on_grid_on", "tariff"]
    list_display_links = ["village", "name"]
    list_filter = ["village__area", "village", ("on_grid_on", RangeDateFilter)]
    list_select_related = ["village"]
    search_fields = ["name", "village__name"]
    search_help_text = "电站、村"
    autocomplete_fields = ["village"]
    fields = ["village", "name", "capacity_kw", "on_grid_on", "tariff"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Name the village in the same query, where a plant is chosen, too."""
        return super().get_queryset(request).select_related("village")

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        """Ask for settlements once the plant is stored."""
        return [SettlementInline] if obj else []


class EndYearFilter(YearFilter):
    """The years in which the settled periods ended: where they count."""

    column = "ended_on__year"


@admin.register(SolarSettlement)
class SolarSettlementAdmin(Summed, RegisterAdmin):
    """Settlements of all plants."""

    resource_classes = [SolarSettlementResource]
    list_display = ["village", "plant_name", "started_on", "ended_on", "kwh", "amount", "basis", "received_on"]
    list_display_links = ["village", "plant_name"]
    list_filter = [
        *(EndYearFilter, ("basis", ChoicesDropdownFilter), ("ended_on", RangeDateFilter)),
        *("plant__village__area", "plant__village"),
    ]
    list_select_related = ["plant__village"]
    search_fields = ["plant__village__name", "plant__name"]
    search_help_text = "村、电站"
    autocomplete_fields = ["plant"]
    list_before_template = "admin/finance/solar_sums.html"
    fields = [
        *("plant", "started_on", "ended_on", "kwh", "base_amount", "subsidy_amount", "fee", "amount"),
        *("basis", "received_on"),
    ]
    sums = {
        "actual": Sum("amount", filter=Q(basis=Basis.ACTUAL)),
        "estimated": Sum("amount", filter=Q(basis=Basis.ESTIMATED)),
    }

    @display(description="村", ordering="plant__village__sort_no")
    def village(self, settlement: Any) -> str:
        """Return the plant's village."""
        return str(settlement.plant.village)

    @display(description="光伏电站", ordering="plant__name")
    def plant_name(self, settlement: Any) -> str:
        """Return the plant's name."""
        return str(settlement.plant.name)
