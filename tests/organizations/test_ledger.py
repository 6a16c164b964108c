"""Workbook 01, and sheet 文件下发 of workbook 05."""

from datetime import date
from io import BytesIO
from typing import BinaryIO

import openpyxl

from chishang.core.ledgers import Options, Status, load_ledgers
from organizations.enums import DutyCode, OrganizationKind
from organizations.models import Appointment, Area, DirectiveReceipt, Organization, User, Village, VillageStatistic
from tests.factories import Town, UserFactory, appoint
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


def test_loading_twice_changes_nothing(township: None) -> None:
    for report in load():
        assert all((count.new, count.changed) == (0, 0) for count in report.counts.values()), report.file


SHEETS = {
    "党组织": ("编码", "名称", "类别", "上级编码", "支部类型", "成立日期", "本届届满日期", "书记", "联系电话"),
    "片区": ("片区名称", "片区长", "职务", "书记领办项目", "完成日期"),
    "行政村": ("编码", "村名", "所属片区", "党支部编码", "户数", "人口", "省定贫困村"),
    "任职": ("姓名", "手机号", "职务", "任职单位", "开始日期", "结束日期"),
}


def book(*appointments: tuple[object, ...]) -> tuple[str, BinaryIO]:
    """Workbook 01 with appointments only."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, titles in SHEETS.items():
        workbook.create_sheet(name).append(titles)
    for row in appointments:
        workbook["任职"].append(row)
    file = BytesIO()
    workbook.save(file)
    file.seek(0)
    return "01组织台账.xlsx", file


def test_importer_appoints_as_far_as_the_form_would_let(town: Town) -> None:
    clerk, other = town.people[DutyCode.OFFICE_CLERK], "15412340001"
    rows = [
        ("赵一", other, DutyCode.BRANCH_SECRETARY.label, town.own.branch.name, "2017-03-01", None),
        ("赵一", other, DutyCode.SYSTEM_ADMINISTRATOR.label, town.root.name, "2017-03-01", None),
        (clerk.name, clerk.username, DutyCode.TOWN_SECRETARY.label, town.root.name, "2017-03-01", None),
    ]
    (report,) = load_ledgers([book(*rows)], Options(actor=clerk, take_good_rows=True))
    assert [(fault.row, fault.column) for fault in report.faults] == [(3, "职务"), (4, "职务")]
    assert Appointment.objects.get(user__username=other).duty.code == DutyCode.BRANCH_SECRETARY


def test_importer_may_bring_his_own_appointment_again(town: Town) -> None:
    clerk = town.people[DutyCode.OFFICE_CLERK]
    held = clerk.appointments.get()
    row = (clerk.name, clerk.username, held.duty.name, town.root.name, held.started_on.isoformat(), None)
    (report,) = load_ledgers([book(row)], Options(actor=clerk))
    assert (report.status, report.faults) == (Status.LOADED, [])


def test_clerk_of_one_branch_does_not_import_the_whole_tree(town: Town) -> None:
    clerk = UserFactory()
    appoint(clerk, DutyCode.OFFICE_CLERK, town.own.branch)
    (report,) = load_ledgers([book()], Options(actor=clerk))
    assert report.status == Status.REFUSED
    assert "只有镇一级可以导入" in report.faults[0].message
