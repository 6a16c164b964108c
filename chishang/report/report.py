"""The report: every figure of an organization as of a day."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from chishang.core.figures import Question, all_figures, compute
from chishang.core.scoping import Scope
from organizations.models import Organization
from organizations.permissions import Tree


@dataclass(frozen=True)
class UnknownOrganization(Exception):
    """There is no such organization, or the account may not see it."""

    code: str


def question_for(*, as_of: date, user: Any = None, organization: str = "") -> tuple[Organization | None, Question]:
    """Return the organization asked about (by code; default the town's committee) and the question for its figures.

    ``user`` None is the office's own command, which sees all. Raises UnknownOrganization.
    """
    rows = Organization.objects.all() if user is None else Organization.objects.visible_to(user)
    if organization:
        found = rows.filter(code=organization).first()
        if found is None:
            raise UnknownOrganization(organization)
    else:
        found = rows.filter(parent__isnull=True).first()
    scope = Tree.load().below(found.pk) if found else Scope(everything=True)
    return found, Question(as_of=as_of, scope=scope, user=user)


def build_report(*, as_of: date, user: Any = None, organization: str = "") -> dict[str, Any]:
    """Return the report as JSON-able data: counts as int, money as Decimal, what does not exist yet as None."""
    found, question = question_for(as_of=as_of, user=user, organization=organization)
    values = compute(question)
    return {
        "as_of": as_of.isoformat(),
        "organization": {"code": found.code, "name": found.name} if found else None,
        "figures": {
            figure.key: {
                "label": figure.label,
                "value": values[figure.key],
                "unit": figure.unit,
                "definition": figure.definition,
            }
            for figure in all_figures()
        },
    }
