"""Issued reports as their readers see them, and how the figures of one differ from others."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef

from chishang.core.figures import YUAN, all_figures
from chishang.report.enums import FileFormat
from chishang.report.models import IssuedReport
from chishang.report.sections import SECTIONS
from organizations.models import User

Figures = dict[str, dict[str, Any]]
"""Key → what a report says of the figure: label, value, unit, definition, version."""
VIEW, DRAFT, RELEASE = "report.view_issuedreport", "report.add_issuedreport", "report.release_issuedreport"


def issue_name(version: int) -> str:
    """Return how a version calls itself: 第2版."""
    return f"第{version}版"


def steps_of(user: User) -> set[str]:
    """Return which of the steps, drawing up and signing, ``user`` may take: those held over the whole town.

    An issued report tells every confidential count, so none is open to who may not have them all.
    """
    if not has_every_count(user):
        return set()
    return {right for right in (DRAFT, RELEASE) if user.scope_for(right).everything}


def has_every_count(user: User) -> bool:
    """Say whether ``user`` may have each confidential count over the whole town; being superuser is not enough."""
    rights = {one.confidential.counted_with for one in all_figures() if one.confidential}
    return all(user.scope_for(right).everything for right in rights)


def issued_reports(user: User) -> Any:
    """Return the issued reports that ``user`` may read: the signed ones; who draws up or signs sees drafts, too."""
    rows = IssuedReport.objects.visible_to(user, VIEW)
    if not has_every_count(user):
        return rows.none()
    return rows if steps_of(user) else rows.released()


def with_later(rows: Any) -> Any:
    """Return ``rows`` with ``is_corrected``: whether a later version of the day was signed."""
    later = IssuedReport.objects.released().filter(
        organization=OuterRef("organization"), as_of=OuterRef("as_of"), version__gt=OuterRef("version")
    )
    return rows.annotate(is_corrected=Exists(later)).select_related("organization", "drafted_by", "released_by")


def is_intact(report: IssuedReport) -> bool:
    """Say whether every file is that of its hash, and the hash of the report that of its JSON file."""
    files = list(report.files.all())
    of_json = next((one.sha256 for one in files if one.format == FileFormat.JSON), "")
    return report.sha256 == of_json and all(one.is_intact for one in files)


def figures_of(report: IssuedReport) -> Figures:
    """Return the figures as they were handed out, by key, from the stored JSON; money is Decimal again."""
    stored = report.files.get(format=FileFormat.JSON)
    figures: Figures = json.loads(bytes(stored.content))["figures"]
    for one in figures.values():
        if one["unit"] == YUAN and one["value"] is not None:
            one["value"] = Decimal(one["value"])
    return figures


def version_before(report: IssuedReport) -> IssuedReport | None:
    """Return the signed version that ``report`` corrects, or None for the first."""
    same_day = IssuedReport.objects.released().filter(organization=report.organization_id, as_of=report.as_of)
    found: IssuedReport | None = same_day.filter(version__lt=report.version).order_by("-version").first()
    return found


@dataclass(frozen=True)
class Difference:
    """A figure that says something else afterwards."""

    label: str
    unit: str
    before: Any
    after: Any
    redefined: bool
    """Whether it is counted by another definition since: its version was counted up."""

    @property
    def change(self) -> Any:
        """How much more it is afterwards; None where one of the two is not there."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def has_grown(self) -> bool:
        """Whether it is more than before."""
        return self.change is not None and self.change > 0


def differences(before: Figures, after: Figures) -> list[Difference]:
    """Return the figures whose value or definition is another one in ``after``; what only one of them knows is not."""
    return [
        Difference(
            label=one["label"],
            unit=one["unit"],
            before=before[key]["value"],
            after=one["value"],
            redefined=before[key]["version"] != one["version"],
        )
        for key, one in after.items()
        if key in before and any(before[key][name] != one[name] for name in ("value", "version"))
    ]


def by_section(figures: Figures) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return ``figures`` under the titles of the report's sections; what stands in none of them comes last."""
    placed = {key for section in SECTIONS for key in section.figures}
    titled = [(section.title, section.figures) for section in SECTIONS]
    titled.append(("其他", tuple(key for key in figures if key not in placed)))
    found = [(title, [figures[key] for key in keys if key in figures]) for title, keys in titled]
    return [(title, rows) for title, rows in found if rows]
