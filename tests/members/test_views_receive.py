"""Receiving a member on the phone: the new branch's secretary, one press, once."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from chishang.core.dates import today
from members.enums import TransferState
from members.models import Member, Transfer
from members.services import start_transfer
from organizations.enums import DutyCode
from tests.factories import Town
from tests.members.life import make_member
from tests.members.people import sign_in

HOME = "/members/"
SECRETARY, HEAD = DutyCode.BRANCH_SECRETARY, DutyCode.OFFICE_HEAD


@pytest.fixture
def arriving(town: Town) -> Transfer:
    """One of the foreign branch who is on his way into the own branch."""
    member = make_member(town.foreign.branch, "钱西明")
    transfer = Transfer(member=member, to_branch=town.own.branch, started_on=today() - timedelta(days=9))
    return start_transfer(actor=town.people[HEAD], transfer=transfer)


def receive(client: Client, transfer: Transfer, **options: Any) -> Any:
    return client.post(f"{HOME}transfers/{transfer.pk}/receive/", **options)


def test_secretary_receives_with_one_press(client: Client, town: Town, arriving: Transfer) -> None:
    sign_in(client, town, SECRETARY)
    page = client.get(HOME).content.decode()
    assert "钱西明 的组织关系等您接收" in page
    assert town.foreign.branch.name in page
    answer = receive(client, arriving, follow=True)
    assert "钱西明的组织关系已接收" in answer.content.decode()
    assert "等您接收" not in answer.content.decode()
    member = Member.objects.get()
    assert member.branch == town.own.branch
    assert [one.name for one in answer.context["page"]] == ["钱西明"]


def test_second_press_is_told_and_changes_nothing(client: Client, town: Town, arriving: Transfer) -> None:
    sign_in(client, town, SECRETARY)
    receive(client, arriving)
    answer = receive(client, arriving)
    assert answer.status_code == 422
    assert "已接收，不用再办" in answer.content.decode()
    assert Member.objects.get().changes.filter(kind="transferred_in").count() == 1


def test_old_branch_sees_no_button_and_cannot_receive(client: Client, town: Town) -> None:
    member = make_member(town.own.branch, "赵东强")
    transfer = Transfer(member=member, to_branch=town.foreign.branch, started_on=today())
    transfer = start_transfer(actor=town.people[HEAD], transfer=transfer)
    sign_in(client, town, SECRETARY)
    assert "等您接收" not in client.get(HOME).content.decode()
    assert receive(client, transfer).status_code == 403
    transfer.refresh_from_db()
    assert transfer.state == TransferState.IN_TRANSIT


def test_transfer_of_others_does_not_exist(client: Client, town: Town, arriving: Transfer) -> None:
    arriving.to_branch = None
    arriving.destination = "青岛市某支部"
    arriving.save()
    sign_in(client, town, SECRETARY)
    assert receive(client, arriving).status_code == 404
    assert client.post(f"{HOME}transfers/999999/receive/").status_code == 404
    assert client.get(f"{HOME}transfers/{arriving.pk}/receive/").status_code == 405


def test_transfer_out_of_town_is_not_received_here(client: Client, town: Town) -> None:
    member = make_member(town.own.branch, "赵东强")
    transfer = Transfer(member=member, destination="青岛市某支部", started_on=today())
    transfer = start_transfer(actor=town.people[HEAD], transfer=transfer)
    sign_in(client, town, SECRETARY)
    assert receive(client, transfer).status_code == 404
    transfer.refresh_from_db()
    assert transfer.state == TransferState.IN_TRANSIT


@pytest.mark.parametrize("duty", [DutyCode.AREA_LEADER, DutyCode.FIRST_SECRETARY, DutyCode.TOWN_SECRETARY])
def test_others_see_no_button(client: Client, town: Town, arriving: Transfer, duty: DutyCode) -> None:
    sign_in(client, town, duty)
    assert "等您接收" not in client.get(HOME).content.decode()
    assert receive(client, arriving).status_code in {403, 404}


@pytest.mark.parametrize("rows", [1, 3])
def test_arrivals_take_the_same_queries_for_one_and_three(
    client: Client, town: Town, django_assert_num_queries: Any, rows: int
) -> None:
    for number in range(rows):
        member = make_member(town.foreign.branch, f"钱{number}")
        start_transfer(
            actor=town.people[HEAD], transfer=Transfer(member=member, to_branch=town.own.branch, started_on=today())
        )
    sign_in(client, town, SECRETARY)
    with django_assert_num_queries(13):
        client.get(HOME)
