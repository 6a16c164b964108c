"""The lives of the change feed: a restored database starts another one."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.utils import timezone

from chishang.core.guards import written_once
from chishang.core.scoping import PUBLIC, ScopedModel


class Feed(ScopedModel):
    """One life of the feed, in one database. A cursor of another life is refused with 410, and the reader reloads.

    After a restore transaction numbers start again, and what readers already have may be gone.
    """

    scope_path = PUBLIC

    feed_id = models.UUIDField("变更流编号", unique=True, default=uuid4, editable=False)
    database = models.CharField("所在数据库", max_length=64, editable=False, help_text="库的标识的摘要")
    started_at = models.DateTimeField("开始时间", default=timezone.now, editable=False)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "变更流"
        ordering = ["-pk"]
        default_permissions = ("view",)  # type: ignore[assignment]  # fewer than the usual
        triggers: ClassVar = written_once("feed", "变更流的记录不能修改或删除。")

    def __str__(self) -> str:
        return str(self.feed_id)
