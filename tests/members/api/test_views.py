"""Reading members, organisational life, dues and development: rows, filters, scope, and the number of queries."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from members.api.urls import router
from members.enums import ChangeKind, TrainingKind
from members.models import MeetingKind, Member, Training, TrainingAttendance, Transfer
from members.services import receive_transfer, start_transfer
from organizations.enums import DutyCode
from organizations.models import Duty
from tests.api import api_client, keys_of
from tests.factories import Town, VillageFactory, appoint
from tests.members.life import make_member
from tests.registers import HELD_ON, YESTERDAY, change_of, fill_registers

BASE = "/api/v1"
SCOPED = {
    "members": "member",
    "member-changes": "memberchange",
    "transfers": "transfer",
    "meetings": "meeting",
    "trainings": "training",
    "training-attendances": "trainingattendance",
    "talents": "talent",
    "honours": "honour",
    "development-files": "developmentfile",
    "dues-standards": "duesstandard",
    "dues-exemptions": "duesexemption",
    "dues-payments": "duespayment",
}


@pytest.fixture
def office(town: Town) -> Client:
    return api_client(town.people[DutyCode.OFFICE_CLERK])


@pytest.fixture
def secretary(town: Town) -> Client:
    return api_client(town.people[DutyCode.BRANCH_SECRETARY])


@pytest.fixture
def own(town: Town) -> dict[str, Any]:
    return fill_registers(town.own, town.people[DutyCode.OFFICE_CLERK])


@pytest.fixture
def foreign(town: Town) -> dict[str, Any]:
    return fill_registers(town.foreign, town.people[DutyCode.OFFICE_CLERK])


def move(town: Town, member: Member, *, received: bool = True) -> Transfer:
    """A transfer of the member from the own branch to the foreign one, or back."""
    target = town.own.branch if member.branch_id == town.foreign.branch_id else town.foreign.branch
    clerk = town.people[DutyCode.OFFICE_CLERK]
    transfer = start_transfer(actor=clerk, transfer=Transfer(member=member, to_branch=target, started_on=HELD_ON))
    return receive_transfer(actor=clerk, transfer=transfer, received_on=YESTERDAY) if received else transfer


def test_member_shows_the_items_of_the_form_in_their_order(own: dict[str, Any], secretary: Client) -> None:
    member = own["member"]

    assert secretary.get(f"{BASE}/members/{member.pk}/").json() == {
        "id": member.pk,
        "name": "本村的党员",
        "sex": "1",
        "ethnic_group": "01",
        "id_number_verified": True,
        "born_on": {"date": "1968-07-01", "precision": "month"},
        "education": "17",
        "kind": "full",
        "branch": {"id": member.branch_id, "name": member.branch.name},
        "joined_on": {"date": "2010-05-10", "precision": "day"},
        "full_member_on": {"date": "2011-05-10", "precision": "day"},
        "occupation": {"id": member.occupation_id, "name": "农民"},
        "phone": "154****1234",
        "landline": "053****4567",
        "address": None,
        "standing": "normal",
        "lost_since": None,
        "floating_since": None,
        "floating_to": "",
        "hardship_since": None,
        "probation_ends_on": None,
    }


@pytest.mark.parametrize(("kind", "register"), [("members", "member"), ("development-files", "developmentfile")])
def test_home_address_is_for_those_who_may_change_the_row_there(
    town: Town, own: dict[str, Any], foreign: dict[str, Any], office: Client, kind: str, register: str
) -> None:
    def addresses(client: Client) -> list[str | None]:
        rows = {row["id"]: row["address"] for row in client.get(f"{BASE}/{kind}/").json()["results"]}
        return [rows.get(one[register].pk) for one in (own, foreign)]

    whole = [own[register].address, foreign[register].address]
    assert addresses(office) == whole
    assert addresses(api_client(town.people[DutyCode.TOWN_SECRETARY])) == [None, None]
    # One who reads the whole town and keeps one branch sees the addresses of that branch only.
    secretary = town.people[DutyCode.BRANCH_SECRETARY]
    appoint(secretary, DutyCode.TOWN_SECRETARY, town.root)
    right = Duty.objects.get(code=DutyCode.OFFICE_CLERK).group.permissions.get(codename=f"change_{register}")
    Duty.objects.get(code=DutyCode.BRANCH_SECRETARY).group.permissions.add(right)
    assert addresses(api_client(secretary)) == [whole[0], None]


def test_id_number_and_whole_phone_are_in_no_answer(
    town: Town, own: dict[str, Any], foreign: dict[str, Any], office: Client
) -> None:
    secrets = [own[name].read_id_number() for name in ("member", "developmentfile")]
    secrets += [own[name].id_number_index for name in ("member", "developmentfile")] + [own["member"].phone]
    assert all(secrets), "rows that could leak"

    for prefix, _, _ in router.registry:
        for address in (f"{BASE}/{prefix}/", f"{BASE}/{prefix}/?limit=1000"):
            text = office.get(address).content.decode()
            assert not [one for one in secrets if one in text or one[6:14] in text], prefix
    assert office.get(f"{BASE}/members/{own['member'].pk}/").json()["id_number_verified"] is True


@pytest.mark.parametrize("kind", SCOPED)
def test_foreign_rows_are_404_and_not_listed(
    own: dict[str, Any], foreign: dict[str, Any], secretary: Client, office: Client, kind: str
) -> None:
    mine, theirs = own[SCOPED[kind]].pk, foreign[SCOPED[kind]].pk

    listed, all_keys = keys_of(secretary, f"{BASE}/{kind}/"), keys_of(office, f"{BASE}/{kind}/")
    assert mine in listed
    assert theirs not in listed
    assert len(all_keys) == 2 * len(listed)
    assert secretary.get(f"{BASE}/{kind}/{mine}/").status_code == 200
    for missing in (theirs, 10**6, 10**30):
        assert secretary.get(f"{BASE}/{kind}/{missing}/").status_code == 404
    assert office.get(f"{BASE}/{kind}/{theirs}/").status_code == 200


@pytest.mark.parametrize(
    ("kind", "right", "name"),
    [
        ("meetings", "view_meetingattendance", "attendance"),
        ("trainings", "view_trainingattendance", "attendance"),
        ("development-files", "view_developmentrecord", "records"),
    ],
)
def test_nested_rows_need_their_own_permission(
    town: Town, own: dict[str, Any], kind: str, right: str, name: str
) -> None:
    duty = Duty.objects.get(code=DutyCode.BRANCH_SECRETARY)
    address = f"{BASE}/{kind}/{own[SCOPED[kind]].pk}/"
    assert len(api_client(town.people[DutyCode.BRANCH_SECRETARY]).get(address).json()[name]) == 1

    duty.group.permissions.filter(codename=right).delete()

    assert api_client(town.people[DutyCode.BRANCH_SECRETARY]).get(address).json()[name] == []


@pytest.mark.parametrize("kind", ["member-changes", "transfers", "meetings", "training-attendances", "talents"])
def test_member_of_a_row_is_null_without_the_right_to_members(town: Town, own: dict[str, Any], kind: str) -> None:
    Duty.objects.get(code=DutyCode.BRANCH_SECRETARY).group.permissions.filter(codename="view_member").delete()
    client = api_client(town.people[DutyCode.BRANCH_SECRETARY])

    row = client.get(f"{BASE}/{kind}/{own[SCOPED[kind]].pk}/").json()

    shown = row["attendance"][0]["member"] if kind == "meetings" else row["member"]
    assert shown is None


def test_training_of_several_branches_shows_the_own_attendance_only(
    town: Town, own: dict[str, Any], foreign: dict[str, Any], secretary: Client, office: Client
) -> None:
    training = Training.objects.create(
        name="全镇轮训", kind=TrainingKind.ROTATION, organizer=town.root, started_on=HELD_ON, ended_on=HELD_ON
    )
    for rows in (own, foreign):
        member = rows["member"]
        TrainingAttendance.objects.create(training=training, branch=member.branch, member=member, name=member.name)
    address = f"{BASE}/trainings/{training.pk}/"

    assert [one["name"] for one in office.get(address).json()["attendance"]] == ["本村的党员", "外村的党员"]
    (shown,) = secretary.get(address).json()["attendance"]
    assert shown["member"] == {"id": own["member"].pk, "name": "本村的党员"}
    assert shown["branch"] == {"id": town.own.branch_id, "name": town.own.branch.name}


def test_transfer_to_the_own_branch_does_not_show_the_member_before_it_is_received(
    town: Town, secretary: Client, office: Client
) -> None:
    member = make_member(town.foreign.branch, "钱西明")
    transfer = move(town, member, received=False)
    address = f"{BASE}/transfers/{transfer.pk}/"

    row = secretary.get(address).json()
    assert (row["member"], row["from_branch"], row["to_branch"]["id"]) == (None, None, town.own.branch_id)
    assert office.get(address).json()["member"] == {"id": member.pk, "name": "钱西明"}

    receive_transfer(actor=town.people[DutyCode.OFFICE_CLERK], transfer=transfer, received_on=YESTERDAY)
    assert secretary.get(address).json()["member"] == {"id": member.pk, "name": "钱西明"}


def test_change_of_one_who_left_for_another_branch_does_not_show_where_he_is(
    town: Town, secretary: Client, office: Client
) -> None:
    member = make_member(town.own.branch, "赵东强")
    move(town, member)
    leaving = member.changes.get(kind=ChangeKind.TRANSFERRED_OUT)
    address = f"{BASE}/member-changes/{leaving.pk}/"

    row = secretary.get(address).json()
    assert (row["kind"], row["member"], row["other_branch"]) == ("transferred_out", None, None)
    seen = office.get(address).json()
    assert (seen["member"]["name"], seen["other_branch"]["id"]) == ("赵东强", town.foreign.branch_id)
    assert keys_of(secretary, f"{BASE}/members/") == []


def test_change_shows_what_was_recorded_and_when_it_was_withdrawn(own: dict[str, Any], office: Client) -> None:
    row = change_of(own["member"], ChangeKind.FLOATED, place="青岛", document="池发〔2017〕3号", note="务工")

    shown = office.get(f"{BASE}/member-changes/{row.pk}/").json()
    assert shown.pop("recorded_at")
    assert shown == {
        "id": row.pk,
        "member": {"id": own["member"].pk, "name": "本村的党员"},
        "kind": "floated",
        "from_standing": "normal",
        "to_standing": "normal",
        "branch": {"id": row.branch_id, "name": row.branch.name},
        "other_branch": None,
        "occurred_on": YESTERDAY.isoformat(),
        "place": "青岛",
        "document": "池发〔2017〕3号",
        "note": "务工",
        "actor": None,
        "voided_at": None,
        "void_reason": "",
    }


def test_talent_and_honour_show_how_exactly_their_dates_are_known(own: dict[str, Any], secretary: Client) -> None:
    talent = secretary.get(f"{BASE}/talents/{own['talent'].pk}/").json()
    honour = secretary.get(f"{BASE}/honours/{own['honour'].pk}/").json()

    assert talent["recorded_on"] == {"date": "2017-03-01", "precision": "month"}
    assert honour["granted_on"] == {"date": "2017-01-01", "precision": "year"}
    assert honour["talent"] == {"id": own["talent"].pk, "name": "本村的能人"}
    assert honour["village"]["name"] == "本村"


def test_dues_are_decimal_text_with_the_member_for_the_finance_office(town: Town, own: dict[str, Any]) -> None:
    client = api_client(town.people[DutyCode.ACCOUNTANT])

    row = client.get(f"{BASE}/dues-payments/{own['duespayment'].pk}/").json()

    assert (row["amount"], row["month"]) == ("0.20", "2017-03-01")
    assert row["member"] == {"id": own["member"].pk, "name": "本村的党员"}
    assert client.get(f"{BASE}/members/").status_code == 403


def test_development_file_shows_the_steps_taken(own: dict[str, Any], secretary: Client) -> None:
    row = secretary.get(f"{BASE}/development-files/{own['developmentfile'].pk}/").json()

    (record,) = row["records"]
    assert (record["step"]["name"], record["occurred_on"]) == ("递交入党申请书", HELD_ON.isoformat())
    assert (row["id_number_verified"], row["address"], row["member"]) == (True, None, None)


def test_lists_of_words_are_open_to_secretaries_and_finance(town: Town, secretary: Client) -> None:
    for client in (secretary, api_client(town.people[DutyCode.ACCOUNTANT])):
        assert keys_of(client, f"{BASE}/meeting-kinds/") == sorted(MeetingKind.objects.values_list("pk", flat=True))
        for words, count in [("meeting-rules", 6), ("development-steps", 25), ("dues-brackets", 12)]:
            assert len(keys_of(client, f"{BASE}/{words}/")) == count
        assert len(keys_of(client, f"{BASE}/occupations/")) >= 20


@pytest.mark.parametrize(
    ("kind", "queries"),
    [
        ("members", 11), ("member-changes", 13), ("transfers", 14), ("meetings", 13), ("trainings", 13),
        ("training-attendances", 12), ("talents", 12), ("honours", 11), ("development-files", 13),
        ("dues-standards", 11), ("dues-exemptions", 11), ("dues-payments", 11),
    ],
)  # fmt: skip
@pytest.mark.parametrize("more", [0, 2])
def test_lists_take_the_same_number_of_queries_for_more_rows(
    town: Town, kind: str, queries: int, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    clerk = town.people[DutyCode.OFFICE_CLERK]
    for number in range(1 + more):
        village = VillageFactory(branch__parent=town.own.branch) if number else town.own
        rows = fill_registers(village, clerk)
        for received in (False, True):
            member = make_member(village.branch, f"郑家{number}{'去来'[received]}")
            move(town, member, received=received)
        type(rows["developmentfile"]).objects.filter(pk=rows["developmentfile"].pk).update(member=rows["member"])
    client = api_client(town.people[DutyCode.BRANCH_SECRETARY])

    with django_assert_num_queries(queries):
        response = client.get(f"{BASE}/{kind}/")

    assert len(response.json()["results"]) >= 1 + more


def test_every_list_of_the_app_is_tried_here() -> None:
    words = {"occupations", "meeting-kinds", "meeting-rules", "development-steps", "dues-brackets"}
    assert {prefix for prefix, _, _ in router.registry} == set(SCOPED) | words
    assert reverse("memberchange-list") == f"{BASE}/member-changes/"
