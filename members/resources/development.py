"""Export of development files and their steps; files come in by what happens, not by import."""

from import_export.fields import Field

from chishang.core.resources import PartialDateField, ScopedResource
from members.models import DevelopmentFile, DevelopmentStep


class DevelopmentStepResource(ScopedResource):
    """Steps by code."""

    class Meta(ScopedResource.Meta):
        model = DevelopmentStep
        import_id_fields = ["code"]
        fields = [
            *("code", "stage", "sequence", "name", "after", "wait_months", "wait_days", "within_months"),
            *("repeats_months", "needs_vote", "source"),
        ]


class DevelopmentFileResource(ScopedResource):
    """Files, to be taken out; of the ID number only whether there is one."""

    born_on = PartialDateField(attribute="born_on", precision="born_precision", column_name="出生日期")
    id_state = Field(column_name="公民身份号码", readonly=True)

    class Meta(ScopedResource.Meta):
        model = DevelopmentFile
        fields = [
            *("branch", "name", "sex", "ethnic_group", "born_on", "id_state", "education", "occupation", "phone"),
            *("address", "contacts", "introducers", "state", "stopped_on", "stop_reason"),
        ]
        export_order = fields

    def dehydrate_id_state(self, file: DevelopmentFile) -> str:
        """Return whether a checked number is registered, and nothing of it."""
        return "已核验" if file.has_id_number else "未登记"
