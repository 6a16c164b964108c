"""Figures ``members.*``, ``training.*``, ``talent.*`` and ``elections.meetings``."""

from typing import Any

from django.db.models import Exists, OuterRef, Q

from chishang.core.figures import Question, figure
from members.enums import TalentKind, TrainingKind
from members.models import Honour, Meeting, MemberChange, Talent, TrainingAttendance

ELECTION_MEETINGS = ("mobilization", "training_meeting", "special_life_meeting")
ELECTION_WORD = "换届"


@figure(
    "members.total",
    label="党员",
    unit="人",
    definition="截至日在册的党员：已入党或转入，且未转出、出党、停止党籍或去世。",
)
def total(question: Question) -> Any:
    """The change by which each counts on the day: one row a member."""
    return question.rows(MemberChange).counted_on(question.as_of)


@figure(
    "members.probationary",
    label="预备党员",
    unit="人",
    definition="截至日在册、尚未转正的党员。",
    share_of="members.total",
)
def probationary(question: Question) -> Any:
    """Those of them who were still on probation."""
    return question.rows(MemberChange).counted_on(question.as_of).on_probation(question.as_of)


@figure(
    "members.trained",
    label="参加轮训党员",
    unit="人",
    definition="当年截至日参加过党员轮训的党员，一人只计一次。",
    share_of="members.total",
)
def trained(question: Question) -> Any:
    """Each member's first rotation training of the year: one row a member."""
    rotations = _attendances(question, TrainingKind.ROTATION).filter(member__isnull=False)
    before = Q(training__started_on__lt=OuterRef("training__started_on"))
    before |= Q(training__started_on=OuterRef("training__started_on"), pk__lt=OuterRef("pk"))
    return rotations.filter(~Exists(rotations.filter(before, member=OuterRef("member"))))


@figure(
    "training.outbound_attendances",
    label="外出参观学习",
    unit="人次",
    definition="当年截至日外出学习的参加人次，一人参加两次计两次。",
)
def outbound_attendances(question: Question) -> Any:
    """Attendances, not persons."""
    return _attendances(question, TrainingKind.OUTBOUND)


def _attendances(question: Question, kind: TrainingKind) -> Any:
    rows = question.rows(TrainingAttendance)
    return rows.within_period(question.year_start, question.as_of).of_kind(kind)


@figure(
    "elections.meetings",
    label="换届会议",
    unit="次",
    definition="当年截至日以换届为主题的动员会、培训会和专题组织生活会，镇、村两级合计。",
)
def election_meetings(question: Question) -> Any:
    """Meetings of the three kinds whose topic is the election."""
    meetings = question.rows(Meeting).within_period(question.year_start, question.as_of)
    return meetings.of_kinds(*ELECTION_MEETINGS).filter(topic__contains=ELECTION_WORD)


@figure("talent.young_returnees", label="返乡创业青年", unit="人", definition="截至日登记的返乡创业青年。")
def young_returnees(question: Question) -> Any:
    """Talents of that kind."""
    return question.rows(Talent).recorded_by(question.as_of).filter(kind=TalentKind.YOUNG_RETURNEE)


@figure("talent.outstanding_cadres", label="优秀村干部", unit="人", definition="截至日登记的优秀村干部。")
def outstanding_cadres(question: Question) -> Any:
    """Talents of that kind."""
    return question.rows(Talent).recorded_by(question.as_of).filter(kind=TalentKind.OUTSTANDING_CADRE)


@figure("talent.honours", label="荣誉称号", unit="项", definition="截至日授予且未撤销的荣誉称号。")
def honours(question: Question) -> Any:
    """Honours held on the day."""
    return question.rows(Honour).held_on(question.as_of)
