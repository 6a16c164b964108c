"""The one bit: whether a member is within the effect of a sanction, told to those who check cadres alone."""

from datetime import timedelta

import pytest
from django.test import Client

from chishang.core.dates import today
from members.models import ImpactFlag, Member
from organizations.enums import DutyCode as D
from tests.factories import Town, UserFactory, appoint
from tests.members.life import make_member
from tests.members.people import MEMBERS, sign_in

pytestmark = pytest.mark.django_db
LINE = "影响期内"


@pytest.fixture
def flagged(town: Town) -> Member:
    member = make_member(town.own.branch, "方明远")
    ImpactFlag.objects.create(member=member, until=today())
    return member


def shown(client: Client, member: Member, page: str = "change/") -> str:
    return client.get(f"{MEMBERS}{member.pk}/{page}").content.decode()


@pytest.mark.parametrize("duty", [D.OFFICE_HEAD, D.OFFICE_CLERK])
def test_clerk_sees_the_bit_and_its_last_day(client: Client, town: Town, flagged: Member, duty: D) -> None:
    page = shown(sign_in(client, town, duty), flagged)
    assert f"{LINE}：是，至 {today():%Y-%m-%d}" in page
    for word in ("处分", "discipline", "案件", "警告"):
        assert word not in page


def test_bit_is_gone_the_day_after_the_last(client: Client, town: Town, flagged: Member) -> None:
    ImpactFlag.objects.update(until=today() - timedelta(days=1))
    other = make_member(town.own.branch, "乔守信")
    sign_in(client, town, D.OFFICE_CLERK)
    assert f"{LINE}：否" in shown(client, flagged)
    assert f"{LINE}：否" in shown(client, other)


@pytest.mark.parametrize(
    "duty", [D.TOWN_SECRETARY, D.AREA_LEADER, D.DISCIPLINE_HEAD, D.DISCIPLINE_CLERK, D.SYSTEM_ADMINISTRATOR]
)
def test_others_do_not_see_the_line(client: Client, town: Town, flagged: Member, duty: D) -> None:
    assert LINE not in shown(sign_in(client, town, duty), flagged)


def test_line_is_for_the_place_of_the_duty_only(client: Client, town: Town, flagged: Member) -> None:
    """Who holds the right in one branch and may only look at the other's members sees the line of the one."""
    foreign = make_member(town.foreign.branch, "钱西明")
    ImpactFlag.objects.create(member=foreign, until=today())
    user = UserFactory(name="周文")
    appoint(user, D.OFFICE_CLERK, town.own.branch)
    appoint(user, D.TOWN_SECRETARY, town.root)
    client.force_login(user, backend="organizations.backends.AppointmentBackend")
    assert LINE in shown(client, flagged)
    page = shown(client, foreign)
    assert "钱西明" in page
    assert LINE not in page


def test_nobody_sees_the_line_of_a_member_of_his_own_name(client: Client, town: Town, flagged: Member) -> None:
    clerk = town.people[D.OFFICE_CLERK]
    clerk.name = "方 明远"
    clerk.save()
    page = shown(sign_in(client, town, D.OFFICE_CLERK), flagged)
    assert "方明远" in page
    assert LINE not in page


def test_bit_is_in_no_list_history_export_or_api(client: Client, town: Town, flagged: Member) -> None:
    sign_in(client, town, D.OFFICE_HEAD)
    plain = make_member(town.own.branch, "乔守信")
    addresses = (MEMBERS, f"{MEMBERS}{flagged.pk}/history/", f"{MEMBERS}export/", "/api/v1/members/")
    addresses += (f"/api/v1/members/{flagged.pk}/",)
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        text = answer.content.decode()
        assert "影响期" not in text
        assert "impact" not in text
    assert shown(client, flagged, "history/").count("<tr>") == shown(client, plain, "history/").count("<tr>")
    for register in ("impactflag/", "impactflag/add/", "impactflag/1/change/"):
        assert client.get(f"/admin/members/{register}").status_code == 404


@pytest.mark.parametrize(
    "lookup",
    ["impact_flag__isnull=False", "impact_flag__gte=1", "impact_flag__until__gte=2017-01-01", "%2B__isnull=False"],
)
def test_list_is_not_filtered_by_the_bit(client: Client, town: Town, flagged: Member, lookup: str) -> None:
    """The admin takes lookups from the address that no filter offers, also over relations from elsewhere."""
    sign_in(client, town, D.OFFICE_HEAD)
    answer = client.get(f"{MEMBERS}?{lookup}")
    assert answer.status_code in (302, 400)
