"""Small steps with statements, for tests: one at each state, of the first quarter of 2017 unless said otherwise."""

import json
from datetime import date
from typing import Any

from django.db import connection

from finance.models import Statement
from finance.services import check_statement, draft_statement, release_statement
from organizations.enums import DutyCode
from organizations.models import User, Village
from tests.factories import Town, UserFactory, appoint
from tests.finance.money import import_voucher, make_budget

YEAR, QUARTER, DAY = 2017, 1, date(2017, 2, 10)


def fill_ledger(village: Village, amount: str = "300.00", **fields: Any) -> Any:
    """A plan of 1000 yuan for 2017, and a voucher out of it in the first quarter."""
    budget = make_budget(village.branch, "1000.00", year=YEAR)
    return import_voucher(village.branch, DAY, amount, budget=budget, **fields)


def make_draft(town: Town, village: Village | None = None, **fields: Any) -> Statement:
    """A statement drawn up by the accountant."""
    values = {"village": village or town.own, "year": YEAR, "quarter": QUARTER, **fields}
    return draft_statement(actor=town.people[DutyCode.ACCOUNTANT], **values)


def make_checked(town: Town, village: Village | None = None, **fields: Any) -> Statement:
    """A statement that waits for its release; the branch secretary noted the check, elsewhere that village's agent."""
    statement = make_draft(town, village, **fields)
    actor = town.people[DutyCode.BRANCH_SECRETARY]
    if statement.village != town.own:
        actor = UserFactory()
        appoint(actor, DutyCode.VILLAGE_AGENT, statement.village)
    return check_statement(actor=actor, statement=statement, checkers="孙北华、李南国")


def make_released(town: Town, village: Village | None = None, **fields: Any) -> Statement:
    """A statement that is public."""
    return release_statement(actor=releaser(town), statement=make_checked(town, village, **fields))


def releaser(town: Town) -> User:
    """The head of the finance office."""
    return town.people[DutyCode.FINANCE_HEAD]


def tamper(statement: Statement, content: Any = None) -> Statement:
    """Change what is stored, past all guards, as only somebody with the database's own rights could."""
    stored = json.dumps({"form": 1} if content is None else content)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE finance_statement SET content = %s WHERE id = %s",
            [stored, statement.pk],
        )
        cursor.execute("SET session_replication_role = DEFAULT")
    statement.refresh_from_db()
    return statement
