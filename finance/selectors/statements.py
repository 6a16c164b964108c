"""Statements as the office sees them (through the gate), and as everybody may read them (released ones only)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Exists, Min, OuterRef

from chishang.core.dates import today
from chishang.core.text import clean_name, narrow, pinyin_key
from finance.enums import StatementState
from finance.models import DisclosureRule, Statement, Voucher
from finance.models.statements import MONTHS_A_QUARTER, quarter_bounds
from finance.selectors.statement_content import check_public, statement_content
from organizations.models import Area, User, Village

VIEW, DRAFT = "finance.view_statement", "finance.add_statement"
CHECK, RELEASE = "finance.check_statement", "finance.release_statement"
QUARTERS = (1, 2, 3, 4)
LOOK_BACK = 8
"""How many quarters back the newest one whose statement is due can lie."""


def last_ended_quarter(day: date) -> tuple[int, int]:
    """Return year and number of the last quarter that is over on ``day``."""
    return previous_quarter(day.year, (day.month - 1) // MONTHS_A_QUARTER + 1)


def previous_quarter(year: int, quarter: int) -> tuple[int, int]:
    """Return year and number of the quarter before."""
    return (year, quarter - 1) if quarter > QUARTERS[0] else (year - 1, QUARTERS[-1])


def due_on(rules: Iterable[DisclosureRule], year: int, quarter: int) -> date | None:
    """Return the last day on which the quarter's statement may become public; None when no rule was in force."""
    _, last = quarter_bounds(year, quarter)
    rule = max((one for one in rules if one.valid_from <= last), key=lambda one: one.valid_from, default=None)
    return last + timedelta(days=rule.due_days) if rule else None


def newest_due_quarter(day: date) -> tuple[int, int] | None:
    """Return the newest quarter whose statements should all be public on ``day``."""
    rules, at = list(DisclosureRule.objects.all()), last_ended_quarter(day)
    for _ in range(LOOK_BACK):
        due = due_on(rules, *at)
        if due and due < day:
            return at
        at = previous_quarter(*at)
    return None


def overdue_villages(user: User, day: date) -> Any:
    """Return the villages, of those whose statements ``user`` sees, that lack that of the newest quarter due."""
    at = newest_due_quarter(day)
    if at is None:
        return Village.objects.none()
    released = Statement.objects.released().filter(village=OuterRef("pk"), year=at[0], quarter=at[1])
    villages = Village.objects.visible_to(user, VIEW).existing_on(quarter_bounds(*at)[1])
    return villages.filter(~Exists(released)).select_related("area")


def statements_to_release(user: User) -> Any:
    """Return the checked statements that wait for ``user`` to release them."""
    return Statement.objects.visible_to(user, RELEASE).filter(state=StatementState.CHECKED).exclude(checked_by=user)


@dataclass(frozen=True)
class Slot:
    """A village's quarter: what is under way, what is public, until when it must be."""

    village: Village
    year: int
    quarter: int
    under_way: Statement | None
    released: Statement | None
    due_on: date | None
    may_draft: bool

    @property
    def newest(self) -> Statement | None:
        """The statement to look at."""
        return self.under_way or self.released

    @property
    def is_overdue(self) -> bool:
        """Whether the villagers should have seen it by now."""
        return self.released is None and self.due_on is not None and self.due_on < today()


def slots(user: User, year: int, quarter: int | None) -> list[Slot]:
    """Return the quarters of ``year`` that are over (one of them, or all), for each village that ``user`` sees.

    The newest quarter first, in it the villages in their order; a constant number of queries.
    """
    rules, chosen = list(DisclosureRule.objects.all()), (quarter,) if quarter else QUARTERS
    over = [one for one in chosen if quarter_bounds(year, one)[1] < today()]
    villages = list(Village.objects.visible_to(user, VIEW).select_related("area"))
    drafters = set(Village.objects.visible_to(user, DRAFT).values_list("pk", flat=True))
    found = _newest_of(user, year, over)
    return [
        Slot(
            village=village,
            year=year,
            quarter=one,
            under_way=found.get((village.pk, one, False)),
            released=found.get((village.pk, one, True)),
            due_on=due_on(rules, year, one),
            may_draft=village.pk in drafters,
        )
        for one in reversed(over)
        for village in villages
        if _existed(village, quarter_bounds(year, one)[1])
    ]


