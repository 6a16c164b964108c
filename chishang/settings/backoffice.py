"""The web admin: import/export rights and Unfold's look."""

from collections.abc import Callable
from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.module_loading import import_string


def _may(permission: str) -> Callable[[Any], bool]:
    return lambda request: request.user.has_perm(permission)


def _item(title: str, icon: str, model: str) -> dict[str, Any]:
    """Return the menu entry of a register (``app_label.model``), for those who may see it."""
    app_label, model_name = model.split(".")
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app_label}_{model_name}_changelist"),
        "permission": _may(f"{app_label}.view_{model_name}"),
    }


def _page(title: str, icon: str, name: str, permission: str) -> dict[str, Any]:
    """Return the menu entry of a page by its address's name, for those with ``permission``."""
    address = reverse_lazy(name)
    return {
        "title": title,
        "icon": icon,
        "link": address,
        "active": lambda request: request.path == str(address),
        "permission": _may(permission),
    }


def _may_import(request: Any) -> bool:
    return bool(import_string("chishang.core.ledgers.may_import_any")(request.user))


# Without these two any staff account could import and export.
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "import"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "export"
IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_TMP_STORAGE_CLASS = "chishang.core.waiting.WaitingStorage"
IMPORT_EXPORT_SKIP_ADMIN_LOG = True

