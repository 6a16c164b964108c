"""The admin's menu: an account is shown the registers and pages that it may open, and no others."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from chishang.core.ledgers import may_import_any


@dataclass(frozen=True)
class Entry:
    """A line of the menu: its words, its icon, the name of its address, and who finds it there."""

    title: str
    icon: str
    name: str
    may_open: Callable[[Any], bool]
    covers_below: bool = False
    """Whether the line is marked on the pages below its address, too."""

    def line_on(self, path: str) -> dict[str, Any]:
        """Return the line as Unfold draws it on the page ``path``."""
        address = _address_of(self.name)
        active = path.startswith(address) if self.covers_below else path == address
        return {"title": self.title, "icon": self.icon, "link": address, "active": active}


@dataclass(frozen=True)
class Group:
    """Lines under a heading; one that is collapsible is closed until somebody opens it."""

    title: str
    entries: tuple[Entry, ...]
    collapsible: bool = False


def menu_of(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the menu of the account that asks, as Unfold takes it; groups without a line are left out."""
    groups = []
    for group in MENU:
        lines = [one.line_on(request.path) for one in group.entries if one.may_open(request.user)]
        if lines:
            heading = {"title": group.title, "separator": bool(group.title), "collapsible": group.collapsible}
            groups.append({**heading, "items": lines})
    return groups


@cache
def _address_of(name: str) -> str:
    return reverse(name)  # a hundred of them on each page


def _holds(permission: str) -> Callable[[Any], bool]:
    return lambda user: bool(user.has_perm(permission))


def _register(title: str, icon: str, model: str) -> Entry:
    """Return the line of a register (``app_label.model``), for those who may see it."""
    app_label, model_name = model.split(".")
    name = f"admin:{app_label}_{model_name}_changelist"
    return Entry(title, icon, name, _holds(f"{app_label}.view_{model_name}"), covers_below=True)


def _page(title: str, icon: str, name: str, permission: str) -> Entry:
    """Return the line of a page by its address's name, for those with ``permission``."""
    return Entry(title, icon, name, _holds(permission))


