"""What the API shows of members, organisational life, dues and development: one file an area."""

from members.api.serializers.development import DevelopmentFileSerializer, DevelopmentStepSerializer
from members.api.serializers.dues import (
    DuesBracketSerializer,
    DuesExemptionSerializer,
    DuesPaymentSerializer,
    DuesStandardSerializer,
)
from members.api.serializers.life import (
    HonourSerializer,
    MeetingKindSerializer,
    MeetingRuleSerializer,
    MeetingSerializer,
    TalentSerializer,
    TrainingAttendanceSerializer,
    TrainingSerializer,
)
from members.api.serializers.people import (
    MemberChangeSerializer,
    MemberSerializer,
    OccupationSerializer,
    TransferSerializer,
)

__all__ = [
    "DevelopmentFileSerializer",
    "DevelopmentStepSerializer",
    "DuesBracketSerializer",
    "DuesExemptionSerializer",
    "DuesPaymentSerializer",
    "DuesStandardSerializer",
    "HonourSerializer",
    "MeetingKindSerializer",
    "MeetingRuleSerializer",
    "MeetingSerializer",
    "MemberChangeSerializer",
    "MemberSerializer",
    "OccupationSerializer",
    "TalentSerializer",
    "TrainingAttendanceSerializer",
    "TrainingSerializer",
    "TransferSerializer",
]
