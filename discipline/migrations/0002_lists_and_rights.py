"""Time limits, what sanctions entail, sources and categories; and which duty may do what with the registers."""

from datetime import date
from typing import Any

from django.db import migrations

from discipline.enums import LimitCode, LimitUnit, Measure
from organizations.duties import LEADERS, grant, rights_on
from organizations.enums import DutyCode

PETITION_RULE = "纪检监察机关处理检举控告工作规则（2020年）：实名的，15 个工作日内告知受理情况；此前年度镇里按同一期限掌握"
LEAD_RULE = "中国共产党纪律检查机关监督执纪工作规则：线索处置意见应在收到之日起 1 个月内提出"
INQUIRY_RULE = "中国共产党纪律检查机关监督执纪工作规则：谈话函询应在谈话结束或收到回复后 30 日内办结；门户自提出处置意见之日起算"
SANCTION_RULE = "中国共产党纪律处分条例：处分决定作出后 1 个月内宣布"
REPORT_RULE = "中国共产党纪律处分条例：6 个月内报告处分决定执行情况"
ROUND_RULE = "巡视巡察工作条例：收到反馈意见后 2 个月内报告整改情况"
LOCAL_RULE = "镇里核定，请按现行规定修改"
LIMITS = (
    (LimitCode.PETITION_ACKNOWLEDGEMENT, 15, LimitUnit.WORKING_DAY, PETITION_RULE),
    (LimitCode.PETITION_CLOSING, 90, LimitUnit.DAY, LOCAL_RULE),
    (LimitCode.LEAD_PROPOSAL, 1, LimitUnit.MONTH, LEAD_RULE),
    (LimitCode.LEAD_INQUIRY, 30, LimitUnit.DAY, INQUIRY_RULE),
    (LimitCode.CASE_REVIEW, 90, LimitUnit.DAY, LOCAL_RULE),
    (LimitCode.CASE_HEARING, 1, LimitUnit.MONTH, LOCAL_RULE),
    (LimitCode.SANCTION_ANNOUNCEMENT, 1, LimitUnit.MONTH, SANCTION_RULE),
    (LimitCode.SANCTION_REPORT, 6, LimitUnit.MONTH, REPORT_RULE),
    (LimitCode.ROUND_REPORT, 2, LimitUnit.MONTH, ROUND_RULE),
)
LIMITS_SINCE = date(2010, 1, 1)

MEASURES = (
    (Measure.WARNING, 12),
    (Measure.SERIOUS_WARNING, 18),
    (Measure.REMOVAL, 24),
    (Measure.PROBATION, 24),  # after the probation itself
    (Measure.EXPULSION, 60),
)
MEASURES_SINCE, MEASURES_SOURCE = date(2016, 1, 1), "中国共产党纪律处分条例（2015年修订，2018、2023年修订未改）"

SOURCES = ("省扶贫专项审计", "区巡察", "镇巡察", "群众举报", "上级转办", "日常监督", "其他")
CATEGORIES = (
    *("党的领导", "党的建设", "全面从严治党", "落实中央八项规定精神", "选人用人"),
    *("扶贫领域作风", "村级财务管理", "集体资产资源管理", "工程项目管理"),
)

LISTS = ("timelimit", "measurerule", "leadsource", "feedbackcategory", "inspectionround")
OPEN = (
    *("responsibilitylist", "responsibilityitem", "integrityevent", "styleinspection", "inspectionfinding"),
    *("powerlist", "poweritem", "feedbackissue"),
)
SEALED = ("person", "criticism", "petition", "lead", "leadpetition", "case", "involvement", "sanction")
OFFICE = (DutyCode.DISCIPLINE_HEAD, DutyCode.DISCIPLINE_CLERK)


def add_lists(apps: Any, schema_editor: Any) -> None:
    """Add the rules in force and the code lists."""
    get = lambda name: apps.get_model("discipline", name).objects  # noqa: E731
    for code, amount, unit, source in LIMITS:
        values = {"amount": amount, "unit": unit, "source": source}
        get("TimeLimit").get_or_create(code=code, valid_from=LIMITS_SINCE, defaults=values)
    for measure, months in MEASURES:
        values = {"months": months, "source": MEASURES_SOURCE}
        get("MeasureRule").get_or_create(measure=measure, valid_from=MEASURES_SINCE, defaults=values)
    for name, rows in (("LeadSource", SOURCES), ("FeedbackCategory", CATEGORIES)):
        for number, row in enumerate(rows, 1):
            get(name).get_or_create(name=row, defaults={"sort_no": number * 10})


def add_rights(apps: Any, schema_editor: Any) -> None:
    """The office keeps its registers; its head hands cases out; some others have the counts, and nothing else."""
    app, looked_at = "discipline", ("view",)
    grant(apps, OFFICE, rights_on(app, *LISTS, *OPEN, *SEALED))
    grant(apps, OFFICE, rights_on(app, "caseaccess", "namesake", "reading", verbs=looked_at))
    grant(apps, OFFICE, rights_on(app, "namesake", verbs=("add",)))
    grant(apps, (DutyCode.DISCIPLINE_HEAD,), [*rights_on(app, "caseaccess", verbs=("add", "change")), f"{app}.assign_case"])
    grant(apps, (*OFFICE, *LEADERS, DutyCode.DISTRICT_CLIENT), [f"{app}.count_case"])


class Migration(migrations.Migration):
    dependencies = [("discipline", "0001_initial"), ("organizations", "0008_working_days")]

    operations = [
        migrations.RunPython(add_lists, migrations.RunPython.noop),
        migrations.RunPython(add_rights, migrations.RunPython.noop),
    ]
