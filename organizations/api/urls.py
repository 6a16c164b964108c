"""Addresses."""

from rest_framework.routers import SimpleRouter

from organizations.api.views import (
    AreaViewSet,
    DirectiveReceiptViewSet,
    DirectiveViewSet,
    ElectionForecastViewSet,
    ElectionTermViewSet,
    ElectionViewSet,
    OrganizationViewSet,
    VillageViewSet,
)

router = SimpleRouter(use_regex_path=False)
router.register("organizations", OrganizationViewSet)
router.register("areas", AreaViewSet)
router.register("villages", VillageViewSet)
router.register("directives", DirectiveViewSet)
router.register("directive-receipts", DirectiveReceiptViewSet)
router.register("elections", ElectionViewSet)
router.register("election-terms", ElectionTermViewSet)
router.register("election-forecasts", ElectionForecastViewSet)

urlpatterns = router.urls
