"""Changes and transfers of members in the admin, and the lists of the register."""

from datetime import date, timedelta

import pytest
from django.test import Client

from chishang.core.dates import add_months, today
from members.enums import ChangeKind, Standing, TransferState
from members.models import Member, Occupation, StatisticBand, Transfer
from members.services import record_change, start_transfer
from tests.factories import Town, UserFactory, appoint
from tests.members.life import make_member
from tests.members.people import DAY, LEADER, LISTS, MEMBERS, OFFICE, file_of, sign_in


def test_change_is_recorded_and_withdrawn_on_its_page(
    office: Client, town: Town, members: tuple[Member, Member]
) -> None:
    own = members[0]
    address = f"{MEMBERS}{own.pk}/record/"
    page = office.get(address).content.decode()
    assert "失去联系" in page
    assert "恢复联系" not in page
    assert "预备期延长至" not in page
    answer = office.post(address, {"kind": "lost", "occurred_on": "2009-06-30"})
    assert "日期早于上一次变动" in answer.content.decode()
    answer = office.post(address, {"kind": "found", "occurred_on": "2016-03-01"})
    assert "kind" in answer.context["form"].errors
    answer = office.post(address, {"kind": "lost", "occurred_on": "2016年3月1日", "note": "电话不通"}, follow=True)
    assert "已登记：失去联系。" in answer.content.decode()
    own.refresh_from_db()
    assert own.lost_since == DAY
    assert own.changes.get(kind="lost").actor == town.people[OFFICE]
    answer = office.post(f"{MEMBERS}{own.pk}/void/", {"reason": ""})
    assert "reason" in answer.context["form"].errors
    page = office.post(f"{MEMBERS}{own.pk}/void/", {"reason": "人在家"}, follow=True).content.decode()
    assert "已撤回：失去联系。" in page
    assert "已撤回：人在家" in page
    own.refresh_from_db()
    assert own.lost_since is None


def test_probation_is_extended_on_the_page(office: Client, town: Town) -> None:
    member = make_member(town.own.branch, joined_on=add_months(today(), -12), full_member_on=None)
    address = f"{MEMBERS}{member.pk}/record/"
    data = {"kind": "probation_extended", "occurred_on": today().isoformat()}
    answer = office.post(address, data)
    assert "延长后的届满日期应在" in str(answer.context["form"].errors["until"])
    until = add_months(member.probation_ends_on or today(), 6)
    assert office.post(address, {**data, "until": until.isoformat()}).status_code == 302
    member.refresh_from_db()
    assert member.probation_ends_on == until


def test_nothing_is_withdrawn_where_the_last_change_is_joining(office: Client, town: Town) -> None:
    member = make_member(town.own.branch, full_member_on=None)
    address = f"{MEMBERS}{member.pk}/void/"
    assert "最近一次变动是入党或转接，不能撤回" in office.post(address, {"reason": "错"}).content.decode()
    assert member.changes.valid().count() == 1


def test_transfer_within_the_town_goes_from_page_to_page(
    office: Client, town: Town, members: tuple[Member, Member]
) -> None:
    own = members[0]
    address = f"{MEMBERS}{own.pk}/transfer/"
    answer = office.post(address, {"started_on": "2016-03-01"})
    assert "只填一个" in answer.content.decode()
    data = {"started_on": "2016-03-01", "to_branch": town.foreign.branch.pk, "dues_paid_to": "2016-02-15"}
    assert "已转出，在途" in office.post(address, data, follow=True).content.decode()
    transfer = Transfer.objects.get()
    assert transfer.dues_paid_to == date(2016, 2, 1)
    page = office.get(f"{MEMBERS}{own.pk}/change/").content.decode()
    assert f"{LISTS}transfer/{transfer.pk}/receive/" in page
    assert f'href="{address}"' not in page
    received = f"{LISTS}transfer/{transfer.pk}/receive/"
    answer = office.post(received, {"occurred_on": "2016-02-29"})
    assert "接收或退回日期不能早于转出日期" in answer.content.decode()
    office.post(received, {"occurred_on": "2016-03-20"})
    own.refresh_from_db()
    assert own.branch == town.foreign.branch
    assert "这次转接已接收，不用再办" in office.get(received).content.decode()


