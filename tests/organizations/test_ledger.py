"""Workbook 01, and sheet 文件下发 of workbook 05."""

from datetime import date

from organizations.enums import DutyCode, OrganizationKind
from organizations.models import Appointment, Area, DirectiveReceipt, Organization, User, Village, VillageStatistic
from tests.township import load


def test_tree_hangs_together(township: None) -> None:
    root = Organization.objects.get(parent__isnull=True)
    composite = Organization.objects.get(kind=OrganizationKind.COMPOSITE_COMMITTEE)
    assert composite.parent == root
    assert composite.children.count() == 17
    assert Organization.objects.branches().count() == 67


def test_month_only_dates_keep_their_precision(township: None) -> None:
    clinic = Organization.objects.get(code="CS-S02")
    assert (clinic.founded_on, clinic.founded_precision) == (date(1994, 1, 1), "month")


def test_every_village_has_a_branch_an_area_and_statistics(township: None) -> None:
    assert Village.objects.count() == VillageStatistic.objects.filter(year=2017).count() == 44
    assert Area.objects.count() == 10
    village = Village.objects.get(name="北崖村")
    assert (village.branch.code, village.area.name, village.statistics.get().households) == (
        "CS-C06",
        "云台片区",
        247,
    )


def test_one_account_a_phone_number_without_a_password(township: None) -> None:
    assert User.objects.count() == 168
    assert not any(user.has_usable_password() for user in User.objects.all())
    assert User.objects.get(name="魏洁").appointments.count() == 2


def test_area_leader_keeps_the_full_title(township: None) -> None:
    leader = Appointment.objects.get(duty__code=DutyCode.AREA_LEADER, area__name="青云片区")
    assert (leader.user.name, leader.title) == ("崔淑霞", "镇党委副书记、镇长")


def test_receipts_say_who_has_not_signed_yet(township: None) -> None:
    receipts = DirectiveReceipt.objects.filter(directive__number="池发〔2017〕19号")
    assert receipts.count() == 67
    assert receipts.signed_by(date(2017, 6, 30)).count() == 60


def test_loading_twice_changes_nothing(undone: None) -> None:
    for report in load():
        assert all((count.new, count.changed) == (0, 0) for count in report.counts.values()), report.file
