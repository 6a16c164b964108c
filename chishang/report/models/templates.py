"""Word templates of the report that the office wrote itself."""

import hashlib
from typing import ClassVar

from django.db import models
from django.utils import timezone

from chishang.core.guards import written_once
from chishang.core.scoping import PUBLIC, ScopedModel
from organizations.models import User


class ReportTemplate(ScopedModel):
    """One upload of the office's template. Written once: the latest is in force, an older one is uploaded again.

    Without any, the template of the repository is in force.
    """

    scope_path = PUBLIC

    name = models.CharField("名称", max_length=100, help_text="如：2017年度报告，改了第二部分")
    content = models.BinaryField("文件", editable=False)
    sha256 = models.CharField("校验码", max_length=64, editable=False)
    uploaded_by = models.ForeignKey(User, verbose_name="上传人", on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField("上传时间", default=timezone.now, editable=False)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "报告模板"
        ordering = ["-pk"]
        triggers: ClassVar = written_once("reporttemplate", "报告模板不能修改或删除；请另上传一份，以最新的为准。")

    def __str__(self) -> str:
        return self.name

    @property
    def is_intact(self) -> bool:
        """Whether the file is still that of its hash."""
        return hashlib.sha256(bytes(self.content)).hexdigest() == self.sha256
