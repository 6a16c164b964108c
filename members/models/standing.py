"""How members came, moved and left: dated changes, transfers under way, and the bands of the statistics."""

from datetime import date
from functools import lru_cache
from typing import Any, ClassVar, Self

from django.core.validators import MaxLengthValidator, MaxValueValidator
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.utils import timezone

from chishang.core.dates import LocalDate, today
from chishang.core.history import tracked
from chishang.core.scoping import PUBLIC, ScopedModel, ScopedQuerySet
from members.enums import CHANGES, DECISIVE_KINDS, BandKind, ChangeKind, Standing, TransferState
from members.models.people import Member
from organizations.models import Organization, User

ELSEWHERE_IN_TOWN = "镇内其他党支部"
"""What stands for a branch that one may not see."""


class MemberChangeQuerySet(ScopedQuerySet):
    """Changes, and who counted as a member on a day."""

    def valid(self) -> Self:
        """Return those that were not withdrawn as recorded by mistake."""
        return self.filter(voided_at__isnull=True)

    def counted_on(self, day: date) -> Self:
        """Return, for everybody who was a member on ``day``, the change that made him one (one row a member).

        It is the last decisive change up to that day, and leads to normal standing; its branch is where he belonged.
        """
        here = self.valid().filter(kind__in=DECISIVE_KINDS, occurred_on__lte=day, to_standing=Standing.NORMAL)
        return here.filter(~_changed_again(day))

    def on_probation(self, day: date) -> Self:
        """Return, of those from ``counted_on``, whose member had not become full by ``day``.

        The file's date says it, also for one who became full elsewhere; for one who was removed and joined again, the
        change of the membership that he had then.
        """
        valid = MemberChange.objects.valid().filter(occurred_on__lte=day, member=OuterRef("member"))
        again = valid.filter(from_standing=Standing.LEFT, occurred_on__gte=OuterRef("occurred_on"))
        became_full = valid.filter(~Exists(again), kind=ChangeKind.BECAME_FULL)
        return self.exclude(member__full_member_on__lte=day).filter(~Exists(became_full))

    def of_this_membership(self) -> Self:
        """Return those since the member was last taken in again after a removal; all, where he never was."""
        after = Q(occurred_on__gt=OuterRef("occurred_on")) | Q(
            occurred_on=OuterRef("occurred_on"), pk__gt=OuterRef("pk")
        )
        again = MemberChange.objects.valid().filter(after, member=OuterRef("member"), from_standing=Standing.LEFT)
        return self.filter(~Exists(again))

    def with_other_side(self, user: Any) -> Self:
        """Add ``other_side``: from or to where; a branch of the town by name as far as ``user`` may see it."""
        seen = Organization.objects.visible_to(user).order_by().values("pk")
        return self.annotate(
            other_side=Case(
                When(other_branch__isnull=True, then=F("place")),
                When(other_branch__in=seen, then=F("other_branch__name")),
                default=Value(ELSEWHERE_IN_TOWN),
            )
        )

    def within_period(self, since: date, until: date) -> Self:
        """Return the valid ones after ``since`` (exclusive) up to ``until`` (inclusive)."""
        return self.valid().filter(occurred_on__gt=since, occurred_on__lte=until)


@lru_cache(maxsize=4)  # a report asks for several figures of one day with the same condition
def _changed_again(day: date) -> Exists:
    """Say whether a member's standing changed once more up to ``day``."""
    after = Q(occurred_on__gt=OuterRef("occurred_on")) | Q(occurred_on=OuterRef("occurred_on"), pk__gt=OuterRef("pk"))
    decisive = MemberChange.objects.valid().filter(kind__in=DECISIVE_KINDS, occurred_on__lte=day)
    return Exists(decisive.filter(after, member=OuterRef("member")))


def _allowed_changes() -> Q:
    allowed = Q()
    for change in CHANGES.values():
        for source in change.sources:
            allowed |= Q(kind=change.kind, from_standing=source, to_standing=change.target)
    return allowed


