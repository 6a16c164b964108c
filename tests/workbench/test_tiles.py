"""What waits for office staff: counted in their scope, each number leading to the list that it counts."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chishang.core.dates import add_months, today
from chishang.report.models import IssuedReport
from chishang.report.services import draft_report, release_report
from chishang.workbench.tiles import Tile, tile_groups, waiting_tiles
from discipline.enums import EducationKind
from discipline.models import IntegrityEvent
from finance.selectors.statements import newest_due_quarter
from members.models import Member, Transfer
from organizations.enums import DutyCode
from organizations.models import Directive, Organization, Village
from organizations.services import issue_directive
from tests.api import api_client
from tests.discipline.records import make_petition
from tests.factories import Town, UnitFactory, VillageFactory
from tests.finance.disclosure import make_checked
from tests.finance.money import make_budget, make_submitted, seal_both
from tests.members.life import make_meeting, make_member
from tests.visits.api.test_phones import operation, send, visit_payload
from visits.enums import MoveCode
from visits.models import Issue
from visits.services import MoveFacts, move_issue

CLERK, LEADER = DutyCode.OFFICE_CLERK, DutyCode.AREA_LEADER


def go(town: Town, issue: Issue, move: MoveCode, **facts: object) -> Issue:
    return move_issue(actor=town.people[CLERK], issue=issue, move=move, facts=MoveFacts(**facts))


def fill(town: Town) -> None:
    """One issue new, one late, one returned in the own village; a new one and a late one in the foreign one."""
    for household in (town.own_household, town.foreign_household):
        _new, late = town.record(household, "新问题", "旧问题").issues.order_by("pk")
        go(town, late, MoveCode.ACCEPT)
        go(town, late, MoveCode.ASSIGN, unit=UnitFactory(), due_on=today())
        Issue.objects.filter(pk=late.pk).update(due_on=today() - timedelta(days=1))
    go(town, town.record(None, "退回").issues.get(), MoveCode.RETURN, note="请补充")


@pytest.mark.parametrize(
    ("duty", "counts"),
    [
        (CLERK, [2, 2, 1, 0, 0]),
        (DutyCode.AREA_LEADER, [1, 1, 1, 0, 0]),
        (DutyCode.ACCOUNTANT, []),
    ],
)
def test_tiles_count_what_one_may_see(town: Town, duty: DutyCode, counts: list[int]) -> None:
    fill(town)

    assert [tile.count for tile in waiting_tiles(town.people[duty])] == counts


def test_tiles_lead_to_the_lists_that_they_count(town: Town) -> None:
    addresses = [tile.address for tile in waiting_tiles(town.people[CLERK])]

    assert addresses[0] == "/admin/visits/issue/?state__exact=registered"
    assert f"due_on__lt={today().isoformat()}" in addresses[1]


def test_held_operations_wait_for_those_who_decide(town: Town) -> None:
    phone = api_client(town.people[DutyCode.BRANCH_SECRETARY])
    for household in (999_999, town.own_household.pk, town.foreign_household.pk):
        send(phone, operation(town, visit_payload(town, household_id=household)))

    found = tile(town, CLERK, "待处理的上报")

    assert found is not None
    assert (found.count, found.address) == (2, "/admin/visits/operation/?state__exact=held")
    assert tile(town, DutyCode.TOWN_SECRETARY, "待处理的上报") is None
    assert tile(town, LEADER, "待处理的上报") is None


def tile(town: Town, duty: DutyCode, label: str) -> Tile | None:
    """The tile of that label, if the duty has it."""
    groups = tile_groups(town.people[duty])
    return next((one for group in groups for one in group.tiles if one.label == label), None)


def candidate(village: Village, name: str, **fields: Any) -> Member:
    """A member on probation, whose year is long over."""
    return make_member(village.branch, name, joined_on=date(2017, 3, 1), full_member_on=None, **fields)


def send_away(town: Town, member: Member, *, days_ago: int) -> Transfer:
    started_on = today() - timedelta(days=days_ago)
    return Transfer.objects.create(
        member=member,
        from_branch=member.branch,
        destination="邻镇某支部",
        started_on=started_on,
        valid_until=started_on + timedelta(days=90),
        started_by=town.people[CLERK],
    )


def lay(town: Town, village: Village) -> None:
    """One thing of each kind that waits in the village."""
    candidate(village, "赵东")
    send_away(town, make_member(village.branch, "赵南"), days_ago=10)
    send_away(town, make_member(village.branch, "赵西"), days_ago=100)
    directive, _ = Directive.objects.get_or_create(number="池发〔2017〕9号", title="通知", issued_on=date(2017, 3, 1))
    issue_directive(actor=town.people[CLERK], directive=directive, branches=[village.branch])
    Organization.objects.filter(pk=village.branch_id).update(term_ends_on=today())


LABELS = ["预备期将满", "转接在途", "转接逾期", "本月组织生活", "文件未签收", "换届提醒"]


@pytest.mark.parametrize(
    ("duty", "counts"), [(CLERK, [2, 4, 2, 2, 2, 2]), (LEADER, [1, 2, 1, 1, 1, 1])], ids=["office", "area"]
)
def test_tiles_of_members_and_organizations_count_what_one_may_see(
    town: Town, duty: DutyCode, counts: list[int]
) -> None:
    for village in (town.own, town.foreign):
        lay(town, village)

    found = [tile(town, duty, label) for label in LABELS]

    assert [one.count for one in found if one] == counts


def test_tiles_are_none_where_nothing_waits(town: Town) -> None:
    full = make_member(town.own.branch, "赵东")
    assert full.full_member_on

    found = [tile(town, CLERK, label) for label in LABELS if label != "本月组织生活"]

    assert [one.count for one in found if one] == [0] * 5


def test_month_s_meetings_are_lacking_until_they_are_held(town: Town) -> None:
    for code in ("theme_day", "committee_meeting", "group_meeting"):
        make_meeting(town.own.branch, today(), code)

    one = tile(town, CLERK, "本月组织生活")

    assert one is not None
    assert (one.count, one.address) == (1, reverse("members:calendar"))


@pytest.mark.parametrize(
    ("label", "address"),
    [
        ("预备期将满", "/admin/members/member/?list=probation"),
        ("转接在途", "/admin/members/transfer/?transit=open"),
        ("转接逾期", "/admin/members/transfer/?transit=overdue"),
        ("文件未签收", "/admin/organizations/directivereceipt/?signed=no"),
    ],
)
def test_tile_leads_to_a_list_of_as_many_rows(client: Client, town: Town, label: str, address: str) -> None:
    lay(town, town.own)
    lay(town, town.foreign)
    client.force_login(town.people[CLERK])
    one = tile(town, CLERK, label)

    assert one is not None
    assert one.address == address
    assert client.get(address).context["cl"].result_count == one.count


@pytest.mark.parametrize(
    ("duty", "titles"),
    [
        (CLERK, ["走访", "党员", "组织", "资金"]),
        (LEADER, ["走访", "党员", "组织"]),
        (DutyCode.DISCIPLINE_HEAD, ["党员", "组织", "廉政"]),
        (DutyCode.ACCOUNTANT, ["组织", "资金"]),
        (DutyCode.SYSTEM_ADMINISTRATOR, []),
    ],
)
def test_groups_follow_the_rights(town: Town, duty: DutyCode, titles: list[str]) -> None:
    lay(town, town.own)

    assert [group.title for group in tile_groups(town.people[duty])] == titles


def test_discipline_office_sees_no_transfers_and_no_development(town: Town) -> None:
    for label in ("转接在途", "转接逾期", "发展党员"):
        assert tile(town, DutyCode.DISCIPLINE_HEAD, label) is None


def test_page_of_terms_lists_what_is_over_and_what_comes(client: Client, town: Town) -> None:
    for village, day in ((town.own, today() - timedelta(days=1)), (town.foreign, today() + timedelta(days=30))):
        Organization.objects.filter(pk=village.branch_id).update(term_ends_on=day)
    client.force_login(town.people[CLERK])

    response = client.get(reverse("terms"))

    assert "已经超期（1）" in response.text
    assert "半年内届满（1）" in response.text
    assert response.text.index("本村") < response.text.index("外村")


def test_page_of_terms_shows_the_area_leader_the_own_area(client: Client, town: Town) -> None:
    Organization.objects.filter(village__isnull=False).update(term_ends_on=today())
    client.force_login(town.people[LEADER])

    response = client.get(reverse("terms"))

    assert "本村" in response.text
    assert "外村" not in response.text


def test_page_of_terms_says_when_nothing_is_due(client: Client, town: Town) -> None:
    client.force_login(town.people[CLERK])

    assert "半年内没有要换届的班子" in client.get(reverse("terms")).text


@pytest.mark.parametrize("duty", [DutyCode.ACCOUNTANT, DutyCode.VILLAGE_AGENT, DutyCode.SYSTEM_ADMINISTRATOR])
def test_page_of_terms_is_for_those_who_see_elections(client: Client, town: Town, duty: DutyCode) -> None:
    client.force_login(town.people[duty])

    assert client.get(reverse("terms")).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_workbench_takes_as_many_queries_for_three_rows_as_for_one(
    client: Client, town: Town, django_assert_num_queries: Any, rows: int
) -> None:
    for _ in range(rows):
        town.record(None, "新问题")
        lay(town, VillageFactory(branch__parent=town.root))
    client.force_login(town.people[CLERK])

    with django_assert_num_queries(28):
        client.get(reverse("home"))


def test_tiles_of_money_count_what_waits_for_oneself(client: Client, town: Town) -> None:
    budget = make_budget(town.own.branch)
    make_submitted(town, budget, "1.00")
    make_submitted(town, budget, "2.00", actor=town.people[DutyCode.ACCOUNTANT])
    seal_both(town, make_submitted(town, budget, "3.00"))

    for duty, label, count in (
        (DutyCode.ACCOUNTANT, "待我盖章", 1),
        (DutyCode.FINANCE_HEAD, "待我盖章", 2),
        (DutyCode.TOWN_SECRETARY, "待我盖章", 2),
        (DutyCode.ACCOUNTANT, "待入账", 1),
    ):
        one = tile(town, duty, label)
        assert one is not None
        assert one.count == count, duty
        client.force_login(town.people[duty])
        assert client.get(one.address).context["page"].paginator.count == count
    assert tile(town, DutyCode.TOWN_SECRETARY, "待入账") is None
    assert tile(town, CLERK, "待我盖章") is None


def test_tiles_of_disclosure_lead_to_what_they_count(client: Client, town: Town) -> None:
    for village in (town.own, town.foreign):
        make_checked(town, village)
    late = newest_due_quarter(today())
    assert late is not None
    client.force_login(town.people[CLERK])

    waiting, overdue = tile(town, CLERK, "待公开"), tile(town, CLERK, "逾期未公开")

    assert waiting is not None
    assert overdue is not None
    assert (waiting.count, overdue.count) == (2, 2)
    assert client.get(waiting.address).context["cl"].result_count == 2
    assert len(client.get(overdue.address).context["slots"]) == 2
    assert tile(town, DutyCode.AREA_LEADER, "待公开") is None


def test_discipline_tile_tells_a_number_and_nothing_else(client: Client, town: Town) -> None:
    """Two petitions long overdue, one of them in the hands of the head, and one closed in time."""
    head, clerk = town.people[DutyCode.DISCIPLINE_HEAD], town.people[DutyCode.DISCIPLINE_CLERK]
    lesson = {"kind": EducationKind.LESSON, "topic": "严守纪律", "audience": "镇村干部", "attendees": 9}
    for months in range(24):
        IntegrityEvent.objects.create(held_on=add_months(today(), -months), **lesson)
    make_petition()
    make_petition(number="XF-2017-02", handler=head)
    make_petition(number="XF-2017-03", closed_on=date(2017, 8, 9), result="属实")

    found = [tile(town, duty, "到期或逾期") for duty in (DutyCode.DISCIPLINE_HEAD, DutyCode.DISCIPLINE_CLERK)]

    assert [one and one.count for one in found] == [2, 1]
    client.force_login(clerk, backend="organizations.backends.AppointmentBackend")
    page = client.get(reverse("home")).text
    assert "到期或逾期<b>1</b>" in page
    assert "XF-2017" not in page
    for duty in set(DutyCode) - {DutyCode.DISCIPLINE_HEAD, DutyCode.DISCIPLINE_CLERK}:
        assert tile(town, duty, "到期或逾期") is None, duty


def test_report_waits_for_the_signature_of_another(town: Town) -> None:
    head, secretary = town.people[DutyCode.OFFICE_HEAD], town.people[DutyCode.TOWN_SECRETARY]
    draft_report(actor=head, as_of=today())
    assert tile(town, DutyCode.TOWN_SECRETARY, "待我签发").count == 1  # type: ignore[union-attr]
    assert tile(town, DutyCode.OFFICE_HEAD, "待我签发").count == 0  # type: ignore[union-attr]  # he drew it up
    assert tile(town, CLERK, "待我签发") is None
    release_report(actor=secretary, report=IssuedReport.objects.get())
    assert tile(town, DutyCode.TOWN_SECRETARY, "待我签发").count == 0  # type: ignore[union-attr]
