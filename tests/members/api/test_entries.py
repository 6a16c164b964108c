"""Recording meetings, changes and honours: once, by the rules, and only where one may."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from chishang.core.dates import add_months, today
from members.enums import ChangeKind, Standing
from members.models import Honour, Meeting, MeetingAttendance, Member, MemberChange
from members.models.people import probation_end
from organizations.enums import DutyCode
from organizations.models import Duty
from tests.api import api_client, key_headers
from tests.factories import Town, appoint
from tests.members.life import kind, make_member
from tests.registers import HELD_ON, YESTERDAY, fill_registers

MEETINGS, CHANGES, HONOURS = "/api/v1/meetings/", "/api/v1/member-changes/", "/api/v1/honours/"
JOINED_ON = add_months(today(), -11)


@pytest.fixture
def office(town: Town) -> Client:
    return api_client(town.people[DutyCode.OFFICE_CLERK])


@pytest.fixture
def secretary(town: Town) -> Client:
    return api_client(town.people[DutyCode.BRANCH_SECRETARY])


@pytest.fixture
def members(town: Town) -> list[Member]:
    """Two of the own branch and one of the foreign branch."""
    places = (("赵东强", town.own), ("孙北国", town.own), ("钱西明", town.foreign))
    return [make_member(village.branch, name) for name, village in places]


@pytest.fixture
def meeting(town: Town, members: list[Member]) -> dict[str, Any]:
    return {
        "organization": town.own.branch_id,
        "held_on": HELD_ON.isoformat(),
        "kind": kind().pk,
        "topic": "学习党章",
        "attendance": [
            {"member": members[0].pk},
            {"member": members[1].pk, "presence": "excused", "reason": "外出"},
        ],
    }


@pytest.fixture
def numbers(meeting: dict[str, Any]) -> dict[str, Any]:
    """The meeting with numbers only."""
    del meeting["attendance"]
    return meeting | {"due": 10, "present": 9}


def post(client: Client, address: str, entry: Any, **options: Any) -> HttpResponse:
    return client.post(address, entry, content_type="application/json", **options)


def errors_of(response: HttpResponse) -> list[str]:
    assert response.status_code == 400, response.content
    assert response.headers["Content-Type"] == "application/problem+json"
    return list(response.json()["errors"])


def test_meeting_is_recorded_with_its_attendance(
    town: Town, secretary: Client, members: list[Member], meeting: dict[str, Any]
) -> None:
    response = post(secretary, MEETINGS, meeting)

    stored = Meeting.objects.get()
    body = response.json()
    assert response.status_code == 201
    assert "Idempotency-Replayed" not in response.headers
    assert (stored.recorded_by, stored.organization) == (town.people[DutyCode.BRANCH_SECRETARY], town.own.branch)
    assert (body["id"], body["due"], body["present"], body["excused"]) == (stored.pk, 2, 1, 1)
    assert [(one["member"]["name"], one["presence"], one["reason"]) for one in body["attendance"]] == [
        ("赵东强", "present", ""),
        ("孙北国", "excused", "外出"),
    ]
    assert secretary.get(f"{MEETINGS}{stored.pk}/").json() == body


def test_meeting_sent_again_is_the_same_meeting(secretary: Client, meeting: dict[str, Any]) -> None:
    first = post(secretary, MEETINGS, meeting)
    again = post(secretary, MEETINGS, meeting | {"topic": " 学习党章\n"})

    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert again.content == first.content
    assert (Meeting.objects.count(), MeetingAttendance.objects.count()) == (1, 2)


def test_meeting_sent_again_with_other_content_is_refused(secretary: Client, numbers: dict[str, Any]) -> None:
    post(secretary, MEETINGS, numbers)

    assert errors_of(post(secretary, MEETINGS, numbers | {"present": 8})) == ["topic"]
    assert Meeting.objects.get().present == 9


def test_meeting_with_a_member_of_another_branch_stores_nothing(
    secretary: Client, members: list[Member], meeting: dict[str, Any]
) -> None:
    meeting["attendance"].append({"member": members[2].pk})
    unknown = meeting | {"attendance": [{"member": 10**12}]}

    response = post(secretary, MEETINGS, meeting)

    assert errors_of(response) == errors_of(post(secretary, MEETINGS, unknown)) == ["attendance"]
    assert "钱西明" not in response.content.decode()
    assert Meeting.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"present": 11}, "present"), ({"excused": 2}, "excused"), ({"present": None}, "present"),
        ({"held_on": (today() + timedelta(days=1)).isoformat()}, "held_on"), ({"held_on": "2017-02-30"}, "held_on"),
        ({"topic": ""}, "topic"), ({"topic": "x" * 201}, "topic"), ({"kind": 10**15}, "kind"),
        ({"present": 10**10}, "present"), ({"presence": 9}, "presence"), ({"minutes": "x" * 5001}, "minutes"),
        ({"attendance": [{"member": "赵"}]}, "attendance[0].member"),
        ({"attendance": [{"member": 1, "name": "赵"}]}, "attendance[0].name"),
        ({"attendance": [{"member": 1, "presence": "late"}]}, "attendance[0].presence"),
    ],
)  # fmt: skip
def test_meeting_that_is_wrong_stores_nothing(
    secretary: Client, numbers: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    assert errors_of(post(secretary, MEETINGS, numbers | change)) == [field]
    assert Meeting.objects.count() == 0


def test_meeting_is_recorded_only_where_one_may(town: Town, secretary: Client, numbers: dict[str, Any]) -> None:
    elsewhere = [post(secretary, MEETINGS, numbers | {"organization": key}) for key in (town.foreign.branch_id, 10**9)]

    assert [errors_of(answer) for answer in elsewhere] == [["organization"], ["organization"]]
    assert elsewhere[0].content == elsewhere[1].content
    leader = api_client(town.people[DutyCode.AREA_LEADER])
    assert (leader.get(MEETINGS).status_code, post(leader, MEETINGS, numbers).status_code) == (200, 403)
    assert Meeting.objects.count() == 0


def test_meeting_is_recorded_with_a_key(town: Town, numbers: dict[str, Any]) -> None:
    secretary = town.people[DutyCode.BRANCH_SECRETARY]

    response = post(Client(), MEETINGS, numbers, headers=key_headers(secretary))

    assert response.status_code == 201
    assert Meeting.objects.get().recorded_by == secretary


def test_change_is_recorded_by_its_rule(town: Town, office: Client, members: list[Member]) -> None:
    entry = {"member": members[0].pk, "kind": "floated", "occurred_on": YESTERDAY.isoformat(), "place": "青岛"}

    body = post(office, CHANGES, entry | {"note": "务工"}).json()

    member = Member.objects.get(pk=members[0].pk)
    assert (member.floating_since, member.floating_to) == (YESTERDAY, "青岛")
    assert (body["kind"], body["place"], body["note"]) == ("floated", "青岛", "务工")
    assert body["member"] == {"id": member.pk, "name": "赵东强"}
    assert body["actor"]["id"] == town.people[DutyCode.OFFICE_CLERK].pk
    assert office.get(f"{CHANGES}{body['id']}/").json() == body
    assert errors_of(post(office, CHANGES, entry)) == ["kind"], "it is no second time the same"
    assert member.changes.filter(kind=ChangeKind.FLOATED).count() == 1


def test_probation_is_extended_until_a_day(town: Town, office: Client) -> None:
    member = make_member(town.own.branch, "周小平", joined_on=JOINED_ON, full_member_on=None)
    entry = {"member": member.pk, "kind": "probation_extended", "occurred_on": today().isoformat()}
    until = add_months(probation_end(JOINED_ON), 6)

    assert errors_of(post(office, CHANGES, entry)) == ["until"]
    assert post(office, CHANGES, entry | {"until": until.isoformat()}).status_code == 201
    assert Member.objects.get(pk=member.pk).probation_ends_on == until


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "joined"}, "kind"), ({"kind": "transferred_out"}, "kind"), ({"kind": "restored"}, "kind"),
        ({"kind": "nonsense"}, "kind"), ({"occurred_on": "2010-05-09"}, "occurred_on"),
        ({"occurred_on": (today() + timedelta(days=1)).isoformat()}, "occurred_on"),
        ({"standing": "left"}, "standing"), ({"note": "x" * 501}, "note"), ({"member": None}, "member"),
    ],
)  # fmt: skip
def test_change_against_the_rules_stores_nothing(
    office: Client, members: list[Member], change: dict[str, Any], field: str
) -> None:
    before = MemberChange.objects.count()
    entry = {"member": members[0].pk, "kind": "died", "occurred_on": YESTERDAY.isoformat()}

    assert errors_of(post(office, CHANGES, entry | change)) == [field]
    assert MemberChange.objects.count() == before
    assert Member.objects.get(pk=members[0].pk).standing == Standing.NORMAL


def test_change_is_recorded_only_where_one_may(town: Town, secretary: Client, members: list[Member]) -> None:
    entry = {"member": members[2].pk, "kind": "died", "occurred_on": YESTERDAY.isoformat()}
    assert post(secretary, CHANGES, entry | {"member": members[0].pk}).status_code == 403

    # The right in one branch is none in another, and a stranger is answered like nobody.
    right = Duty.objects.get(code=DutyCode.OFFICE_CLERK).group.permissions.get(codename="add_memberchange")
    Duty.objects.get(code=DutyCode.BRANCH_SECRETARY).group.permissions.add(right)
    allowed = api_client(town.people[DutyCode.BRANCH_SECRETARY])
    stranger, nobody = post(allowed, CHANGES, entry), post(allowed, CHANGES, entry | {"member": 10**12})

    assert errors_of(stranger) == errors_of(nobody) == ["member"]
    assert stranger.content == nobody.content
    assert post(allowed, CHANGES, entry | {"member": members[0].pk}).status_code == 201
    assert Member.objects.get(pk=members[2].pk).standing == Standing.NORMAL


@pytest.fixture
def honour(town: Town) -> dict[str, Any]:
    talent = fill_registers(town.own, town.people[DutyCode.OFFICE_CLERK])["talent"]
    return {
        "talent": talent.pk,
        "title": "优秀党务工作者",
        "level": "town",
        "granted_by": "镇党委",
        "granted_on": {"date": "2017-06-01", "precision": "month"},
    }


def test_honour_is_stored_with_its_precision(office: Client, honour: dict[str, Any]) -> None:
    response = post(office, HONOURS, honour | {"document": "池发〔2017〕9号"})

    body = response.json()
    assert response.status_code == 201
    assert (body["title"], body["document"], body["revoked_on"]) == ("优秀党务工作者", "池发〔2017〕9号", None)
    assert body["granted_on"] == honour["granted_on"]
    assert office.get(f"{HONOURS}{body['id']}/").json() == body


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"talent": 10**12}, "talent"), ({"level": "world"}, "level"), ({"title": ""}, "title"),
        ({"granted_on": {"date": (today() + timedelta(days=1)).isoformat()}}, "granted_on"),
        ({"granted_on": "2017-06-01"}, "granted_on"), ({"granted_on": {"day": "2017-06-01"}}, "granted_on.day"),
        ({"granted_on": {"date": "2017-06"}}, "granted_on.date"), ({"revoked_on": "2017-07-01"}, "revoked_on"),
        ({"granted_on": {"date": "0017-06-01"}}, "granted_on.date"),
    ],
)  # fmt: skip
def test_honour_that_is_wrong_stores_nothing(
    office: Client, honour: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    before = Honour.objects.count()

    assert errors_of(post(office, HONOURS, honour | change)) == [field]
    assert Honour.objects.count() == before


def test_honour_sent_again_is_refused_and_the_first_stays(office: Client, honour: dict[str, Any]) -> None:
    post(office, HONOURS, honour)
    before = Honour.objects.count()

    response = post(office, HONOURS, honour | {"level": "district"})

    assert response.status_code == 400
    assert "这项荣誉已经登记" in response.content.decode()
    assert Honour.objects.count() == before


@pytest.mark.parametrize(
    ("typed", "precision", "first"),
    [
        ("2017-05-09", "year", "2017-01-01"),
        ("2016-12-31", "month", "2016-12-01"),
        ("2016-02-29", "day", "2016-02-29"),
    ],
)
def test_honour_is_stored_on_the_first_day_of_what_is_known(
    office: Client, honour: dict[str, Any], typed: str, precision: str, first: str
) -> None:
    body = post(office, HONOURS, honour | {"granted_on": {"date": typed, "precision": precision}}).json()

    assert body["granted_on"] == {"date": first, "precision": precision}
    again = post(office, HONOURS, honour | {"granted_on": {"date": first, "precision": precision}})
    assert again.status_code == 400
    assert "这项荣誉已经登记" in again.content.decode()
    assert Honour.objects.filter(title=honour["title"]).count() == 1


def test_honour_is_granted_only_where_one_may(town: Town, secretary: Client, honour: dict[str, Any]) -> None:
    assert post(secretary, HONOURS, honour).status_code == 403

    village_clerk = town.people[DutyCode.VILLAGE_AGENT]
    appoint(village_clerk, DutyCode.OFFICE_CLERK, town.foreign.branch)
    response = post(api_client(village_clerk), HONOURS, honour)

    assert errors_of(response) == ["talent"]
    assert not Honour.objects.filter(title=honour["title"]).exists()