def test_transfer_out_of_town_is_returned_sent_again_and_taken_back(
    office: Client, town: Town, members: tuple[Member, Member]
) -> None:
    own = members[0]
    data = {"started_on": "2016-03-01", "destination": "济南某支部"}
    office.post(f"{MEMBERS}{own.pk}/transfer/", data)
    first = Transfer.objects.get()
    office.post(f"{LISTS}transfer/{first.pk}/return/", {"occurred_on": "2016-03-02", "note": "材料不全"})
    first.refresh_from_db()
    assert (first.state, first.note) == (TransferState.RETURNED, "材料不全")
    office.post(f"{MEMBERS}{own.pk}/transfer/", data)
    second = Transfer.objects.in_transit().get()
    office.post(f"{LISTS}transfer/{second.pk}/receive/", {"occurred_on": "2016-03-05"})
    own.refresh_from_db()
    assert own.standing == Standing.TRANSFERRED
    page = office.get(f"{MEMBERS}{own.pk}/change/").content.decode()
    assert f"{MEMBERS}{own.pk}/take-back/" in page
    back = {"branch": town.foreign.branch.pk, "occurred_on": "2016-06-01", "place": "济南某支部"}
    office.post(f"{MEMBERS}{own.pk}/take-back/", back)
    own.refresh_from_db()
    assert (own.standing, own.branch) == (Standing.NORMAL, town.foreign.branch)


def test_receiving_is_for_the_receiving_side(client: Client, town: Town, members: tuple[Member, Member]) -> None:
    move = Transfer(member=members[0], to_branch=town.foreign.branch, started_on=DAY)
    transfer = start_transfer(actor=town.people[OFFICE], transfer=move)
    clerk = UserFactory()
    appoint(clerk, OFFICE, town.own.branch)
    client.force_login(clerk, backend="organizations.backends.AppointmentBackend")
    page = client.get(f"{LISTS}transfer/{transfer.pk}/change/").content.decode()
    assert f"{transfer.pk}/return/" in page
    assert f"{transfer.pk}/receive/" not in page
    receive = f"{LISTS}transfer/{transfer.pk}/receive/"
    assert client.post(receive, {"occurred_on": "2016-03-05"}).status_code == 403
    sign_in(client, town, LEADER)
    assert client.get(f"{LISTS}transfer/{transfer.pk}/change/").status_code == 200
    assert client.post(f"{LISTS}transfer/{transfer.pk}/return/", {"occurred_on": "2016-03-05"}).status_code == 403
    transfer.refresh_from_db()
    assert transfer.state == TransferState.IN_TRANSIT


def test_transfers_are_listed_by_what_is_to_be_done(
    office: Client, town: Town, members: tuple[Member, Member]
) -> None:
    clerk = town.people[OFFICE]
    late = start_transfer(actor=clerk, transfer=Transfer(member=members[0], destination="济南", started_on=DAY))
    fresh = Transfer(member=members[1], destination="济南", started_on=today())
    start_transfer(actor=clerk, transfer=fresh)
    done = Transfer(member=make_member(town.own.branch, "孙中"), destination="济南", started_on=DAY)
    start_transfer(actor=clerk, transfer=done)
    office.post(f"{LISTS}transfer/{done.pk}/return/", {"occurred_on": "2016-03-02"})
    for query, names in (("", "赵钱孙"), ("?transit=open", "赵钱"), ("?transit=overdue", "赵")):
        page = office.get(f"{LISTS}transfer/{query}").content.decode()
        found = [name[0] for name in ("赵东强", "钱西明", "孙中") if name in page]
        assert found == list(names), query
    assert "逾期（有效期至" in office.get(f"{LISTS}transfer/{late.pk}/change/").content.decode()


def test_course_does_not_name_a_branch_that_one_does_not_see(
    client: Client, town: Town, members: tuple[Member, Member]
) -> None:
    clerk = town.people[OFFICE]
    move = Transfer(member=members[1], to_branch=town.own.branch, started_on=DAY)
    start_transfer(actor=clerk, transfer=move)
    sign_in(client, town, OFFICE).post(f"{LISTS}transfer/{move.pk}/receive/", {"occurred_on": "2016-03-05"})
    page = sign_in(client, town, LEADER).get(f"{MEMBERS}{members[1].pk}/change/").content.decode()
    assert "从镇内其他党支部" in page
    assert "发展入党" not in page, "what happened in the other branch is its own"
    assert town.foreign.branch.name not in page


