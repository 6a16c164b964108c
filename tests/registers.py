"""One row in every register, for tests that walk all of them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.utils import timezone

from chishang.core.dates import Precision, today
from members.enums import ChangeKind, DuesPayer, HonourLevel, Presence, TalentKind, TrainingKind
from members.models import (
    DevelopmentFile,
    DevelopmentRecord,
    DevelopmentStep,
    DuesExemption,
    DuesPayment,
    DuesStandard,
    Honour,
    MeetingAttendance,
    Member,
    MemberChange,
    Occupation,
    Talent,
    Training,
    TrainingAttendance,
    Transfer,
)
from members.services import ChangeFacts, correct_member, record_change, start_transfer
from organizations.enums import DutyCode, ElectionBody, ForecastLevel, JournalAction
from organizations.models import (
    ApiCall,
    AreaProject,
    Directive,
    DirectiveReceipt,
    Election,
    ElectionForecast,
    ElectionTerm,
    Organization,
    User,
    Village,
    VillageStatistic,
)
from organizations.services import issue_api_key, write_journal
from tests.discipline.fill import fill_discipline
from tests.factories import Town, UnitFactory
from tests.finance.money import fill_money
from tests.members.books import id_number
from tests.members.life import make_meeting, make_member
from visits.enums import OperationState
from visits.models import Device, Operation

HELD_ON, YESTERDAY = today() - timedelta(days=3), today() - timedelta(days=1)


def change_of(member: Member, kind: ChangeKind, **facts: Any) -> MemberChange:
    """What happened to the member yesterday, recorded by nobody in particular."""
    return record_change(actor=None, member=member, kind=kind, occurred_on=YESTERDAY, facts=ChangeFacts(**facts))


def fill_registers(village: Village, actor: User) -> dict[str, Any]:
    """A row of each register that belongs to the village or its branch, by the model's name in small letters."""
    member, leaving = _member(village), make_member(village.branch, f"{village.name}的转出党员")
    transfer = start_transfer(
        actor=actor, transfer=Transfer(member=leaving, destination="外镇某支部", started_on=HELD_ON)
    )
    return {
        "member": member,
        "memberchange": member.changes.earliest("pk"),
        "transfer": transfer,
        **_life(village, member),
        **_dues(member),
        "developmentfile": _file(village.branch),
        **_elections(village),
        **fill_money(village, actor),
    }


def _member(village: Village) -> Member:
    born_on = date(1968, 7, 1)
    member = make_member(
        village.branch,
        f"{village.name}的党员",
        born_on=born_on,
        born_precision=Precision.MONTH,
        education="17",
        occupation=Occupation.objects.get(name="农民"),
        phone="15400001234",
        landline="0533-1234567",
        address=f"{village.name}一组 8 号",
    )
    return correct_member(actor=None, member=member, id_number=id_number(born_on))


def _life(village: Village, member: Member) -> dict[str, Any]:
    meeting = make_meeting(village.branch, HELD_ON, topic=f"{village.name}的主题党日")
    MeetingAttendance.objects.create(meeting=meeting, member=member, presence=Presence.PRESENT)
    training = Training.objects.create(
        name=f"{village.name}的轮训",
        kind=TrainingKind.ROTATION,
        organizer=village.branch,
        started_on=HELD_ON,
        ended_on=HELD_ON,
    )
    attendance = TrainingAttendance.objects.create(
        training=training, branch=village.branch, member=member, name=member.name
    )
    talent = Talent.objects.create(
        name=f"{village.name}的能人",
        kind=TalentKind.YOUNG_RETURNEE,
        village=village,
        member=member,
        recorded_on=date(2017, 3, 1),
        recorded_precision=Precision.MONTH,
    )
    honour = Honour.objects.create(
        talent=talent,
        title="创业之星",
        level=HonourLevel.DISTRICT,
        granted_by="区委组织部",
        granted_on=date(2017, 1, 1),
        granted_precision=Precision.YEAR,
    )
    found = {"meeting": meeting, "training": training, "trainingattendance": attendance}
    return {**found, "talent": talent, "honour": honour}


def _dues(member: Member) -> dict[str, Any]:
    month, yuan = date(2017, 3, 1), Decimal("0.20")
    standard = DuesStandard.objects.create(member=member, payer=DuesPayer.FARMER, amount=yuan, valid_from=month)
    exemption = DuesExemption.objects.create(
        member=member, from_month=month, until_month=month, decided_on=month, decided_by="镇党委", reason="生活困难"
    )
    payment = DuesPayment.objects.create(member=member, month=month, amount=yuan, paid_on=date(2017, 3, 9))
    return {"duesstandard": standard, "duesexemption": exemption, "duespayment": payment}


