"""What the API shows of organizations and places."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from chishang.core.api.fields import MaskedPhoneField, reference
from chishang.core.api.serializers import RowSerializer, shows_rows
from organizations.models import (
    Appointment,
    Area,
    AreaProject,
    DirectiveReceipt,
    Organization,
    Village,
    VillageStatistic,
)


@shows_rows
class OrganizationSerializer(RowSerializer):
    """A Party organization."""

    phone = MaskedPhoneField(label="联系电话")

    class Meta:
        model = Organization
        fields = (
            "id",
            "code",
            "name",
            "kind",
            "branch_type",
            "parent",
            "founded_on",
            "founded_precision",
            "dissolved_on",
            "term_ends_on",
            "secretary_name",
            "phone",
        )


@shows_rows
class AreaSerializer(RowSerializer):
    """An area (片区)."""

    class Meta:
        model = Area
        fields = ("id", "name", "founded_on", "abolished_on")


@shows_rows
class VillageSerializer(RowSerializer):
    """A village with its area and branch."""

    area = reference(label="所属片区")
    branch = reference(label="村党支部")

    class Meta:
        model = Village
        fields = ("id", "code", "name", "area", "branch", "on_poverty_list", "founded_on", "abolished_on")

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join area and branch."""
        return rows.select_related("area", "branch")


@shows_rows
class VillageStatisticSerializer(RowSerializer):
    """Households and population of a village in a year."""

    village = reference(label="行政村")

    class Meta:
        model = VillageStatistic
        fields = ("id", "village", "year", "households", "population")

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join the village."""
        return rows.select_related("village")


@shows_rows
class AreaProjectSerializer(RowSerializer):
    """A project of an area."""

    area = reference(label="片区")

    class Meta:
        model = AreaProject
        fields = ("id", "area", "name", "completed_on", "completed_precision")

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join the area."""
        return rows.select_related("area")


@shows_rows
class AppointmentSerializer(RowSerializer):
    """Who holds which duty where."""

    user = reference(label="姓名")
    duty = reference(label="职务")
    organization = reference(label="党组织", allow_null=True)
    village = reference(label="行政村", allow_null=True)
    area = reference(label="片区", allow_null=True)

    class Meta:
        model = Appointment
        fields = ("id", "user", "duty", "title", "organization", "village", "area", "started_on", "ended_on")

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join person, duty and place."""
        return rows.select_related("user", "duty", "organization", "village", "area")


class DirectiveReferenceSerializer(serializers.Serializer[Any]):
    """A directive by its number and title."""

    id = serializers.IntegerField(label="编号")
    number = serializers.CharField(label="文号")
    title = serializers.CharField(label="标题")


@shows_rows
class DirectiveReceiptSerializer(RowSerializer):
    """A branch's signature for a directive."""

    directive = DirectiveReferenceSerializer(label="文件", read_only=True)
    organization = reference(label="接收党支部")

    class Meta:
        model = DirectiveReceipt
        fields = ("id", "directive", "organization", "issued_on", "signed_on")

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join directive and branch."""
        return rows.select_related("directive", "organization")
