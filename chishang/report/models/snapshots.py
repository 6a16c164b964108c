"""Reports as they were handed out: immutable, versioned, hashed (签发的报告)."""

import hashlib
from typing import Any, ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from chishang.core.guards import refusal, refuse, written_once
from chishang.core.history import tracked
from chishang.core.scoping import ScopedModel, ScopedQuerySet
from chishang.report.enums import FileFormat, ReportState
from chishang.report.models.templates import ReportTemplate
from organizations.models import Organization, User


class IssuedReportQuerySet(ScopedQuerySet):
    """Issued reports."""

    def released(self) -> Self:
        """Return those that were signed; only they leave the office."""
        return self.filter(state=ReportState.RELEASED)

    def waiting_for(self, user: User) -> Self:
        """Return those that ``user`` may sign: drawn up by somebody else, and not signed yet."""
        drafts = self.filter(state=ReportState.DRAFT).exclude(drafted_by=user)
        return drafts.visible_to(user, "report.release_issuedreport")

    def in_force(self) -> Self:
        """Return the signed ones that no later version of the same day corrected."""
        later = IssuedReport.objects.released().filter(
            organization=OuterRef("organization"), as_of=OuterRef("as_of"), version__gt=OuterRef("version")
        )
        return self.released().filter(~Exists(later))


@tracked()
class IssuedReport(ScopedModel):
    """The report of a day as it was handed out. Its files are fixed when it is drawn up; a correction is a new one.

    One account draws it up, another one signs it.
    """

    scope_path = "organization"

    organization = models.ForeignKey(
        Organization, verbose_name="所报党组织", on_delete=models.PROTECT, related_name="issued_reports"
    )
    as_of = models.DateField("截至日")
    version = models.PositiveSmallIntegerField("版本", default=1, editable=False)
    state = models.CharField("状态", max_length=10, choices=ReportState, default=ReportState.DRAFT)
    reason = models.CharField("更正说明", max_length=200, blank=True, help_text="第二版起必填：更正了什么")
    sha256 = models.CharField("校验码", max_length=64, editable=False, help_text="JSON 文件的 SHA-256")
    template = models.ForeignKey(
        ReportTemplate,
        verbose_name="报告模板",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text="空的为门户自带的模板",
    )
    drafted_by = models.ForeignKey(User, verbose_name="制表人", on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField("制表时间", default=timezone.now, editable=False)
    released_by = models.ForeignKey(
        User, verbose_name="签发人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    released_at = models.DateTimeField("签发时间", null=True, blank=True, editable=False)
    withdrawn_because = models.CharField("作废原因", max_length=200, blank=True)

    objects: ClassVar[Any] = models.Manager.from_queryset(IssuedReportQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "签发的报告"
        ordering = ["-as_of", "-version"]
        permissions = [("release_issuedreport", "签发报告")]
        triggers = [
            refuse("issuedreport_not_deleted", pgtrigger.Delete, "报告不能删除；没有签发的可以作废。"),
            refuse(
                "issuedreport_starts_as_draft",
                pgtrigger.Insert,
                "报告要先制表，再签发。",
                condition=~pgtrigger.Q(new__state="draft"),
            ),
            pgtrigger.Trigger(
                name="issuedreport_snapshot",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=f"""
                    IF OLD.state <> 'draft' THEN
                        {refusal("issuedreport_ended", "已签发或作废的报告不能再改；要更正请另制一版。")}
                    END IF;
                    IF (OLD.organization_id, OLD.as_of, OLD.version, OLD.reason, OLD.sha256, OLD.template_id,
                        OLD.drafted_by_id, OLD.drafted_at)
                        IS DISTINCT FROM (NEW.organization_id, NEW.as_of, NEW.version, NEW.reason, NEW.sha256,
                        NEW.template_id, NEW.drafted_by_id, NEW.drafted_at)
                    THEN {refusal("issuedreport_snapshot", "报告制表后内容不能改；请作废后重新制表。")}
                    END IF;
                    IF NEW.state = 'released' AND (SELECT count(*) FROM report_issuedreportfile
                        WHERE report_id = NEW.id) < {len(FileFormat)} THEN
                        {refusal("issuedreport_files", "报告的文件不全，不能签发。")}
                    END IF;
                    RETURN NEW;
                """,  # noqa: S608  our own names
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="issuedreport_version_once",
                fields=["organization", "as_of", "version"],
                violation_error_message="这一版报告已经有了。",
            ),
            models.UniqueConstraint(
                name="issuedreport_one_under_way",
                fields=["organization", "as_of"],
                condition=Q(state=ReportState.DRAFT),
                violation_error_message="这一天已有一份待签发的报告。",
            ),
            models.CheckConstraint(
                name="issuedreport_released_by_another",
                condition=~Q(state=ReportState.RELEASED)
                | (Q(released_by__isnull=False, released_at__isnull=False) & ~Q(released_by=F("drafted_by"))),
                violation_error_message="制表人不能自己签发，请由另一位同事签发。",
            ),
            models.CheckConstraint(
                name="issuedreport_correction_says_why",
                condition=Q(version=1) | ~Q(reason=""),
                violation_error_message="第二版起要写明更正了什么。",
            ),
            models.CheckConstraint(
                name="issuedreport_withdrawn_says_why",
                condition=~Q(state=ReportState.WITHDRAWN) | ~Q(withdrawn_because=""),
                violation_error_message="请写明为什么作废。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization} 截至{self.as_of:%Y-%m-%d} 第{self.version}版"


class IssuedReportFile(ScopedModel):
    """One file of an issued report, byte for byte: what was handed out stays, whatever the program writes later."""

    scope_path = "report__organization"

    report = models.ForeignKey(IssuedReport, verbose_name="报告", on_delete=models.PROTECT, related_name="files")
    format = models.CharField("格式", max_length=10, choices=FileFormat)
    content = models.BinaryField("内容", editable=False)
    sha256 = models.CharField("校验码", max_length=64, editable=False)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "报告文件"
        ordering = ["report", "pk"]
        default_permissions = ("view",)  # type: ignore[assignment]  # fewer than the usual
        triggers: ClassVar = [
            *written_once("issuedreportfile", "报告文件不能修改或删除。"),
            pgtrigger.Trigger(
                name="issuedreportfile_with_draft",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=f"""
                    IF (SELECT state FROM report_issuedreport WHERE id = NEW.report_id) <> 'draft' THEN
                        {refusal("issuedreportfile_late", "报告签发或作废后不能再加文件。")}
                    END IF;
                    RETURN NEW;
                """,  # noqa: S608  our own names
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="issuedreportfile_once",
                fields=["report", "format"],
                violation_error_message="这份报告已有这种格式的文件。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.get_format_display()}"

    @property
    def is_intact(self) -> bool:
        """Whether the content is still that of its hash."""
        return hashlib.sha256(bytes(self.content)).hexdigest() == self.sha256
