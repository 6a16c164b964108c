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
    Directive,
    DirectiveReceipt,
    Election,
    ElectionForecast,
    ElectionTerm,
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


class DirectiveSerializer(RowSerializer):
    """A document issued to branches."""

    class Meta:
        model = Directive
        fields = ("id", "number", "title", "issued_on")


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
    signed_by = reference(label="签收人", allow_null=True)

    class Meta:
        model = DirectiveReceipt
        fields = ("id", "directive", "organization", "issued_on", "signed_on", "signed_by")

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join directive, branch and signer."""
        return rows.select_related("directive", "organization", "signed_by")


class ElectionTermSerializer(RowSerializer):
    """A round of village elections."""

    class Meta:
        model = ElectionTerm
        fields = ("id", "name", "year")


@shows_rows
class ElectionForecastSerializer(RowSerializer):
    """The confidential pre-assessment of a village's election, for those with the right."""

    term = reference(label="换届")
    village = reference(label="行政村")

    class Meta:
        model = ElectionForecast
        fields = ("id", "term", "village", "assessed_on", "level", "risks", "measures")

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join term and village."""
        return rows.select_related("term", "village")


@shows_rows
class ElectionSerializer(RowSerializer):
    """One election of one body of a village."""

    term = reference(label="换届")
    village = reference(label="行政村")

    class Meta:
        model = Election
        fields = (
            "id",
            "term",
            "village",
            "body",
            "completed_on",
            "due",
            "present",
            "elected_name",
            "re_elected",
            "result",
        )

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join term and village."""
        return rows.select_related("term", "village")
