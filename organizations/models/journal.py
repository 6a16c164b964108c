"""The journal: looks at personal data and other acts that change no row."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.utils import timezone

from chishang.core.scoping import ScopedModel
from organizations.enums import JournalAction
from organizations.models.accounts import User
from organizations.models.organizations import Organization


class JournalEntry(ScopedModel):
    """Who looked at what, when and why. It is written once: the database refuses to change or delete it."""

    scope_path = "organization"

    occurred_at = models.DateTimeField("时间", default=timezone.now)
    user = models.ForeignKey(User, verbose_name="谁", on_delete=models.PROTECT, related_name="journal")
    action = models.CharField("事项", max_length=20, choices=JournalAction)
    organization = models.ForeignKey(
        Organization, verbose_name="所涉党组织", on_delete=models.PROTECT, null=True, related_name="+"
    )
    subject = models.CharField("对象", max_length=200, help_text="如：党员 12；不写姓名和号码以外的内容")
    reason = models.CharField("理由", max_length=200, blank=True)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "查阅日志"
        ordering = ["-occurred_at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["user", "action", "occurred_at"], name="journal_by_user")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="journalentry_written_once", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.subject}"
