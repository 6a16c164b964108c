"""One row more of each model behind a figure, and exactly which figures it changes at the end of 2017, by how much."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from discipline.enums import EducationKind, IssueLevel, ListKind
from discipline.models import (
    Case,
    FeedbackCategory,
    FeedbackIssue,
    InspectionRound,
    IntegrityEvent,
    Person,
    PowerList,
    ResponsibilityList,
    StyleInspection,
)
from finance.enums import SubjectCode
from finance.models import Budget, CollectiveIncome, Dividend, DividendScheme, IncomeKind, SolarPlant
from members.enums import HonourLevel, TalentKind, TrainingKind
from members.models import Honour, Member, Talent, Training, TrainingAttendance
from organizations.enums import BranchType, DutyCode, ElectionBody, ForecastLevel, OrganizationKind
from organizations.models import (
    AreaProject,
    Directive,
    DirectiveReceipt,
    Election,
    ElectionForecast,
    ElectionTerm,
    Organization,
    Village,
    VillageStatistic,
)
from tests.discipline.records import make_case, make_criticism, make_person, make_petition, make_sanction
from tests.factories import (
    AreaFactory,
    HouseholdFactory,
    OrganizationFactory,
    UserFactory,
    VillageFactory,
    VisitFactory,
    appoint,
)
from tests.finance.money import import_voucher, make_budget
from tests.members.life import make_meeting, make_member
from visits.enums import IssueState, MoveCode
from visits.models import Household, Issue, IssueCategory, IssueEvent, Visit

DAY = date(2017, 12, 31)
YUAN = Decimal


@dataclass
class Ground:
    """A branch and a village that came into being after the day, with nothing that counts."""

    branch: Organization
    village: Village
    household: Household
    member: Member
    person: Person
    visit: Visit
    term: ElectionTerm
    plant: SolarPlant
    scheme: DividendScheme
    budget: Budget
    accused: Case
    issue: Issue


def lay_additions() -> Ground:
    """Make what additions need, later than the day or outside every figure."""
    branch = OrganizationFactory(founded_on=date(2018, 1, 1), parent=Organization.objects.get(parent__isnull=True))
    village = VillageFactory(branch=branch, founded_on=date(2018, 1, 1), area__founded_on=date(2018, 1, 1))
    term = ElectionTerm.objects.filter(year__lte=DAY.year).latest("year", "pk")
    Election.objects.create(term=term, village=village, body=ElectionBody.BRANCH, completed_on=DAY)
    visited = Visit.objects.filter(visited_on__lte=DAY).earliest("pk")
    return Ground(
        branch=branch,
        village=village,
        household=HouseholdFactory(village=village),
        member=make_member(branch, joined_on=date(2018, 1, 1), full_member_on=None),
        person=make_person(),
        visit=visited,
        term=term,
        plant=SolarPlant.objects.create(village=village, capacity_kw=28),
        scheme=DividendScheme.objects.create(village=village, enterprise="某企业", capital=YUAN("1000.00")),
        budget=make_budget(branch, "100.00", year=2017),
        accused=make_case(make_person("某人"), number="池纪立〔2018〕99号", filed_on=date(2017, 12, 1)),
        issue=_issue(visited),
    )


def _issue(visit: Visit) -> Issue:
    return Issue.objects.create(
        visit=visit, raised_on=DAY, category=IssueCategory.objects.earliest("pk"), description="路灯不亮"
    )


def _event(to_state: IssueState, move: MoveCode) -> Callable[[Ground], IssueEvent]:
    def add(ground: Ground) -> IssueEvent:
        return IssueEvent.objects.create(
            issue=ground.issue,
            from_state=IssueState.IN_PROGRESS,
            to_state=to_state,
            move=move,
            occurred_on=DAY,
            note="记录",
        )

    return add


def _attendance(kind: TrainingKind) -> Callable[[Ground], TrainingAttendance]:
    def add(ground: Ground) -> TrainingAttendance:
        training = Training.objects.create(
            name="培训", kind=kind, organizer=ground.branch, started_on=DAY, ended_on=DAY
        )
        return TrainingAttendance.objects.create(
            training=training, branch=ground.branch, member=ground.member, name=ground.member.name
        )

    return add


def _talent(kind: TalentKind) -> Callable[[Ground], Talent]:
    return lambda ground: Talent.objects.create(name="孙某", kind=kind, village=ground.village, recorded_on=DAY)


def _honour(ground: Ground) -> Honour:
    talent = Talent.objects.earliest("pk")
    return Honour.objects.create(
        talent=talent, title="创业之星", level=HonourLevel.DISTRICT, granted_by="区委组织部", granted_on=DAY
    )


def _receipt(ground: Ground) -> DirectiveReceipt:
    plan = Directive.objects.get(title__contains="常态化制度化", title__endswith="实施方案")
    return DirectiveReceipt.objects.create(
        directive=plan, organization=ground.branch, issued_on=plan.issued_on, signed_on=DAY
    )


def _dividend(ground: Ground) -> Dividend:
    return Dividend.objects.create(
        scheme=ground.scheme, year=2017, amount=YUAN("80.00"), village_amount=YUAN("24.00"), households=2, persons=3
    )


def _feedback(rectified_on: date | None) -> Callable[[Ground], FeedbackIssue]:
    def add(_ground: Ground) -> FeedbackIssue:
        return FeedbackIssue.objects.create(
            number="XC-9999",
            round=InspectionRound.objects.create(body="区委巡察组（回访）", feedback_on=DAY),
            category=FeedbackCategory.objects.create(name="新的类别"),
            level=IssueLevel.VILLAGE,
            unit="某村",
            text="记录不完整",
            responsible="责任人",
            deadline=DAY,
            rectified_on=rectified_on,
        )

    return add


Deltas = dict[str, Any]
Addition = tuple[Callable[[Ground], Any], Deltas]

ADDITIONS: dict[str, Addition] = {
    "organization": (
        lambda ground: OrganizationFactory(branch_type=BranchType.ENTERPRISE, founded_on=DAY),
        {"org.branches": 1, "org.branches.enterprise": 1},
    ),
    "committee": (
        lambda ground: OrganizationFactory(
            kind=OrganizationKind.COMPOSITE_COMMITTEE, branch_type="", founded_on=DAY, parent=ground.branch.parent
        ),
        {"org.committees.composite": 1},
    ),
    "village": (
        lambda ground: Village.objects.create(
            code="TV999",
            name="新村",
            area=ground.village.area,
            founded_on=DAY,
            branch=Organization.objects.filter(village__isnull=True, parent__isnull=False).first(),
        ),
        {"org.villages": 1},
    ),
    "statistic": (
        lambda ground: VillageStatistic.objects.create(
            village=Village.objects.exclude(statistics__year=2016).earliest("pk"),
            year=2016,
            households=1,
            population=3,
        ),
        {},
    ),
    "area": (lambda ground: AreaFactory(founded_on=DAY), {"org.areas": 1}),
    "project": (
        lambda ground: AreaProject.objects.create(area=ground.village.area, name="修桥", completed_on=DAY),
        {"org.area_projects_completed": 1},
    ),
    "appointment": (
        lambda ground: appoint(UserFactory(), DutyCode.FIRST_SECRETARY, ground.village, started_on=DAY),
        {"org.first_secretaries": 1},
    ),
    "receipt": (_receipt, {"org.directive_recipients": 1}),
    "forecast": (
        lambda ground: ElectionForecast.objects.create(
            term=ground.term, village=ground.village, assessed_on=DAY, level=ForecastLevel.COMPLEX
        ),
        {"elections.assessed": 1},
    ),
    "election": (
        lambda ground: Election.objects.create(
            term=ground.term, village=ground.village, body=ElectionBody.COMMITTEE, completed_on=DAY
        ),
        {"elections.completed": 1},
    ),
    "meeting": (
        lambda ground: make_meeting(ground.branch, DAY, "mobilization", topic="换届动员"),
        {"elections.meetings": 1},
    ),
    "other meeting": (lambda ground: make_meeting(ground.branch, DAY, topic="换届"), {}),
    "member": (lambda ground: make_member(ground.branch).changes.earliest("pk"), {"members.total": 1}),
    "probationary": (
        lambda ground: make_member(ground.branch, joined_on=DAY, full_member_on=None).changes.earliest("pk"),
        {"members.total": 1, "members.probationary": 1},
    ),
    "rotation": (_attendance(TrainingKind.ROTATION), {"members.trained": 1}),
    "outbound": (_attendance(TrainingKind.OUTBOUND), {"training.outbound_attendances": 1}),
    "returnee": (_talent(TalentKind.YOUNG_RETURNEE), {"talent.young_returnees": 1}),
    "cadre": (_talent(TalentKind.OUTSTANDING_CADRE), {"talent.outstanding_cadres": 1}),
    "honour": (_honour, {"talent.honours": 1}),
    "visit": (
        lambda ground: VisitFactory(household=ground.household, visited_on=DAY),
        {"visits.villages_covered": 1, "visits.households": 1, "visits.count": 1},
    ),
    "second visit": (
        lambda ground: VisitFactory(household=ground.visit.household, visited_on=DAY),
        {"visits.count": 1},
    ),
    "issue": (lambda ground: _issue(ground.visit), {"issues.raised": 1, "issues.pending": 1}),
    "resolved": (_event(IssueState.RESOLVED, MoveCode.RESOLVE), {"issues.resolved": 1, "issues.pending": -1}),
    "escalated": (_event(IssueState.ESCALATED, MoveCode.ESCALATE), {"issues.escalated": 1}),
    "explained": (_event(IssueState.EXPLAINED, MoveCode.EXPLAIN), {"issues.explained": 1}),
    "budget": (
        lambda ground: make_budget(ground.branch, "5.00", SubjectCode.SECRETARY_PAY, year=2017),
        {"finance.village_undisbursed": YUAN("5.00")},
    ),
    "dividend": (
        _dividend,
        {
            "finance.dividend_villages": 1,
            "finance.dividend_households": 2,
            "finance.dividend_persons": 3,
            "finance.dividend_amount": YUAN("80.00"),
        },
    ),
    "income": (
        lambda ground: CollectiveIncome.objects.create(
            year=2017, village=ground.village, kind=IncomeKind.objects.get(name="土地发包"), amount=YUAN("30000.01")
        ),
        {"finance.income_over_30k_villages": 1},
    ),
    "settlement": (
        lambda ground: ground.plant.settlements.create(started_on=DAY, ended_on=DAY, amount=YUAN("1.50")),
        {"finance.solar_villages": 1, "finance.solar_income": YUAN("1.50")},
    ),
    "responsibility list": (
        lambda ground: ResponsibilityList.objects.create(
            kind=ListKind.SUPERVISION, bearer="某支部", issued_on=DAY, organization=ground.branch
        ),
        {"discipline.responsibility_lists": 1},
    ),
    "lesson": (
        lambda ground: IntegrityEvent.objects.create(
            kind=EducationKind.LESSON, held_on=DAY, topic="廉政课", audience="村干部", attendees=20
        ),
        {"discipline.integrity_lessons": 1},
    ),
    "inspection": (
        lambda ground: StyleInspection.objects.create(inspected_on=DAY, unit="某村", inspectors="检查组"),
        {"discipline.style_inspections": 1},
    ),
    "power list": (
        lambda ground: PowerList.objects.create(village=ground.village, item_count=30, settled_on=DAY),
        {"discipline.micro_power_villages": 1},
    ),
    "petition": (
        lambda ground: make_petition("XF-2017-99", received_on=DAY),
        {"discipline.petitions_received": 1},
    ),
    "closed petition": (
        lambda ground: make_petition("XF-2017-99", received_on=DAY, closed_on=DAY, result="属实"),
        {"discipline.petitions_received": 1, "discipline.petitions_closed": 1},
    ),
    "feedback": (_feedback(None), {"discipline.feedback_issues": 1, "discipline.feedback_categories": 1}),
    "rectified": (
        _feedback(DAY),
        {
            "discipline.feedback_issues": 1,
            "discipline.feedback_categories": 1,
            "discipline.feedback_rectified": 1,
        },
    ),
    "case": (lambda ground: make_case(number="池纪立〔2017〕99号", filed_on=DAY), {"discipline.cases": 1}),
    "closed case": (
        lambda ground: make_case(number="池纪立〔2017〕99号", filed_on=DAY, closed_on=DAY),
        {"discipline.cases": 1, "discipline.cases_closed": 1},
    ),
    "sanction": (
        lambda ground: make_sanction(
            ground.accused, decided_on=DAY, effective_on=DAY, impact_until=date(2018, 12, 30)
        ),
        {"discipline.members_sanctioned": 1},
    ),
    "criticism": (lambda ground: make_criticism(ground.person, occurred_on=DAY), {"discipline.criticised": 1}),
}
"""Rows that can be taken away again."""

VOUCHERS: dict[str, Deltas] = {
    SubjectCode.OPERATION: {
        "finance.village_disbursed": YUAN("12.30"),
        "finance.village_undisbursed": -YUAN("12.30"),
    },
    SubjectCode.PARTY_FUND: {"finance.special_party_fund": YUAN("12.30")},
    SubjectCode.TWO_NEW_FUND: {"finance.special_two_new_fund": YUAN("12.30")},
}
"""What a voucher of the subject changes. It is written once: neither moved nor taken away."""


def post(ground: Ground, subject: str, day: date) -> None:
    budget = ground.budget if subject == SubjectCode.OPERATION else None
    import_voucher(ground.branch, day, "12.30", subject=subject, budget=budget, number=99_999)