def _file(branch: Organization) -> DevelopmentFile:
    file = DevelopmentFile(
        branch=branch, name=f"{branch.name}的申请人", sex="2", born_on=date(1990, 4, 2), address=f"{branch.name}旁"
    )
    file.set_id_number(id_number(date(1990, 4, 2), male=False))
    file.save()
    step = DevelopmentStep.objects.earliest("sequence")
    DevelopmentRecord.objects.create(file=file, step=step, occurred_on=HELD_ON)
    return file


def _elections(village: Village) -> dict[str, Any]:
    term, _ = ElectionTerm.objects.get_or_create(name="2017年村“两委”换届", defaults={"year": 2017})
    election = Election.objects.create(
        term=term,
        village=village,
        body=ElectionBody.BRANCH,
        completed_on=date(2017, 11, 20),
        due=20,
        present=18,
        elected_name=f"{village.name}的书记",
    )
    forecast = ElectionForecast.objects.create(
        term=term,
        village=village,
        assessed_on=date(2017, 10, 1),
        level=ForecastLevel.COMPLEX,
        risks=f"{village.name}的宗族矛盾",
    )
    directive, _ = Directive.objects.get_or_create(
        number="池发〔2017〕1号", defaults={"title": "通知", "issued_on": HELD_ON}
    )
    receipt = DirectiveReceipt.objects.create(
        directive=directive, organization=village.branch, issued_on=directive.issued_on
    )
    return {"election": election, "electionforecast": forecast, "directivereceipt": receipt}


def rows_of(town: Town) -> dict[str, tuple[Any, Any]]:
    """A row of the own village and one of the foreign, for each model with a scope."""
    own = town.record(town.own_household, "本村的问题")
    foreign = town.record(town.foreign_household, "外村的问题")
    UnitFactory()
    for village in (town.own, town.foreign):
        VillageStatistic.objects.create(village=village, year=2017, households=10, population=30)
        AreaProject.objects.create(area=village.area, name="项目")
    clerk = town.people[DutyCode.OFFICE_CLERK]
    registers = [fill_registers(village, clerk) for village in (town.own, town.foreign)]
    appointments = (
        town.people[DutyCode.BRANCH_SECRETARY].appointments.get(),
        town.people[DutyCode.OFFICE_CLERK].appointments.get(),
    )
    look = JournalAction.REVEAL_ID_NUMBER
    looks = [
        write_journal(actor=clerk, action=look, subject="党员 1", organization_id=village.branch_id)
        for village in (town.own, town.foreign)
    ]
    key, _ = issue_api_key(
        actor=None,
        user=town.people[DutyCode.DISTRICT_CLIENT],
        name="区",
        expires_at=timezone.now() + timedelta(days=1),
    )
    call = ApiCall.objects.create(key=key, address="/api/v1/report/", format="json", status=200, rows=55)
    officers = [town.people[duty] for duty in (DutyCode.DISCIPLINE_HEAD, DutyCode.DISCIPLINE_CLERK)]
    for village, found in zip((town.own, town.foreign), registers, strict=True):
        found.update(fill_discipline(village, officers))
    secretary = town.people[DutyCode.BRANCH_SECRETARY]
    phones = [
        Device.objects.create(device_id=uuid4(), user=secretary, organization=village.branch)
        for village in (town.own, town.foreign)
    ]
    sent = [
        Operation.objects.create(
            op_id=uuid4(),
            user=secretary,
            organization=phone.organization,
            device=phone,
            state=OperationState.HELD,
            reason="这一户不归提交人负责。",
        )
        for phone in phones
    ]
    return {
        "device": tuple(phones),
        "operation": tuple(sent),
        "organization": (town.own.branch, town.foreign.branch),
        "area": (town.own.area, town.foreign.area),
        "village": (town.own, town.foreign),
        "household": (town.own_household, town.foreign_household),
        "visit": (own, foreign),
        "issue": (own.issues.get(), foreign.issues.get()),
        "appointment": appointments,
        "user": (town.people[DutyCode.BRANCH_SECRETARY], town.people[DutyCode.OFFICE_CLERK]),
        "apikey": (key, key),
        "apicall": (call, call),
        "journalentry": tuple(looks),
        **{name: (registers[0][name], registers[1][name]) for name in registers[0]},
    }
