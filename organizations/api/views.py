"""Organizations, areas and villages, to read."""

from chishang.core.api.views import ScopedReadOnlyViewSet
from organizations.api.serializers import AreaSerializer, OrganizationSerializer, VillageSerializer
from organizations.filters import OrganizationFilters, VillageFilters
from organizations.models import Area, Organization, Village


class OrganizationViewSet(ScopedReadOnlyViewSet):
    """Party organizations."""

    queryset = Organization.objects.all()
    serializer_class = OrganizationSerializer
    filterset_class = OrganizationFilters
    action_permissions = dict.fromkeys(("list", "retrieve"), "organizations.view_organization")
    ordering_fields = ("code", "name", "founded_on")


class AreaViewSet(ScopedReadOnlyViewSet):
    """Areas."""

    queryset = Area.objects.all()
    serializer_class = AreaSerializer
    action_permissions = dict.fromkeys(("list", "retrieve"), "organizations.view_area")
    ordering_fields = ("name",)


class VillageViewSet(ScopedReadOnlyViewSet):
    """Villages."""

    queryset = Village.objects.all()
    serializer_class = VillageSerializer
    filterset_class = VillageFilters
    action_permissions = dict.fromkeys(("list", "retrieve"), "organizations.view_village")
    ordering_fields = ("code", "name")
