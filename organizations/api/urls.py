"""Addresses."""

from rest_framework.routers import SimpleRouter

from organizations.api.views import AreaViewSet, OrganizationViewSet, VillageViewSet

router = SimpleRouter(use_regex_path=False)
router.register("organizations", OrganizationViewSet)
router.register("areas", AreaViewSet)
router.register("villages", VillageViewSet)

urlpatterns = router.urls
