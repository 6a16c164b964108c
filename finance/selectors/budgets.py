"""Budgets of a year, added up, and the rows behind one; the villages' income of a year."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db.models import Q, QuerySet

from chishang.core.money import ZERO
from finance.enums import RESERVING_STATES
from finance.models import Assessment, Budget, BudgetAdjustment, CollectiveIncome, Disbursement, IncomeKind, Voucher
from organizations.models import Organization, User, Village

PARTS = ("planned", "paid", "waiting", "reserved", "withheld", "free")
"""planned = paid + waiting, and waiting = reserved + withheld + free."""


@dataclass
class Sums:
    """The parts of some budgets, added up, in yuan."""

    planned: Decimal = ZERO
    paid: Decimal = ZERO
    waiting: Decimal = ZERO
    reserved: Decimal = ZERO
    withheld: Decimal = ZERO
    free: Decimal = ZERO

    @classmethod
    def of(cls, budgets: Iterable[Any]) -> "Sums":
        """Add up budgets that carry their balance."""
        rows = list(budgets)
        return cls(**{name: sum((getattr(row, name) for row in rows), ZERO) for name in PARTS})


@dataclass(frozen=True)
class PlaceBudgets:
    """The budgets of one village (or the town's body) in a year."""

    organization: Organization
    rows: list[Budget]
    sums: Sums


@dataclass(frozen=True)
class YearBudgets:
    """All that one may see of a year: by place, by subject, and added up."""

    places: list[PlaceBudgets]
    subjects: list[tuple[Any, Sums]]
    total: Sums


def years_of(user: User, model: Any) -> list[int]:
    """Return the years for which ``user`` sees rows of ``model``, the newest first."""
    return list(model.objects.visible_to(user).order_by("-year").values_list("year", flat=True).distinct())


def budgets_of(user: User, year: int, *, organization: str = "", subject: str = "") -> YearBudgets:
    """Return the budgets of ``year`` that ``user`` may see, of one organization or subject where its key is given."""
    rows = Budget.objects.visible_to(user).filter(year=year).with_balance()
    for name, key in (("organization", organization), ("subject", subject)):
        if key.isascii() and key.isdigit() and len(key) < len(str(2**31)):
            rows = rows.filter(**{name: int(key)})
    rows = rows.select_related("organization__village", "subject")
    found = list(rows.order_by("organization__sort_no", "organization", "subject__sort_no", "subject"))
    places = [list(group) for _, group in groupby(found, key=lambda row: row.organization_id)]
    by_subject: dict[Any, list[Budget]] = defaultdict(list)
    for row in found:
        by_subject[row.subject].append(row)
    subjects = sorted(by_subject.items(), key=lambda item: (item[0].sort_no, item[0].pk))
    return YearBudgets(
        places=[PlaceBudgets(group[0].organization, group, Sums.of(group)) for group in places],
        subjects=[(one, Sums.of(rows_of)) for one, rows_of in subjects],
        total=Sums.of(found),
    )


@dataclass(frozen=True)
class BudgetRows:
    """The rows behind each number of a budget, as far as one may see them."""

    adjustments: QuerySet[BudgetAdjustment]
    vouchers: QuerySet[Voucher]
    reserving: QuerySet[Disbursement]
    assessments: QuerySet[Assessment]


def rows_behind(user: User, budget: Budget) -> BudgetRows:
    """Return what makes up planned, paid, reserved and withheld of ``budget``."""
    mine = Q(budget=budget)
    return BudgetRows(
        adjustments=BudgetAdjustment.objects.visible_to(user).filter(mine).order_by("decided_on", "pk"),
        vouchers=Voucher.objects.visible_to(user).filter(mine).signed().order_by("date", "number"),
        reserving=Disbursement.objects.visible_to(user)
        .filter(mine, state__in=RESERVING_STATES, reverses__isnull=True)
        .select_related("maker")
        .order_by("submitted_at", "pk"),
        assessments=Assessment.objects.visible_to(user).filter(mine).order_by("assessed_on", "pk"),
    )


@dataclass
class VillageIncome:
    """What a village earned in a year, in yuan: by kind, what counts as collective income, and all of it."""

    village: Village
    by_kind: dict[int, Decimal] = field(default_factory=dict)
    counted: Decimal = ZERO
    everything: Decimal = ZERO
    is_over: bool = False
    amounts: list[tuple[IncomeKind, Decimal | None]] = field(default_factory=list)
    """Each kind with its amount, in the order of the columns."""


@dataclass(frozen=True)
class YearIncome:
    """The villages' income of a year, those over the threshold first."""

    kinds: list[IncomeKind]
    over: list[VillageIncome]
    others: list[VillageIncome]
    without: int
    """How many villages have no row in the year."""
    sums: list[tuple[IncomeKind, Decimal]]
    counted: Decimal
    everything: Decimal


def income_of(user: User, year: int, threshold: Decimal) -> YearIncome:
    """Return what ``user`` may see of the income of ``year``; ``over`` earned more than ``threshold`` yuan.

    Only kinds that count as collective income are compared with the threshold; as much is not more.
    """
    rows = list(CollectiveIncome.objects.visible_to(user).filter(year=year).select_related("village", "kind"))
    villages: dict[int, VillageIncome] = {}
    for row in rows:
        one = villages.setdefault(row.village_id, VillageIncome(row.village))
        one.by_kind[row.kind_id] = row.amount
        one.everything += row.amount
        one.counted += row.amount if row.kind.counts_as_income else ZERO
    kinds = sorted({row.kind for row in rows}, key=lambda kind: (kind.sort_no, kind.pk))
    ordered = sorted(villages.values(), key=lambda one: (-one.counted, one.village.sort_no, one.village.pk))
    for one in ordered:
        one.amounts = [(kind, one.by_kind.get(kind.pk)) for kind in kinds]
        one.is_over = one.counted > threshold
    seen = Village.objects.visible_to(user, "finance.view_collectiveincome").filter(abolished_on__isnull=True)
    return YearIncome(
        kinds=kinds,
        over=[one for one in ordered if one.is_over],
        others=[one for one in ordered if not one.is_over],
        without=seen.exclude(pk__in=villages).count(),
        sums=_column_sums(kinds, ordered),
        counted=sum((one.counted for one in ordered), ZERO),
        everything=sum((one.everything for one in ordered), ZERO),
    )


def _column_sums(kinds: Sequence[IncomeKind], rows: Sequence[VillageIncome]) -> list[tuple[IncomeKind, Decimal]]:
    return [(kind, sum((one.by_kind.get(kind.pk, ZERO) for one in rows), ZERO)) for kind in kinds]
