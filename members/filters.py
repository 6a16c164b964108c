"""Filters of the API: members, what happened to them, organisational life, dues and development."""

from typing import Any

from django.db.models import Q
from django_filters import CharFilter, ChoiceFilter, FilterSet, MultipleChoiceFilter

from chishang.core.api.filters import IsoDateFilter, RowFilter, YesNoFilter
from members.enums import (
    ChangeKind,
    DuesPayer,
    FileState,
    HonourLevel,
    MemberKind,
    Standing,
    TalentKind,
    TrainingKind,
    TransferState,
)
from members.models import (
    DevelopmentFile,
    DuesBracket,
    DuesExemption,
    DuesPayment,
    DuesStandard,
    Honour,
    Meeting,
    MeetingKind,
    MeetingRule,
    Member,
    MemberChange,
    Talent,
    Training,
    TrainingAttendance,
    Transfer,
)
from organizations.models import Organization, Village

SEARCH_LENGTH = 50


def _others(rows: Any, found: Any, *, wanted: bool) -> Any:
    """Return ``found`` of ``rows``, or all others."""
    return found if wanted else rows.exclude(pk__in=found.order_by().values("pk"))


class MemberFilters(FilterSet):
    """By branch, standing, circumstance, dates, and a search text."""

    branch = RowFilter(Organization, label="所在党支部的编号")
    kind = ChoiceFilter(method="filter_kind", label="今天的人员类别", choices=MemberKind.choices)
    standing = MultipleChoiceFilter(label="党籍状态，可写多个", choices=Standing.choices)
    floating = YesNoFilter(method="filter_floating", label="流动党员")
    lost = YesNoFilter(method="filter_lost", label="失联党员")
    hardship = YesNoFilter(method="filter_hardship", label="困难党员")
    joined_after = IsoDateFilter(field_name="joined_on", lookup_expr="gte", label="入党日期从（含）")
    joined_before = IsoDateFilter(field_name="joined_on", lookup_expr="lte", label="入党日期到（含）")
    born_after = IsoDateFilter(field_name="born_on", lookup_expr="gte", label="出生日期从（含）")
    born_before = IsoDateFilter(field_name="born_on", lookup_expr="lte", label="出生日期到（含）")
    q = CharFilter(method="search", max_length=SEARCH_LENGTH, label="按姓名、拼音或拼音首字母查找")

    class Meta:
        model = Member
        fields: tuple[str, ...] = ()

    def filter_kind(self, rows: Any, name: str, value: str) -> Any:
        """Return the full members, or those on probation."""
        return rows.full() if value == MemberKind.FULL else rows.probationary()

    def filter_floating(self, rows: Any, name: str, value: bool) -> Any:  # noqa: FBT001  called by the library
        """Return those who live elsewhere, or all others."""
        return _others(rows, rows.floating(), wanted=value)

    def filter_lost(self, rows: Any, name: str, value: bool) -> Any:  # noqa: FBT001  called by the library
        """Return those whom the branch cannot reach, or all others."""
        return _others(rows, rows.lost(), wanted=value)

    def filter_hardship(self, rows: Any, name: str, value: bool) -> Any:  # noqa: FBT001  called by the library
        """Return those in hardship, or all others."""
        return _others(rows, rows.in_hardship(), wanted=value)

    def search(self, rows: Any, name: str, value: str) -> Any:
        """Search as the pages do."""
        return rows.search(value)


class MemberChangeFilters(FilterSet):
    """By member, branch, kind, and date."""

    member = RowFilter(Member, label="党员的编号")
    branch = RowFilter(Organization, label="党支部的编号")
    kind = MultipleChoiceFilter(label="变动，可写多个", choices=ChangeKind.choices)
    occurred_after = IsoDateFilter(field_name="occurred_on", lookup_expr="gte", label="发生日期从（含）")
    occurred_before = IsoDateFilter(field_name="occurred_on", lookup_expr="lte", label="发生日期到（含）")
    voided = YesNoFilter(method="filter_voided", label="已撤回")

    class Meta:
        model = MemberChange
        fields: tuple[str, ...] = ()

    def filter_voided(self, rows: Any, name: str, value: bool) -> Any:  # noqa: FBT001  called by the library
        """Return the withdrawn ones, or all others."""
        return rows.filter(voided_at__isnull=not value)


class TransferFilters(FilterSet):
    """By member, branches, state, and date."""

    member = RowFilter(Member, label="党员的编号")
    from_branch = RowFilter(Organization, label="转出党支部的编号")
    to_branch = RowFilter(Organization, label="转入党支部的编号")
    state = ChoiceFilter(label="转接状态", choices=TransferState.choices)
    overdue = YesNoFilter(method="filter_overdue", label="在途且介绍信已过有效期")
    started_after = IsoDateFilter(field_name="started_on", lookup_expr="gte", label="转出日期从（含）")
    started_before = IsoDateFilter(field_name="started_on", lookup_expr="lte", label="转出日期到（含）")

    class Meta:
        model = Transfer
        fields: tuple[str, ...] = ()

    def filter_overdue(self, rows: Any, name: str, value: bool) -> Any:  # noqa: FBT001  called by the library
        """Return the overdue ones, or all others."""
        return _others(rows, rows.overdue(), wanted=value)


