"""The report: every figure of an organization as of a day, with its tables and its cross-checks."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from chishang.core.figures import YUAN, Figure, Question, all_figures, compute
from chishang.core.money import in_wan
from chishang.core.scoping import Scope
from chishang.report.checks import Check, all_checks
from chishang.report.tables import Table, all_tables
from organizations.models import Organization
from organizations.permissions import Tree


@dataclass(frozen=True)
class UnknownOrganization(Exception):
    """There is no such organization, or the account may not see it."""

    code: str


@dataclass(frozen=True)
class Report:
    """What is known as of a day. Everything shown or written of it comes from here, computed once."""

    organization: Organization | None
    """The body reported on with all below it; None for an account that sees some branches and named none."""
    question: Question
    issue: str = ""
    """How an issued report calls itself in its files: 第2版; empty for a live one, which is marked as a draft."""

    @property
    def as_of(self) -> date:
        """The last day that counts."""
        return self.question.as_of

    @cached_property
    def values(self) -> dict[str, Any]:
        """Key → value of every figure: counts as int, money as Decimal, None for what is not there or not told."""
        return compute(self.question)

    @cached_property
    def tables(self) -> list[Table]:
        """The tables, in their order."""
        return all_tables(self.question)

    @cached_property
    def checks(self) -> list[Check]:
        """The cross-checks X1 to X13."""
        return all_checks(self)

    def _in_wan(self, figure: Figure) -> Decimal | None:
        """Return a figure that is money as 万元."""
        value = self.values[figure.key]
        return in_wan(value) if figure.unit == YUAN and value is not None else None

    def as_data(self) -> dict[str, Any]:
        """Return the figures as JSON-able data."""
        found = self.organization
        return {
            "as_of": self.as_of.isoformat(),
            "organization": {"code": found.code, "name": found.name} if found else None,
            "figures": {
                figure.key: {
                    "label": figure.label,
                    "value": self.values[figure.key],
                    "value_wan": self._in_wan(figure),
                    "unit": figure.unit,
                    "definition": figure.definition,
                    "version": figure.version,
                    "share_of": figure.share_of,
                }
                for figure in all_figures()
            },
        }


def build_report(*, as_of: date, user: Any = None, organization: str = "") -> Report:
    """Return the report on the organization with the code (default: the town's committee) with all below it.

    ``user`` narrows it to what that account may see; None is the office's own command, which sees all. Nothing is
    computed before it is asked for. Raises UnknownOrganization.
    """
    rows = Organization.objects.all() if user is None else Organization.objects.visible_to(user)
    if organization:
        found = rows.filter(code=organization).first()
        if found is None:
            raise UnknownOrganization(organization)
    else:
        found = rows.filter(parent__isnull=True).first()
    scope = Tree.load().below(found.pk) if found else Scope(everything=True)
    return Report(found, Question(as_of=as_of, scope=scope, user=user))
