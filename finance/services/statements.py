"""Disclosure: a statement is drawn up, checked by the village's money group, released; a wrong one is withdrawn.

Its content is fixed when it is drawn up. The row of the village, or of the statement, is locked first, then the
counters of the years, so that no voucher comes in between reading the ledger and storing what it said.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from chishang.core.dates import in_words, today
from chishang.core.guards import told_in_words
from chishang.core.text import narrow
from finance.enums import StatementState
from finance.models import Budget, FiscalYear, Statement
from finance.models.statements import digest, quarter_bounds
from finance.selectors.statement_content import PERSONAL_NUMBER, check_public, statement_content
from organizations.models import User, Village

DRAFT_STATEMENT, CHECK_STATEMENT = "finance.add_statement", "finance.check_statement"
RELEASE_STATEMENT = "finance.release_statement"
S = StatementState
UNDER_WAY = (S.DRAFT, S.CHECKED)
REASON_LIMIT = 200
FIRST_YEAR, LAST_QUARTER = 1949, 4
BETWEEN_NAMES = re.compile(r"[、，,；;\s]+")
NO_RIGHT = "您没有办理这一步的权限。"


class StatementRefused(ValidationError):
    """The step is not open: the state is another one by now, the account may not take it, or the ledger changed."""


def draft_statement(*, actor: User, village: Village, year: int, quarter: int, reason: str = "") -> Statement:
    """Draw up the next version of the village's statement of a quarter that is over, from posted vouchers.

    From the second version on ``reason`` says what is corrected. The same again gives the statement that is under way.
    Raises ValidationError, by field where one is wrong.
    """
    _check_quarter(village, year, quarter)
    reason = _short(reason, "reason", "更正说明")
    if PERSONAL_NUMBER.search(reason):
        raise ValidationError({"reason": "更正说明是公开的，请去掉电话、证件或银行卡号码。"})
    with told_in_words():
        Village.objects.select_for_update(no_key=True).get(pk=village.pk)
        if not Village.objects.filter(pk=village.pk).visible_to(actor, DRAFT_STATEMENT).exists():
            raise StatementRefused(NO_RIGHT)
        content = _read_ledger(village, year, quarter)
        versions = list(Statement.objects.filter(village=village, year=year, quarter=quarter).order_by("version"))
        under_way = next((one for one in versions if one.state in UNDER_WAY), None)
        if under_way is not None:
            return _same_draft(under_way, content, reason)
        _check_correction(versions, content, reason)
        statement = Statement(village=village, year=year, quarter=quarter, reason=reason, drafted_by=actor)
        statement.version = versions[-1].version + 1 if versions else 1
        statement.content, statement.sha256 = content, digest(content)
        statement.full_clean()
        statement.save(force_insert=True)
    return statement


def check_statement(*, actor: User, statement: Statement, checkers: str) -> Statement:
    """Note that the village's money group (民主理财小组) checked a statement: ``checkers`` names who did.

    The same again changes nothing. Raises ValidationError.
    """
    names = "、".join(dict.fromkeys(name for name in BETWEEN_NAMES.split(narrow(checkers)) if name))
    if not names:
        raise ValidationError({"checkers": "请填写民主理财小组审核人的姓名，几个人用顿号隔开。"})
    names = _short(names, "checkers", "审核人")
    with _locked(statement, actor, CHECK_STATEMENT) as locked:
        if (locked.state, locked.checkers) == (S.CHECKED, names):
            return locked
        _check_state(locked, S.DRAFT)
        _check_whole(locked)
        locked.state, locked.checkers = S.CHECKED, names
        locked.checked_by, locked.checked_at = actor, timezone.now()
        _store(locked)
    return locked


def release_statement(*, actor: User, statement: Statement) -> Statement:
    """Make a checked statement public, for good. A second press changes nothing.

    Refused (ValidationError) for who recorded the check, when the ledger has changed since the statement was drawn up,
    and when the stored content is not that of its hash.
    """
    with _locked(statement, actor, RELEASE_STATEMENT) as locked:
        if locked.state == S.RELEASED:
            return locked
        _check_state(locked, S.CHECKED)
        _check_whole(locked)
        if locked.content != _read_ledger(locked.village, locked.year, locked.quarter):
            raise StatementRefused("制表以后账目有变化，不能公开这一份。请作废后重新制表。")
        locked.state, locked.released_by, locked.released_at = S.RELEASED, actor, timezone.now()
        _store(locked)
    return locked


def withdraw_statement(*, actor: User, statement: Statement, reason: str) -> Statement:
    """Take back a statement that is not public yet; ``reason`` says why. Twice changes nothing.

    The reason is kept behind what the statement corrects.
    """
    if not (reason := _short(f"作废：{reason.strip()}", "reason", "作废原因").removeprefix("作废：")):
        raise ValidationError({"reason": "请写明为什么作废。"})
    with _locked(statement, actor, DRAFT_STATEMENT) as locked:
        if locked.state == S.WITHDRAWN:
            return locked
        _check_state(locked, *UNDER_WAY)
        locked.state = S.WITHDRAWN
        told = f"作废：{reason}"
        kept = locked.reason[: max(0, REASON_LIMIT - len(told) - 1)]
        locked.reason = "；".join(filter(None, (kept, told)))
        _store(locked)
    return locked


@contextmanager
def _locked(statement: Statement, actor: User, permission: str) -> Iterator[Statement]:
    """Lock the statement and check that ``actor`` may take the step; what the database refuses is told in words."""
    with told_in_words():
        locked = Statement.objects.select_for_update(no_key=True).get(pk=statement.pk)
        if not Statement.objects.filter(pk=locked.pk).visible_to(actor, permission).exists():
            raise StatementRefused(NO_RIGHT)
        yield locked


def _store(statement: Statement) -> None:
    statement.full_clean()
    statement.save()


def _read_ledger(village: Village, year: int, quarter: int) -> dict[str, Any]:
    """Return what the ledger says, while nothing can be posted or planned; refuse what may not be public."""
    list(Budget.objects.select_for_update(no_key=True).filter(organization=village.branch_id).order_by("pk"))
    FiscalYear.objects.get_or_create(year=year)
    list(FiscalYear.objects.select_for_update(no_key=True).filter(year__lte=year).order_by("year"))
    content = statement_content(village, year, quarter)
    _check_content(content)
    return content


def _check_content(content: Any) -> None:
    try:
        check_public(content)
    except ValueError as error:
        raise StatementRefused(f"{error}。没有保存，请联系系统管理员。") from error


def _check_whole(statement: Statement) -> None:
    if not statement.is_intact:
        raise StatementRefused("这份公开表存储的内容与校验码不符，不能办理。请作废后重新制表，并告诉系统管理员。")
    _check_content(statement.content)


def _check_state(statement: Statement, *sources: StatementState) -> None:
    if statement.state not in sources:
        raise StatementRefused(
            f"这份公开表现在是“{statement.get_state_display()}”，不能这样办理。请刷新页面看最新情况。"
        )


def _check_quarter(village: Village, year: int, quarter: int) -> None:
    if not (1 <= quarter <= LAST_QUARTER and FIRST_YEAR <= year <= today().year):
        raise ValidationError({"quarter": "请选择已经结束的季度。"})
    _, last = quarter_bounds(year, quarter)
    if last >= today():
        raise ValidationError({"quarter": f"这个季度{in_words(last)}才结束，结束后再制表。"})
    if not Village.objects.existing_on(last).filter(pk=village.pk).exists():
        raise ValidationError({"village": f"{in_words(last)}没有这个村，请核对季度。"})


def _check_correction(versions: list[Statement], content: dict[str, Any], reason: str) -> None:
    """A second version needs its reason, and after a released one something that it corrects."""
    released = [one for one in versions if one.state == S.RELEASED]
    if released and released[-1].is_intact and released[-1].content == content:
        raise StatementRefused(f"账目与已公开的第 {released[-1].version} 版相同，不用更正。")
    if versions and not reason:
        raise ValidationError({"reason": "这个季度制过表，请写明这一版更正了什么。"})


def _same_draft(under_way: Statement, content: dict[str, Any], reason: str) -> Statement:
    if (under_way.state, under_way.content, under_way.reason) == (S.DRAFT, content, reason):
        return under_way
    raise StatementRefused("该村这一季度已有一份正在办理的公开表，请先办完或作废，再重新制表。")


def _short(text: str, name: str, label: str) -> str:
    text = text.strip()
    if len(text) > REASON_LIMIT:
        raise ValidationError({name: f"{label}最多 {REASON_LIMIT} 个字，现在有 {len(text)} 个，请写短些。"})
    return text
