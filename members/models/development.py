"""Developing members (发展党员工作细则): the 25 steps as data, and a file for each applicant."""

from typing import Any, ClassVar, Self

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone

from chishang.core.dates import LocalDate, Precision
from chishang.core.history import tracked
from chishang.core.scoping import PUBLIC, ScopedModel, ScopedQuerySet
from members.enums import ETHNIC_GROUPS, HAN, DevelopmentStage, Education, FileState, Sex
from members.models.id_numbers import TAKEN, IdNumberHolder
from members.models.meetings import Meeting
from members.models.people import Member, Occupation
from organizations.models import Organization, User
from organizations.models.accounts import PHONE

UNDER_WAY = (FileState.OPEN, FileState.ADMITTED)


@tracked()
class DevelopmentStep(ScopedModel):
    """One of the 25 steps: its stage and order, how long one waits for it, and by when it is due.

    Waiting (``wait_…``) and due (``within_…``) times count from the step ``after``.
    """

    scope_path = PUBLIC

    code = models.SlugField("代码", max_length=40, unique=True)
    stage = models.CharField("阶段", max_length=1, choices=DevelopmentStage)
    sequence = models.PositiveSmallIntegerField("序号", unique=True)
    name = models.CharField("步骤", max_length=50)
    after = models.ForeignKey(
        "self", verbose_name="时间从哪一步算起", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    wait_months = models.PositiveSmallIntegerField("至少满（月）", default=0)
    wait_days = models.PositiveSmallIntegerField("至少满（天）", default=0)
    within_months = models.PositiveSmallIntegerField("应在（月）内", null=True, blank=True)
    repeats_months = models.PositiveSmallIntegerField("每几个月一次", null=True, blank=True)
    needs_vote = models.BooleanField("需要表决", default=False)
    source = models.CharField("依据", max_length=200, blank=True)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "发展党员步骤"
        ordering = ["sequence"]

    def __str__(self) -> str:
        return f"{self.sequence}. {self.name}"


class DevelopmentFileQuerySet(ScopedQuerySet):
    """Development files."""

    def under_way(self) -> Self:
        """Return those that are neither completed nor stopped."""
        return self.filter(state__in=UNDER_WAY)


@tracked()
class DevelopmentFile(IdNumberHolder, ScopedModel):
    """An applicant's file. With the approval of the admission the applicant becomes a probationary member.

    Who applies anew after a file has ended has a new one; the old one stays.
    """

    scope_path = "branch"

    id_number_index = models.CharField("公民身份号码索引", max_length=64, null=True, editable=False)
    branch = models.ForeignKey(
        Organization, verbose_name="党支部", on_delete=models.PROTECT, related_name="development_files"
    )
    name = models.CharField("姓名", max_length=50)
    sex = models.CharField("性别", max_length=1, choices=Sex)
    ethnic_group = models.CharField("民族", max_length=2, choices=ETHNIC_GROUPS, default=HAN)
    born_on = models.DateField("出生日期")
    born_precision = models.CharField("出生日期精确到", max_length=5, choices=Precision, default=Precision.DAY)
    education = models.CharField("学历", max_length=2, choices=Education, blank=True)
    occupation = models.ForeignKey(
        Occupation, verbose_name="工作岗位", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    phone = models.CharField("手机号", max_length=11, blank=True, validators=[PHONE])
    address = models.CharField("家庭住址", max_length=200, blank=True)
    id_override_reason = models.CharField(
        "与身份证不一致的理由", max_length=200, blank=True, help_text="性别或出生日期与身份证号码不一致时填写"
    )
    contacts = models.CharField("培养联系人", max_length=100, blank=True, help_text="一至两名正式党员")
    introducers = models.CharField("入党介绍人", max_length=100, blank=True, help_text="两名正式党员")
    state = models.CharField("状态", max_length=10, choices=FileState, default=FileState.OPEN, editable=False)
    member = models.ForeignKey(
        Member,
        verbose_name="党员",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="development_files",
    )
    stopped_on = models.DateField("终止日期", null=True, blank=True, editable=False)
    stop_reason = models.CharField("终止原因", max_length=200, blank=True, editable=False)

    objects: ClassVar[Any] = models.Manager.from_queryset(DevelopmentFileQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "发展党员档案"
        ordering = ["branch__sort_no", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="developmentfile_one_under_way",
                fields=["id_number_index"],
                condition=Q(state__in=UNDER_WAY),
                violation_error_message=TAKEN,
            ),
            models.UniqueConstraint(
                name="developmentfile_one_of_a_member",
                fields=["member"],
                condition=Q(state__in=UNDER_WAY),
                violation_error_message="该党员还有一份在办的发展党员档案。",
            ),
            models.CheckConstraint(
                name="developmentfile_admitted_as_member",
                condition=Q(member__isnull=False) | ~Q(state__in=[FileState.ADMITTED, FileState.COMPLETED]),
                violation_error_message="接收为预备党员后才有党员记录。",
            ),
            models.CheckConstraint(
                name="developmentfile_stopped_with_day",
                condition=Q(state=FileState.STOPPED, stopped_on__isnull=False)
                | (~Q(state=FileState.STOPPED) & Q(stopped_on__isnull=True)),
                violation_error_message="终止要有日期和原因。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def holders(cls, index: str) -> models.QuerySet[Any]:
        """Return the files under way with this number."""
        rows: models.QuerySet[Any] = cls.objects.under_way().filter(id_number_index=index)
        return rows


class DevelopmentRecordQuerySet(ScopedQuerySet):
    """Steps taken."""

    def valid(self) -> Self:
        """Return those that were not withdrawn as recorded by mistake."""
        return self.filter(voided_at__isnull=True)


@tracked()
class DevelopmentRecord(ScopedModel):
    """A step that was taken: its day, what was decided, and the votes where one votes.

    A wrong one is withdrawn, never deleted.
    """

    scope_path = "file__branch"

    file = models.ForeignKey(
        DevelopmentFile, verbose_name="发展党员档案", on_delete=models.PROTECT, related_name="records"
    )
    step = models.ForeignKey(DevelopmentStep, verbose_name="步骤", on_delete=models.PROTECT, related_name="records")
    occurred_on = models.DateField("日期")
    decision = models.TextField("决定", max_length=500, blank=True, validators=[MaxLengthValidator(500)])
    meeting = models.ForeignKey(
        Meeting,
        verbose_name="会议",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="development_records",
    )
    due = models.PositiveIntegerField("应到有表决权人数", null=True, blank=True)
    present = models.PositiveIntegerField("实到有表决权人数", null=True, blank=True)
    in_favour = models.PositiveIntegerField("赞成", null=True, blank=True)
    against = models.PositiveIntegerField("反对", null=True, blank=True)
    abstained = models.PositiveIntegerField("弃权", null=True, blank=True)
    recorded_by = models.ForeignKey(
        User, verbose_name="录入人", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    recorded_at = models.DateTimeField("录入时间", default=timezone.now, editable=False)
    voided_at = models.DateTimeField("撤回时间", null=True, editable=False)
    voided_by = models.ForeignKey(
        User, verbose_name="撤回人", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    void_reason = models.CharField("撤回理由", max_length=200, blank=True, editable=False)

    objects: ClassVar[Any] = models.Manager.from_queryset(DevelopmentRecordQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "发展党员记录"
        ordering = ["file", "step__sequence", "occurred_on"]
        constraints = [
            models.UniqueConstraint(
                name="developmentrecord_once",
                fields=["file", "step", "occurred_on"],
                condition=Q(voided_at__isnull=True),
                violation_error_message="这一步这一天已经登记。",
            ),
            models.CheckConstraint(
                name="developmentrecord_not_in_future",
                condition=Q(occurred_on__lte=LocalDate("recorded_at")),
                violation_error_message="日期不能晚于今天。",
            ),
            models.CheckConstraint(
                name="developmentrecord_present_within_due",
                condition=Q(present__isnull=True) | Q(due__isnull=False, present__lte=F("due")),
                violation_error_message="实到人数不能多于应到人数。",
            ),
            models.CheckConstraint(
                name="developmentrecord_votes_within_present",
                condition=Q(in_favour__isnull=True)
                | Q(LessThanOrEqual(F("in_favour") + F("against") + F("abstained"), F("present"))),
                violation_error_message="票数加起来不能多于实到人数。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file} {self.step}"