UNFOLD = {
    "SITE_TITLE": "池上镇党建门户",
    "SITE_HEADER": "池上镇党建门户",
    "SITE_SUBHEADER": "台账与问题办理",
    "SITE_SYMBOL": "account_balance",
    "SITE_URL": "/",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("chishang/icon.svg")},
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": False,
    "BORDER_RADIUS": "6px",
    "STYLES": [lambda request: static("chishang/admin.css")],
    "COLORS": {
        "primary": {
            "50": "#fdf3f2",
            "100": "#fbe4e1",
            "200": "#f6cbc6",
            "300": "#eda69e",
            "400": "#df766b",
            "500": "#c94a3d",
            "600": "#b02a1e",
            "700": "#932118",
            "800": "#7a1f18",
            "900": "#661f19",
            "950": "#380c08",
        },
    },
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": [
            {
                "items": [
                    {
                        "title": "工作台",
                        "icon": "home",
                        "link": reverse_lazy("home"),
                        "active": lambda request: request.path == "/",
                    },
                    _item("反映问题", "forum", "visits.issue"),
                    {**_page("导入台账", "upload_file", "admin:ledgers", ""), "permission": _may_import},
                ],
            },
            {
                "title": "报表",
                "separator": True,
                "items": [
                    _page("工作报告", "bar_chart", "report:report", "organizations.view_organization"),
                    _page("签发的报告", "approval_delegation", "report:snapshots", "report.view_issuedreport"),
                    _page("党员增减对账", "balance", "report:reconciliation", "members.view_memberchange"),
                    _item("报告模板", "article", "report.reporttemplate"),
                ],
            },
            {
                "title": "纪检监察",
                "separator": True,
                "items": [
                    _page("办理期限", "alarm", "discipline:deadlines", "discipline.view_case"),
                    _item("信访件", "mail", "discipline.petition"),
                    _item("问题线索", "lightbulb", "discipline.lead"),
                    _item("案件", "gavel", "discipline.case"),
                    _item("党纪处分", "balance", "discipline.sanction"),
                    _item("批评教育", "record_voice_over", "discipline.criticism"),
                    _item("涉及人员", "person_search", "discipline.person"),
                    _item("巡察反馈问题", "rule_folder", "discipline.feedbackissue"),
                    _item("巡察反馈", "assignment_return", "discipline.inspectionround"),
                    _item("责任清单", "checklist", "discipline.responsibilitylist"),
                    _item("责任清单事项", "task", "discipline.responsibilityitem"),
                    _item("廉政教育", "local_library", "discipline.integrityevent"),
                    _item("作风检查", "fact_check", "discipline.styleinspection"),
                    _item("微权力清单", "list_alt", "discipline.powerlist"),
                    _page("打印台账", "print", "discipline:print", "discipline.view_case"),
                    _item("涉密查阅记录", "visibility", "discipline.reading"),
                ],
            },
            {
                "title": "走访",
                "separator": True,
                "items": [
                    _page("记录走访", "edit_note", "visits:home", "visits.add_visit"),
                    _item("走访", "footprint", "visits.visit"),
                    _item("农户和企业", "cottage", "visits.household"),
                    _item("手机上报", "inbox", "visits.operation"),
                    _item("走访手机", "smartphone", "visits.device"),
                    _item("走访活动", "campaign", "visits.campaign"),
                    _item("问题类别", "category", "visits.issuecategory"),
                    _item("承办单位", "handshake", "visits.unit"),
                ],
            },
            {
                "title": "党员",
                "separator": True,
                "items": [
                    _item("党员", "groups", "members.member"),
                    _item("党员变动", "published_with_changes", "members.memberchange"),
                    _item("组织关系转接", "swap_horiz", "members.transfer"),
                    _item("发展党员档案", "folder_shared", "members.developmentfile"),
                    _item("党费交纳", "payments", "members.duespayment"),
                    _item("党员党费标准", "request_quote", "members.duesstandard"),
                    _item("党费减免", "money_off", "members.duesexemption"),
                ],
            },
            {
                "title": "组织生活",
                "separator": True,
                "items": [
                    _item("组织生活", "diversity_3", "members.meeting"),
                    _page("组织生活日历", "calendar_month", "members:calendar", "members.view_meeting"),
                    _item("培训", "school", "members.training"),
                    _item("参训人员", "person_check", "members.trainingattendance"),
                    _item("下发文件", "description", "organizations.directive"),
                    _item("文件签收", "draw", "organizations.directivereceipt"),
                    _item("人才", "star", "members.talent"),
                    _item("荣誉", "military_tech", "members.honour"),
                    _item("村级选举", "how_to_vote", "organizations.election"),
                    _item("选情预判", "lock", "organizations.electionforecast"),
                    _page("换届提醒", "event_upcoming", "terms", "organizations.view_election"),
                ],
            },
            {
                "title": "资金",
                "separator": True,
                "items": [
                    _page("拨付办理", "approval", "finance:home", "finance.view_disbursement"),
                    _page("预算执行", "account_balance_wallet", "finance:budgets", "finance.view_budget"),
                    _item("经费预算", "savings", "finance.budget"),
                    _item("预算调整", "tune", "finance.budgetadjustment"),
                    _item("考核结果", "grading", "finance.assessment"),
                    _item("拨付申请", "contract_edit", "finance.disbursement"),
                    _item("记账凭证", "receipt_long", "finance.voucher"),
                    _item("会计期间", "event_available", "finance.period"),
                    _page("收支公开", "campaign", "finance:statements", "finance.view_statement"),
                    _item("收支公开表", "public", "finance.statement"),
                    _item("集体收入", "trending_up", "finance.collectiveincome"),
                    _item("入股分红协议", "handshake", "finance.dividendscheme"),
                    _item("扶贫分红", "redeem", "finance.dividend"),
                    _item("受益人", "family_restroom", "finance.beneficiary"),
                    _item("光伏电站", "solar_power", "finance.solarplant"),
                    _item("光伏收益", "bolt", "finance.solarsettlement"),
                ],
            },
            {
                "title": "组织",
                "separator": True,
                "items": [
                    _item("党组织", "account_tree", "organizations.organization"),
                    _item("行政村", "location_city", "organizations.village"),
                    _item("片区", "map", "organizations.area"),
                    _item("任职", "badge", "organizations.appointment"),
                ],
            },
            {
                "title": "规定和清单",
                "separator": True,
                "collapsible": True,
                "items": [
                    _item("工作岗位", "work", "members.occupation"),
                    _item("统计分组", "stacked_bar_chart", "members.statisticband"),
                    _item("活动类型", "category", "members.meetingkind"),
                    _item("组织生活规定", "rule", "members.meetingrule"),
                    _item("党费标准", "percent", "members.duesbracket"),
                    _item("发展党员步骤", "format_list_numbered", "members.developmentstep"),
                    _item("会计科目", "account_tree", "finance.account"),
                    _item("经费科目", "label", "finance.subject"),
                    _item("收入来源", "input", "finance.incomekind"),
                    _item("公开时限", "timer", "finance.disclosurerule"),
                    _item("换届", "event_repeat", "organizations.electionterm"),
                    _item("任期规定", "hourglass_bottom", "organizations.termrule"),
                    _item("工作日历", "calendar_today", "organizations.calendarday"),
                    _item("办理时限", "timer", "discipline.timelimit"),
                    _item("处分影响期规定", "hourglass_top", "discipline.measurerule"),
                    _item("线索来源", "source", "discipline.leadsource"),
                    _item("巡察问题类别", "category", "discipline.feedbackcategory"),
                ],
            },
            {
                "title": "账号与权限",
                "separator": True,
                "items": [
                    _item("账号", "person", "organizations.user"),
                    _item("职务与权限", "shield_person", "organizations.duty"),
                    _item("接口密钥", "key", "organizations.apikey"),
                    _item("接口调用记录", "swap_vert", "organizations.apicall"),
                    _item("查阅日志", "manage_search", "organizations.journalentry"),
                ],
            },
        ],
    },
}
