"""Who owes which dues: a schedule for each member, arrears, sums of branches. Yuan with two decimals.

A month is owed from the month in which the branch meeting took the member in (中组发〔2008〕3号), while a standard
holds and as long as he counts as a member; the month in which he leaves is not asked for.
"""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import QuerySet, Sum, TextChoices

from chishang.core.dates import today
from members.enums import DECISIVE_KINDS, Standing
from members.models import DuesExemption, DuesPayment, DuesStandard, Member, MemberChange
from organizations.models import Organization, User

VIEW = ("members.view_duespayment", "members.view_duesstandard")
RECORD = "members.add_duespayment"
REMIND_AFTER = 6
"""党章 art. 9: who does not pay for six months in a row without reason has left the Party by himself."""
NOTHING = Decimal("0.00")
MONTHS = 12


class DueState(TextChoices):
    """How a month stands, with the sign for the table."""

    PAID = "paid", "✓"
    LATE = "late", "欠"
    WAITING = "waiting", "待"
    EXEMPTED = "exempted", "免"
    NOT_OWED = "not_owed", "—"


def month_number(day: date) -> int:
    """Return a month as a number that counts on from year to year."""
    return day.year * MONTHS + day.month - 1


def month_day(number: int) -> date:
    """Return the first day of a numbered month."""
    return date(number // MONTHS, number % MONTHS + 1, 1)


@dataclass(frozen=True)
class MonthLine:
    """One month of a member: what was due after a reduction, what was paid, and whether the month is over."""

    month: date
    is_owed: bool
    standard: Decimal
    due: Decimal
    paid: Decimal
    is_over: bool

    @property
    def open(self) -> Decimal:
        """What is still to be paid."""
        return max(self.due - self.paid, NOTHING)

    @property
    def overpaid(self) -> Decimal:
        """What was paid beyond what is due, as after a reduction for months already paid."""
        return max(self.paid - self.due, NOTHING)

    @property
    def is_exempted(self) -> bool:
        """Whether a decision lowered what is due."""
        return self.is_owed and self.due < self.standard

    @property
    def state(self) -> DueState:
        """How the month stands."""
        if self.open:
            return DueState.LATE if self.is_over else DueState.WAITING
        if self.is_exempted and not self.due:
            return DueState.EXEMPTED
        return DueState.PAID if self.is_owed or self.paid else DueState.NOT_OWED


@dataclass
class Account:
    """All that decides what a member owes; months are numbered."""

    member: Member
    now: int
    """The month that is not over yet."""
    standards: list[tuple[int, Decimal]] = field(default_factory=list)
    exemptions: list[tuple[int, int, Decimal]] = field(default_factory=list)
    paid: dict[int, Decimal] = field(default_factory=dict)
    spells: list[tuple[int, int | None]] = field(default_factory=list)
    """Months in which he counted as a member: from one (inclusive) to one (exclusive; None: to this day)."""

    def standard_in(self, month: int) -> Decimal | None:
        """Return what the standard says for the month; None when nothing is owed in it."""
        if not any(first <= month and (end is None or month < end) for first, end in self.spells):
            return None
        place = bisect_right(self._starts, month)
        return self.standards[place - 1][1] if place else None

    def due_in(self, month: int) -> Decimal:
        """Return what is due in the month, after a reduction."""
        standard = self.standard_in(month)
        if standard is None:
            return NOTHING
        return min([standard, *(amount for first, last, amount in self.exemptions if first <= month <= last)])

    def open_in(self, month: int) -> Decimal:
        """Return what is still to be paid for the month."""
        return max(self.due_in(month) - self.paid.get(month, NOTHING), NOTHING)

    def line(self, month: int) -> MonthLine:
        """Return the month as a line of the schedule."""
        standard = self.standard_in(month)
        return MonthLine(
            month=month_day(month),
            is_owed=standard is not None,
            standard=standard or NOTHING,
            due=self.due_in(month),
            paid=self.paid.get(month, NOTHING),
            is_over=month < self.now,
        )

    def lines(self, year: int) -> list[MonthLine]:
        """Return the twelve months of a year."""
        return [self.line(year * MONTHS + number) for number in range(MONTHS)]

    @cached_property
    def late_months(self) -> list[int]:
        """The months that are over and not fully paid."""
        if not self.standards:
            return []
        return [month for month in range(self.standards[0][0], self.now) if self.open_in(month)]

    @cached_property
    def _starts(self) -> list[int]:
        return [first for first, _ in self.standards]


@dataclass(frozen=True)
class Arrears:
    """A member with months that are over and not paid."""

    member: Member
    months: list[date]
    in_a_row: int
    """The longest run of such months without one between that was paid, exempted or not owed."""
    amount: Decimal

    @property
    def is_flagged(self) -> bool:
        """Whether the branch has to look into it now."""
        return self.in_a_row >= REMIND_AFTER


@dataclass(frozen=True)
class OpenDues:
    """What a member has still to pay for some months."""

    member: Member
    months: list[date]
    amount: Decimal


@dataclass(frozen=True)
class SheetRow:
    """A member's year on the sheet of his branch."""

    member: Member
    lines: list[MonthLine]
    arrears: Arrears | None
    has_standard: bool

    @property
    def due(self) -> Decimal:
        """Due in the whole year."""
        return sum((line.due for line in self.lines), NOTHING)

    @property
    def paid(self) -> Decimal:
        """Paid for months of the year."""
        return sum((line.paid for line in self.lines), NOTHING)

    @property
    def late(self) -> Decimal:
        """Not paid for months of the year that are over."""
        return sum((line.open for line in self.lines if line.is_over), NOTHING)

    @property
    def open(self) -> Decimal:
        """Not paid yet in the whole year."""
        return sum((line.open for line in self.lines), NOTHING)


@dataclass
class BranchSums:
    """The dues of a branch in a year; ``late`` is that part of ``open`` whose months are over."""

    branch: Organization
    members: int = 0
    due: Decimal = NOTHING
    paid: Decimal = NOTHING
    open: Decimal = NOTHING
    late: Decimal = NOTHING
    extra: Decimal = NOTHING
    """Voluntary payments received in the year."""
    behind: int = 0
    """Members with arrears of this or an earlier year."""
    flagged: int = 0

    def add(self, row: SheetRow) -> None:
        """Count a member in."""
        self.members += row.member.standing == Standing.NORMAL
        self.due += row.due
        self.paid += row.paid
        self.open += row.open
        self.late += row.late
        self.behind += row.arrears is not None
        self.flagged += row.arrears is not None and row.arrears.is_flagged


def accounts_of(members: QuerySet[Member], day: date | None = None) -> list[Account]:
    """Return what decides the dues of ``members`` as of ``day`` (default today), in their order, with five queries."""
    now = month_number(day or today())
    accounts = {member.pk: Account(member, now) for member in members.select_related("branch")}
    keys = list(accounts)
    for key, first, amount in _rows(DuesStandard, keys, "valid_from").values_list("member", "valid_from", "amount"):
        accounts[key].standards.append((month_number(first), amount))
    columns = ("member", "from_month", "until_month", "amount")
    for key, first, last, amount in _rows(DuesExemption, keys, "from_month").values_list(*columns):
        accounts[key].exemptions.append((month_number(first), month_number(last), amount))
    paid = _rows(DuesPayment, keys).filter(month__isnull=False).values_list("member", "month")
    for key, month, amount in paid.annotate(amount_here=Sum("amount")):
        accounts[key].paid[month_number(month)] = amount
    courses = MemberChange.objects.valid().filter(member__in=keys, kind__in=DECISIVE_KINDS)
    for key, day_of_change, standing in courses.order_by("occurred_on", "pk").values_list(
        "member", "occurred_on", "to_standing"
    ):
        _follow(accounts[key].spells, month_number(day_of_change), standing)
    return list(accounts.values())


def _rows(model: Any, keys: list[int], *order: str) -> Any:
    return model.objects.filter(member__in=keys).order_by(*order)


def _follow(spells: list[tuple[int, int | None]], month: int, standing: str) -> None:
    """Begin a spell of membership, or end it."""
    is_open = bool(spells) and spells[-1][1] is None
    if standing == Standing.NORMAL and not is_open:
        spells.append((month, None))
    elif standing != Standing.NORMAL and is_open:
        spells[-1] = (spells[-1][0], month)


def visible_members(user: User) -> Any:
    """Return the members whose dues ``user`` may see."""
    first, second = VIEW
    return Member.objects.visible_to(user, first).visible_to(user, second)


def schedule(member: Member, year: int, *, day: date | None = None) -> list[MonthLine]:
    """Return the twelve months of ``year`` for a member (fetched through the gate), as of ``day`` (default today)."""
    return accounts_of(Member.objects.filter(pk=member.pk), day)[0].lines(year)


def arrears(user: User, *, branch: Organization | None = None, day: date | None = None) -> list[Arrears]:
    """Return today's members whom ``user`` sees with unpaid months, those longest behind first."""
    members = visible_members(user).current()
    if branch is not None:
        members = members.filter(branch=branch)
    found = [_behind(account) for account in accounts_of(members, day)]
    return sorted((one for one in found if one), key=lambda one: (-one.in_a_row, -one.amount))


def sheet(user: User, branch: Organization, year: int, *, day: date | None = None) -> list[SheetRow]:
    """Return the year's sheet of a branch: its members, and of those who left it whoever owed or paid in the year."""
    return _sheet(visible_members(user).filter(branch=branch), year, day)


def open_dues(user: User, branch: Organization, months: list[date]) -> list[OpenDues]:
    """Return the members of a branch for whom ``user`` may record payments, with what is open in ``months``."""
    members = visible_members(user).visible_to(user, RECORD).filter(branch=branch)
    found = []
    for account in accounts_of(members):
        left = {month: account.open_in(month_number(month)) for month in months}
        owed = [month for month, amount in left.items() if amount]
        if owed:
            found.append(OpenDues(account.member, owed, sum(left.values(), NOTHING)))
    return found


def branch_sums(user: User, year: int, *, day: date | None = None) -> list[BranchSums]:
    """Return the sums of each branch where ``user`` sees dues, in the office's order. A member counts where he is."""
    branches = Organization.objects.visible_to(user, VIEW[0]).visible_to(user, VIEW[1]).branches()
    sums = {branch.pk: BranchSums(branch) for branch in branches}
    for row in _sheet(visible_members(user).filter(branch__in=list(sums)), year, day):
        sums[row.member.branch_id].add(row)
    extra = DuesPayment.objects.visible_to(user).filter(month__isnull=True, paid_on__year=year)
    for key, amount in extra.order_by().values_list("member__branch").annotate(amount_here=Sum("amount")):
        if key in sums:
            sums[key].extra = amount
    return list(sums.values())


def total_of(sums: list[BranchSums]) -> dict[str, Any]:
    """Return the sums over all branches by column."""
    names = ("members", "due", "paid", "open", "late", "extra", "behind", "flagged")
    empty = {"members": 0, "behind": 0, "flagged": 0}
    return {name: sum((getattr(one, name) for one in sums), empty.get(name, NOTHING)) for name in names}


def _sheet(members: Any, year: int, day: date | None) -> list[SheetRow]:
    rows = []
    for account in accounts_of(members, day):
        lines = account.lines(year)
        is_member = account.member.standing == Standing.NORMAL
        if is_member or any(line.due or line.paid for line in lines):
            behind = _behind(account) if is_member else None
            rows.append(SheetRow(account.member, lines, behind, bool(account.standards)))
    return rows


def _behind(account: Account) -> Arrears | None:
    late = account.late_months
    if not late:
        return None
    amount = sum((account.open_in(month) for month in late), NOTHING)
    return Arrears(account.member, [month_day(month) for month in late], _longest_run(late), amount)


def _longest_run(months: list[int]) -> int:
    """Return the length of the longest run of consecutive numbers."""
    runs: dict[int, int] = defaultdict(int)
    for place, month in enumerate(months):
        runs[month - place] += 1  # constant along a run
    return max(runs.values())
