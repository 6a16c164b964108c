"""Import and export of dues: brackets, standards, reductions, payments. Rows go through the services."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from import_export.fields import Field

from chishang.core.dates import Precision, parse_partial_date
from chishang.core.resources import DayWidget, SafeText, ScopedKey, ScopedResource, plain
from members.models import DuesBracket, DuesExemption, DuesPayment, DuesStandard, Member
from members.services import grant_exemption, record_payment, set_standard
from members.services.dues import check_exemption, check_payment, work_out

BRANCH = "所在党支部"


class MonthWidget(DayWidget):
    """A month, as its first day."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """Return the first day of the month; raise ValueError with a Chinese message."""
        if value in {None, ""}:
            return None
        known = parse_partial_date(value)
        if known.precision == Precision.YEAR:
            raise ValueError(f"“{value}”缺少月，请写成 2017-03")
        return known.day.replace(day=1)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return ``2017-03``."""
        return value.isoformat()[:7] if value else ""


class MemberKey(ScopedKey):
    """A member, named together with his branch (code or name) in the next column."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """Return the member; raise ValueError when the importer sees none of that name there, or several."""
        name, branch = plain(value), plain((row or {}).get(BRANCH))
        if not name:
            return None
        key = f"{branch}\n{name}"
        if key not in self.known:
            self.known[key] = self._find_in(name, branch)
        return self.known[key]

    def _find_in(self, name: str, branch: str) -> Any:
        rows = Member.objects.visible_to(self.user).visible_to(self.user, self.permission).filter(name=name)
        if branch:
            rows = rows.filter(Q(branch__name=branch) | Q(branch__code=branch))
        found = list(rows[:2])
        if not found:
            raise ValueError(f"{branch or '您负责的党支部'}没有党员“{name}”，请核对姓名和党支部")
        if len(found) > 1:
            raise ValueError(f"有多位“{name}”，请写明党支部；同一支部重名的请在网页上登记")
        return found[0]


class DuesResource(ScopedResource):
    """Base: rows of members, found by branch and name."""

    also_read = ("member__branch",)
    months: tuple[str, ...] = ()
    """Columns that hold a month."""
    branch = Field(column_name=BRANCH, attribute="member__branch__name", widget=SafeText(), readonly=True)

    def __init__(self, user: Any = None, **kwargs: Any) -> None:
        super().__init__(user=user, **kwargs)
        meta = self._meta.model._meta
        key = MemberKey(Member, f"{meta.app_label}.import_{meta.model_name}")
        key.user = user
        self.fields["member"].widget = key
        for name in self.months:
            self.fields[name].widget = MonthWidget()


class DuesBracketResource(ScopedResource):
    """Brackets by payer, lower bound and first day."""

    class Meta(ScopedResource.Meta):
        model = DuesBracket
        import_id_fields = ["payer", "over", "valid_from"]
        fields = ["payer", "over", "up_to", "percent", "least", "most", "valid_from", "valid_until", "source"]


class DuesStandardResource(DuesResource):
    """Standards by member and first month. Where a rate applies, the amount is worked out from the base."""

    months = ("valid_from",)

    class Meta(ScopedResource.Meta):
        model = DuesStandard
        import_id_fields = ["member", "valid_from"]
        fields = ["branch", "member", "payer", "base", "amount", "valid_from"]

    def complete(self, instance: Any) -> None:
        """Work out or check the amount."""
        if instance.payer and instance.valid_from:
            work_out(instance)

    def do_instance_save(self, instance: Any, is_create: bool) -> None:  # noqa: FBT001  the library's signature
        """Store through the service."""
        set_standard(actor=self.user, standard=instance)


class DuesExemptionResource(DuesResource):
    """Reductions by member and first month."""

    months = ("from_month", "until_month")

    class Meta(ScopedResource.Meta):
        model = DuesExemption
        import_id_fields = ["member", "from_month"]
        fields = ["branch", "member", "from_month", "until_month", "amount", "decided_on", "decided_by", "reason"]

    def complete(self, instance: Any) -> None:
        """Check it against the standard and the others."""
        if instance.member_id and instance.from_month and instance.until_month and instance.decided_on:
            check_exemption(instance)

    def do_instance_save(self, instance: Any, is_create: bool) -> None:  # noqa: FBT001  the library's signature
        """Store through the service."""
        grant_exemption(actor=self.user, exemption=instance)


class DuesPaymentResource(DuesResource):
    """Payments by member, month, day and receipt. An import adds payments; it changes none, and reverses none."""

    months = ("month",)
    note = Field(attribute="note", column_name="说明", readonly=True)

    class Meta(ScopedResource.Meta):
        model = DuesPayment
        import_id_fields = ["member", "month", "paid_on", "receipt_no"]
        fields = ["branch", "member", "month", "amount", "paid_on", "method", "receipt_no", "note"]

    def get_queryset(self) -> Any:
        """Leave reversals out of what a row may mean."""
        return super().get_queryset().filter(reverses__isnull=True)

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        """Return the stored payment of the same member, month, day and receipt."""
        wanted = {name: self.fields[name].clean(row) for name in self._meta.import_id_fields}
        month = wanted.pop("month")
        rows = self.get_queryset().filter(**wanted)
        return (rows.filter(month=month) if month else rows.filter(month__isnull=True)).first()

    def complete(self, instance: Any) -> None:
        """Check a new payment against what is open; refuse another amount for a stored one."""
        if instance.pk:
            stored = DuesPayment.objects.get(pk=instance.pk)
            if (stored.amount, stored.method) != (instance.amount, instance.method):
                raise ValidationError({"amount": "这一笔已经登记，不能用导入修改；登记错的请先冲销。"})
        elif instance.member_id and instance.amount and instance.paid_on:
            check_payment(instance)

    def do_instance_save(self, instance: Any, is_create: bool) -> None:  # noqa: FBT001  the library's signature
        """Store a new payment through the service."""
        if is_create:
            record_payment(actor=self.user, payment=instance)
