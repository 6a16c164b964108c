"""Addresses."""

from rest_framework.routers import SimpleRouter

from visits.api.views import (
    CampaignViewSet,
    HouseholdViewSet,
    IssueCategoryViewSet,
    IssueViewSet,
    UnitViewSet,
    VisitViewSet,
)

router = SimpleRouter(use_regex_path=False)
router.register("campaigns", CampaignViewSet)
router.register("categories", IssueCategoryViewSet)
router.register("units", UnitViewSet)
router.register("households", HouseholdViewSet)
router.register("visits", VisitViewSet)
router.register("issues", IssueViewSet)

urlpatterns = router.urls
