"""What changes the records of the report."""

from chishang.report.services.snapshots import (
    ReportRefused,
    draft_report,
    release_report,
    says_the_same,
    withdraw_report,
)

__all__ = ["ReportRefused", "draft_report", "release_report", "says_the_same", "withdraw_report"]
