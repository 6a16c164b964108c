"""The member register: the sixteen items of the national form, and a few more."""

from datetime import date, timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual

from chishang.core.dates import Later, Precision, add_months, latest_day, today
from chishang.core.history import tracked
from chishang.core.scoping import PUBLIC, ScopedModel, ScopedQuerySet
from chishang.core.text import pinyin_key
from members.enums import ETHNIC_GROUPS, HAN, Education, MemberKind, Sex, Standing
from members.models.id_numbers import IdNumberHolder
from organizations.models import Organization
from organizations.models.accounts import PHONE


@tracked()
class Occupation(ScopedModel):
    """工作岗位, as data: the national list changes, and the town's ledgers have words of their own."""

    scope_path = PUBLIC

    name = models.CharField("工作岗位", max_length=50, unique=True)
    code = models.CharField("国家代码", max_length=4, blank=True, help_text="全国党员信息表的四位代码，可不填")
    sort_no = models.PositiveIntegerField("排序号", default=0)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "工作岗位"
        ordering = ["sort_no", "name"]

    def __str__(self) -> str:
        return self.name


class MemberQuerySet(ScopedQuerySet):
    """Members, and the lists that the office needs in one click."""

    def current(self) -> Self:
        """Return those who are members today."""
        return self.filter(standing=Standing.NORMAL)

    def full(self, day: date | None = None) -> Self:
        """Return those who were full members on ``day`` (default today)."""
        return self.filter(full_member_on__lte=day or today())

    def probationary(self, day: date | None = None) -> Self:
        """Return those who were still on probation on ``day`` (default today)."""
        return self.exclude(full_member_on__lte=day or today())

    def probation_ending(self, *, within_days: int = 30) -> Self:
        """Return members whose probation ends within so many days, or ended and was not decided on."""
        last = today() + timedelta(days=within_days)
        return self.current().probationary().filter(probation_ends_on__lte=last)

    def fifty_years(self, year: int | None = None) -> Self:
        """Return members with fifty years in the Party by 1 July of the year (光荣在党50年)."""
        last = date((year or today().year) - 50, 7, 1)
        return (
            self.current()
            .alias(counted_from=Coalesce("party_age_from", "full_member_on"))
            .filter(counted_from__lte=last)
        )

    def floating(self) -> Self:
        """Return members who live elsewhere."""
        return self.current().filter(floating_since__isnull=False)

    def lost(self) -> Self:
        """Return members whom the branch cannot reach."""
        return self.current().filter(lost_since__isnull=False)

    def in_hardship(self) -> Self:
        """Return members listed as in hardship."""
        return self.current().filter(hardship_since__isnull=False)

    def search(self, text: str) -> Self:
        """Return those whose name, or its pinyin or initials, contain ``text``."""
        text = text.strip().lower()
        return self.filter(Q(name__icontains=text) | Q(pinyin__contains=text)) if text else self


@tracked()
class Member(IdNumberHolder, ScopedModel):
    """A Party member, present or past. Nobody is deleted; ``MemberChange`` says how the standing came about."""

    scope_path = "branch"

    name = models.CharField("姓名", max_length=50)
    pinyin = models.CharField("拼音", max_length=200, editable=False, blank=True)
    sex = models.CharField("性别", max_length=1, choices=Sex)
    ethnic_group = models.CharField("民族", max_length=2, choices=ETHNIC_GROUPS, default=HAN)
    born_on = models.DateField("出生日期", null=True, blank=True)
    born_precision = models.CharField("出生日期精确到", max_length=5, choices=Precision, default=Precision.DAY)
    education = models.CharField("学历", max_length=2, choices=Education, blank=True)
    branch = models.ForeignKey(
        Organization, verbose_name="所在党支部", on_delete=models.PROTECT, related_name="members"
    )
    joined_on = models.DateField("加入党组织日期")
    joined_precision = models.CharField("加入日期精确到", max_length=5, choices=Precision, default=Precision.DAY)
    full_member_on = models.DateField("转为正式党员日期", null=True, blank=True)
    full_member_precision = models.CharField("转正日期精确到", max_length=5, choices=Precision, default=Precision.DAY)
    occupation = models.ForeignKey(
        Occupation, verbose_name="工作岗位", on_delete=models.PROTECT, null=True, blank=True, related_name="members"
    )
    phone = models.CharField("手机号", max_length=11, blank=True, validators=[PHONE])
    landline = models.CharField("固定电话", max_length=20, blank=True, help_text="带区号，如 0533-1234567")
    address = models.CharField("家庭住址", max_length=200, blank=True, help_text="到门牌号")
    standing = models.CharField("党籍状态", max_length=12, choices=Standing, default=Standing.NORMAL, editable=False)
    lost_since = models.DateField("失联日期", null=True, blank=True, editable=False)
    floating_since = models.DateField("流出日期", null=True, blank=True, editable=False)
    floating_to = models.CharField("外出流向", max_length=100, blank=True, editable=False)

    hardship_since = models.DateField("列为困难党员日期", null=True, blank=True, editable=False)
    probation_ends_on = models.DateField("预备期届满日期", null=True, blank=True, editable=False)
    party_age_from = models.DateField(
        "党龄起算日", null=True, blank=True, help_text="不填为转正日期；没有预备期的老党员按规定填写"
    )
    native_place = models.CharField("籍贯", max_length=50, blank=True)
    id_override_reason = models.CharField(
        "与身份证不一致的理由", max_length=200, blank=True, help_text="性别或出生日期与身份证号码不一致时填写"
    )
    remark = models.CharField("备注", max_length=200, blank=True)

    objects: ClassVar[Any] = models.Manager.from_queryset(MemberQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "党员"
        ordering = ["branch__sort_no", "pinyin", "pk"]
        permissions = [("reveal_member", "查看完整身份证号码")]
        indexes = [models.Index(fields=["branch", "standing"], name="member_by_branch")]
        constraints = [
            models.CheckConstraint(
                name="member_joined_as_adult",  # 党章 art. 1: having completed the eighteenth year
                condition=Q(born_on__isnull=True)
                | Q(joined_on__isnull=True)
                | Q(
                    GreaterThanOrEqual(latest_day("joined_on", "joined_precision"), Later("born_on", span="18 years"))
                ),
                violation_error_message="入党时不满 18 周岁，请核对出生日期和入党日期。",
            ),
            models.CheckConstraint(
                name="member_full_after_joining",
                condition=Q(full_member_on__isnull=True)
                | Q(GreaterThanOrEqual(latest_day("full_member_on", "full_member_precision"), F("joined_on"))),
                violation_error_message="转正日期早于入党日期，请核对。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the search key in step with the name."""
        self.pinyin = pinyin_key(self.name)
        super().save(*args, **kwargs)

    @property
    def kind(self) -> MemberKind:
        """人员类别 as of today."""
        is_full = self.full_member_on is not None and self.full_member_on <= today()
        return MemberKind.FULL if is_full else MemberKind.PROBATIONARY

    @property
    def age(self) -> int | None:
        """Completed years of life today; None when the birth date is not known."""
        return _years_since(self.born_on)

    @property
    def party_age(self) -> int | None:
        """Completed years in the Party (党龄) today, counted from full membership; None on probation."""
        return _years_since(self.party_age_from or self.full_member_on)


def _years_since(day: date | None) -> int | None:
    if day is None:
        return None
    now = today()
    return now.year - day.year - ((now.month, now.day) < (day.month, day.day))


def probation_end(joined_on: date) -> date:
    """Return the day on which a year of probation is over (党章 art. 7)."""
    return add_months(joined_on, 12)
