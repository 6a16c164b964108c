"""Dues: brackets at their edges, standards, reductions, payments and reversals."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from chishang.core.dates import add_months, today
from members.enums import DuesPayer
from members.models import DuesBracket, DuesExemption, DuesPayment, DuesStandard, Member
from members.selectors import schedule
from members.services import (
    PaymentFacts,
    grant_exemption,
    is_large_extra,
    monthly_due,
    record_payment,
    record_payments,
    reverse_payment,
    set_standard,
)
from organizations.enums import DutyCode
from organizations.models import User
from tests.factories import Town
from tests.members.life import make_member

DAY = date(2017, 6, 1)
JANUARY = date(2017, 1, 1)
MARCH = date(2017, 3, 1)


@pytest.fixture
def clerk(town: Town) -> User:
    return town.people[DutyCode.OFFICE_CLERK]


@pytest.fixture
def farmer(town: Town) -> Member:
    """One who owes 0.50 yuan a month since January 2017."""
    member = make_member(town.own.branch)
    set_standard(actor=None, standard=standard(member))
    return member


def standard(member: Member, **fields: Any) -> DuesStandard:
    own = {"payer": DuesPayer.FARMER, "amount": Decimal("0.50"), "valid_from": JANUARY, **fields}
    return DuesStandard(member=member, **own)


def payment(member: Member, month: date | None = MARCH, amount: str = "0.50", **fields: Any) -> DuesPayment:
    return DuesPayment(member=member, month=month, amount=Decimal(amount), **{"paid_on": date(2017, 3, 5), **fields})


def exemption(member: Member, first: date, last: date, amount: str = "0.00", **fields: Any) -> DuesExemption:
    own = {"decided_on": date(2017, 1, 10), "decided_by": "镇党委", "reason": "生活困难", **fields}
    return DuesExemption(member=member, from_month=first, until_month=last, amount=Decimal(amount), **own)


def refused(call: Any, **arguments: Any) -> dict[str, list[str]]:
    """The messages with which a call is refused; nothing may be stored."""
    models = (DuesStandard, DuesExemption, DuesPayment)
    before = [model.objects.count() for model in models]
    with pytest.raises(ValidationError) as caught:
        call(**arguments)
    assert [model.objects.count() for model in models] == before
    error = caught.value
    return error.message_dict if hasattr(error, "error_dict") else {"": error.messages}


@pytest.mark.parametrize(
    ("base", "due"),
    [
        ("0.00", "0.00"),
        ("3000.00", "15.00"),
        ("3000.01", "30.00"),
        ("5000.00", "50.00"),
        ("5000.01", "75.00"),
        ("10000.00", "150.00"),
        ("10000.01", "200.00"),
        ("2999.00", "15.00"),  # 14.995
        ("2998.99", "14.99"),  # 14.99495
    ],
)
def test_monthly_due_of_a_wage_takes_the_whole_base_at_one_rate(db: None, base: str, due: str) -> None:
    assert monthly_due(DuesPayer.WAGE, Decimal(base), DAY) == Decimal(due)


@pytest.mark.parametrize(("base", "due"), [("5000.00", "25.00"), ("5000.01", "50.00")])
def test_monthly_due_of_a_pension_changes_above_5000(db: None, base: str, due: str) -> None:
    assert monthly_due(DuesPayer.RETIRED, Decimal(base), DAY) == Decimal(due)


def test_monthly_due_follows_the_bracket_in_force_on_the_day(db: None) -> None:
    DuesBracket.objects.filter(payer=DuesPayer.RETIRED).update(valid_until=date(2017, 5, 31))
    DuesBracket.objects.create(payer=DuesPayer.RETIRED, percent=Decimal("0.40"), valid_from=DAY)
    assert monthly_due(DuesPayer.RETIRED, Decimal("1000"), date(2017, 5, 31)) == Decimal("5.00")
    assert monthly_due(DuesPayer.RETIRED, Decimal("1000"), DAY) == Decimal("4.00")


def test_monthly_due_before_there_was_any_bracket_is_refused(db: None) -> None:
    with pytest.raises(ValidationError, match="2008年3月31日没有“按月领取工资”的党费标准"):
        monthly_due(DuesPayer.WAGE, Decimal("1000"), date(2008, 3, 31))


@pytest.mark.parametrize(
    ("payer", "base", "field"), [(DuesPayer.FARMER, "1000", "payer"), (DuesPayer.WAGE, "-1", "base")]
)
def test_monthly_due_is_refused_for_fixed_amounts_and_negative_bases(
    db: None, payer: DuesPayer, base: str, field: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        monthly_due(payer, Decimal(base), DAY)
    assert list(caught.value.message_dict) == [field]


def test_set_standard_works_out_the_amount_from_the_base(clerk: User, town: Town) -> None:
    wage = standard(make_member(town.own.branch), payer=DuesPayer.WAGE, base=Decimal("3000.01"), amount=None)
    assert set_standard(actor=clerk, standard=wage).amount == Decimal("30.00")


@pytest.mark.parametrize("amount", ["0.20", "1.00"])
def test_set_standard_of_a_farmer_includes_both_bounds(clerk: User, town: Town, amount: str) -> None:
    stored = set_standard(actor=clerk, standard=standard(make_member(town.own.branch), amount=Decimal(amount)))
    assert DuesStandard.objects.get(pk=stored.pk).amount == Decimal(amount)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"amount": Decimal("0.19")}, "amount"),
        ({"amount": Decimal("1.01")}, "amount"),
        ({"amount": None}, "amount"),
        ({"payer": DuesPayer.RELIEF, "amount": Decimal("0.50")}, "amount"),
        ({"payer": DuesPayer.WAGE}, "base"),
        ({"valid_from": date(2017, 1, 2)}, "__all__"),
        ({"valid_from": date(2000, 1, 1)}, "payer"),
    ],
    ids=str,
)
def test_set_standard_is_refused_with_its_reason(clerk: User, town: Town, fields: Any, field: str) -> None:
    wrong = standard(make_member(town.own.branch), **fields)
    assert list(refused(set_standard, actor=clerk, standard=wrong)) == [field]


def test_set_standard_of_a_student_needs_no_amount(clerk: User, town: Town) -> None:
    relief = standard(make_member(town.own.branch), payer=DuesPayer.RELIEF, amount=None)
    assert set_standard(actor=clerk, standard=relief).amount == Decimal("0.20")


def test_set_standard_twice_from_one_month_is_refused(clerk: User, farmer: Member) -> None:
    told = refused(set_standard, actor=clerk, standard=standard(farmer, amount=Decimal("0.80")))
    assert told == {"__all__": ["该党员从这个月起的标准已经登记。"]}


def test_nothing_is_recorded_for_one_who_moved_since_he_was_looked_at(clerk: User, farmer: Member, town: Town) -> None:
    paid = record_payment(actor=clerk, payment=payment(farmer))
    Member.objects.filter(pk=farmer.pk).update(branch=town.foreign.branch)
    moved = {"": ["该党员的组织关系刚才有变动，请重新打开再办。"]}
    facts = PaymentFacts(paid_on=today())
    assert refused(record_payment, actor=clerk, payment=payment(farmer, None)) == moved
    assert refused(record_payments, actor=clerk, members=[farmer], months=[MARCH], facts=facts) == moved
    assert refused(reverse_payment, actor=clerk, payment=paid, reason="记错") == moved
    assert refused(set_standard, actor=clerk, standard=standard(farmer, valid_from=MARCH)) == moved
    assert refused(grant_exemption, actor=clerk, exemption=exemption(farmer, MARCH, MARCH)) == moved


def test_grant_exemption_stores_a_reduction_below_the_standard(clerk: User, farmer: Member) -> None:
    grant_exemption(actor=clerk, exemption=exemption(farmer, JANUARY, MARCH, "0.20"))
    lines = schedule(farmer, 2017)
    assert [str(line.due) for line in lines[:4]] == ["0.20", "0.20", "0.20", "0.50"]
    assert [line.is_exempted for line in lines[:4]] == [True, True, True, False]


@pytest.mark.parametrize(
    ("first", "last", "fields", "field"),
    [
        (MARCH, MARCH, {}, "from_month"),
        (date(2016, 1, 1), JANUARY, {}, "from_month"),
        (date(2017, 5, 1), date(2017, 6, 1), {"amount": "0.50"}, "amount"),
        (date(2017, 6, 1), date(2017, 5, 1), {}, "__all__"),
        (date(2017, 6, 1), date(2017, 6, 1), {"decided_on": today() + timedelta(days=1)}, "decided_on"),
    ],
    ids=str,
)
def test_grant_exemption_is_refused_with_its_reason(
    clerk: User, farmer: Member, first: date, last: date, fields: Any, field: str
) -> None:
    grant_exemption(actor=clerk, exemption=exemption(farmer, JANUARY, MARCH))
    assert list(refused(grant_exemption, actor=clerk, exemption=exemption(farmer, first, last, **fields))) == [field]


def test_exemptions_of_two_members_do_not_clash(clerk: User, farmer: Member, town: Town) -> None:
    grant_exemption(actor=clerk, exemption=exemption(farmer, JANUARY, MARCH))
    grant_exemption(actor=clerk, exemption=exemption(make_member(town.own.branch, "赵南"), JANUARY, MARCH))
    assert DuesExemption.objects.count() == 2


def test_record_payment_keeps_0_20_yuan_and_who_recorded_it(clerk: User, farmer: Member) -> None:
    record_payment(actor=clerk, payment=payment(farmer, amount="0.20"))
    stored = DuesPayment.objects.get()
    assert (stored.amount, stored.recorded_by) == (Decimal("0.20"), clerk)
    assert schedule(farmer, 2017)[2].open == Decimal("0.30")


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"amount": "0.51"}, "amount", "还应交 0.50 元"),
        ({"month": date(2016, 12, 1)}, "month", "2016年12月没有应交的党费"),
        ({"month": date(2017, 3, 2)}, "__all__", "月份请写当月第一天"),
        ({"paid_on": today() + timedelta(days=1)}, "paid_on", "不能晚于今天"),
        ({"month": None, "amount": "0.00"}, "__all__", "金额要大于 0"),
        ({"amount": "-0.50"}, "__all__", "金额要大于 0"),
    ],
    ids=str,
)
def test_record_payment_is_refused_with_its_reason(
    clerk: User, farmer: Member, fields: Any, field: str, words: str
) -> None:
    told = refused(record_payment, actor=clerk, payment=payment(farmer, **fields))
    assert list(told) == [field]
    assert words in told[field][0]


def test_record_payment_for_a_month_that_is_settled_says_so(clerk: User, farmer: Member) -> None:
    record_payment(actor=clerk, payment=payment(farmer))
    told = refused(record_payment, actor=clerk, payment=payment(farmer, receipt_no="2"))
    assert told == {"amount": ["该党员2017年3月已经交清，请核对月份。"]}


def test_second_part_of_a_month_on_one_day_needs_another_receipt(clerk: User, farmer: Member) -> None:
    record_payment(actor=clerk, payment=payment(farmer, amount="0.20"))
    assert list(refused(record_payment, actor=clerk, payment=payment(farmer, amount="0.30"))) == ["receipt_no"]
    record_payment(actor=clerk, payment=payment(farmer, amount="0.30", receipt_no="7"))
    assert schedule(farmer, 2017)[2].open == 0


@pytest.mark.parametrize(("amount", "is_large"), [("999.99", False), ("1000.00", True)])
def test_extra_of_1000_yuan_is_large(clerk: User, farmer: Member, amount: str, is_large: bool) -> None:
    stored = record_payment(actor=clerk, payment=payment(farmer, month=None, amount=amount))
    assert is_large_extra(stored) is is_large
    assert schedule(farmer, 2017)[2].open == Decimal("0.50")


def test_record_payments_takes_what_is_open_for_many_members_and_months(
    clerk: User, farmer: Member, town: Town
) -> None:
    other = make_member(town.own.branch, "赵南")
    set_standard(actor=None, standard=standard(other, amount=Decimal("1.00"), valid_from=date(2017, 2, 1)))
    record_payment(actor=clerk, payment=payment(farmer, amount="0.20"))
    months = [add_months(JANUARY, number) for number in range(3)]
    facts = PaymentFacts(date(2017, 3, 31), receipt_no="0012")

    stored = record_payments(actor=clerk, members=[farmer, other], months=months, facts=facts)

    assert [(one.member, one.month.month, str(one.amount)) for one in stored] == [
        *((farmer, 1, "0.50"), (farmer, 2, "0.50"), (farmer, 3, "0.30")),
        *((other, 2, "1.00"), (other, 3, "1.00")),
    ]
    assert {(one.receipt_no, one.recorded_by) for one in stored} == {("0012", clerk)}


def test_record_payments_sent_twice_names_who_has_nothing_open(clerk: User, farmer: Member, town: Town) -> None:
    other = make_member(town.own.branch, "赵南")
    set_standard(actor=None, standard=standard(other))
    facts = PaymentFacts(date(2017, 3, 5))
    record_payments(actor=clerk, members=[farmer], months=[MARCH], facts=facts)
    told = refused(record_payments, actor=clerk, members=[farmer, other], months=[MARCH], facts=facts)
    assert told[""][0].startswith("赵东强在所选月份没有要交的党费")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (PaymentFacts(today() + timedelta(days=1)), "不能晚于今天"),
        (PaymentFacts(DAY, receipt_no="1" * 51), "50"),
        (PaymentFacts(DAY, method="gift"), "gift"),
    ],
)
def test_record_payments_refuses_wrong_facts(clerk: User, farmer: Member, facts: PaymentFacts, words: str) -> None:
    told = refused(record_payments, actor=clerk, members=[farmer], months=[MARCH], facts=facts)
    assert words in str(told)


def test_record_payments_of_nobody_asks_for_one(clerk: User, db: None) -> None:
    told = refused(record_payments, actor=clerk, members=[], months=[MARCH], facts=PaymentFacts(DAY))
    assert told == {"": ["请至少选一名党员。"]}


def test_reverse_payment_opens_the_month_again_and_keeps_both_rows(clerk: User, farmer: Member) -> None:
    wrong = record_payment(actor=clerk, payment=payment(farmer))
    reversal = reverse_payment(actor=clerk, payment=wrong, reason=" 月份录错 ")
    assert (reversal.amount, reversal.reverses, reversal.paid_on) == (Decimal("-0.50"), wrong, today())
    assert (reversal.note, wrong.note) == ("月份录错", "")
    assert schedule(farmer, 2017)[2].open == Decimal("0.50")


def test_payment_recorded_anew_after_its_reversal_is_marked_as_corrected(clerk: User, farmer: Member) -> None:
    for number in ("12", "12更正1", "12更正2"):
        stored = record_payments(
            actor=clerk, members=[farmer], months=[MARCH], facts=PaymentFacts(date(2017, 3, 5), receipt_no="12")
        )[0]
        assert stored.receipt_no == number
        reverse_payment(actor=clerk, payment=stored, reason="录错")
    assert record_payment(actor=clerk, payment=payment(farmer, receipt_no="12")).receipt_no == "12更正3"


def test_reverse_payment_works_once_and_never_on_a_reversal(clerk: User, farmer: Member) -> None:
    wrong = record_payment(actor=clerk, payment=payment(farmer))
    reversal = reverse_payment(actor=clerk, payment=wrong, reason="录错")
    assert refused(reverse_payment, actor=clerk, payment=wrong, reason="再") == {"": ["这一笔已经冲销过。"]}
    assert "本身就是冲销" in refused(reverse_payment, actor=clerk, payment=reversal, reason="再")[""][0]


@pytest.mark.parametrize(("reason", "field"), [(" ", "reason"), ("长" * 201, "note")])
def test_reverse_payment_needs_a_reason_of_at_most_200_characters(
    clerk: User, farmer: Member, reason: str, field: str
) -> None:
    wrong = record_payment(actor=clerk, payment=payment(farmer))
    assert list(refused(reverse_payment, actor=clerk, payment=wrong, reason=reason)) == [field]
    assert reverse_payment(actor=clerk, payment=wrong, reason="长" * 200).pk
