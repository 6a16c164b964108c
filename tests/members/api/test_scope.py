"""Property: whatever happens to members, a secretary's API never shows one of another branch."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chishang.core.dates import today
from members.api.urls import router
from members.enums import Presence, TalentKind, TrainingKind
from members.models import (
    MeetingAttendance,
    Member,
    Talent,
    Training,
    TrainingAttendance,
    Transfer,
)
from members.services import receive_transfer, return_transfer, start_transfer
from organizations.enums import DutyCode
from organizations.models import Organization, Village
from tests.api import api_client
from tests.factories import Town
from tests.members.life import make_meeting, make_member

DAY = today() - timedelta(days=1)
FEW = settings(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck))
STEPS = ("start", "receive", "return", "training", "meeting", "talent")


class History:
    """Members of two branches, to whom the steps of a story happen."""

    def __init__(self, town: Town, number: int) -> None:
        self.clerk, self.number = town.people[DutyCode.OFFICE_CLERK], number
        self.villages: list[Village] = [town.own, town.foreign]
        names = ("甲", "乙", "丙", "丁")
        self.members = [
            make_member(self.villages[place % 2].branch, f"{'本外'[place % 2]}村第{number}轮{name}")
            for place, name in enumerate(names)
        ]
        self.transfers: dict[int, Transfer] = {}

    def take(self, step: str, which: int) -> None:
        """Let one step happen to one member; a transfer that is not under way is not received."""
        member = self.members[which]
        member.refresh_from_db()
        getattr(self, f"_{step}")(member, which)

    def _start(self, member: Member, which: int) -> None:
        if which not in self.transfers:
            target = self._other(member.branch)
            self.transfers[which] = start_transfer(
                actor=self.clerk, transfer=Transfer(member=member, to_branch=target, started_on=DAY)
            )

    def _receive(self, member: Member, which: int) -> None:
        if transfer := self.transfers.pop(which, None):
            receive_transfer(actor=self.clerk, transfer=transfer, received_on=DAY)

    def _return(self, member: Member, which: int) -> None:
        if transfer := self.transfers.pop(which, None):
            return_transfer(actor=self.clerk, transfer=transfer, returned_on=DAY)

    def _training(self, member: Member, which: int) -> None:
        training, _ = Training.objects.get_or_create(
            name=f"第{self.number}轮培训", kind=TrainingKind.ROTATION, organizer=self.villages[which % 2].branch,
            started_on=DAY, ended_on=DAY, place=str(which % 2),
        )  # fmt: skip
        TrainingAttendance.objects.get_or_create(
            training=training, branch=member.branch, member=member, name=member.name
        )

    def _meeting(self, member: Member, which: int) -> None:
        topic = f"第{self.number}轮{self.villages.index(self._village(member.branch))}"
        meeting = member.branch.meetings.filter(topic=topic).first() or make_meeting(member.branch, DAY, topic=topic)
        MeetingAttendance.objects.get_or_create(meeting=meeting, member=member, presence=Presence.PRESENT)

    def _talent(self, member: Member, which: int) -> None:
        """A talent of the own village who is a member elsewhere, or the other way round."""
        village = self._village(self._other(member.branch))
        kind = TalentKind.OTHER
        name = f"能人{which}第{self.number}轮"
        Talent.objects.get_or_create(village=village, name=name, kind=kind, member=member, recorded_on=DAY)

    def _village(self, branch: Organization) -> Village:
        return next(village for village in self.villages if village.branch_id == branch.pk)

    def _other(self, branch: Organization) -> Organization:
        return next(village.branch for village in self.villages if village.branch_id != branch.pk)


def members_named_in(value: Any) -> Iterator[int]:
    """The keys of all members that an answer refers to, at whatever depth."""
    if isinstance(value, dict):
        if isinstance(value.get("member"), dict):
            yield value["member"]["id"]
        for inner in value.values():
            yield from members_named_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from members_named_in(inner)


def answers(client: Client) -> Iterator[tuple[str, Any]]:
    for prefix, _, _ in router.registry:
        yield prefix, client.get(f"/api/v1/{prefix}/?limit=1000")


def test_secretary_never_sees_a_member_of_another_branch(town: Town) -> None:
    clients = {
        town.own.branch_id: api_client(town.people[DutyCode.BRANCH_SECRETARY]),
        None: api_client(town.people[DutyCode.OFFICE_CLERK]),
    }
    rounds = iter(range(10**6))

    @FEW
    @given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 3)), min_size=3, max_size=14))
    def live(story: list[tuple[str, int]]) -> None:
        history = History(town, next(rounds))
        ever_here = {member.pk for member in history.members if member.branch_id == town.own.branch_id}
        for step, which in story:
            history.take(step, which)
            ever_here |= set(
                Member.objects.filter(pk=history.members[which].pk, branch=town.own.branch).values_list(
                    "pk", flat=True
                )
            )
        here = set(Member.objects.filter(branch=town.own.branch).values_list("pk", flat=True))
        strangers = [member.name for member in history.members if member.pk not in ever_here]
        for prefix, answer in answers(clients[town.own.branch_id]):
            assert answer.status_code == 200, prefix
            assert set(members_named_in(answer.json())) <= here, prefix
            assert not [name for name in strangers if name in answer.content.decode()], prefix
        listed = {
            row["id"] for row in clients[town.own.branch_id].get("/api/v1/members/?limit=1000").json()["results"]
        }
        assert listed == here

    live()
    assert {prefix for prefix, answer in answers(clients[None]) if list(members_named_in(answer.json()))} >= {
        *("member-changes", "transfers", "meetings", "trainings", "training-attendances", "talents"),
    }
