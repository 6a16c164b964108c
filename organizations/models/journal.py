"""The journal: looks at personal data and other acts that change no row."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.utils import timezone

from chishang.core.guards import written_once
from chishang.core.scoping import ScopedModel
from organizations.enums import JournalAction
from organizations.models.accounts import ApiKey, User
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


class ApiCall(ScopedModel):
    """One call of a machine client: what it asked for and how much it got. Its key's limits are counted from these."""

    scope_path = ("key__user__appointments__organization",)
    scope_is_many = True

    key = models.ForeignKey(ApiKey, verbose_name="接口密钥", on_delete=models.PROTECT, related_name="calls")
    called_at = models.DateTimeField("时间", default=timezone.now)
    address = models.CharField("地址", max_length=500, help_text="含参数，超长的截断")
    format = models.CharField("格式", max_length=10, blank=True)
    status = models.PositiveSmallIntegerField("结果", help_text="HTTP 状态码")
    rows = models.PositiveIntegerField("行数", null=True, help_text="取走的行数；出错或没有变化的为空")
    is_export = models.BooleanField("是否导出", default=False, help_text="取的是 Excel 或 CSV 文件")

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "接口调用记录"
        ordering = ["-called_at", "-pk"]
        default_permissions = ("view",)  # type: ignore[assignment]  # fewer than the usual
        indexes: ClassVar = [models.Index(fields=["key", "called_at"], name="apicall_by_key")]
        triggers: ClassVar = written_once("apicall", "接口调用记录不能修改或删除。")

    def __str__(self) -> str:
        return f"{self.key} {self.address}"