class MeetingRuleFilters(FilterSet):
    """By kind of meeting."""

    kind = RowFilter(MeetingKind, label="活动类型的编号")

    class Meta:
        model = MeetingRule
        fields: tuple[str, ...] = ()


class MeetingFilters(FilterSet):
    """By organization, kind, date, and a search text."""

    organization = RowFilter(Organization, label="党支部或单位的编号")
    kind = RowFilter(MeetingKind, method="filter_kind", label="活动类型的编号，“同时也是”的也算")
    held_after = IsoDateFilter(field_name="held_on", lookup_expr="gte", label="日期从（含）")
    held_before = IsoDateFilter(field_name="held_on", lookup_expr="lte", label="日期到（含）")
    q = CharFilter(field_name="topic", lookup_expr="icontains", max_length=SEARCH_LENGTH, label="按主题查找")

    class Meta:
        model = Meeting
        fields: tuple[str, ...] = ()

    def filter_kind(self, rows: Any, name: str, value: MeetingKind) -> Any:
        """Return those of the kind, also where it is their second kind."""
        return rows.filter(Q(kind=value) | Q(also_kind=value))


class TrainingFilters(FilterSet):
    """By kind and date."""

    kind = ChoiceFilter(label="类别", choices=TrainingKind.choices)
    started_after = IsoDateFilter(field_name="started_on", lookup_expr="gte", label="开始日期从（含）")
    started_before = IsoDateFilter(field_name="started_on", lookup_expr="lte", label="开始日期到（含）")

    class Meta:
        model = Training
        fields: tuple[str, ...] = ()


class TrainingAttendanceFilters(FilterSet):
    """By training, branch, member, kind, and the day on which the training began."""

    training = RowFilter(Training, label="培训的编号")
    branch = RowFilter(Organization, label="党支部的编号")
    member = RowFilter(Member, label="党员的编号")
    kind = ChoiceFilter(field_name="training__kind", label="培训类别", choices=TrainingKind.choices)
    started_after = IsoDateFilter(field_name="training__started_on", lookup_expr="gte", label="培训开始日期从（含）")
    started_before = IsoDateFilter(field_name="training__started_on", lookup_expr="lte", label="培训开始日期到（含）")

    class Meta:
        model = TrainingAttendance
        fields: tuple[str, ...] = ()


class TalentFilters(FilterSet):
    """By kind, village, and a search text."""

    kind = ChoiceFilter(label="类别", choices=TalentKind.choices)
    village = RowFilter(Village, label="所在村的编号")
    q = CharFilter(field_name="name", lookup_expr="icontains", max_length=SEARCH_LENGTH, label="按姓名查找")

    class Meta:
        model = Talent
        fields: tuple[str, ...] = ()


class HonourFilters(FilterSet):
    """By person, village, level, and date."""

    talent = RowFilter(Talent, label="获得人的编号")
    village = RowFilter(Village, field_name="talent__village", label="所在村的编号")
    level = ChoiceFilter(label="级别", choices=HonourLevel.choices)
    granted_after = IsoDateFilter(field_name="granted_on", lookup_expr="gte", label="授予日期从（含）")
    granted_before = IsoDateFilter(field_name="granted_on", lookup_expr="lte", label="授予日期到（含）")

    class Meta:
        model = Honour
        fields: tuple[str, ...] = ()


class DevelopmentFileFilters(FilterSet):
    """By branch and state."""

    branch = RowFilter(Organization, label="党支部的编号")
    state = ChoiceFilter(label="状态", choices=FileState.choices)

    class Meta:
        model = DevelopmentFile
        fields: tuple[str, ...] = ()


class DuesBracketFilters(FilterSet):
    """By payer."""

    payer = ChoiceFilter(label="交纳人", choices=DuesPayer.choices)

    class Meta:
        model = DuesBracket
        fields: tuple[str, ...] = ()


class DuesStandardFilters(FilterSet):
    """By member and branch."""

    member = RowFilter(Member, label="党员的编号")
    branch = RowFilter(Organization, field_name="member__branch", label="党支部的编号")

    class Meta:
        model = DuesStandard
        fields: tuple[str, ...] = ()


class DuesExemptionFilters(FilterSet):
    """By member and branch."""

    member = RowFilter(Member, label="党员的编号")
    branch = RowFilter(Organization, field_name="member__branch", label="党支部的编号")

    class Meta:
        model = DuesExemption
        fields: tuple[str, ...] = ()


class DuesPaymentFilters(FilterSet):
    """By member, branch, the month paid for, and the day of payment."""

    member = RowFilter(Member, label="党员的编号")
    branch = RowFilter(Organization, field_name="member__branch", label="党支部的编号")
    month_after = IsoDateFilter(field_name="month", lookup_expr="gte", label="所属月份从（含），写当月第一天")
    month_before = IsoDateFilter(field_name="month", lookup_expr="lte", label="所属月份到（含），写当月第一天")
    paid_after = IsoDateFilter(field_name="paid_on", lookup_expr="gte", label="交纳日期从（含）")
    paid_before = IsoDateFilter(field_name="paid_on", lookup_expr="lte", label="交纳日期到（含）")

    class Meta:
        model = DuesPayment
        fields: tuple[str, ...] = ()
