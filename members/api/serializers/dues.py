"""Party dues. Whoever sees such a row sees whose it is: it belongs to the branch where the member is."""

from typing import Any

from django.db.models import QuerySet

from chishang.core.api.fields import reference
from chishang.core.api.serializers import RowSerializer
from members.models import DuesBracket, DuesExemption, DuesPayment, DuesStandard


class DuesBracketSerializer(RowSerializer):
    """One bracket of the dues."""

    class Meta:
        model = DuesBracket
        fields = ("id", "payer", "over", "up_to", "percent", "least", "most", "valid_from", "valid_until", "source")


class DuesStandardSerializer(RowSerializer):
    """What a member owes each month from a month on."""

    member = reference(label="党员")
    branch = reference("member.branch", label="党支部")

    class Meta:
        model = DuesStandard
        fields = ("id", "member", "branch", "payer", "base", "amount", "valid_from")

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join member and branch."""
        return rows.select_related("member__branch").defer("member__id_number_cipher")


class DuesExemptionSerializer(RowSerializer):
    """A reduction or exemption by decision."""

    member = reference(label="党员")
    branch = reference("member.branch", label="党支部")

    class Meta:
        model = DuesExemption
        fields = (
            "id",
            "member",
            "branch",
            "from_month",
            "until_month",
            "amount",
            "decided_on",
            "decided_by",
            "reason",
        )

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join member and branch."""
        return rows.select_related("member__branch").defer("member__id_number_cipher")


class DuesPaymentSerializer(RowSerializer):
    """Dues of one member for one month, or a voluntary extra; ``reverses`` names the payment that it takes back."""

    member = reference(label="党员")
    branch = reference("member.branch", label="党支部")
    recorded_by = reference(label="录入人", allow_null=True)

    class Meta:
        model = DuesPayment
        fields = (
            "id",
            "member",
            "branch",
            "month",
            "amount",
            "paid_on",
            "method",
            "receipt_no",
            "reverses",
            "recorded_by",
            "recorded_at",
        )

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join member, branch, and who recorded it."""
        return rows.select_related("member__branch", "recorded_by").defer("member__id_number_cipher")
