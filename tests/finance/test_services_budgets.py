"""Budgets, adjustments, assessments: the pool's edges, who may, on which day."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from chishang.core.dates import today
from finance.enums import SubjectCode
from finance.models import Assessment, Budget, BudgetAdjustment, Subject
from finance.services import adjust_budget, record_assessment, save_budget
from finance.services.budgets import unit_name
from organizations.enums import DutyCode as D
from organizations.models import User
from tests.factories import OrganizationFactory, Town, UserFactory, appoint
from tests.finance.money import YUAN, make_budget, make_submitted, make_voucher

DAY = date(2017, 3, 5)


@pytest.fixture
def accountant(town: Town) -> User:
    return town.people[D.ACCOUNTANT]


def adjustment(budget: Budget, amount: str, **fields: Any) -> BudgetAdjustment:
    values = {"decided_on": DAY, "decided_by": "镇党委", "reason": "追加办公经费"} | fields
    return BudgetAdjustment(budget=budget, amount=YUAN(amount), **values)


def assessment(budget: Budget, released: str, **fields: Any) -> Assessment:
    values = {"assessed_on": DAY, "result": "优秀", "decided_by": "镇党委"} | fields
    return Assessment(budget=budget, released=YUAN(released), **values)


def balance(budget: Budget) -> tuple[Any, ...]:
    """Planned, paid, reserved, withheld, free."""
    now = Budget.objects.with_balance().get(pk=budget.pk)
    return now.planned, now.paid, now.reserved, now.withheld, now.free


def test_adjustments_change_the_plan_and_say_who_recorded_them(town: Town, accountant: User) -> None:
    budget = make_budget(town.own.branch, "1000.00")
    row = adjust_budget(actor=accountant, adjustment=adjustment(budget, "200.50"))
    assert row.recorded_by == accountant
    adjust_budget(actor=accountant, adjustment=adjustment(budget, "-0.50", reason="调减"))
    assert balance(budget) == (YUAN("1200.00"), 0, 0, 0, YUAN("1200.00"))


def test_no_more_is_taken_from_a_budget_than_is_free(town: Town, accountant: User) -> None:
    budget = make_budget(town.own.branch, "1000.00", held=YUAN("300.00"))
    make_voucher(town, budget, "100.00")
    make_submitted(town, budget, "200.00")
    with pytest.raises(ValidationError) as refused:
        adjust_budget(actor=accountant, adjustment=adjustment(budget, "-400.01"))
    assert "只有 400.00 元可用，不能调减 400.01 元" in refused.value.message_dict["amount"][0]
    adjust_budget(actor=accountant, adjustment=adjustment(budget, "-400.00"))
    assert balance(budget) == (YUAN("600.00"), YUAN("100.00"), YUAN("200.00"), YUAN("300.00"), 0)


def test_assessment_releases_what_was_withheld_and_no_more(town: Town, accountant: User) -> None:
    budget = make_budget(town.own.branch, "1000.00", held=YUAN("300.00"))
    record_assessment(actor=accountant, assessment=assessment(budget, "299.99"))
    with pytest.raises(ValidationError) as refused:
        record_assessment(actor=accountant, assessment=assessment(budget, "0.02"))
    assert "待考核的还有 0.01 元，不能释放 0.02 元" in refused.value.message_dict["released"][0]
    record_assessment(actor=accountant, assessment=assessment(budget, "0.01"))
    record_assessment(actor=accountant, assessment=assessment(budget, "0.00", result="不合格"))
    assert balance(budget)[3:] == (0, YUAN("1000.00"))


@pytest.mark.parametrize(
    ("amount", "fields", "name", "words"),
    [
        ("1.00", {"decided_on": today() + timedelta(days=1)}, "decided_on", "批准日期不能晚于今天"),
        ("0.00", {}, "__all__", "调整金额不能是 0"),
        ("1.001", {}, "amount", "2 个小数位|小数不超过"),
        ("1.00", {"reason": ""}, "reason", "不能为空|此字段不能为空"),
    ],
)
def test_wrong_adjustment_is_refused(
    town: Town, accountant: User, amount: str, fields: dict[str, Any], name: str, words: str
) -> None:
    budget = make_budget(town.own.branch)
    with pytest.raises(ValidationError) as refused:
        adjust_budget(actor=accountant, adjustment=adjustment(budget, amount, **fields))
    assert any(word in refused.value.message_dict[name][0] for word in words.split("|"))
    assert not BudgetAdjustment.objects.exists()


@pytest.mark.parametrize(
    ("released", "fields", "name", "words"),
    [
        ("0.00", {"assessed_on": today() + timedelta(days=1)}, "assessed_on", "考核日期不能晚于今天"),
        ("-0.01", {}, "__all__", "不能是负数"),
    ],
)
def test_wrong_assessment_is_refused(
    town: Town, accountant: User, released: str, fields: dict[str, Any], name: str, words: str
) -> None:
    budget = make_budget(town.own.branch, held=YUAN("1.00"))
    with pytest.raises(ValidationError) as refused:
        record_assessment(actor=accountant, assessment=assessment(budget, released, **fields))
    assert words in refused.value.message_dict[name][0]
    assert not Assessment.objects.exists()


def test_rows_written_once_are_never_changed(town: Town, accountant: User) -> None:
    budget = make_budget(town.own.branch, held=YUAN("1.00"))
    adjust_budget(actor=accountant, adjustment=adjustment(budget, "1.00"))
    record_assessment(actor=accountant, assessment=assessment(budget, "1.00"))
    for rows, change in (
        (BudgetAdjustment.objects.all(), {"amount": YUAN("2.00")}),
        (Assessment.objects.all(), {"released": YUAN("0.00")}),
    ):
        with pytest.raises(IntegrityError, match="不能更改"), transaction.atomic():
            rows.update(**change)
        with pytest.raises(IntegrityError, match="不能更改"), transaction.atomic():
            rows.delete()


def test_who_looks_after_another_village_changes_nothing(town: Town) -> None:
    elsewhere = UserFactory()
    appoint(elsewhere, D.ACCOUNTANT, town.foreign.branch)
    budget = make_budget(town.own.branch, held=YUAN("1.00"))
    for actor in (elsewhere, town.people[D.TOWN_SECRETARY], town.people[D.VILLAGE_AGENT]):
        with pytest.raises(ValidationError, match="请从列表里选择一项预算"):
            adjust_budget(actor=actor, adjustment=adjustment(budget, "1.00"))
        with pytest.raises(ValidationError, match="请从列表里选择一项预算"):
            record_assessment(actor=actor, assessment=assessment(budget, "1.00"))
        with pytest.raises(ValidationError, match="不归您管"):
            save_budget(actor=actor, budget=budget)
    assert not BudgetAdjustment.objects.exists()
    assert not Assessment.objects.exists()


def budget_of(organization: Any, code: str, amount: str = "1.00") -> Budget:
    return Budget(year=2017, organization=organization, subject=Subject.objects.get(code=code), amount=YUAN(amount))


def test_subject_belongs_to_its_level(town: Town, accountant: User) -> None:
    save_budget(actor=accountant, budget=budget_of(town.own.branch, SubjectCode.OPERATION))
    save_budget(actor=accountant, budget=budget_of(town.root, SubjectCode.PARTY_FUND))
    school = OrganizationFactory(parent=town.root)
    for unit, code, words in (
        (town.root, SubjectCode.OPERATION, "请选择一个村"),
        (school, SubjectCode.OPERATION, "请选择一个村"),
        (town.own.branch, SubjectCode.PARTY_FUND, "请选择镇本级"),
    ):
        with pytest.raises(ValidationError) as refused:
            save_budget(actor=accountant, budget=budget_of(unit, code))
        assert words in refused.value.message_dict["organization"][0]
    assert [unit_name(one) for one in (town.own.branch, town.root, school)] == ["本村", "镇本级", school.name]
    assert Budget.objects.count() == 2


def test_budget_is_not_lowered_below_what_is_paid(town: Town, accountant: User) -> None:
    budget = make_budget(town.own.branch, "1000.00")
    make_voucher(town, budget, "600.00")
    budget.amount = YUAN("599.99")
    with pytest.raises(ValidationError, match="超过这项预算可用的金额"):
        save_budget(actor=accountant, budget=budget)
    budget.amount = YUAN("600.00")
    save_budget(actor=accountant, budget=budget)
    assert balance(budget)[4] == 0


@pytest.mark.parametrize("amount", ["-0.01", "0.001"])
def test_amount_that_is_no_money_is_refused(town: Town, accountant: User, amount: str) -> None:
    with pytest.raises(ValidationError):
        save_budget(actor=accountant, budget=budget_of(town.own.branch, SubjectCode.OPERATION, amount))
    assert not Budget.objects.exists()
