"""Addresses."""

from rest_framework.routers import SimpleRouter

from members.api import views

router = SimpleRouter(use_regex_path=False)
router.register("members", views.MemberViewSet)
router.register("member-changes", views.MemberChangeViewSet)
router.register("transfers", views.TransferViewSet)
router.register("occupations", views.OccupationViewSet)
router.register("meeting-kinds", views.MeetingKindViewSet)
router.register("meeting-rules", views.MeetingRuleViewSet)
router.register("meetings", views.MeetingViewSet)
router.register("trainings", views.TrainingViewSet)
router.register("training-attendances", views.TrainingAttendanceViewSet)
router.register("talents", views.TalentViewSet)
router.register("honours", views.HonourViewSet)
router.register("development-steps", views.DevelopmentStepViewSet)
router.register("development-files", views.DevelopmentFileViewSet)
router.register("dues-brackets", views.DuesBracketViewSet)
router.register("dues-standards", views.DuesStandardViewSet)
router.register("dues-exemptions", views.DuesExemptionViewSet)
router.register("dues-payments", views.DuesPaymentViewSet)

urlpatterns = router.urls