MENU = (
    Group(
        "",
        (
            Entry("工作台", "home", "home", lambda user: True),
            _register("反映问题", "forum", "visits.issue"),
            Entry("导入台账", "upload_file", "admin:ledgers", may_import_any),
        ),
    ),
    Group(
        "报表",
        (
            _page("工作报告", "bar_chart", "report:report", "organizations.view_organization"),
            _page("签发的报告", "approval_delegation", "report:snapshots", "report.view_issuedreport"),
            _page("党员增减对账", "balance", "report:reconciliation", "members.view_memberchange"),
            _register("报告模板", "article", "report.reporttemplate"),
        ),
    ),
    Group(
        "纪检监察",
        (
            _page("办理期限", "alarm", "discipline:deadlines", "discipline.view_case"),
            _register("信访件", "mail", "discipline.petition"),
            _register("问题线索", "lightbulb", "discipline.lead"),
            _register("案件", "gavel", "discipline.case"),
            _register("党纪处分", "balance", "discipline.sanction"),
            _register("批评教育", "record_voice_over", "discipline.criticism"),
            _register("涉及人员", "person_search", "discipline.person"),
            _register("巡察反馈问题", "rule_folder", "discipline.feedbackissue"),
            _register("巡察反馈", "assignment_return", "discipline.inspectionround"),
            _register("责任清单", "checklist", "discipline.responsibilitylist"),
            _register("责任清单事项", "task", "discipline.responsibilityitem"),
            _register("廉政教育", "local_library", "discipline.integrityevent"),
            _register("作风检查", "fact_check", "discipline.styleinspection"),
            _register("微权力清单", "list_alt", "discipline.powerlist"),
            _page("打印台账", "print", "discipline:print", "discipline.view_case"),
            _register("涉密查阅记录", "visibility", "discipline.reading"),
        ),
    ),
    Group(
        "走访",
        (
            _page("记录走访", "edit_note", "visits:home", "visits.add_visit"),
            _register("走访", "footprint", "visits.visit"),
            _register("农户和企业", "cottage", "visits.household"),
            _register("手机上报", "inbox", "visits.operation"),
            _register("走访手机", "smartphone", "visits.device"),
            _register("走访活动", "campaign", "visits.campaign"),
            _register("问题类别", "category", "visits.issuecategory"),
            _register("承办单位", "handshake", "visits.unit"),
        ),
    ),
    Group(
        "党员",
        (
            _register("党员", "groups", "members.member"),
            _register("党员变动", "published_with_changes", "members.memberchange"),
            _register("组织关系转接", "swap_horiz", "members.transfer"),
            _register("发展党员档案", "folder_shared", "members.developmentfile"),
            _register("党费交纳", "payments", "members.duespayment"),
            _register("党员党费标准", "request_quote", "members.duesstandard"),
            _register("党费减免", "money_off", "members.duesexemption"),
        ),
    ),
    Group(
        "组织生活",
        (
            _register("组织生活", "diversity_3", "members.meeting"),
            _page("组织生活日历", "calendar_month", "members:calendar", "members.view_meeting"),
            _register("培训", "school", "members.training"),
            _register("参训人员", "person_check", "members.trainingattendance"),
            _register("下发文件", "description", "organizations.directive"),
            _register("文件签收", "draw", "organizations.directivereceipt"),
            _register("人才", "star", "members.talent"),
            _register("荣誉", "military_tech", "members.honour"),
            _register("村级选举", "how_to_vote", "organizations.election"),
            _register("选情预判", "lock", "organizations.electionforecast"),
            _page("换届提醒", "event_upcoming", "terms", "organizations.view_election"),
        ),
    ),
    Group(
        "资金",
        (
            _page("拨付办理", "approval", "finance:home", "finance.view_disbursement"),
            _page("预算执行", "account_balance_wallet", "finance:budgets", "finance.view_budget"),
            _register("经费预算", "savings", "finance.budget"),
            _register("预算调整", "tune", "finance.budgetadjustment"),
            _register("考核结果", "grading", "finance.assessment"),
            _register("拨付申请", "contract_edit", "finance.disbursement"),
            _register("记账凭证", "receipt_long", "finance.voucher"),
            _register("会计期间", "event_available", "finance.period"),
            _page("收支公开", "campaign", "finance:statements", "finance.view_statement"),
            _register("收支公开表", "public", "finance.statement"),
            _register("集体收入", "trending_up", "finance.collectiveincome"),
            _register("入股分红协议", "handshake", "finance.dividendscheme"),
            _register("扶贫分红", "redeem", "finance.dividend"),
            _register("受益人", "family_restroom", "finance.beneficiary"),
            _register("光伏电站", "solar_power", "finance.solarplant"),
            _register("光伏收益", "bolt", "finance.solarsettlement"),
        ),
    ),
    Group(
        "组织",
        (
            _register("党组织", "account_tree", "organizations.organization"),
            _register("行政村", "location_city", "organizations.village"),
            _register("片区", "map", "organizations.area"),
            _register("任职", "badge", "organizations.appointment"),
        ),
    ),
    Group(
        "规定和清单",
        (
            _register("工作岗位", "work", "members.occupation"),
            _register("统计分组", "stacked_bar_chart", "members.statisticband"),
            _register("活动类型", "category", "members.meetingkind"),
            _register("组织生活规定", "rule", "members.meetingrule"),
            _register("党费标准", "percent", "members.duesbracket"),
            _register("发展党员步骤", "format_list_numbered", "members.developmentstep"),
            _register("会计科目", "account_tree", "finance.account"),
            _register("经费科目", "label", "finance.subject"),
            _register("收入来源", "input", "finance.incomekind"),
            _register("公开时限", "timer", "finance.disclosurerule"),
            _register("换届", "event_repeat", "organizations.electionterm"),
            _register("任期规定", "hourglass_bottom", "organizations.termrule"),
            _register("工作日历", "calendar_today", "organizations.calendarday"),
            _register("办理时限", "timer", "discipline.timelimit"),
            _register("处分影响期规定", "hourglass_top", "discipline.measurerule"),
            _register("线索来源", "source", "discipline.leadsource"),
            _register("巡察问题类别", "category", "discipline.feedbackcategory"),
        ),
        collapsible=True,
    ),
    Group(
        "账号与权限",
        (
            _register("账号", "person", "organizations.user"),
            _register("职务与权限", "shield_person", "organizations.duty"),
            _register("接口密钥", "key", "organizations.apikey"),
            _register("接口调用记录", "swap_vert", "organizations.apicall"),
            _register("查阅日志", "manage_search", "organizations.journalentry"),
        ),
    ),
)
