"""Who read, printed, took out or brought in confidential records, and for what. Written once."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from chishang.core.guards import written_once
from chishang.core.scoping import PUBLIC
from discipline.enums import AccessKind, Register
from discipline.models.cases import Case, Sanction
from discipline.models.confidential import ConfidentialModel
from discipline.models.people import Criticism, Person
from discipline.models.petitions import Lead, Petition
from organizations.models import User

REGISTERS: dict[str, Any] = {
    Register.PETITION: Petition,
    Register.LEAD: Lead,
    Register.CASE: Case,
    Register.SANCTION: Sanction,
    Register.PERSON: Person,
    Register.CRITICISM: Criticism,
}
"""The registers whose every reading is kept."""


class Reading(ConfidentialModel):
    """One look at one record. ``user`` is empty for an operator at the server's console, named in ``operator``."""

    scope_path = PUBLIC

    occurred_at = models.DateTimeField("时间", default=timezone.now)
    user = models.ForeignKey(User, verbose_name="谁", on_delete=models.PROTECT, null=True, related_name="+")
    operator = models.CharField("服务器账号", max_length=50, blank=True)
    kind = models.CharField("事项", max_length=10, choices=AccessKind)
    register = models.CharField("登记簿", max_length=12, choices=Register)
    row_uid = models.UUIDField("记录", null=True)
    subject = models.CharField("对象", max_length=100, help_text="编号；不写姓名")
    purpose = models.CharField("目的", max_length=200)

    class Meta(ConfidentialModel.Meta):
        verbose_name = verbose_name_plural = "涉密查阅记录"
        ordering = ["-occurred_at", "-pk"]
        triggers = written_once("reading", "查阅记录不能更改。")
        indexes = [models.Index(fields=["row_uid", "occurred_at"], name="reading_by_row")]
        constraints = [
            models.CheckConstraint(
                name="reading_by_somebody",
                condition=Q(user__isnull=False) | ~Q(operator=""),
                violation_error_message="查阅记录要写明是谁。",
            ),
            models.CheckConstraint(
                name="reading_with_purpose", condition=~Q(purpose=""), violation_error_message="请写明查阅目的。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject}"

    @classmethod
    def narrowed(cls, rows: Any, user: Any) -> Any:
        """Return one's own, those of records that one may see, and those of workbooks."""
        seen = Q(user=user) | Q(register=Register.WORKBOOK)
        for register, model in REGISTERS.items():
            seen |= Q(register=register, row_uid__in=model.objects.visible_to(user).values("uid"))
        return rows.filter(seen)
