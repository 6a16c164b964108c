"""Filters of organizations and places."""

from django_filters import ChoiceFilter, FilterSet

from chishang.core.api.filters import RowFilter
from organizations.enums import BranchType, OrganizationKind
from organizations.models import Area, Organization, Village


class OrganizationFilters(FilterSet):
    """By kind, type of branch, and the organization above."""

    kind = ChoiceFilter(label="类别", choices=OrganizationKind.choices)
    branch_type = ChoiceFilter(label="支部类型", choices=BranchType.choices)
    parent = RowFilter(Organization, label="上级党组织的编号")

    class Meta:
        model = Organization
        fields: tuple[str, ...] = ()


class VillageFilters(FilterSet):
    """By area."""

    area = RowFilter(Area, label="片区的编号")

    class Meta:
        model = Village
        fields: tuple[str, ...] = ()
