"""Import and export of the rules and code lists of the office, and of the feedback rounds."""

from discipline.models import FeedbackCategory, InspectionRound, LeadSource, MeasureRule, TimeLimit
from discipline.resources.base import OfficeResource
from discipline.services.feedback import save_round


class TimeLimitResource(OfficeResource):
    """Time limits by what they are for, and first day."""

    what = "条时限"

    class Meta(OfficeResource.Meta):
        model = TimeLimit
        import_id_fields = ["code", "valid_from"]
        fields = ["code", "amount", "unit", "valid_from", "source"]


class MeasureRuleResource(OfficeResource):
    """How long sanctions have effect, by measure and first day."""

    what = "条规定"

    class Meta(OfficeResource.Meta):
        model = MeasureRule
        import_id_fields = ["measure", "valid_from"]
        fields = ["measure", "months", "valid_from", "source"]


class LeadSourceResource(OfficeResource):
    """Sources of leads by name."""

    what = "个来源"

    class Meta(OfficeResource.Meta):
        model = LeadSource
        import_id_fields = ["name"]
        fields = ["name", "sort_no", "is_active"]


class FeedbackCategoryResource(OfficeResource):
    """Categories of issues by name."""

    what = "个类别"

    class Meta(OfficeResource.Meta):
        model = FeedbackCategory
        import_id_fields = ["name"]
        fields = ["name", "sort_no", "is_active"]


class InspectionRoundResource(OfficeResource):
    """Feedback rounds by day and inspecting body."""

    what = "次反馈"

    class Meta(OfficeResource.Meta):
        model = InspectionRound
        import_id_fields = ["feedback_on", "body"]
        fields = ["body", "feedback_on", "report_due_on", "reported_on"]

    def do_instance_save(self, instance: InspectionRound, is_create: bool) -> None:  # noqa: FBT001  the library's signature
        """Store through the service, which fills in when the report is due."""
        save_round(actor=self.user, feedback_round=instance)
