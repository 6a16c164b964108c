"""Records of the report: issued reports with their files, the office's Word templates, the lives of the feed."""

from chishang.report.models.feed import Feed
from chishang.report.models.snapshots import IssuedReport, IssuedReportFile
from chishang.report.models.templates import ReportTemplate

__all__ = ["Feed", "IssuedReport", "IssuedReportFile", "ReportTemplate"]
