"""The cross-checks X1 to X13: all hold on the township, and each names what was broken and nothing else fails."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chishang.report.checks import Check
from chishang.report.report import build_report
from discipline.enums import DecidingBody
from discipline.models import FeedbackIssue, Sanction
from finance.models import Beneficiary, Budget, CollectiveIncome, Dividend, IncomeKind
from members.enums import ChangeKind, Standing
from members.models import MemberChange
from organizations.enums import DutyCode
from organizations.models import Area, Organization, Village
from tests.discipline.fill import fill_discipline
from tests.discipline.records import make_case, make_person, make_sanction
from tests.factories import AreaFactory, OrganizationFactory, Town, VillageFactory
from tests.finance.money import import_voucher
from visits.enums import IssueState
from visits.models import Household, Issue, Visit

LAST_DAY = date(2017, 12, 31)
CODES = [f"X{number}" for number in range(1, 14)]


@pytest.fixture
def sound(whole_township: None) -> None:
    """The township as it stands when the office has filled in who decided: the ledger has no column for that."""
    Sanction.objects.update(decided_by=DecidingBody.DISTRICT)


def checks(**asked: Any) -> dict[str, Check]:
    report = build_report(**{"as_of": LAST_DAY} | asked)
    return {one.code: one for one in report.checks}


def only_failing(code: str, **asked: Any) -> Check:
    """The check ``code``, which fails and is the only one that does."""
    found = checks(**asked)
    assert [one.code for one in found.values() if not one.holds] == [code]
    return found[code]


@pytest.mark.parametrize("day", [date(2017, 3, 31), date(2017, 6, 30), date(2017, 9, 30), LAST_DAY])
def test_everything_adds_up_on_the_township(sound: None, day: date) -> None:
    found = checks(as_of=day)
    assert list(found) == CODES
    assert [one for one in found.values() if not one.holds] == []


def test_numbers_are_those_of_the_report(sound: None) -> None:
    told = {code: one.told for code, one in checks().items()}
    assert told == {
        "X1": "2＋4＋17＋44 = 67",
        "X2": "44 个行政村，44 个有党组织",
        "X3": "1083 = 807（已解决）＋276（未解决，其中上报 58、已解释 0）",
        "X4": "按类别 1083 = 按村和企业 1083 = 反映问题 1083",
        "X5": "走访 8675 户，登记 8675 户；1083 个问题都有走访",
        "X6": "510.00 = 448.60（已拨付）＋61.40（未拨付）万元",
        "X7": "45.60 = 13.68（村集体）＋31.92（受益户）万元，19 笔分红",
        "X8": "884 户 1441 人；19 笔分红中 0 笔已录名单",
        "X9": "登记 15 个村，按收入明细 15 个村",
        "X10": "44 个行政村中 44 个属于 10 个片区",
        "X11": "1389＋23（增加）－0（减少） = 1412",
        "X12": "处分 8 人，0 个处分缺决定机关或影响期",
        "X13": "73 = 73（已整改）＋0（整改中）＋0（长期坚持）",
    }


def test_ledger_without_deciding_bodies_is_told(whole_township: None) -> None:
    assert only_failing("X12").difference == 8


def test_branch_of_no_known_type_fails_x1(sound: None) -> None:
    branch = Organization.objects.branches().exclude(village__isnull=False).first()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE organizations_organization DROP CONSTRAINT organization_branch_type")
        cursor.execute("UPDATE organizations_organization SET branch_type = 'other' WHERE id = %s", [branch.pk])
    found = only_failing("X1")
    assert (found.difference, found.rows) == (1, (branch.name,))


def test_village_whose_branch_is_gone_fails_x2(sound: None) -> None:
    village = VillageFactory(area=Area.objects.first(), branch=OrganizationFactory(founded_on=LAST_DAY))
    Organization.objects.filter(pk=village.branch_id).update(founded_on=date(2018, 1, 1))
    found = only_failing("X2")
    assert (found.difference, found.rows) == (1, (village.name,))


def test_issue_whose_register_and_course_differ_fails_x3(sound: None) -> None:
    issue = Issue.objects.pending_on(LAST_DAY).filter(state=IssueState.IN_PROGRESS).first()
    Issue.objects.filter(pk=issue.pk).update(state=IssueState.RESOLVED, resolved_on=LAST_DAY)
    found = only_failing("X3")
    assert found.difference == 1
    assert found.rows == (f"{issue.visit.household.village}第 {issue.pk} 号问题",)


def test_issue_without_course_fails_x3(sound: None) -> None:
    visit = Visit.objects.filter(visited_on__lte=LAST_DAY).first()
    category = Issue.objects.first().category
    issue = Issue.objects.create(visit=visit, raised_on=visit.visited_on, category=category, description="路不平")
    assert only_failing("X3").rows == (f"{visit.household.village}第 {issue.pk} 号问题",)


def test_what_happens_after_the_day_fails_nothing(sound: None) -> None:
    issue = Issue.objects.resolved_on_date(LAST_DAY).first()
    day = LAST_DAY + timedelta(days=40)
    issue.events.create(move="reopen", from_state=IssueState.RESOLVED, to_state=IssueState.REOPENED, occurred_on=day)
    Issue.objects.filter(pk=issue.pk).update(state=IssueState.REOPENED, resolved_on=None)
    assert all(one.holds for one in checks().values())
    assert all(one.holds for one in checks(as_of=day).values())


def test_issue_of_a_village_that_is_none_fails_x4(sound: None) -> None:
    village = VillageFactory(area=Area.objects.first(), founded_on=date(2018, 1, 1))
    household = Issue.objects.first().visit.household
    Household.objects.filter(pk=household.pk).update(village=village)
    count = Issue.objects.raised_by(LAST_DAY).filter(visit__household=household).count()
    found = only_failing("X4")
    assert (found.difference, found.rows) == (count, (village.name,))


def test_issue_of_another_day_than_its_visit_fails_x5(sound: None) -> None:
    issue = Issue.objects.resolved_on_date(LAST_DAY).first()
    Issue.objects.filter(pk=issue.pk).update(raised_on=issue.raised_on - timedelta(days=1))
    found = only_failing("X5")
    assert found.difference == 1
    assert found.rows == (f"{issue.visit.household.village}第 {issue.pk} 号问题",)


def test_payment_outside_the_plan_fails_x6(sound: None) -> None:
    branch = Village.objects.first().branch  # type: ignore[union-attr]  # there are 44
    import_voucher(branch, LAST_DAY, "123.45", number=9000)
    found = only_failing("X6")
    assert (found.difference, found.rows) == (Decimal("-123.45"), (f"{branch.name} 村级组织运转经费",))


def test_overdrawn_plan_fails_x6(sound: None) -> None:
    budget = Budget.objects.planned_on(LAST_DAY).filter(year=2017, subject__level="village").first()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE finance_budget DISABLE TRIGGER USER")
        cursor.execute("UPDATE finance_budget SET amount = %s, held = 0 WHERE id = %s", [budget.paid / 2, budget.pk])
    assert only_failing("X6").rows == (f"{budget.organization.name} {budget.subject.name}",)


def list_of(dividend: Dividend) -> None:
    """Everybody on the list of ``dividend``, as it was declared, each with an amount."""
    rest = dividend.household_amount - (dividend.persons - 1)
    for number in range(dividend.persons):
        Beneficiary.objects.create(
            dividend=dividend,
            household_no=number % dividend.households + 1,
            household="赵",
            name=f"赵{number}",
            amount=1 if number else rest,
        )


def test_list_with_another_sum_fails_x7(sound: None) -> None:
    dividend = Dividend.objects.filter(year=2017).select_related("scheme__village").first()
    list_of(dividend)
    assert checks()["X8"].told == "884 户 1441 人；19 笔分红中 1 笔已录名单"
    assert all(one.holds for one in checks().values())
    Beneficiary.objects.filter(dividend=dividend, name="赵1").update(amount="1.01")
    found = only_failing("X7")
    assert (found.difference, found.rows) == (1, (dividend.scheme.village.name,))


def test_list_with_another_number_of_people_fails_x8(sound: None) -> None:
    dividend = Dividend.objects.filter(year=2017).select_related("scheme__village").first()
    list_of(dividend)
    Dividend.objects.filter(pk=dividend.pk).update(persons=dividend.persons + 1)
    found = only_failing("X8")
    assert (found.difference, found.rows) == (1, (dividend.scheme.village.name,))


def test_income_of_a_village_that_is_none_fails_x9(sound: None) -> None:
    village = VillageFactory(area=Area.objects.first(), founded_on=date(2018, 1, 1))
    kind = IncomeKind.objects.get(name="土地发包")
    CollectiveIncome.objects.create(year=2017, village=village, kind=kind, amount="40000.00")
    found = only_failing("X9")
    assert (found.difference, found.rows) == (1, (village.name,))


@pytest.mark.parametrize("kind", ["专项扶贫资金分红", "光伏发电"])
def test_income_that_is_not_that_of_its_register_fails_x9(sound: None, kind: str) -> None:
    line = CollectiveIncome.objects.filter(year=2017, kind__name=kind).select_related("village").first()
    CollectiveIncome.objects.filter(pk=line.pk).update(amount=line.amount - 1)
    assert only_failing("X9").rows == (f"{line.village.name} {kind}",)


def test_village_in_an_area_that_is_none_fails_x10(sound: None) -> None:
    village = Village.objects.first()
    assert village is not None
    Village.objects.filter(pk=village.pk).update(area=AreaFactory(founded_on=date(2018, 1, 1)))
    found = only_failing("X10")
    assert (found.difference, found.rows) == (1, (village.name,))


def test_member_who_left_twice_fails_x11(sound: None) -> None:
    change = MemberChange.objects.counted_on(date(2016, 12, 31)).select_related("member", "branch").first()
    for day in (date(2017, 5, 4), date(2017, 6, 4)):
        MemberChange.objects.create(
            member=change.member, branch=change.branch, occurred_on=day, kind=ChangeKind.DIED,
            from_standing=Standing.NORMAL, to_standing=Standing.DECEASED,
        )  # fmt: skip
    found = checks()["X11"]
    assert (found.holds, found.difference, found.rows) == (False, 1, (change.branch.name,))
    assert change.member.name not in found.told


def test_transfer_within_the_town_cancels_for_the_town(sound: None) -> None:
    change = MemberChange.objects.counted_on(date(2016, 12, 31)).select_related("member", "branch").first()
    other = Organization.objects.branches().exclude(pk=change.branch_id).first()
    course = (
        (ChangeKind.TRANSFERRED_OUT, change.branch, other, Standing.NORMAL, Standing.TRANSFERRED),
        (ChangeKind.TRANSFERRED_IN, other, change.branch, Standing.TRANSFERRED, Standing.NORMAL),
    )
    for kind, branch, beyond, before, after in course:
        MemberChange.objects.create(
            member=change.member, kind=kind, branch=branch, other_branch=beyond, occurred_on=date(2017, 5, 4),
            from_standing=before, to_standing=after,
        )  # fmt: skip
    assert checks()["X11"].told == "1389＋23（增加）－0（减少） = 1412"
    own = checks(organization=change.branch.code)["X11"]
    assert own.holds
    assert "－1（减少）" in own.told


def test_sanction_without_deciding_body_fails_x12_and_names_nobody(sound: None) -> None:
    sanction = Sanction.objects.select_related("involvement__person").first()
    Sanction.objects.filter(pk=sanction.pk).update(decided_by="")
    found = only_failing("X12")
    assert (found.difference, found.rows) == (1, ())
    assert found.told == "处分 8 人，1 个处分缺决定机关或影响期，请镇纪委补填"


def test_problem_without_person_fails_x13_and_is_not_named(sound: None) -> None:
    issue = FeedbackIssue.objects.first()
    FeedbackIssue.objects.filter(pk=issue.pk).update(responsible="")
    found = only_failing("X13")
    assert (found.difference, found.rows) == (1, ())
    assert issue.number not in found.told


def test_at_most_twenty_rows_are_named(sound: None) -> None:
    Area.objects.update(abolished_on=date(2017, 6, 1))
    found = only_failing("X10")
    assert (found.difference, len(found.rows)) == (44, 20)
    assert found.named == "、".join(found.rows) + "等"


@pytest.mark.parametrize(
    ("difference", "distance"), [(3, "3"), (-1, "-1"), (Decimal("-1234.50"), "-1,234.50 元"), (Decimal(5), "5.00 元")]
)
def test_difference_is_told_with_its_unit(difference: Any, distance: str) -> None:
    check = Check("X6", "", "", difference, ("甲村 书记报酬",))
    assert (check.distance, check.named) == (distance, "甲村 书记报酬")


def test_checks_take_a_few_queries_each(whole_township: None) -> None:
    report = build_report(as_of=LAST_DAY)
    assert report.values
    with CaptureQueriesContext(connection) as queries:
        assert report.checks
    assert len(queries) <= 18


def test_what_one_may_not_see_is_not_checked(town: Town) -> None:
    agent = checks(user=town.people[DutyCode.VILLAGE_AGENT])
    unsaid = [code for code, one in agent.items() if one.difference is None]
    assert set(unsaid) >= {"X3", "X4", "X5", "X11", "X12", "X13"}
    assert agent["X3"].told == "无权核对。"
    assert agent["X6"].difference == 0


def test_part_too_small_to_be_told_is_not_told_by_x13(town: Town) -> None:
    issue = fill_discipline(town.own, [])["feedbackissue"]
    for number in range(3):
        issue.pk, issue.number = None, f"XC-{number}"
        issue.rectified_on = LAST_DAY if number else None
        issue.save(force_insert=True)
    clerk = town.people[DutyCode.OFFICE_CLERK]
    asked = {"user": clerk, "organization": town.own.branch.code}
    values = build_report(as_of=LAST_DAY, **asked).values
    assert (values["discipline.feedback_issues"], values["discipline.feedback_rectified"]) == (4, None)
    assert checks(**asked)["X13"].told == "无权核对，或数字过小不予显示。"
    assert checks(user=clerk)["X13"].told.startswith("4 = 2")


def test_too_small_a_count_tells_nothing_of_a_village(town: Town) -> None:
    make_sanction(make_case(make_person(organization=town.own.branch), organization=town.own.branch))
    clerk = town.people[DutyCode.OFFICE_CLERK]
    assert checks(user=clerk)["X12"].difference == 1
    of_the_village = checks(user=clerk, organization=town.own.branch.code)["X12"]
    assert (of_the_village.difference, of_the_village.told) == (None, "无权核对，或数字过小不予显示。")
