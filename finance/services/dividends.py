"""Dividends of poverty funds (专项扶贫资金入股分红): the village's part, the list of people, its split to the cent.

Whoever writes locks the dividend first, so that a list does not change while it is split or paid out. Every change of
list or amount takes the parts back: they are made again by the next split.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from chishang.core.dates import in_words, today
from chishang.core.guards import told_in_words
from chishang.core.money import share_of, split
from chishang.core.text import clean_name
from finance.models import Beneficiary, Dividend, DividendScheme
from finance.selectors.dividends import BeneficiaryList, list_of
from organizations.models import User

CHANGE = "finance.change_dividend"
LIST_RIGHTS = ("finance.view_beneficiary", "finance.change_beneficiary")
PAID = "这笔分红已经发放，金额和名单不能再改。"
NUMBER = re.compile(r"\d{6}")
"""So many digits in a name are an ID number or a telephone."""


class DividendRefused(ValidationError):
    """The step is not open: paid out already, or the account may not take it."""


@dataclass(frozen=True)
class Person:
    """A person as the list has it: the number of the household, its head, the name."""

    household_no: int
    household: str
    name: str


def complete_dividend(dividend: Dividend) -> None:
    """Work out the village's part where none is given (its percentage, half up to the cent) and check the numbers.

    Raises ValidationError by field. Nothing is stored.
    """
    if dividend.village_amount is None and dividend.amount is not None and dividend.scheme_id:
        dividend.village_amount = share_of(dividend.amount, dividend.scheme.village_percent)
    names = ("amount", "village_amount")
    faults = {name: "金额不能是负数。" for name in names if _above(0, getattr(dividend, name))}
    if not faults and _above(dividend.village_amount, dividend.amount):
        faults["village_amount"] = f"村集体所得不能超过分红总额（{dividend.amount:.2f} 元），请核对。"
    if _above(dividend.households, dividend.persons):
        faults["persons"] = f"受益人口不能少于受益户数（{dividend.households} 户），请核对。"
    if faults:
        raise ValidationError(faults)


def _above(part: Any, whole: Any) -> bool:
    return part is not None and whole is not None and part > whole


def record_dividend(*, actor: User, dividend: Dividend) -> Dividend:
    """Store a new or changed dividend and return it; without ``village_amount`` the scheme's percentage is taken.

    Raises ValidationError (by field) for a scheme that the actor does not look after, a village's part above the
    whole, fewer persons than households, or when it is paid out already.
    """
    permission = CHANGE if dividend.pk else "finance.add_dividend"
    with told_in_words():
        if dividend.pk:
            _lock(actor, dividend)
        complete_dividend(dividend)
        dividend.full_clean()
        if not DividendScheme.objects.visible_to(actor, permission).filter(pk=dividend.scheme_id).exists():
            raise ValidationError({"scheme": "这份协议不归您管，请从列表里选择。"})
        dividend.save()
        if not list_of(dividend, dividend.beneficiaries.all()).is_split:
            _take_parts_back(dividend)
    return dividend


def set_beneficiaries(*, actor: User, dividend: Dividend, people: Sequence[Person]) -> BeneficiaryList:
    """Make ``people`` the list of a dividend and return it. Who is not among them is struck off, and stays stored.

    Raises ValidationError, with nothing stored, when somebody comes twice, a household has two heads, the actor may
    not, or the dividend is paid out.
    """
    wanted = [Person(one.household_no, clean_name(one.household), clean_name(one.name)) for one in people]
    _check_people(wanted)
    with _list_of_one(actor, dividend) as locked:
        stored = {(row.household_no, row.name): row for row in locked.beneficiaries.all()}
        for person in wanted:
            row = stored.pop((person.household_no, person.name), None)
            if row is None:
                row = Beneficiary(dividend=locked, household_no=person.household_no, name=person.name)
            if row.pk is None or (row.household, row.is_active) != (person.household, True):
                row.household, row.is_active = person.household, True
                row.full_clean()
                row.save()
        gone = [row.pk for row in stored.values() if row.is_active]
        locked.beneficiaries.filter(pk__in=gone).update(is_active=False)
    return list_of(locked, locked.beneficiaries.all())


def _check_people(people: Sequence[Person]) -> None:
    heads: dict[int, str] = {}
    seen = set()
    for person in people:
        _check_name("household", person.household)
        _check_name("name", person.name)
        if heads.setdefault(person.household_no, person.household) != person.household:
            raise ValidationError(f"第 {person.household_no} 户写了两个户主，请核对户号和户主。")
        if (person.household_no, person.name) in seen:
            raise ValidationError(f"第 {person.household_no} 户的“{person.name}”写了两次，请只留一次。")
        seen.add((person.household_no, person.name))


def save_beneficiary(*, actor: User, beneficiary: Beneficiary) -> Beneficiary:
    """Put one person on the list, or correct the row, and return it. A corrected head holds for the whole household.

    Raises ValidationError (by field) when the household has another head, the person is on the list already, the
    actor may not, or the dividend is paid out.
    """
    beneficiary.household, beneficiary.name = clean_name(beneficiary.household), clean_name(beneficiary.name)
    with _list_of_one(actor, beneficiary.dividend) as locked:
        check_beneficiary(beneficiary)
        beneficiary.full_clean()
        locked.beneficiaries.filter(household_no=beneficiary.household_no).exclude(
            household=beneficiary.household
        ).update(household=beneficiary.household)
        beneficiary.save()
    beneficiary.refresh_from_db()
    return beneficiary


def check_beneficiary(beneficiary: Beneficiary) -> None:
    """Refuse a row with numbers for names, under another head than its household, or whose list is paid out.

    Raises ValidationError by field. Nothing is stored.
    """
    if beneficiary.dividend.paid_on:
        raise DividendRefused(PAID)
    _check_name("household", beneficiary.household)
    _check_name("name", beneficiary.name)
    others = Beneficiary.objects.filter(dividend=beneficiary.dividend_id, household_no=beneficiary.household_no)
    if not others.filter(pk=beneficiary.pk).exists():
        other = others.filter(is_active=True).exclude(household=beneficiary.household).first()
        if other:
            number = beneficiary.household_no
            raise ValidationError({"household": f"第 {number} 户的户主是“{other.household}”，请核对户号和户主。"})


def _check_name(field: str, text: str) -> None:
    if NUMBER.search(text):
        raise ValidationError({field: "这里只写姓名，不登记身份证号和电话。"})


def split_dividend(*, actor: User, dividend: Dividend) -> BeneficiaryList:
    """Split what goes to the households over everybody on the list, to the cent, and return the list with its parts.

    By largest remainder: the cents left over go one each to the first on the list. A household gets what its persons
    get. Again gives the same parts. Raises ValidationError unless the list has the declared households and persons.
    """
    with told_in_words():
        locked = _lock(actor, dividend)
        found = list_of(locked, locked.beneficiaries.all())
        if found.mismatch:
            raise ValidationError(found.mismatch)
        if not found.people:
            raise ValidationError("名单里没有人，不能分配。")
        parts = split(locked.household_amount, [1] * len(found.people))
        changed = []
        for person, part in zip(found.people, parts, strict=True):
            if person.amount != part:
                person.amount = part
                changed.append(person)
        Beneficiary.objects.bulk_update(changed, ["amount"], batch_size=500)
    return found


def pay_dividend(*, actor: User, dividend: Dividend, day: date) -> Dividend:
    """Note that a split dividend was paid out on ``day``; from then on neither amounts nor list change.

    The same day again changes nothing. Raises ValidationError when the split is not complete, or the day is in the
    future or before the dividend's year.
    """
    with told_in_words():
        locked = _lock(actor, dividend, open_only=False)
        if locked.paid_on == day:
            return locked
        if locked.paid_on:
            raise DividendRefused(f"这笔分红已登记在{in_words(locked.paid_on)}发放，不能再改。")
        if not date(locked.year, 1, 1) <= day <= today():
            raise ValidationError({"day": f"发放日期应在 {locked.year} 年 1 月 1 日到今天之间。"})
        found = list_of(locked, locked.beneficiaries.all())
        if not found.is_split:
            raise ValidationError(found.mismatch or "名单还没有分配，请先点“分配到人”，核对后再登记发放。")
        locked.paid_on, locked.paid_by = day, actor
        locked.save(update_fields=["paid_on", "paid_by"])
    return locked


@contextmanager
def _list_of_one(actor: User, dividend: Dividend) -> Iterator[Dividend]:
    """Lock a dividend whose list ``actor`` may change, give it, and take the parts back: the list is another one."""
    with told_in_words():
        locked = _lock(actor, dividend, *LIST_RIGHTS)
        before = _names(locked)
        yield locked
        if _names(locked) != before:
            _take_parts_back(locked)


def _names(dividend: Dividend) -> list[tuple[int, str]]:
    rows = dividend.beneficiaries.filter(is_active=True).order_by("household_no", "pk")
    return list(rows.values_list("household_no", "name"))


def _lock(actor: User, dividend: Dividend, *permissions: str, open_only: bool = True) -> Dividend:
    """Lock the dividend and return it as it stands; raise ValidationError where ``actor`` may not, or it is paid."""
    locked: Dividend = Dividend.objects.select_for_update(of=("self",), no_key=True).get(pk=dividend.pk)
    for permission in permissions or (CHANGE,):
        if not Dividend.objects.visible_to(actor, permission).filter(pk=locked.pk).exists():
            raise DividendRefused("您没有办理这一步的权限。")
    if open_only and locked.paid_on:
        raise DividendRefused(PAID)
    return locked


def _take_parts_back(dividend: Dividend) -> None:
    dividend.beneficiaries.filter(amount__isnull=False).update(amount=None)