@pytest.mark.parametrize("register", ["memberchange", "transfer"])
def test_changes_and_transfers_are_not_typed(
    office: Client, town: Town, members: tuple[Member, Member], register: str
) -> None:
    move = Transfer(member=members[0], destination="济南", started_on=DAY)
    start_transfer(actor=town.people[OFFICE], transfer=move)
    rows = {"memberchange": members[0].changes.first(), "transfer": move}
    key = rows[register].pk  # type: ignore[union-attr]
    assert office.get(f"{LISTS}{register}/{key}/change/").status_code == 200
    assert office.post(f"{LISTS}{register}/{key}/change/", {"place": "别处"}).status_code == 403
    assert office.get(f"{LISTS}{register}/add/").status_code == 403
    assert office.get(f"{LISTS}{register}/import/").status_code == 403
    assert office.get(f"{LISTS}{register}/export/").status_code == 200


def test_changes_of_another_branch_are_not_listed(client: Client, town: Town, members: tuple[Member, Member]) -> None:
    page = sign_in(client, town, LEADER).get(f"{LISTS}memberchange/").content.decode()
    assert "赵东强" in page
    assert "钱西明" not in page


def test_lists_of_the_register_are_kept_by_the_office(office: Client, town: Town) -> None:
    office.post(f"{LISTS}occupation/add/", {"name": "护林员", "code": "", "sort_no": 5})
    assert Occupation.objects.get(name="护林员").sort_no == 5
    data = {"kind": "age", "name": "99岁以上", "age_from": 99, "sort_no": 5}
    office.post(f"{LISTS}statisticband/add/", data)
    assert StatisticBand.objects.get(name="99岁以上").age_to is None
    assert office.get(f"{LISTS}statisticband/").status_code == 200


def test_derived_columns_cannot_be_typed(office: Client, members: tuple[Member, Member]) -> None:
    own = members[0]
    values = file_of(born_on="1980-03-04", standing="left", lost_since="2016-01-01", hardship_since="2016-01-01")
    assert office.post(f"{MEMBERS}{own.pk}/change/", values).status_code == 302
    own.refresh_from_db()
    assert (own.standing, own.lost_since, own.hardship_since) == (Standing.NORMAL, None, None)


def test_removed_member_joins_again_by_the_button(office: Client, town: Town, members: tuple[Member, Member]) -> None:
    own = members[0]
    page, address = f"{MEMBERS}{own.pk}/change/", f"{MEMBERS}{own.pk}/rejoin/"
    assert address not in office.get(page).content.decode()
    assert "只有已出党的才能重新入党" in office.get(address).content.decode()
    record_change(actor=None, member=own, kind=ChangeKind.WITHDREW, occurred_on=DAY)
    assert address in office.get(page).content.decode()
    typed = {"branch": own.branch_id, "joined_on": "2016-02-29"}
    assert "早于已登记的" in office.post(address, typed).context["form"].errors["joined_on"][0]
    late = office.post(address, {**typed, "joined_on": (today() + timedelta(days=1)).isoformat()})
    assert "不能晚于今天" in late.context["form"].errors["joined_on"][0]
    shown = office.post(address, {**typed, "joined_on": "2017-06-01"}, follow=True).content.decode()
    assert "赵东强已重新登记为预备党员。" in shown
    assert "预备期到 2018年6月1日" in shown
    assert address not in shown
    own.refresh_from_db()
    assert (own.standing, own.joined_on, own.full_member_on) == (Standing.NORMAL, date(2017, 6, 1), None)


def test_one_who_was_expelled_lately_has_no_button(office: Client, members: tuple[Member, Member]) -> None:
    record_change(actor=None, member=members[0], kind=ChangeKind.EXPELLED, occurred_on=add_months(today(), -59))
    assert "/rejoin/" not in office.get(f"{MEMBERS}{members[0].pk}/change/").content.decode()
    typed = {"branch": members[0].branch_id, "joined_on": today().isoformat()}
    assert "五年内" in office.post(f"{MEMBERS}{members[0].pk}/rejoin/", typed).content.decode()
    members[0].refresh_from_db()
    assert members[0].standing == Standing.LEFT


def test_joining_again_needs_the_right_and_a_member_of_one_s_own(
    client: Client, town: Town, members: tuple[Member, Member]
) -> None:
    for member in members:
        record_change(actor=None, member=member, kind=ChangeKind.WITHDREW, occurred_on=DAY)
    sign_in(client, town, LEADER)
    for member, expected in zip(members, (403, 404), strict=True):
        typed = {"branch": member.branch_id, "joined_on": "2017-06-01"}
        assert client.get(f"{MEMBERS}{member.pk}/rejoin/").status_code == expected
        assert client.post(f"{MEMBERS}{member.pk}/rejoin/", typed).status_code == expected
    assert Member.objects.filter(standing=Standing.LEFT).count() == 2
