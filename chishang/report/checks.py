"""Cross-checks of the report (domain.md 1.2, X1 to X13): what must add up, and the rows where it does not."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chishang.report.report import Report


@dataclass(frozen=True)
class Check:
    """One identity as of a day."""

    code: str
    """X1 to X13."""
    title: str
    told: str
    """The identity with its numbers: 2 + 4 + 17 + 44 = 67."""
    difference: Any
    """Left minus right, or the number of offending rows; 0 when it holds, None when it cannot be said."""
    rows: tuple[str, ...] = ()
    """The rows that do not add up, by name (the first of them; never a confidential one)."""

    @property
    def holds(self) -> bool:
        """Whether it adds up."""
        return self.difference is None or self.difference == 0


def all_checks(report: "Report") -> list[Check]:
    """Return every check of ``report``, in the order of their numbers."""
    return []
