"""The drill-down: which columns show the rows behind a figure, and where each row can be opened."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import QuerySet
from django.urls import reverse

from chishang.core.api.serializers import serializer_of
from chishang.core.dates import Precision, in_words
from chishang.report.lines import count_text
from chishang.report.wording import NOTHING, yuan
from finance.models import Budget, Dividend, SolarSettlement, Voucher
from members.models import Honour, Meeting, MemberChange, Talent, TrainingAttendance
from organizations.models import (
    Appointment,
    Area,
    AreaProject,
    DirectiveReceipt,
    Organization,
    Village,
    VillageStatistic,
)
from visits.models import Household, Issue, IssueCategory, Visit


@dataclass(frozen=True)
class Column:
    """A column: its title, and the way from a row to what stands in it (``household.village.name``)."""

    title: str
    path: str
    is_number: bool = False


@dataclass(frozen=True)
class Page:
    """The portal's own page of a row: its address, who may open it, and the way to the key that it takes."""

    name: str
    permission: str
    key: str = "pk"


@dataclass(frozen=True)
class Shown:
    """How the rows of a model are shown. Without a page of the portal they open in the admin."""

    columns: tuple[Column, ...]
    page: Page | None = None


def _shown(page: Page | None = None, /, **paths: str) -> Shown:
    """Return columns from title=path; ``#`` before a path marks a number."""
    columns = (Column(title, path.removeprefix("#"), path.startswith("#")) for title, path in paths.items())
    return Shown(tuple(columns), page)


SHOWN: dict[Any, Shown] = {
    Village: _shown(村="name", 片区="area.name", 村党支部="branch.name", 省定贫困村="on_poverty_list"),
    VillageStatistic: _shown(村="village.name", 年度="year", 户数="#households", 人口="#population"),
    Organization: _shown(
        名称="name", 类别="get_kind_display", 支部类型="get_branch_type_display", 成立日期="founded_on"
    ),
    Area: _shown(片区="name", 设立日期="founded_on"),
    AreaProject: _shown(片区="area.name", 项目="name", 完成日期="completed_on"),
    Appointment: _shown(
        姓名="user.name", 职务="duty.name", 任职单位="place", 开始日期="started_on", 结束日期="ended_on"
    ),
    DirectiveReceipt: _shown(
        党支部="organization.name", 文件="directive.title", 签收日期="signed_on", 签收人="signed_by.name"
    ),
    Household: _shown(
        Page("visits:household", "visits.add_visit"),
        编号="code",
        户主或企业="name",
        村="village.name",
        类型="get_kind_display",
        人口="#persons",
    ),
    Visit: _shown(
        日期="visited_on",
        村="household.village.name",
        走访对象="household.name",
        走访人="visitor.name",
        活动="campaign.name",
    ),
    Issue: _shown(
        Page("visits:issue", "visits.add_visit"),
        反映日期="raised_on",
        村="visit.household.village.name",
        走访对象="visit.household.name",
        类别="category.name",
        问题="description",
        现在的办理情况="get_state_display",
    ),
    IssueCategory: _shown(类别="name"),
    Voucher: _shown(
        Page("finance:voucher", "finance.view_voucher"),
        凭证号="code",
        日期="date",
        单位="organization.name",
        经费科目="subject.name",
        摘要="summary",
        计入拨付="#effect",
    ),
    Budget: _shown(
        Page("finance:budget", "finance.view_budget"),
        单位="organization.name",
        年度="year",
        经费科目="subject.name",
        预算="#planned",
        已拨付="#paid",
        未拨付="#waiting",
    ),
    Dividend: _shown(
        村="scheme.village.name",
        年度="year",
        龙头企业="scheme.enterprise",
        分红总额="#amount",
        村集体所得="#village_amount",
        受益户所得="#household_amount",
        户数="#households",
        人口="#persons",
    ),
    SolarSettlement: _shown(
        村="plant.village.name", 电站="plant.name", 起始日期="started_on", 截止日期="ended_on", 净收益="#amount"
    ),
    MemberChange: _shown(
        Page("members:member", "members.view_member", key="visible_member.pk"),
        姓名="visible_member.name",
        党支部="branch.name",
        何以在册="get_kind_display",
        日期="occurred_on",
    ),
    TrainingAttendance: _shown(
        参训人="name", 党支部="branch.name", 培训="training.name", 开始日期="training.started_on"
    ),
    Meeting: _shown(
        Page("members:meeting", "members.view_meeting"),
        主题="topic",
        日期="held_on",
        党支部或单位="organization.name",
        活动类型="kind.name",
        应到="#due",
        实到="#present",
    ),
    Talent: _shown(姓名="name", 类别="get_kind_display", 村="village.name", 登记日期="recorded_on", 事迹="project"),
    Honour: _shown(
        荣誉称号="title",
        获得人="talent.name",
        村="talent.village.name",
        级别="get_level_display",
        授予单位="granted_by",
        授予日期="granted_on",
    ),
}
"""Model → how its rows are shown. Nothing here that the API's row serializers hide: no phone, no payee, no talk."""


@dataclass(frozen=True)
class Row:
    """A row as it is shown: its cells, and its own page where the reader may open it."""

    cells: tuple[tuple[Column, str], ...]
    address: str


def prepare(rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
    """Return ``rows`` in a fixed order with all that they show joined, as the API does it."""
    shown = serializer_of(rows.model).prepare(rows, user)
    return shown.order_by(*rows.model._meta.ordering, "pk")


def show(rows: Any, model: Any, user: Any) -> list[Row]:
    """Return the prepared ``rows`` of ``model`` as they are shown to ``user``."""
    shown = SHOWN[model]
    address = _opener(model, shown.page, user)
    return [Row(tuple((column, _text(row, column)) for column in shown.columns), address(row)) for row in rows]


def _opener(model: Any, page: Page | None, user: Any) -> Callable[[Any], str]:
    """Return the function that gives the address of a row; empty where ``user`` may not open it."""
    meta = model._meta
    if page and user.has_perm(page.permission):
        return lambda row: reverse(page.name, args=[key]) if (key := _follow(row, page.key)) else ""
    if user.is_staff and admin.site.is_registered(model) and user.has_perm(f"{meta.app_label}.view_{meta.model_name}"):
        return lambda row: reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
    return lambda row: ""


def _text(row: Any, column: Column) -> str:
    value = _follow(row, column.path)
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return yuan(value)
    if isinstance(value, date):
        return in_words(value, _precision(row, column.path))
    return count_text(value) if column.is_number else str(value)


def _follow(row: Any, path: str) -> Any:
    """Return what is at the end of ``path``; None where it ends before."""
    for name in path.split("."):
        try:
            row = getattr(row, name)
        except ObjectDoesNotExist:
            return None
        if row is None:
            return None
    return row() if callable(row) else row


def _precision(row: Any, path: str) -> str:
    """Return how exactly the date at ``path`` is known."""
    return str(getattr(row, f"{path.removesuffix('_on')}_precision", Precision.DAY))
