"""Code lists of the members app as rows, and what each duty may do with its registers."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import migrations

from members.enums import BandKind, DevelopmentStage, DuesPayer, Period, RuleScope, StepCode
from organizations.duties import LEADERS, VISITORS, grant, rights_on
from organizations.enums import DutyCode

OCCUPATIONS = (
    *("公务员", "参照公务员法管理的工作人员", "事业单位管理人员", "教师", "医务人员", "专业技术人员", "工勤人员"),
    *("公有制企业管理人员", "公有制企业专业技术人员", "非公企业管理人员", "非公企业专业技术人员", "企业职工"),
    *("民办非企业人员", "农民", "村干部", "乡村医生", "外出务工", "其他农牧渔民", "个体经营", "自由职业"),
    *("解放军、武警", "学生", "离休干部", "退休人员", "大学生村官", "社区工作人员", "待业", "其他"),
)
BANDS = (
    (BandKind.AGE, "30岁及以下", 0, 30),
    (BandKind.AGE, "31至35岁", 31, 35),
    (BandKind.AGE, "36至40岁", 36, 40),
    (BandKind.AGE, "41至45岁", 41, 45),
    (BandKind.AGE, "46至50岁", 46, 50),
    (BandKind.AGE, "51至55岁", 51, 55),
    (BandKind.AGE, "56至60岁", 56, 60),
    (BandKind.AGE, "61岁及以上", 61, None),
    (BandKind.JOINED, "1937年7月6日以前", None, date(1937, 7, 6)),
    (BandKind.JOINED, "1937年7月7日至1945年9月2日", date(1937, 7, 7), date(1945, 9, 2)),
    (BandKind.JOINED, "1945年9月3日至1949年9月", date(1945, 9, 3), date(1949, 9, 30)),
    (BandKind.JOINED, "1949年10月至1966年4月", date(1949, 10, 1), date(1966, 4, 30)),
    (BandKind.JOINED, "1966年5月至1976年10月", date(1966, 5, 1), date(1976, 10, 31)),
    (BandKind.JOINED, "1976年11月至1978年12月", date(1976, 11, 1), date(1978, 12, 31)),
    (BandKind.JOINED, "1979年1月至2002年10月", date(1979, 1, 1), date(2002, 10, 31)),
    (BandKind.JOINED, "2002年11月至2012年10月", date(2002, 11, 1), date(2012, 10, 31)),
    (BandKind.JOINED, "2012年11月以后", date(2012, 11, 1), None),
)
MEETING_KINDS = (
    ("members_meeting", "支部党员大会", ""),
    ("committee_meeting", "支委会", ""),
    ("group_meeting", "党小组会", ""),
    ("party_lesson", "党课", ""),
    ("theme_day", "主题党日", ""),
    ("life_meeting", "组织生活会", ""),
    ("special_life_meeting", "专题组织生活会", "life_meeting"),
    ("mobilization", "动员会", ""),
    ("training_meeting", "培训会", ""),
    ("lecture", "宣讲", ""),
)
MEETING_RULES = (
    ("members_meeting", Period.QUARTER, RuleScope.ALL, "支部工作条例：一般每季度一次"),
    ("committee_meeting", Period.MONTH, RuleScope.WITH_COMMITTEE, "支部工作条例：一般每月一次"),
    ("group_meeting", Period.MONTH, RuleScope.WITH_GROUPS, "支部工作条例：一般每月一次"),
    ("party_lesson", Period.QUARTER, RuleScope.ALL, "本地规定：每季度一次"),
    ("theme_day", Period.MONTH, RuleScope.ALL, "支部工作条例：每月固定一天"),
    ("life_meeting", Period.YEAR, RuleScope.ALL, "支部工作条例：每年至少一次"),
)
DUES = (
    *((payer, *bracket) for payer in (DuesPayer.WAGE, DuesPayer.IRREGULAR) for bracket in (
        ("0", "3000", "0.5"), ("3000", "5000", "1"), ("5000", "10000", "1.5"), ("10000", None, "2"),
    )),
    (DuesPayer.RETIRED, "0", "5000", "0.5"),
    (DuesPayer.RETIRED, "5000", None, "1"),
)
DUES_BOUNDS = ((DuesPayer.FARMER, "0.20", "1.00"), (DuesPayer.RELIEF, "0.20", "0.20"))
DUES_FROM, DUES_SOURCE = date(2008, 4, 1), "中组发〔2008〕3号"
S = DevelopmentStage
STEPS: tuple[tuple[str, S, str, dict[str, Any]], ...] = (
    (StepCode.APPLICATION, S.APPLICATION, "递交入党申请书", {}),
    ("talk", S.APPLICATION, "党组织派人谈话", {"after": StepCode.APPLICATION, "within_months": 1}),
    ("activist", S.ACTIVIST, "推荐和确定入党积极分子", {}),
    ("activist_filing", S.ACTIVIST, "上级党委备案", {}),
    ("contacts", S.ACTIVIST, "指定培养联系人", {}),
    ("education", S.ACTIVIST, "培养教育考察", {"after": "activist", "repeats_months": 6}),
    ("candidate", S.CANDIDATE, "确定发展对象", {"after": "activist", "wait_months": 12}),
    ("candidate_filing", S.CANDIDATE, "报上级党委备案", {}),
    ("introducers", S.CANDIDATE, "确定入党介绍人", {}),
    ("review", S.CANDIDATE, "进行政治审查", {}),
    ("training", S.CANDIDATE, "开展集中培训", {}),
    ("committee_review", S.PROBATIONARY, "支部委员会审查", {}),
    ("pre_approval", S.PROBATIONARY, "上级党委预审", {}),
    ("form", S.PROBATIONARY, "填写入党志愿书", {}),
    (StepCode.ADMISSION_VOTE, S.PROBATIONARY, "支部大会讨论", {"needs_vote": True}),
    ("admission_talk", S.PROBATIONARY, "上级党委派人谈话", {}),
    (
        StepCode.ADMISSION_APPROVAL, S.PROBATIONARY, "上级党委审批",
        {"after": StepCode.ADMISSION_VOTE, "within_months": 3},
    ),
    ("admission_filing", S.PROBATIONARY, "再上一级党委组织部门备案", {}),
    ("assignment", S.CONFIRMATION, "编入党支部和党小组", {}),
    ("oath", S.CONFIRMATION, "入党宣誓", {}),
    ("probation", S.CONFIRMATION, "继续教育考察", {"after": StepCode.ADMISSION_VOTE, "repeats_months": 6}),
    ("confirmation_request", S.CONFIRMATION, "提出转正申请", {}),
    (
        StepCode.CONFIRMATION_VOTE, S.CONFIRMATION, "支部大会讨论转正",
        {"after": StepCode.ADMISSION_VOTE, "wait_months": 12, "needs_vote": True},
    ),
    (
        StepCode.CONFIRMATION_APPROVAL, S.CONFIRMATION, "上级党委审批转正",
        {"after": StepCode.CONFIRMATION_VOTE, "within_months": 3},
    ),
    ("archive", S.CONFIRMATION, "材料归档", {}),
)
STEPS_SOURCE = "中国共产党发展党员工作细则（2014年）"

LISTS = ("occupation", "statisticband", "meetingkind", "meetingrule", "duesbracket", "developmentstep")
PEOPLE = ("member", "memberchange", "transfer")
LIFE = ("meeting", "meetingattendance", "training", "trainingattendance", "talent", "honour")
DUES_ROWS = ("duesstandard", "duesexemption", "duespayment")
DEVELOPMENT = ("developmentfile", "developmentrecord")


def add_lists(apps: Any, schema_editor: Any) -> None:
    """Add occupations, bands, kinds of meetings and their rules, brackets of dues, and the 25 steps."""
    get = lambda name: apps.get_model("members", name).objects  # noqa: E731
    for number, name in enumerate(OCCUPATIONS, 1):
        get("Occupation").get_or_create(name=name, defaults={"sort_no": number * 10})
    for number, (kind, name, first, last) in enumerate(BANDS, 1):
        columns = ("age_from", "age_to") if kind == BandKind.AGE else ("joined_from", "joined_to")
        values = dict(zip(columns, (first, last), strict=True))
        get("StatisticBand").get_or_create(kind=kind, name=name, defaults={**values, "sort_no": number * 10})
    _add_meetings(get)
    for payer, over, up_to, percent in DUES:
        get("DuesBracket").get_or_create(
            payer=payer, over=Decimal(over), valid_from=DUES_FROM,
            defaults={"up_to": up_to and Decimal(up_to), "percent": Decimal(percent), "source": DUES_SOURCE},
        )
    for payer, least, most in DUES_BOUNDS:
        get("DuesBracket").get_or_create(
            payer=payer, over=Decimal(0), valid_from=DUES_FROM,
            defaults={"least": Decimal(least), "most": Decimal(most), "source": DUES_SOURCE},
        )
    steps: dict[str, Any] = {}
    for number, (code, stage, name, times) in enumerate(STEPS, 1):
        values = {"stage": stage, "sequence": number, "name": name, **times, "source": STEPS_SOURCE}
        values["after"] = steps.get(times.get("after", ""))
        steps[str(code)], _ = get("DevelopmentStep").get_or_create(code=code, defaults=values)


def _add_meetings(get: Any) -> None:
    kinds: dict[str, Any] = {}
    for number, (code, name, counts_as) in enumerate(MEETING_KINDS, 1):
        values = {"name": name, "counts_as": kinds.get(counts_as), "sort_no": number * 10}
        kinds[code], _ = get("MeetingKind").get_or_create(code=code, defaults=values)
    for code, period, owed_by, source in MEETING_RULES:
        values = {"times": 1, "owed_by": owed_by, "source": source}
        get("MeetingRule").get_or_create(
            kind=kinds[code], period=period, valid_from=date(1990, 1, 1), defaults=values
        )


def add_rights(apps: Any, schema_editor: Any) -> None:
    """The office keeps all registers; a secretary sees the own branch and records its meetings."""
    app, view = "members", ("view",)
    registers = (*LISTS, *PEOPLE, *LIFE, *DUES_ROWS, *DEVELOPMENT)
    office = (DutyCode.OFFICE_HEAD, DutyCode.OFFICE_CLERK)
    grant(apps, office, [*rights_on(app, *registers), "members.reveal_member", "members.receive_transfer"])
    grant(apps, LEADERS, rights_on(app, *registers, verbs=("view", "export")))
    local = (DutyCode.AREA_LEADER, DutyCode.BRANCH_SECRETARY)
    grant(apps, local, rights_on(app, *registers, verbs=view))
    village = (DutyCode.FIRST_SECRETARY, DutyCode.VILLAGE_INSTRUCTOR)
    discipline = (DutyCode.DISCIPLINE_HEAD, DutyCode.DISCIPLINE_CLERK)
    readers = (*village, *discipline, DutyCode.DISTRICT_CLIENT)
    grant(apps, readers, rights_on(app, *LISTS, "member", "memberchange", *LIFE, verbs=view))
    finance = (DutyCode.FINANCE_HEAD, DutyCode.ACCOUNTANT)
    grant(apps, finance, rights_on(app, *LISTS, *DUES_ROWS, verbs=view))
    grant(apps, VISITORS, ["members.add_meeting"])
    grant(apps, (DutyCode.BRANCH_SECRETARY,), ["members.receive_transfer"])


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial"), ("organizations", "0006_election_rights")]

    operations = [
        migrations.RunPython(add_lists, migrations.RunPython.noop),
        migrations.RunPython(add_rights, migrations.RunPython.noop),
    ]
