"""Two at once at one member: nobody waits for the other for ever, nothing is stored twice, every refusal is plain."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from members.enums import ChangeKind, DuesPayer, HonourLevel, Sex, Standing, TransferState
from members.models import DevelopmentFile, DuesStandard, Honour, Member, Transfer
from members.models.id_numbers import TAKEN
from members.services import (
    grant_honour,
    open_file,
    receive_transfer,
    record_change,
    register_member,
    set_standard,
    start_transfer,
)
from organizations.enums import DutyCode
from organizations.models import Organization, User
from tests.factories import Town, build_town
from tests.members.books import id_number
from tests.members.course import APPLIED_ON, applicant, begin, take, walk
from tests.members.course import id_number as applicants_number
from tests.members.life import make_member
from tests.racing import messages, race
from tests.registers import fill_registers

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2017, 7, 1)
BORN = date(1980, 3, 4)
ROUNDS = 4


@pytest.fixture
def ground() -> Town:
    return build_town()


@pytest.fixture
def clerk(ground: Town) -> User:
    return ground.people[DutyCode.OFFICE_CLERK]


def on_the_way(clerk: User, town: Town, member: Member) -> Transfer:
    transfer = Transfer(member=member, to_branch=town.foreign.branch, started_on=DAY)
    return start_transfer(actor=clerk, transfer=transfer)


def receive(clerk: User, transfer: Transfer) -> Callable[[], Transfer]:
    return lambda: receive_transfer(actor=clerk, transfer=transfer, received_on=DAY)


def record(clerk: User, member: Member, kind: ChangeKind) -> Callable[[], Any]:
    return lambda: record_change(actor=clerk, member=member, kind=kind, occurred_on=DAY)


def test_member_dies_while_he_is_received(clerk: User, ground: Town) -> None:
    for number in range(ROUNDS):
        member = make_member(ground.own.branch, f"赵{number}")
        transfer = on_the_way(clerk, ground, member)
        answers = race(receive(clerk, transfer), record(clerk, Member.objects.get(pk=member.pk), ChangeKind.DIED))
        transfer.refresh_from_db()
        member.refresh_from_db()
        if transfer.state == TransferState.RECEIVED:
            assert messages(answers) == ["该党员的组织关系刚才有变动，请重新打开再办。"]
            assert (member.branch, member.standing) == (ground.foreign.branch, Standing.NORMAL)
        else:
            assert messages(answers) == ["这次转接已退回，不用再办。"]
            assert (member.branch, member.standing) == (ground.own.branch, Standing.DECEASED)


def test_change_is_recorded_while_the_member_is_received(clerk: User, ground: Town) -> None:
    for number in range(ROUNDS):
        member = make_member(ground.own.branch, f"赵{number}")
        transfer = on_the_way(clerk, ground, member)
        answers = race(receive(clerk, transfer), record(clerk, Member.objects.get(pk=member.pk), ChangeKind.HARDSHIP))
        member.refresh_from_db()
        assert member.branch == ground.foreign.branch
        noted = member.changes.filter(kind=ChangeKind.HARDSHIP)
        if messages(answers):
            assert messages(answers) == ["该党员的组织关系刚才有变动，请重新打开再办。"]
            assert not noted.exists()
        else:
            assert [one.branch for one in noted] == [ground.own.branch]
            assert member.hardship_since == DAY


def test_step_is_recorded_while_the_member_is_received(clerk: User, ground: Town) -> None:
    file = walk(clerk, begin(clerk, ground.own.branch), until="confirmation_vote")
    transfer = on_the_way(clerk, ground, Member.objects.get())
    answers = race(receive(clerk, transfer), lambda: take(clerk, file, "confirmation_approval"))
    member = Member.objects.get()
    assert (member.branch, DevelopmentFile.objects.get().branch) == (ground.foreign.branch, ground.foreign.branch)
    assert (member.full_member_on is None) == bool(messages(answers))
    assert messages(answers) in ([], ["该党员的组织关系刚才有变动，请重新打开再办。"])


def register(branch: Organization, name: str, number: str = "") -> Callable[[], Member]:
    member = Member(branch=branch, name=name, sex=Sex.MALE, joined_on=date(2010, 5, 10))
    return lambda: register_member(actor=None, member=member, id_number=number)


def test_member_registered_twice_at_once_is_stored_once(ground: Town) -> None:
    own, foreign = ground.own.branch, ground.foreign.branch
    for round_no in range(ROUNDS):
        name, number = f"孙{round_no}", id_number(BORN)
        assert messages(race(register(own, name, number), register(own, name, number))) == [TAKEN]
        name, number = f"周{round_no}", id_number(BORN)
        assert messages(race(register(own, name, number), register(foreign, name, number))) == [TAKEN]
        told = messages(race(register(own, f"吴{round_no}"), register(own, f"吴{round_no}")))
        assert ["两名同名党员请填身份证号码以区分" in text for text in told] == [True]
    assert Member.objects.count() == ROUNDS * 3


def test_file_opened_twice_at_once_is_stored_once(clerk: User, ground: Town) -> None:
    def opening(branch: Organization, number: str, name: str = "孙东升") -> Callable[[], DevelopmentFile]:
        file = applicant(branch, name)
        return lambda: open_file(actor=clerk, file=file, applied_on=APPLIED_ON, id_number=number)

    own, foreign = ground.own.branch, ground.foreign.branch
    first, second = applicants_number(sequence=11), applicants_number(sequence=13)
    assert messages(race(opening(own, first), opening(own, first))) == [TAKEN]
    assert messages(race(opening(own, second), opening(foreign, second))) == [TAKEN]
    told = messages(race(opening(own, "", "周中"), opening(own, "", "周中")))
    assert ["两名同名申请人请填身份证号码以区分" in text for text in told] == [True]
    assert DevelopmentFile.objects.count() == 3


def test_standard_and_honour_pressed_twice_at_once_are_stored_once(clerk: User, ground: Town) -> None:
    member = make_member(ground.own.branch)
    talent = fill_registers(ground.own, clerk)["talent"]

    def setting(month: date) -> Callable[[], DuesStandard]:
        own = DuesStandard(member=member, payer=DuesPayer.FARMER, amount=Decimal("0.50"), valid_from=month)
        return lambda: set_standard(actor=clerk, standard=own)

    def granting(title: str) -> Callable[[], Honour]:
        own = Honour(title=title, level=HonourLevel.TOWN, granted_by="镇党委", granted_on=DAY)
        return lambda: grant_honour(actor=clerk, talent_id=talent.pk, honour=own)

    for number in range(1, ROUNDS + 1):
        month, title = date(2017, number, 1), f"优秀党员{number}"
        assert messages(race(setting(month), setting(month))) == ["该党员从这个月起的标准已经登记。"]
        assert messages(race(granting(title), granting(title))) == ["这项荣誉已经登记。"]
