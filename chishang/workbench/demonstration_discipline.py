"""What is under way today in the discipline office of the demonstration township; all persons are invented."""

from collections.abc import Mapping
from datetime import date, timedelta

from chishang.core.dates import today
from discipline.enums import Disposal, EducationKind, ListKind, PetitionOrigin
from discipline.models import (
    Case,
    FeedbackIssue,
    IntegrityEvent,
    Lead,
    LeadSource,
    Petition,
    PowerItem,
    PowerList,
    ResponsibilityItem,
    ResponsibilityList,
)
from discipline.services.cases import Naming, file_case
from discipline.services.feedback import strike_off_issue, verify_issue
from discipline.services.leads import open_lead, propose_disposal
from discipline.services.people import PersonFacts
from discipline.services.petitions import acknowledge_petition, receive_petition
from organizations.enums import DutyCode
from organizations.models import User, Village

ITEMS = (
    ("每季度专题研究全面从严治党工作", "镇党委书记", 30, "党委会会议记录"),
    ("与班子成员开展廉政谈话", "镇党委书记", 12, ""),
    ("检查各村财务公开情况", "镇纪委书记", -9, ""),
    ("组织一季一堂廉政课", "镇纪委书记", 36, ""),
)
"""Items of this year's list: content, owner, due in so many days, evidence where it is done."""
POWERS = ("村级重大事项决策", "低保户申请初审", "集体土地发包", "公章使用", "村级财务开支审批")
VERIFIED, STRUCK_OFF = 12, 6
"""So many rectified issues of the ledger are verified, and struck off."""


def add_discipline(people: Mapping[DutyCode, User], village: Village) -> None:
    """Let a petition, a lead and a case be under way, some issues be verified, and a list of this year be kept.

    ``people`` holds one account for each duty; ``village`` is the one that they concern.
    """
    head, clerk = people[DutyCode.DISCIPLINE_HEAD], people[DutyCode.DISCIPLINE_CLERK]
    petition = _receive(head, clerk, village)
    _pursue(head, clerk, petition, village)
    _file(head, clerk, village)
    _verify(head)
    _prevent(village)


def _ago(days: int) -> date:
    return today() - timedelta(days=days)


def _receive(head: User, clerk: User, village: Village) -> Petition:
    """Two petitions: one in the clerk's hands, one that nobody was told of yet."""
    year = today().year
    petition = Petition(
        number=f"XF-{year}-01",
        origin=PetitionOrigin.LETTER,
        received_on=_ago(52),
        sender="区信访局",
        is_signed=True,
        organization=village.branch,
        handler=clerk,
    )
    petition.summary = "反映某村修路工程用工记录与实际不符"
    receive_petition(actor=head, petition=petition)
    acknowledge_petition(actor=clerk, petition=petition, acknowledged_on=_ago(40))
    waiting = Petition(
        number=f"XF-{year}-02", origin=PetitionOrigin.CALL, received_on=_ago(15), sender="来电", is_signed=True
    )
    waiting.summary = "反映便民服务窗口办事拖延"
    receive_petition(actor=head, petition=waiting)
    return petition


def _pursue(head: User, clerk: User, petition: Petition, village: Village) -> None:
    """Two leads: one under verification, one for which nothing has been proposed in time."""
    source = LeadSource.objects.get(name="群众举报")
    year = today().year
    first = Lead(
        number=f"XS-{year}-01", source=source, received_on=_ago(45), organization=village.branch, handler=clerk
    )
    first.content = "修路工程用工记录与实际不符"
    open_lead(actor=head, lead=first, petition=petition)
    propose_disposal(actor=clerk, lead=first, disposal=Disposal.VERIFICATION, proposed_on=_ago(30))
    second = Lead(number=f"XS-{year}-02", source=source, received_on=_ago(38), handler=clerk)
    second.content = "值班期间饮酒"
    open_lead(actor=head, lead=second)


def _file(head: User, clerk: User, village: Village) -> None:
    """A case under review, in the clerk's hands."""
    case = Case(
        number=f"池纪立〔{today().year}〕1号",
        source=LeadSource.objects.get(name="区巡察"),
        handler=clerk,
        organization=village.branch,
        filed_on=_ago(70),
    )
    case.brief = "未按规定公示低保评议结果"
    facts = PersonFacts(name="邰文渊", unit=village.branch.name, organization=village.branch)
    file_case(actor=head, case=case, people=[facts], naming=Naming(users=(head,)))


def _verify(head: User) -> None:
    """Some of the ledger's issues are verified by the head, the first of them struck off."""
    issues = FeedbackIssue.objects.filter(rectified_on__isnull=False).exclude(responsible=head.name)
    for count, issue in enumerate(issues.order_by("number")[:VERIFIED]):
        day = issue.rectified_on + timedelta(days=10)
        verify_issue(actor=head, issue=issue, verified_on=day, verifier=head.name)
        if count < STRUCK_OFF:
            strike_off_issue(actor=head, issue=issue, struck_off_on=day + timedelta(days=5))


def _prevent(village: Village) -> None:
    """This year's list with items done, due and overdue; a lesson in all quarters but one; powers of one village."""
    year = today().year
    kept = ResponsibilityList.objects.create(
        kind=ListKind.COMMITTEE, bearer="镇党委", issued_on=min(date(year, 3, 3), _ago(12))
    )
    for number, (content, owner, due, evidence) in enumerate(ITEMS, 1):
        ResponsibilityItem.objects.create(
            responsibility_list=kept,
            number=number,
            content=content,
            owner=owner,
            due_on=_ago(-due),
            done_on=_ago(5) if evidence else None,
            evidence=evidence,
        )
    for month in (2, 8):
        day = date(year, month, 16)
        if day <= today():
            IntegrityEvent.objects.create(
                kind=EducationKind.LESSON, held_on=day, topic="以案为鉴、警钟长鸣", audience="镇村干部", attendees=96
            )
    powers = PowerList.objects.get(village=village)
    for number, name in enumerate(POWERS, 1):
        published = min(date(year, 1, 20), today()) if number < len(POWERS) else None
        PowerItem.objects.create(power_list=powers, number=number, name=name, published_on=published)
