"""Meetings and activities of Party organizations, who took part, and how often rules ask for them."""

from datetime import date
from typing import Any, ClassVar, Self

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone

from chishang.core.dates import LocalDate
from chishang.core.history import tracked
from chishang.core.scoping import PUBLIC, ScopedModel, ScopedQuerySet
from members.enums import Period, Presence, RuleScope
from members.models.people import Member
from organizations.models import Organization, User


@tracked()
class MeetingKind(ScopedModel):
    """A kind of meeting or activity (活动类型), as data."""

    scope_path = PUBLIC

    code = models.SlugField("代码", max_length=40, unique=True)
    name = models.CharField("活动类型", max_length=50, unique=True)
    counts_as = models.ForeignKey(
        "self",
        verbose_name="也算作",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="如专题组织生活会也算一次组织生活会",
    )
    sort_no = models.PositiveIntegerField("排序号", default=0)
    is_active = models.BooleanField("使用中", default=True)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "活动类型"
        ordering = ["sort_no", "name"]

    def __str__(self) -> str:
        return self.name


@tracked()
class MeetingRule(ScopedModel):
    """How often a kind of meeting is owed, by whom, and since when. Frequencies change: a new one is a new row."""

    scope_path = PUBLIC

    kind = models.ForeignKey(MeetingKind, verbose_name="活动类型", on_delete=models.PROTECT, related_name="rules")
    period = models.CharField("周期", max_length=10, choices=Period)
    times = models.PositiveSmallIntegerField("次数", default=1)
    owed_by = models.CharField("适用", max_length=20, choices=RuleScope, default=RuleScope.ALL)
    valid_from = models.DateField("起始日期")
    valid_until = models.DateField("截止日期", null=True, blank=True)
    source = models.CharField("依据", max_length=200, blank=True)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "组织生活规定"
        ordering = ["kind__sort_no", "valid_from"]
        constraints = [
            models.CheckConstraint(
                name="meetingrule_until_after_from",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                violation_error_message="截止日期不能早于起始日期。",
            ),
            models.CheckConstraint(
                name="meetingrule_at_least_once", condition=Q(times__gte=1), violation_error_message="次数至少是 1。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.get_period_display()} {self.times} 次"


class MeetingQuerySet(ScopedQuerySet):
    """Meetings."""

    def within_period(self, first: date, last: date) -> Self:
        """Return those held from ``first`` to ``last``, both inclusive."""
        return self.filter(held_on__gte=first, held_on__lte=last)

    def of_kinds(self, *codes: str) -> Self:
        """Return those of one of the kinds, also where it is their second kind."""
        return self.filter(Q(kind__code__in=codes) | Q(also_kind__code__in=codes))


@tracked()
class Meeting(ScopedModel):
    """A meeting or activity that was held. One event may be of two kinds: a theme day that was a Party lesson, too."""

    scope_path = "organization"

    organization = models.ForeignKey(
        Organization, verbose_name="党支部或单位", on_delete=models.PROTECT, related_name="meetings"
    )
    held_on = models.DateField("日期")
    kind = models.ForeignKey(MeetingKind, verbose_name="活动类型", on_delete=models.PROTECT, related_name="meetings")
    also_kind = models.ForeignKey(
        MeetingKind, verbose_name="同时也是", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    topic = models.CharField("主题", max_length=200)
    place = models.CharField("地点", max_length=100, blank=True)
    host = models.CharField("主持人", max_length=50, blank=True)
    due = models.PositiveIntegerField("应到人数")
    present = models.PositiveIntegerField("实到人数")
    excused = models.PositiveIntegerField("请假人数", default=0)
    minutes = models.TextField("会议记录", max_length=5000, blank=True, validators=[MaxLengthValidator(5000)])
    remark = models.CharField("备注", max_length=200, blank=True)
    recorded_by = models.ForeignKey(
        User,
        verbose_name="录入人",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="meetings_recorded",
    )
    recorded_at = models.DateTimeField("录入时间", default=timezone.now, editable=False)

    objects: ClassVar[Any] = models.Manager.from_queryset(MeetingQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "组织生活"
        ordering = ["-held_on", "-pk"]
        indexes = [models.Index(fields=["held_on", "id"], name="meeting_by_date")]
        constraints = [
            models.UniqueConstraint(
                name="meeting_once",
                fields=["organization", "held_on", "kind", "topic"],
                violation_error_message="这次活动已经登记：同一天、同一类型、同一主题。",
            ),
            models.CheckConstraint(
                name="meeting_present_within_due",
                condition=Q(present__lte=F("due")),
                violation_error_message="实到人数不能多于应到人数。",
            ),
            models.CheckConstraint(
                name="meeting_excused_within_due",
                condition=Q(LessThanOrEqual(F("present") + F("excused"), F("due"))),
                violation_error_message="实到和请假的人数加起来不能多于应到人数。",
            ),
            models.CheckConstraint(
                name="meeting_two_different_kinds",
                condition=Q(also_kind__isnull=True) | ~Q(also_kind=F("kind")),
                violation_error_message="“同时也是”要选另一种活动类型。",
            ),
            models.CheckConstraint(
                name="meeting_not_in_future",
                condition=Q(held_on__lte=LocalDate("recorded_at")),
                violation_error_message="日期不能晚于今天。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.held_on} {self.topic}"


@tracked()
class MeetingAttendance(ScopedModel):
    """How one member took part. Only members of the branch on that day are listed (``record_meeting`` sees to it)."""

    scope_path = "meeting__organization"

    meeting = models.ForeignKey(Meeting, verbose_name="活动", on_delete=models.PROTECT, related_name="attendances")
    member = models.ForeignKey(
        Member, verbose_name="党员", on_delete=models.PROTECT, related_name="meeting_attendances"
    )
    presence = models.CharField("出席", max_length=10, choices=Presence)
    reason = models.CharField("原因", max_length=100, blank=True)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "参会情况"
        ordering = ["meeting", "member__pinyin"]
        constraints = [
            models.UniqueConstraint(
                name="meetingattendance_once",
                fields=["meeting", "member"],
                violation_error_message="该党员在这次活动里已经登记。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.get_presence_display()}"