@tracked()
class MemberChange(ScopedModel):
    """One change of a member's standing or circumstances, dated. A wrong one is withdrawn, never deleted.

    A transfer between two branches of the town is two changes of one day: out of the one, into the other.
    """

    scope_path = "branch"

    member = models.ForeignKey(Member, verbose_name="党员", on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField("变动", max_length=20, choices=ChangeKind)
    from_standing = models.CharField("原党籍状态", max_length=12, choices=Standing, blank=True)
    to_standing = models.CharField("新党籍状态", max_length=12, choices=Standing)
    branch = models.ForeignKey(
        Organization, verbose_name="党支部", on_delete=models.PROTECT, related_name="member_changes"
    )
    other_branch = models.ForeignKey(
        Organization,
        verbose_name="对方党支部",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="镇内转接时，从哪里来或到哪里去",
    )
    occurred_on = models.DateField("发生日期")
    place = models.CharField("去向或来源", max_length=100, blank=True)
    document = models.CharField("批准文号", max_length=50, blank=True)
    note = models.TextField("说明", max_length=500, blank=True, validators=[MaxLengthValidator(500)])
    actor = models.ForeignKey(
        User, verbose_name="经办人", on_delete=models.PROTECT, null=True, editable=False, related_name="member_changes"
    )
    recorded_at = models.DateTimeField("记录时间", default=timezone.now, editable=False)
    voided_at = models.DateTimeField("撤回时间", null=True, editable=False)
    voided_by = models.ForeignKey(
        User, verbose_name="撤回人", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    void_reason = models.CharField("撤回理由", max_length=200, blank=True, editable=False)

    objects: ClassVar[Any] = models.Manager.from_queryset(MemberChangeQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "党员变动"
        ordering = ["-occurred_on", "-pk"]
        indexes = [
            models.Index(fields=["member", "occurred_on", "id"], name="memberchange_course"),
            models.Index(fields=["branch", "occurred_on"], name="memberchange_by_branch"),
        ]
        constraints = [
            models.CheckConstraint(
                name="memberchange_allowed",
                condition=_allowed_changes(),
                violation_error_message="该党员现在的党籍状态不能这样变动。",
            ),
            models.CheckConstraint(
                name="memberchange_not_in_future",
                condition=Q(occurred_on__lte=LocalDate("recorded_at")),
                violation_error_message="发生日期不能晚于今天。",
            ),
            models.CheckConstraint(
                name="memberchange_other_branch",
                condition=Q(other_branch__isnull=True)
                | (Q(kind__in=[ChangeKind.TRANSFERRED_IN, ChangeKind.TRANSFERRED_OUT]) & ~Q(other_branch=F("branch"))),
                violation_error_message="对方党支部只用于镇内转接，且不能是同一个党支部。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.get_kind_display()} {self.occurred_on}"


class TransferQuerySet(ScopedQuerySet):
    """Transfers."""

    def in_transit(self) -> Self:
        """Return those that nobody has received or returned yet."""
        return self.filter(state=TransferState.IN_TRANSIT)

    def within_town(self) -> Self:
        """Return those from one branch of the town to another."""
        return self.filter(to_branch__isnull=False)

    def overdue(self) -> Self:
        """Return those in transit whose letter is no longer valid."""
        return self.in_transit().filter(valid_until__lt=today())


@tracked()
class Transfer(ScopedModel):
    """组织关系转接. Until the new organization has received the member, the old branch stays responsible.

    (党员教育管理工作条例 art. 24.)
    """

    scope_path = ("from_branch", "to_branch")

    member = models.ForeignKey(Member, verbose_name="党员", on_delete=models.PROTECT, related_name="transfers")
    from_branch = models.ForeignKey(
        Organization, verbose_name="转出党支部", on_delete=models.PROTECT, related_name="transfers_out"
    )
    to_branch = models.ForeignKey(
        Organization,
        verbose_name="转入党支部（镇内）",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="transfers_in",
    )
    destination = models.CharField("转往单位（镇外）", max_length=100, blank=True)
    letter_no = models.CharField("介绍信编号", max_length=50, blank=True)
    started_on = models.DateField("转出日期")
    valid_until = models.DateField("有效期至", help_text="最长 90 天")
    dues_paid_to = models.DateField("党费交至", null=True, blank=True, help_text="月份的第一天")
    state = models.CharField(
        "转接状态", max_length=12, choices=TransferState, default=TransferState.IN_TRANSIT, editable=False
    )
    ended_on = models.DateField("接收或退回日期", null=True, blank=True, editable=False)
    note = models.CharField("说明", max_length=200, blank=True)
    started_by = models.ForeignKey(
        User, verbose_name="经办人", on_delete=models.PROTECT, editable=False, related_name="transfers_started"
    )
    ended_by = models.ForeignKey(
        User, verbose_name="接收或退回人", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects: ClassVar[Any] = models.Manager.from_queryset(TransferQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "组织关系转接"
        ordering = ["-started_on", "-pk"]
        permissions = [("receive_transfer", "接收或退回组织关系")]
        constraints = [
            models.UniqueConstraint(
                name="transfer_one_at_a_time",
                fields=["member"],
                condition=Q(state=TransferState.IN_TRANSIT),
                violation_error_message="该党员已有一次转接在途，请先接收或退回。",
            ),
            models.CheckConstraint(
                name="transfer_one_destination",
                condition=(Q(to_branch__isnull=False, destination="") & ~Q(to_branch=F("from_branch")))
                | (Q(to_branch__isnull=True) & ~Q(destination="")),
                violation_error_message="转往镇内的选党支部，转往镇外的写单位，只填一个。",
            ),
            models.CheckConstraint(
                name="transfer_ends_after_start",
                condition=Q(state=TransferState.IN_TRANSIT, ended_on__isnull=True)
                | (~Q(state=TransferState.IN_TRANSIT) & Q(ended_on__gte=F("started_on"))),
                violation_error_message="接收或退回日期不能早于转出日期。",
            ),
            models.CheckConstraint(
                name="transfer_valid_after_start",
                condition=Q(valid_until__gte=F("started_on")),
                violation_error_message="有效期不能早于转出日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.started_on}"


OLDEST = MaxValueValidator(150, "年龄不能大于 150。")


@tracked()
class StatisticBand(ScopedModel):
    """A band by which the annual statistics group members, by age or by joining date; each congress changes them."""

    scope_path = PUBLIC

    kind = models.CharField("分组", max_length=10, choices=BandKind)
    name = models.CharField("名称", max_length=50)
    age_from = models.PositiveSmallIntegerField("年龄从", null=True, blank=True, validators=[OLDEST])
    age_to = models.PositiveSmallIntegerField("年龄到", null=True, blank=True, help_text="含", validators=[OLDEST])
    joined_from = models.DateField("入党日期从", null=True, blank=True)
    joined_to = models.DateField("入党日期到", null=True, blank=True, help_text="含")
    sort_no = models.PositiveIntegerField("排序号", default=0)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "统计分组"
        ordering = ["kind", "sort_no"]
        constraints = [
            models.UniqueConstraint(
                name="statisticband_once", fields=["kind", "name"], violation_error_message="该分组已有同名的一段。"
            ),
            models.CheckConstraint(
                name="statisticband_upwards",
                condition=(Q(age_from__isnull=True) | Q(age_to__isnull=True) | Q(age_to__gte=F("age_from")))
                & (Q(joined_from__isnull=True) | Q(joined_to__isnull=True) | Q(joined_to__gte=F("joined_from"))),
                violation_error_message="“到”不能小于“从”。",
            ),
        ]

    def __str__(self) -> str:
        return self.name
