"""Accounts, subjects, budgets, disbursement requests with their course, vouchers with their entries."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from chishang.core.api.fields import reference
from chishang.core.api.serializers import RowSerializer, shows_rows
from chishang.core.money import DIGITS, PLACES
from finance.models import (
    Account,
    Budget,
    Disbursement,
    DisbursementEvent,
    Seal,
    Subject,
    Voucher,
    VoucherLine,
)

UNIT = "organization.village"
"""The way from a row to its village; the town's own money has none."""


def money(label: str, **kwargs: Any) -> serializers.DecimalField:
    """Return a field that shows yuan with two decimals."""
    return serializers.DecimalField(label=label, max_digits=DIGITS, decimal_places=PLACES, read_only=True, **kwargs)


class AccountReferenceSerializer(serializers.Serializer[Account]):
    """An account by its number and name."""

    id = serializers.IntegerField(label="编号")
    code = serializers.CharField(label="科目编码")
    name = serializers.CharField(label="科目名称")


class AccountSerializer(RowSerializer):
    """An account of the chart."""

    class Meta:
        model = Account
        fields = ("id", "code", "name", "category", "normal_side", "source")


class SubjectSerializer(RowSerializer):
    """A subject of the budget, with the accounts that it moves."""

    debit_account = AccountReferenceSerializer(label="借方科目", read_only=True)
    credit_account = AccountReferenceSerializer(label="贷方科目", read_only=True)

    class Meta:
        model = Subject
        fields = ("id", "code", "name", "level", "debit_account", "credit_account", "is_active")

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join the accounts."""
        return rows.select_related("debit_account", "credit_account")


@shows_rows
class BudgetSerializer(RowSerializer):
    """A budget with how it stands: planned = paid + reserved + withheld + free."""

    organization = reference(label="村党支部或镇本级")
    village = reference(UNIT, label="行政村", allow_null=True)
    subject = reference(label="经费科目")
    planned = money("预算（含调整）", help_text="报表的行里为截至日的数，其他为现在的数")
    paid = money("已拨付", help_text="报表的行里为截至日的数，其他为现在的数")
    waiting = money("未拨付", help_text="预算减已拨付；报表的行里为截至日的数，其他为现在的数")
    reserved = money("申请中", help_text="已提交、尚未入账的申请；报表的行里为 null", allow_null=True)
    withheld = money("待考核", help_text="报表的行里为 null", allow_null=True)
    free = money("可用", help_text="报表的行里为 null", allow_null=True)

    class Meta:
        model = Budget
        fields = (
            "id",
            "year",
            "organization",
            "village",
            "subject",
            "amount",
            "held",
            "source",
            "planned",
            "paid",
            "waiting",
            "reserved",
            "withheld",
            "free",
        )

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join unit and subject; add the balance, unless the rows bring theirs as of a day of the report."""
        rows = rows.select_related("organization__village", "subject")
        return rows if "planned" in rows.query.annotations else rows.with_balance()  # type: ignore[attr-defined]


class SealSerializer(serializers.ModelSerializer[Seal]):
    """A seal: who, under which duty, when."""

    signer = reference(label="盖章人")

    class Meta:
        model = Seal
        fields = ("id", "kind", "signer", "duty", "sealed_at")


class DisbursementEventSerializer(serializers.ModelSerializer[DisbursementEvent]):
    """A step in the course of a request."""

    actor = reference(label="办理人")

    class Meta:
        model = DisbursementEvent
        fields = ("id", "move", "from_state", "to_state", "actor", "occurred_at", "note")


class DisbursementSerializer(RowSerializer):
    """A request as it stands, with its seals and its course."""

    organization = reference(label="村党支部或镇本级")
    village = reference(UNIT, label="行政村", allow_null=True)
    subject = reference(label="经费科目")
    maker = reference(label="经办人")
    voucher = serializers.IntegerField(
        source="voucher.pk", label="凭证的编号", help_text="入账后才有", read_only=True, allow_null=True
    )
    seals = SealSerializer(label="印鉴", many=True, read_only=True)
    events = DisbursementEventSerializer(label="办理过程", many=True, read_only=True)

    class Meta:
        model = Disbursement
        fields = (
            "id",
            "budget",
            "organization",
            "village",
            "subject",
            "reverses",
            "amount",
            "purpose",
            "decision",
            "attachments",
            "maker",
            "state",
            "created_at",
            "submitted_at",
            "voucher",
            "seals",
            "events",
        )

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join what a request names; seals and course come through the gate."""
        seals = Seal.objects.visible_to(user).select_related("signer").order_by("pk")
        events = DisbursementEvent.objects.visible_to(user).select_related("actor").order_by("pk")
        return rows.select_related("organization__village", "subject", "maker", "voucher").prefetch_related(
            Prefetch("seals", seals), Prefetch("events", events)
        )


class VoucherLineSerializer(serializers.ModelSerializer[VoucherLine]):
    """An entry of a voucher."""

    account = AccountReferenceSerializer(label="会计科目", read_only=True)

    class Meta:
        model = VoucherLine
        fields = ("number", "account", "debit", "credit")


@shows_rows
class VoucherSerializer(RowSerializer):
    """A posted voucher with its entries."""

    organization = reference(label="村党支部或镇本级")
    village = reference(UNIT, label="行政村", allow_null=True)
    subject = reference(label="经费科目")
    effect = money("计入拨付的金额", help_text="冲销凭证为负数；合计即拨付总额")
    reversed_by = serializers.IntegerField(
        source="reversed_by.pk", label="被哪张凭证冲销", read_only=True, allow_null=True
    )
    lines = VoucherLineSerializer(label="分录", many=True, read_only=True)

    class Meta:
        model = Voucher
        fields = (
            "id",
            "code",
            "year",
            "number",
            "date",
            "organization",
            "village",
            "subject",
            "budget",
            "amount",
            "effect",
            "summary",
            "disbursement",
            "reverses",
            "reversed_by",
            "maker_name",
            "checker_name",
            "approver_name",
            "posted_at",
            "imported",
            "lines",
        )

    @classmethod
    def prepare(cls, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Join what a voucher names, add its signed amount; its entries come through the gate."""
        if "effect" not in rows.query.annotations:
            rows = rows.signed()  # type: ignore[attr-defined]
        lines = VoucherLine.objects.visible_to(user).select_related("account").order_by("number")
        return rows.select_related("organization__village", "subject", "reversed_by").prefetch_related(
            Prefetch("lines", lines)
        )
