"""What waits for office staff: numbers by field of work, each leading to the list that it counts."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse

from chishang.core.dates import today
from chishang.report.models import IssuedReport
from discipline.selectors.deadlines import pressing
from finance.enums import POST, SEAL_PERMISSION
from finance.selectors.requests import waiting_for_posting, waiting_for_seal_of
from finance.selectors.statements import RELEASE, newest_due_quarter, overdue_villages, statements_to_release
from members.enums import Period
from members.models import Member, Transfer
from members.selectors import missing_meetings
from members.selectors.development import DueState, steps_due
from organizations.models import DirectiveReceipt, User
from organizations.selectors import VIEW_ELECTION, terms_ending
from visits.enums import OPEN_STATES, IssueState, OperationState
from visits.models import Issue
from visits.selectors import held_operations
from visits.services.operations import DECIDE


@dataclass(frozen=True)
class Tile:
    """One number of what waits, and the list that shows it."""

    label: str
    hint: str
    count: int
    address: str


@dataclass(frozen=True)
class TileGroup:
    """The numbers of one field of work."""

    title: str
    tiles: list[Tile]


WAITING: list[tuple[str, str, dict[str, str]]] = [
    ("等待受理", "新登记的问题", {"state__exact": IssueState.REGISTERED}),
    ("已经超期", "过了期限还没解决", {"state__in": ",".join(OPEN_STATES), "due_on__lt": "today"}),
    ("已经退回", "等支部补充", {"state__exact": IssueState.RETURNED}),
    ("等待反馈", "等支部问群众意见", {"state__exact": IssueState.RESOLVED}),
    ("等待销号", "群众已反馈", {"state__exact": IssueState.CONFIRMED}),
]
"""Label, hint, and the filter of the register's list (``today`` stands for the day)."""


def tile_groups(user: User) -> list[TileGroup]:
    """Return what waits, of what ``user`` may see; a field in which he sees nothing is left out.

    A constant number of queries, however many rows there are.
    """
    groups = [
        TileGroup("走访", [*waiting_tiles(user), *_operation_tiles(user)]),
        TileGroup("党员", [*_member_tiles(user), *_life_tiles(user)]),
        TileGroup("组织", _organization_tiles(user)),
        TileGroup("资金", [*_money_tiles(user), *_disclosure_tiles(user)]),
        TileGroup("廉政", _discipline_tiles(user)),
        TileGroup("报表", _report_tiles(user)),
    ]
    return [group for group in groups if group.tiles]


def waiting_tiles(user: User) -> list[Tile]:
    """Return the numbers of issues that wait, of those that ``user`` may see; none without that right."""
    if not user.has_perm("visits.view_issue"):
        return []
    filters = [_at(day_filter) for _, _, day_filter in WAITING]
    counts = Issue.objects.visible_to(user).aggregate(
        **{f"tile_{number}": Count("pk", filter=_condition(one)) for number, one in enumerate(filters)}
    )
    return [
        Tile(label, hint, counts[f"tile_{number}"], _register("visits/issue", **filters[number]))
        for number, (label, hint, _) in enumerate(WAITING)
    ]


def _operation_tiles(user: User) -> list[Tile]:
    """What phones sent and could not be taken in, for who decides."""
    if not user.has_perm(DECIDE):
        return []
    address = _register("visits/operation", state__exact=OperationState.HELD)
    return [Tile("待处理的上报", "手机发来没入库的", held_operations(user).count(), address)]


def _member_tiles(user: User) -> list[Tile]:
    """Members whose probation ends, transfers under way, steps of development."""
    tiles = []
    if user.has_perm("members.view_member"):
        ending = Member.objects.visible_to(user).probation_ending().count()
        tiles.append(Tile("预备期将满", "30 天内到期或已过期", ending, _register("members/member", list="probation")))
    if user.has_perm("members.view_transfer"):
        transfers = Transfer.objects.visible_to(user).in_transit()
        late = Count("pk", filter=Q(pk__in=Transfer.objects.overdue().order_by().values("pk")))
        counts = transfers.aggregate(open=Count("pk"), late=late)
        tiles += [
            Tile("转接在途", "等接收或退回", counts["open"], _register("members/transfer", transit="open")),
            Tile("转接逾期", "介绍信已过有效期", counts["late"], _register("members/transfer", transit="overdue")),
        ]
    if user.has_perm("members.view_developmentfile"):
        urgent = [task for task in steps_due(user) if task.state in {DueState.OVERDUE, DueState.SOON}]
        address = reverse("admin:members_developmentfile_due")
        tiles.append(Tile("发展党员", "步骤已超期或将到期", len(urgent), address))
    return tiles


