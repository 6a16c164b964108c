"""Collective income, dividends, solar plants, statements. Beneficiaries of dividends are counted, never named."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from chishang.core.api.fields import reference
from chishang.core.api.serializers import RowSerializer, shows_rows
from finance.api.serializers.ledger import AccountReferenceSerializer, money
from finance.models import (
    CollectiveIncome,
    Dividend,
    DividendScheme,
    IncomeKind,
    SolarPlant,
    SolarSettlement,
    Statement,
)


class IncomeKindSerializer(RowSerializer):
    """A source of collective income."""

    account = AccountReferenceSerializer(label="会计科目", read_only=True)

    class Meta:
        model = IncomeKind
        fields = ("id", "name", "account", "counts_as_income", "is_active")

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join the account."""
        return rows.select_related("account")


class CollectiveIncomeSerializer(RowSerializer):
    """What a village earned from one source in a year."""

    village = reference(label="行政村")
    kind = reference(label="收入来源")
    counts_as_income = serializers.BooleanField(source="kind.counts_as_income", label="计入集体收入", read_only=True)

    class Meta:
        model = CollectiveIncome
        fields = ("id", "year", "village", "kind", "counts_as_income", "amount", "note")

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join village and source."""
        return rows.select_related("village", "kind")


class DividendSchemeSerializer(RowSerializer):
    """A village's money in an enterprise."""

    village = reference(label="行政村")

    class Meta:
        model = DividendScheme
        fields = (
            "id",
            "village",
            "enterprise",
            "capital",
            "village_percent",
            "minimum_percent",
            "contract_no",
            "started_on",
            "ended_on",
        )

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join the village."""
        return rows.select_related("village")


@shows_rows
class DividendSerializer(RowSerializer):
    """What a scheme paid in a year, and how many got it."""

    village = reference("scheme.village", label="行政村")
    enterprise = serializers.CharField(source="scheme.enterprise", label="龙头企业", read_only=True)
    household_amount = money("受益户所得（元）")

    class Meta:
        model = Dividend
        fields = (
            "id",
            "scheme",
            "village",
            "enterprise",
            "year",
            "amount",
            "village_amount",
            "household_amount",
            "label",
            "households",
            "persons",
            "paid_on",
        )

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join scheme and village."""
        return rows.select_related("scheme__village")


class SolarPlantSerializer(RowSerializer):
    """A village's solar plant."""

    village = reference(label="行政村")

    class Meta:
        model = SolarPlant
        fields = ("id", "village", "name", "capacity_kw", "on_grid_on", "tariff")

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join the village."""
        return rows.select_related("village")


@shows_rows
class SolarSettlementSerializer(RowSerializer):
    """What a plant earned in a period."""

    plant = reference(label="光伏电站")
    village = reference("plant.village", label="行政村")

    class Meta:
        model = SolarSettlement
        fields = (
            "id",
            "plant",
            "village",
            "started_on",
            "ended_on",
            "kwh",
            "base_amount",
            "subsidy_amount",
            "fee",
            "amount",
            "basis",
            "received_on",
        )

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join plant and village."""
        return rows.select_related("plant__village")


class StatementSerializer(RowSerializer):
    """A village's statement of a quarter, with its content as it was fixed."""

    village = reference(label="行政村")
    content = serializers.JSONField(label="内容", help_text="制表时固定；金额为字符串，单位元", read_only=True)
    drafted_by = reference(label="制表人")
    checked_by = reference(label="登记审核", allow_null=True)
    released_by = reference(label="公开人", allow_null=True)

    class Meta:
        model = Statement
        fields = (
            "id",
            "village",
            "year",
            "quarter",
            "version",
            "state",
            "content",
            "sha256",
            "reason",
            "drafted_by",
            "drafted_at",
            "checked_by",
            "checked_at",
            "checkers",
            "released_by",
            "released_at",
        )

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join what a statement names."""
        return rows.select_related("village", "drafted_by", "checked_by", "released_by")
