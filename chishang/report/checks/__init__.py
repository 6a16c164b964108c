"""Cross-checks of the report (domain.md 1.2, X1 to X13): what must add up, and the rows where it does not."""

from chishang.report.checks import money, people, places, visits  # noqa: F401  declare the checks
from chishang.report.checks.base import Check, all_checks

__all__ = ["Check", "all_checks"]
