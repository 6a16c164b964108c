"""Code lists of discipline and supervision."""

from django.db.models import TextChoices


class ListKind(TextChoices):
    """Whose responsibility a list holds (责任清单)."""

    COMMITTEE = "committee", "党委主体责任清单"
    SECRETARY = "secretary", "第一责任人责任清单"
    MEMBERS = "members", "班子成员一岗双责责任清单"
    SUPERVISION = "supervision", "纪委监督责任清单"


class EducationKind(TextChoices):
    """How integrity was taught (廉政教育)."""

    LESSON = "lesson", "一季一堂廉政课"
    MICRO_LESSON = "micro_lesson", "廉政微课堂"
    TALK = "talk", "廉政谈话"


class TalkKind(TextChoices):
    """Why somebody was talked to. An admonition (诫勉) has consequences and is a measure, not a talk."""

    APPOINTMENT = "appointment", "任前谈话"
    REMINDER = "reminder", "提醒谈话"
    ROUTINE = "routine", "日常谈话"


class IssueLevel(TextChoices):
    """Where an issue of an inspection lies."""

    TOWN = "town", "镇级"
    VILLAGE = "village", "村级"


class RectificationKind(TextChoices):
    """In which time an issue can be put right."""

    AT_ONCE = "at_once", "立行立改"
    IN_TIME = "in_time", "限期整改"
    LONG_TERM = "long_term", "长期坚持"


class FeedbackState(TextChoices):
    """How far an issue of an inspection is. Its dates say so; nothing else stores it."""

    OPEN = "open", "整改中"
    RECTIFIED = "rectified", "已整改，待核验"
    VERIFIED = "verified", "已核验，待销号"
    STRUCK_OFF = "struck_off", "已销号"


class PetitionOrigin(TextChoices):
    """How a petition came in."""

    HANDED_OVER = "handed_over", "巡察转办"
    LETTER = "letter", "来信"
    VISIT = "visit", "来访"
    CALL = "call", "来电"
    ONLINE = "online", "网络"


class Disposal(TextChoices):
    """The four ways to dispose of a lead (问题线索处置方式)."""

    INQUIRY = "inquiry", "谈话函询"
    VERIFICATION = "verification", "初步核实"
    ON_HOLD = "on_hold", "暂存待查"
    DISMISSED = "dismissed", "予以了结"


class CaseStage(TextChoices):
    """How far a case is. Its dates say so; nothing else stores it."""

    FILED = "filed", "审查中"
    REVIEWED = "reviewed", "审理中"
    HEARD = "heard", "待决定"
    DECIDED = "decided", "待执行"
    EXECUTED = "executed", "待结案"
    CLOSED = "closed", "已结案"


class Measure(TextChoices):
    """The five sanctions of the Party (党纪处分条例)."""

    WARNING = "warning", "警告"
    SERIOUS_WARNING = "serious_warning", "严重警告"
    REMOVAL = "removal", "撤销党内职务"
    PROBATION = "probation", "留党察看"
    EXPULSION = "expulsion", "开除党籍"


class DecidingBody(TextChoices):
    """Who decided on a sanction."""

    TOWN_COMMISSION = "town_commission", "镇纪委"
    TOWN_COMMITTEE = "town_committee", "镇党委"
    DISTRICT = "district", "区纪委"


MAY_DECIDE = {
    DecidingBody.TOWN_COMMISSION: (Measure.WARNING, Measure.SERIOUS_WARNING),
    DecidingBody.TOWN_COMMITTEE: (Measure.WARNING, Measure.SERIOUS_WARNING, Measure.REMOVAL, Measure.PROBATION),
    DecidingBody.DISTRICT: tuple(Measure),
}
"""Which sanctions of a member of a branch each body may decide on (处分违纪党员批准权限规定, 2022)."""


class CriticismForm(TextChoices):
    """The first of the four forms (第一种形态): what keeps small faults small."""

    REMINDER = "reminder", "提醒谈话"
    CRITICISM = "criticism", "批评教育"
    SELF_EXAMINATION = "self_examination", "责令检查"
    CIRCULAR = "circular", "通报批评"
    ADMONITION = "admonition", "诫勉谈话"


class LimitCode(TextChoices):
    """Time limits that the portal watches; how long each is stands in a row with validity."""

    PETITION_ACKNOWLEDGEMENT = "petition_acknowledgement", "信访件告知受理"
    PETITION_CLOSING = "petition_closing", "信访件办结"
    LEAD_PROPOSAL = "lead_proposal", "线索提出处置意见"
    LEAD_INQUIRY = "lead_inquiry", "谈话函询办结"
    CASE_REVIEW = "case_review", "立案审查"
    CASE_HEARING = "case_hearing", "案件审理"
    SANCTION_ANNOUNCEMENT = "sanction_announcement", "宣布处分决定"
    SANCTION_REPORT = "sanction_report", "报告处分执行情况"
    ROUND_REPORT = "round_report", "报告巡察整改情况"


class LimitUnit(TextChoices):
    """What a time limit is counted in."""

    WORKING_DAY = "working_day", "个工作日"
    DAY = "day", "天"
    MONTH = "month", "个月"


class AccessKind(TextChoices):
    """What somebody did with a confidential record."""

    READ = "read", "查阅"
    PRINTED = "printed", "打印"
    EXPORTED = "exported", "导出"
    IMPORTED = "imported", "导入台账"


class Register(TextChoices):
    """The registers each reading of which is kept."""

    PETITION = "petition", "信访件"
    LEAD = "lead", "问题线索"
    CASE = "case", "案件"
    SANCTION = "sanction", "党纪处分"
    PERSON = "person", "涉及人员"
    CRITICISM = "criticism", "批评教育"
    WORKBOOK = "workbook", "廉政台账"
