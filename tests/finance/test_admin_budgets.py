"""Budgets, adjustments and assessments in the admin."""

from typing import Any

import pytest
from django.test import Client

from finance.enums import SubjectCode
from finance.models import Assessment, Budget, BudgetAdjustment, Subject
from organizations.enums import DutyCode as D
from tests.factories import Town, UserFactory, VillageFactory, appoint
from tests.finance.money import YUAN, fill_money, make_budget, make_submitted, make_voucher
from tests.finance.registers import LISTS, faults, listed, take_out, upload
from tests.organizations.test_admin import sign_in

BUDGETS = f"{LISTS}budget/"
OPERATION = "村级组织运转经费"
NO_INLINES = {
    f"{name}-{part}_FORMS": "0"
    for name in ("adjustments", "assessments", "disbursements", "vouchers")
    for part in ("TOTAL", "INITIAL")
}


@pytest.fixture
def accountant(client: Client, town: Town) -> Client:
    return sign_in(client, town, D.ACCOUNTANT)


def budget_form(town: Town, **values: Any) -> dict[str, Any]:
    subject = Subject.objects.get(code=SubjectCode.OPERATION)
    own = {"year": 2017, "organization": town.own.branch_id, "subject": subject.pk, "amount": "1000.00"}
    return {**own, "held": "300.00", "source": "", **values}


def adjustment_form(budget: Budget, **values: Any) -> dict[str, Any]:
    named = {"budget": budget.pk, "amount": "-20.50", "decided_on": "2017-05-01", "decided_by": "镇党委"}
    return {**named, "reason": "压减", **values}


def test_budget_is_added_for_a_village_named_as_such(accountant: Client, town: Town) -> None:
    form: Any = accountant.get(f"{BUDGETS}add/").context["adminform"].form
    assert {label for _, label in form.fields["organization"].choices} == {"请选择", "本村", "外村", "镇本级"}
    assert accountant.post(f"{BUDGETS}add/", budget_form(town)).status_code == 302
    budget = Budget.objects.get()
    assert (budget.organization, budget.amount, budget.held) == (town.own.branch, YUAN("1000.00"), YUAN("300.00"))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"amount": "-1"}, "不能是负数"),
        ({"amount": "1.001", "held": "0"}, "小数"),
        ({"held": "1000.01"}, "不能超过预算金额"),
        ({"year": "1900"}, "1949"),
    ],
)
def test_wrong_budget_is_an_error_of_the_form(
    accountant: Client, town: Town, values: dict[str, Any], words: str
) -> None:
    assert words in faults(accountant.post(f"{BUDGETS}add/", budget_form(town, **values)))
    assert not Budget.objects.exists()


def test_budget_of_the_wrong_level_or_twice_is_an_error_of_the_form(accountant: Client, town: Town) -> None:
    wrong = accountant.post(f"{BUDGETS}add/", budget_form(town, organization=town.root.pk))
    assert "请选择一个村" in wrong.context["adminform"].form.errors["organization"][0]
    accountant.post(f"{BUDGETS}add/", budget_form(town))
    assert "已经登记" in faults(accountant.post(f"{BUDGETS}add/", budget_form(town)))
    assert Budget.objects.count() == 1


def test_stored_budget_keeps_whose_it_is_and_what_is_paid(accountant: Client, town: Town) -> None:
    budget = make_budget(town.own.branch, "1000.00", year=2017)
    make_voucher(town, budget, "600.00")
    address = f"{BUDGETS}{budget.pk}/change/"
    data = budget_form(town, organization=town.foreign.branch_id, year=2018, held="0", **NO_INLINES)
    assert "超过这项预算可用的金额" in faults(accountant.post(address, data | {"amount": "599.99"}))
    assert accountant.post(address, data | {"amount": "600.00"}).status_code == 302
    budget.refresh_from_db()
    assert (budget.organization, budget.year, budget.amount) == (town.own.branch, 2017, YUAN("600.00"))


def test_list_shows_how_each_stands_and_what_they_add_up_to(accountant: Client, town: Town) -> None:
    budget = make_budget(town.own.branch, "1000.00", held=YUAN("300.00"))
    make_voucher(town, budget, "100.00")
    make_submitted(town, budget, "50.00")
    make_budget(town.root, "7.00", SubjectCode.PARTY_FUND)
    page: Any = accountant.get(BUDGETS)
    text = page.content.decode()
    assert {row.pk: row.free for row in page.context["cl"].result_list}[budget.pk] == YUAN("550.00")
    assert "镇本级" in text
    sums = page.context["sums"]
    assert sums["planned"] == sums["paid"] + sums["waiting"] == YUAN("1007.00")
    assert sums["waiting"] == sums["reserved"] + sums["withheld"] + sums["free"] == YUAN("907.00")
    assert "<strong>1007.00</strong>" in text
    village: Any = accountant.get(f"{BUDGETS}?organization__village__id__exact={town.own.pk}")
    assert village.context["sums"]["planned"] == YUAN("1000.00")