def first_year(user: User) -> int:
    """Return the first year of which there are vouchers or statements that ``user`` may ask for."""
    years = [
        Voucher.objects.visible_to(user).aggregate(first=Min("year"))["first"],
        Statement.objects.visible_to(user).aggregate(first=Min("year"))["first"],
        last_ended_quarter(today())[0],
    ]
    return min(year for year in years if year)


def sees_several_villages(user: User) -> bool:
    """Say whether the statements of more than one village are open to ``user``."""
    return Village.objects.visible_to(user, VIEW).count() > 1


def was_drafted(village: Village, year: int, quarter: int) -> bool:
    """Say whether the quarter has a version already, of whatever state."""
    return Statement.objects.filter(village=village, year=year, quarter=quarter).exists()


def _existed(village: Village, day: date) -> bool:
    return (village.founded_on or day) <= day and (village.abolished_on is None or village.abolished_on > day)


def _newest_of(user: User, year: int, quarters: list[int]) -> dict[tuple[int, int, bool], Statement]:
    """Return by village, quarter, and whether it is public, the newest statement that was not withdrawn."""
    rows = Statement.objects.visible_to(user).filter(year=year, quarter__in=quarters)
    rows = rows.exclude(state=StatementState.WITHDRAWN).defer("content").order_by("version")
    return {(one.village_id, one.quarter, one.state == StatementState.RELEASED): one for one in rows}


def statement_of(user: User, pk: int) -> Any:
    """Return the query of one statement with who took part, through the gate."""
    rows = Statement.objects.visible_to(user).filter(pk=pk)
    return rows.select_related("village__area", "drafted_by", "checked_by", "released_by")


def versions_of(user: User, statement: Statement) -> list[Statement]:
    """Return all versions of the same quarter, withdrawn ones too, the newest first."""
    rows = Statement.objects.visible_to(user).filter(
        village=statement.village_id, year=statement.year, quarter=statement.quarter
    )
    return list(rows.defer("content").order_by("-version"))


def rights_on(user: User, statement: Statement) -> set[str]:
    """Return which of the three steps ``user`` may take on the statement, whatever its state."""
    rows = Statement.objects.filter(pk=statement.pk)
    return {right for right in (DRAFT, CHECK, RELEASE) if rows.visible_to(user, right).exists()}


def ledger_differs(statement: Statement) -> bool:
    """Say whether the ledger says something else by now than the statement."""
    return bool(statement_content(statement.village, statement.year, statement.quarter) != statement.content)


def fault_of(statement: Statement) -> str:
    """Return why the content must not be shown to anybody; empty when it may."""
    if not statement.is_intact:
        return "存储的内容与校验码不符。"
    try:
        check_public(statement.content)
    except ValueError:
        return "内容的栏目与公开的格式不符。"
    return ""


# What follows needs no sign-in: it starts from the released statements and reads nothing else.


def disclosed(text: str = "") -> list[tuple[Area, list[Statement]]]:
    """Return by area the newest public statement of each village that has one; ``text`` finds villages by name."""
    rows = _public().order_by("village_id", "-year", "-quarter").distinct("village_id")
    wanted = clean_name(text).lower()
    newest = [one for one in rows if wanted in one.village.name or wanted in pinyin_key(one.village.name)]
    newest.sort(key=lambda one: (_place_of(one.village.area), _place_of(one.village)))
    return [(area, list(group)) for area, group in groupby(newest, key=lambda one: one.village.area)]


def _place_of(row: Area | Village) -> tuple[int, int]:
    return row.sort_no, row.pk


def disclosed_quarters(code: str) -> list[Statement]:
    """Return the public statements of the village with ``code``, the newest quarter first."""
    return list(_public().filter(village__code=narrow(code)).order_by("-year", "-quarter"))


def _public() -> Any:
    return Statement.objects.in_force().select_related("village__area").defer("content")


def released_versions(code: str, year: int, quarter: int) -> list[Statement]:
    """Return every public version of a quarter, that in force first."""
    rows = Statement.objects.released().filter(village__code=narrow(code), year=year, quarter=quarter)
    return list(rows.select_related("village__area").order_by("-version"))