def _life_tiles(user: User) -> list[Tile]:
    """Branches that have not held all of this month's meetings."""
    if not user.has_perm("members.view_meeting"):
        return []
    calendar = missing_meetings(user, today().year, today())
    lacking = [one for one in calendar if any(duty.rule.period == Period.MONTH for duty in one.open)]
    return [Tile("本月组织生活", "还没开齐的党支部", len(lacking), reverse("members:calendar"))]


def _organization_tiles(user: User) -> list[Tile]:
    """Documents without a signature, terms that end."""
    tiles = []
    if user.has_perm("organizations.view_directivereceipt"):
        unsigned = DirectiveReceipt.objects.visible_to(user).unsigned().count()
        address = _register("organizations/directivereceipt", signed="no")
        tiles.append(Tile("文件未签收", "等支部书记签收", unsigned, address))
    if user.has_perm(VIEW_ELECTION):
        tiles.append(Tile("换届提醒", "半年内届满或已超期", len(terms_ending(user)), reverse("terms")))
    return tiles


def _money_tiles(user: User) -> list[Tile]:
    """Requests that wait for one's own seal, and those that wait to be posted by oneself."""
    tiles, home = [], reverse("finance:home")
    if any(user.has_perm(permission) for permission in SEAL_PERMISSION.values()):
        tiles.append(Tile("待我盖章", "拨付和冲销申请", waiting_for_seal_of(user).count(), f"{home}?show=seal"))
    if user.has_perm(POST):
        tiles.append(Tile("待入账", "印鉴已经盖齐", waiting_for_posting(user).count(), f"{home}?show=post"))
    return tiles


def _disclosure_tiles(user: User) -> list[Tile]:
    """Statements that wait to be made public by oneself, and villages that are late, for who sees to it."""
    if not user.has_perm(RELEASE):
        return []
    waiting = statements_to_release(user).count()
    tiles = [Tile("待公开", "公开表已经审核", waiting, _register("finance/statement", state__exact="checked"))]
    if due := newest_due_quarter(today()):
        late = overdue_villages(user, today()).count()
        query = urlencode({"year": due[0], "quarter": due[1], "show": "overdue"})
        tiles.append(Tile("逾期未公开", "上一季度的公开表", late, f"{reverse('finance:statements')}?{query}"))
    return tiles


def _discipline_tiles(user: User) -> list[Tile]:
    """How much presses, for the discipline office; what it is, the page tells behind the purpose."""
    if not user.has_perm("discipline.view_case"):
        return []
    return [Tile("到期或逾期", "项", pressing(user), reverse("discipline:deadlines"))]


def _report_tiles(user: User) -> list[Tile]:
    if not user.has_perm("report.release_issuedreport"):
        return []
    waiting = IssuedReport.objects.waiting_for(user).count()
    return [Tile("待我签发", "已制表的工作报告", waiting, reverse("report:snapshots"))]


def _register(path: str, **filters: str) -> str:
    """Return the address of a register's list, filtered."""
    query = f"?{urlencode(filters)}" if filters else ""
    return f"{reverse('admin:index')}{path}/{query}"


def _at(lookups: dict[str, str]) -> dict[str, str]:
    return {name: today().isoformat() if value == "today" else str(value) for name, value in lookups.items()}


def _condition(lookups: dict[str, str]) -> Q:
    values: dict[str, Any] = {
        name: value.split(",") if name.endswith("__in") else value for name, value in lookups.items()
    }
    return Q(**values)