def test_filters_keep_year_subject_area_and_village(accountant: Client, town: Town) -> None:
    own = make_budget(town.own.branch, year=2017)
    foreign = make_budget(town.foreign.branch, year=2016)
    fund = make_budget(town.root, "7.00", SubjectCode.PARTY_FUND, year=2017)
    assert set(listed(accountant, "budget", "?in_year=2017")) == {own, fund}
    assert listed(accountant, "budget", f"?subject__id__exact={fund.subject_id}") == [fund]
    assert listed(accountant, "budget", "?subject__level__exact=town") == [fund]
    area = f"?organization__village__area__id__exact={town.foreign.area_id}"
    assert listed(accountant, "budget", area) == [foreign]
    assert listed(accountant, "budget", "?q=外村") == [foreign]
    assert len(listed(accountant, "budget", "?in_year=x")) == 3


def test_rows_behind_the_sums_stand_below_a_budget(accountant: Client, town: Town) -> None:
    rows = fill_money(town.own, town.people[D.OFFICE_CLERK])
    page = accountant.get(f"{BUDGETS}{rows['budget'].pk}/change/").content.decode()
    for words in ("追加", "优秀", "本村的收款人", rows["voucher"].code, "登记预算调整", "登记考核结果"):
        assert words in page
    assert f"{LISTS}voucher/{rows['voucher'].pk}/change/" in page
    leader = sign_in(accountant, town, D.AREA_LEADER).get(f"{BUDGETS}{rows['budget'].pk}/change/").content.decode()
    assert rows["voucher"].code in leader
    assert "登记预算调整" not in leader


def test_adjustment_is_recorded_once_and_never_changed(accountant: Client, town: Town) -> None:
    budget = make_budget(town.own.branch, "1000.00", year=2017)
    address = f"{LISTS}budgetadjustment/"
    page = accountant.get(f"{address}add/?budget={budget.pk}").content.decode()
    assert f'<option value="{budget.pk}" selected>' in page
    assert accountant.post(f"{address}add/", adjustment_form(budget)).status_code == 302
    row = BudgetAdjustment.objects.get()
    assert (row.amount, row.recorded_by) == (YUAN("-20.50"), town.people[D.ACCOUNTANT])
    changed = accountant.post(f"{address}{row.pk}/change/", adjustment_form(budget, amount="5"))
    assert changed.status_code == 403
    row.refresh_from_db()
    assert row.amount == YUAN("-20.50")
    assert "财政所会计甲" in accountant.get(f"{address}{row.pk}/history/").content.decode()


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"amount": "-1000.01"}, "amount", "只有 1000.00 元可用"),
        ({"decided_on": "2099-01-01"}, "decided_on", "不能晚于今天"),
        ({"reason": ""}, "reason", "必填"),
    ],
)
def test_wrong_adjustment_stands_at_its_field(
    accountant: Client, town: Town, values: dict[str, Any], field: str, words: str
) -> None:
    budget = make_budget(town.own.branch, "1000.00", year=2017)
    answer: Any = accountant.post(f"{LISTS}budgetadjustment/add/", adjustment_form(budget, **values))
    assert words in answer.context["adminform"].form.errors[field][0]
    assert not BudgetAdjustment.objects.exists()


def test_assessment_releases_at_most_what_is_withheld(accountant: Client, town: Town) -> None:
    budget = make_budget(town.own.branch, "1000.00", year=2017, held=YUAN("300.00"))
    data = {"budget": budget.pk, "assessed_on": "2017-12-01", "result": "优秀", "decided_by": "镇党委", "note": ""}
    answer: Any = accountant.post(f"{LISTS}assessment/add/", data | {"released": "300.01"})
    assert "还有 300.00 元" in answer.context["adminform"].form.errors["released"][0]
    assert accountant.post(f"{LISTS}assessment/add/", data | {"released": "300.00"}).status_code == 302
    row = Assessment.objects.get()
    assert accountant.get(f"{LISTS}assessment/{row.pk}/change/").status_code == 200
    assert accountant.post(f"{LISTS}assessment/{row.pk}/change/", data | {"released": "1"}).status_code == 403


