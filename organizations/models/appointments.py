"""Duties, and who holds which where and when: the source of all access."""

from datetime import date
from typing import Any, ClassVar, Self

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from chishang.core.dates import today
from chishang.core.history import tracked
from chishang.core.scoping import PUBLIC, ScopedModel, ScopedQuerySet
from organizations.enums import PlaceKind
from organizations.models.accounts import User
from organizations.models.organizations import Organization
from organizations.models.places import Area, Village


@tracked()
class Duty(ScopedModel):
    """A duty (职务). Its group carries the permissions, which the office edits in the admin."""

    scope_path = PUBLIC

    code = models.SlugField("代码", max_length=40, unique=True)
    name = models.CharField("职务", max_length=50, unique=True)
    group = models.OneToOneField(Group, verbose_name="权限组", on_delete=models.PROTECT, related_name="duty")
    place_kind = models.CharField("任职单位类别", max_length=20, choices=PlaceKind)
    uses_admin = models.BooleanField("使用后台", default=False)
    idle_minutes = models.PositiveIntegerField(
        "闲置多久后退出（分钟）", default=30, validators=[MinValueValidator(5), MaxValueValidator(24 * 60)]
    )
    sort_no = models.PositiveIntegerField("排序号", default=0)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "职务"
        ordering = ["sort_no", "code"]

    def __str__(self) -> str:
        return self.name


class AppointmentQuerySet(ScopedQuerySet):
    """Appointments."""

    def in_force(self, day: date | None = None) -> Self:
        """Return those in force on ``day`` (default today); the first and the last day count."""
        day = day or today()
        return self.filter(started_on__lte=day).exclude(ended_on__lt=day)


@tracked()
class Appointment(ScopedModel):
    """One person holds one duty at one place from a day to a day (both inclusive)."""

    scope_path = ("organization", "village__branch", "area__villages__branch")
    scope_is_many = True

    user = models.ForeignKey(User, verbose_name="姓名", on_delete=models.PROTECT, related_name="appointments")
    duty = models.ForeignKey(Duty, verbose_name="职务", on_delete=models.PROTECT, related_name="appointments")
    organization = models.ForeignKey(
        Organization,
        verbose_name="党组织",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="appointments",
    )
    village = models.ForeignKey(
        Village, verbose_name="行政村", on_delete=models.PROTECT, null=True, blank=True, related_name="appointments"
    )
    area = models.ForeignKey(
        Area, verbose_name="片区", on_delete=models.PROTECT, null=True, blank=True, related_name="appointments"
    )
    title = models.CharField("职务全称", max_length=100, blank=True, help_text="如：镇党委副书记、镇长")
    started_on = models.DateField("开始日期")
    ended_on = models.DateField("结束日期", null=True, blank=True, help_text="在任留空；当天仍在任")

    objects: ClassVar[Any] = models.Manager.from_queryset(AppointmentQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "任职"
        ordering = ["duty__sort_no", "-started_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="appointment_has_one_place",
                condition=Q(organization__isnull=False, village__isnull=True, area__isnull=True)
                | Q(organization__isnull=True, village__isnull=False, area__isnull=True)
                | Q(organization__isnull=True, village__isnull=True, area__isnull=False),
                violation_error_message="任职单位只能填一个：党组织、行政村或片区。",
            ),
            models.CheckConstraint(
                name="appointment_ends_after_start",
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                violation_error_message="结束日期不能早于开始日期。",
            ),
            models.UniqueConstraint(
                name="appointment_unique",
                fields=["user", "duty", "organization", "village", "area", "started_on"],
                nulls_distinct=False,
                violation_error_message="该任职已登记。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.duty} {self.place}"

    @property
    def place(self) -> Any:
        """The organization, village or area where the duty is held."""
        return self.organization or self.village or self.area

    def clean(self) -> None:
        """Check that the place is of the kind that the duty asks for."""
        if self.duty_id and getattr(self, f"{self.duty.place_kind}_id") is None:
            raise ValidationError(
                {self.duty.place_kind: f"“{self.duty}”的任职单位应为{self.duty.get_place_kind_display()}。"}
            )
