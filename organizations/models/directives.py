"""Directives: documents issued to branches, and who has signed for them."""

from datetime import date
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from chishang.core.history import tracked
from chishang.core.scoping import PUBLIC, ScopedModel, ScopedQuerySet
from organizations.models.accounts import User
from organizations.models.organizations import Organization


@tracked()
class Directive(ScopedModel):
    """A document issued to branches (文件下发), by its number as on the paper: 池发〔2017〕4号."""

    scope_path = PUBLIC

    number = models.CharField("文号", max_length=50, unique=True)
    title = models.CharField("标题", max_length=200)
    issued_on = models.DateField("印发日期")

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "下发文件"
        ordering = ["-issued_on", "number"]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class DirectiveReceiptQuerySet(ScopedQuerySet):
    """Receipts."""

    def signed_by(self, day: date) -> Self:
        """Return those signed on or before ``day``."""
        return self.filter(signed_on__lte=day)

    def unsigned(self) -> Self:
        """Return those that nobody has signed yet."""
        return self.filter(signed_on__isnull=True)


@tracked()
class DirectiveReceipt(ScopedModel):
    """A branch received a document, and signed for it on a day (or has not yet)."""

    scope_path = "organization"

    directive = models.ForeignKey(Directive, verbose_name="文件", on_delete=models.PROTECT, related_name="receipts")
    organization = models.ForeignKey(
        Organization, verbose_name="接收党支部", on_delete=models.PROTECT, related_name="directive_receipts"
    )
    issued_on = models.DateField("印发日期", editable=False, help_text="即文件的印发日期")
    signed_on = models.DateField("签收日期", null=True, blank=True, help_text="未签收留空")
    signed_by = models.ForeignKey(
        User, verbose_name="签收人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[Any] = models.Manager.from_queryset(DirectiveReceiptQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "文件签收"
        permissions = [("sign_directivereceipt", "签收文件")]
        ordering = ["directive", "organization__sort_no"]
        constraints = [
            models.UniqueConstraint(
                name="directivereceipt_once",
                fields=["directive", "organization"],
                violation_error_message="该党支部已有这份文件的签收记录。",
            ),
            models.CheckConstraint(
                name="directivereceipt_signed_after_issue",
                condition=Q(signed_on__isnull=True) | Q(signed_on__gte=models.F("issued_on")),
                violation_error_message="签收日期不能早于印发日期。",
            ),
            models.CheckConstraint(
                name="directivereceipt_signer_has_a_day",
                condition=Q(signed_by__isnull=True) | Q(signed_on__isnull=False),
                violation_error_message="有签收人就要有签收日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization} {self.directive.number}"