def test_who_keeps_one_branch_does_not_write_to_another(client: Client, town: Town) -> None:
    keeper = UserFactory()
    appoint(keeper, D.ACCOUNTANT, town.own.branch)
    client.force_login(keeper, backend="organizations.backends.AppointmentBackend")
    own, foreign = make_budget(town.own.branch, year=2017), make_budget(town.foreign.branch, year=2017)
    assert listed(client, "budget") == [own]
    assert client.get(f"{BUDGETS}{foreign.pk}/change/").status_code == 404
    answer = client.post(f"{BUDGETS}add/", budget_form(town, organization=town.foreign.branch_id, year=2018))
    assert "organization" in faults(answer)
    assert "budget" in faults(client.post(f"{LISTS}budgetadjustment/add/", adjustment_form(foreign)))
    found = client.get("/admin/autocomplete/", {
        "app_label": "finance", "model_name": "budgetadjustment", "field_name": "budget", "term": "村",
    }).json()["results"]  # fmt: skip
    assert [one["id"] for one in found] == [str(own.pk)]
    assert Budget.objects.count() == 2
    assert not BudgetAdjustment.objects.exists()


def test_reader_changes_nothing(client: Client, town: Town) -> None:
    budget = make_budget(town.own.branch, year=2017)
    sign_in(client, town, D.AREA_LEADER)
    assert client.get(f"{BUDGETS}add/").status_code == 403
    assert client.get(f"{BUDGETS}import/").status_code == 403
    assert client.post(f"{BUDGETS}{budget.pk}/change/", budget_form(town, amount="1", **NO_INLINES)).status_code == 403
    assert client.get(f"{LISTS}budgetadjustment/add/").status_code == 403
    budget.refresh_from_db()
    assert budget.amount == YUAN("1000.00")


@pytest.mark.parametrize(("register", "expected"), [("budget", 17), ("budgetadjustment", 16), ("assessment", 16)])
def test_list_takes_the_same_queries_for_one_row_and_three(
    accountant: Client, town: Town, register: str, expected: int, django_assert_num_queries: Any
) -> None:
    clerk = town.people[D.OFFICE_CLERK]
    fill_money(town.own, clerk)
    accountant.get(f"{LISTS}{register}/")
    with django_assert_num_queries(expected):
        accountant.get(f"{LISTS}{register}/")
    for village in (town.foreign, VillageFactory(branch__parent=town.root)):
        fill_money(village, clerk)
    assert len(listed(accountant, register)) == 3
    with django_assert_num_queries(expected):
        accountant.get(f"{LISTS}{register}/")


def test_page_of_a_budget_takes_the_same_queries_for_one_row_and_three(
    accountant: Client, town: Town, django_assert_num_queries: Any
) -> None:
    budget = make_budget(town.own.branch, "1000.00")
    address = f"{BUDGETS}{budget.pk}/change/"
    make_voucher(town, budget, "1.00")
    accountant.get(address)
    with django_assert_num_queries(27):
        accountant.get(address)
    for _ in range(2):
        make_voucher(town, budget, "1.00")
    with django_assert_num_queries(27):
        accountant.get(address)


def test_sheet_with_a_fault_stores_nothing(accountant: Client, town: Town) -> None:
    good = {
        "年度": 2017,
        "村或镇本级": "本村",
        "经费科目": OPERATION,
        "预算金额（元）": "1000",
        "待考核金额（元）": "",
    }
    page = upload(accountant, "budget", good, good | {"村或镇本级": "山外村"})
    assert "没有“山外村”，请填村名或镇本级" in page
    assert "与表中第 1 条是同一项预算" in upload(accountant, "budget", good, good)
    assert not Budget.objects.exists()
    upload(accountant, "budget", good)
    assert Budget.objects.get().organization == town.own.branch
    upload(accountant, "budgetadjustment", {
        "年度": 2017, "村或镇本级": "本村", "经费科目": OPERATION, "调整金额（元）": "-20.5",
        "批准日期": "2017-05-01", "批准单位": "镇党委", "理由": "压减",
    })  # fmt: skip
    assert BudgetAdjustment.objects.get().amount == YUAN("-20.50")


def test_export_holds_the_listed_rows_only(accountant: Client, town: Town) -> None:
    make_budget(town.own.branch, year=2017)
    make_budget(town.foreign.branch, year=2016)
    rows = take_out(accountant, "budget", "?in_year=2017")
    assert rows[0][:4] == ("年度", "村或镇本级", "经费科目", "预算金额（元）")
    assert [row[:4] for row in rows[1:]] == [(2017, "本村", OPERATION, "1000.00")]
