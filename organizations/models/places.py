"""Areas and villages."""

from datetime import date
from typing import Any, ClassVar, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from chishang.core.dates import Precision
from chishang.core.history import tracked
from chishang.core.scoping import ScopedModel, ScopedQuerySet
from organizations.models.organizations import Organization


class PlaceQuerySet(ScopedQuerySet):
    """Places that come into being and end."""

    def existing_on(self, day: date) -> Self:
        """Return those set up on or before ``day`` (or before records began) and not abolished by then."""
        return self.exclude(founded_on__gt=day).exclude(abolished_on__lte=day)


PlaceManager = models.Manager.from_queryset(PlaceQuerySet)


@tracked()
class Area(ScopedModel):
    """片区: several villages under one leader of the town (see the appointments of duty area_leader)."""

    scope_path = "villages__branch"
    scope_is_many = True

    name = models.CharField("片区名称", max_length=50, unique=True)
    sort_no = models.PositiveIntegerField("排序号", default=0)
    founded_on = models.DateField("设立日期", null=True, blank=True)
    abolished_on = models.DateField("撤销日期", null=True, blank=True)

    objects: ClassVar[Any] = PlaceManager()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "片区"
        ordering = ["sort_no", "name"]

    def __str__(self) -> str:
        return self.name


@tracked()
class AreaProject(ScopedModel):
    """书记领办项目: a project of an area led by its leader."""

    scope_path = "area__villages__branch"
    scope_is_many = True

    area = models.ForeignKey(Area, verbose_name="片区", on_delete=models.PROTECT, related_name="projects")
    name = models.CharField("项目名称", max_length=100)
    completed_on = models.DateField("完成日期", null=True, blank=True)
    completed_precision = models.CharField("完成日期精确到", max_length=5, choices=Precision, default=Precision.DAY)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "书记领办项目"
        ordering = ["area__sort_no", "name"]
        constraints = [
            models.UniqueConstraint(
                name="areaproject_unique_in_area",
                fields=["area", "name"],
                violation_error_message="该片区已有同名项目。",
            )
        ]

    def __str__(self) -> str:
        return self.name


@tracked()
class Village(ScopedModel):
    """An administrative village (行政村), cared for by one branch."""

    scope_path = "branch"

    code = models.CharField("编码", max_length=20, unique=True)
    name = models.CharField("村名", max_length=50, unique=True)
    area = models.ForeignKey(Area, verbose_name="所属片区", on_delete=models.PROTECT, related_name="villages")
    branch = models.OneToOneField(
        Organization, verbose_name="村党支部", on_delete=models.PROTECT, related_name="village"
    )
    on_poverty_list = models.BooleanField("省定贫困村", default=False)
    sort_no = models.PositiveIntegerField("排序号", default=0)
    founded_on = models.DateField("设立日期", null=True, blank=True)
    abolished_on = models.DateField("撤销日期", null=True, blank=True)

    objects: ClassVar[Any] = PlaceManager()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "行政村"
        ordering = ["sort_no", "code"]
        constraints = [
            models.CheckConstraint(
                name="village_abolished_after_founded",
                condition=Q(abolished_on__isnull=True)
                | Q(founded_on__isnull=True)
                | Q(abolished_on__gte=F("founded_on")),
                violation_error_message="撤销日期不能早于设立日期。",
            )
        ]

    def __str__(self) -> str:
        return self.name


class VillageStatisticQuerySet(ScopedQuerySet):
    """Yearly statistics."""

    def latest_on(self, day: date) -> Self:
        """Return for each village existing on ``day`` its newest row of a year up to that of ``day``."""
        newer = VillageStatistic.objects.filter(
            village=models.OuterRef("village"), year__gt=models.OuterRef("year"), year__lte=day.year
        )
        villages = Village.objects.existing_on(day)
        return self.filter(~models.Exists(newer), year__lte=day.year, village__in=villages)


@tracked()
class VillageStatistic(ScopedModel):
    """Households and population of a village in a year, as the office's register gives them."""

    scope_path = "village__branch"

    village = models.ForeignKey(Village, verbose_name="行政村", on_delete=models.PROTECT, related_name="statistics")
    year = models.PositiveSmallIntegerField("年度", validators=[MinValueValidator(1949)])
    households = models.PositiveIntegerField("户数")
    population = models.PositiveIntegerField("人口")

    objects: ClassVar[Any] = models.Manager.from_queryset(VillageStatisticQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "村情统计"
        ordering = ["village__sort_no", "-year"]
        constraints = [
            models.UniqueConstraint(
                name="villagestatistic_once_a_year",
                fields=["village", "year"],
                violation_error_message="该村该年度已有统计。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.village} {self.year}年"
