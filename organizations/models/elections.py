"""Village elections: the term, the confidential pre-assessment, and the two elections of each village."""

from datetime import date
from typing import Any, ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual

from chishang.core.history import tracked
from chishang.core.scoping import PUBLIC, ScopedModel, ScopedQuerySet
from organizations.enums import ElectionBody, ForecastLevel
from organizations.models.places import Village


@tracked()
class TermRule(ScopedModel):
    """How long a body's term is that begins on or after a day: 3 years before 2018, 5 since."""

    scope_path = PUBLIC

    body = models.CharField("选举对象", max_length=10, choices=ElectionBody)
    years = models.PositiveSmallIntegerField("任期（年）", validators=[MinValueValidator(1), MaxValueValidator(10)])
    valid_from = models.DateField("起始日期", help_text="从这一天起选出的班子适用")
    source = models.CharField("依据", max_length=200, blank=True)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "任期规定"
        ordering = ["body", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                name="termrule_once_a_day",
                fields=["body", "valid_from"],
                violation_error_message="这一天起的任期规定已经登记。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_body_display()} {self.years}年"


@tracked()
class ElectionTerm(ScopedModel):
    """One round of village elections (换届): 2017年村“两委”换届."""

    scope_path = PUBLIC

    name = models.CharField("换届名称", max_length=50, unique=True)
    year = models.PositiveSmallIntegerField("年度", validators=[MinValueValidator(1949)])

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "换届"
        ordering = ["-year", "name"]

    def __str__(self) -> str:
        return self.name


@tracked()
class ElectionForecast(ScopedModel):
    """Pre-assessment of a village's election (选情预判). Confidential: a right of its own."""

    scope_path = "village__branch"

    term = models.ForeignKey(ElectionTerm, verbose_name="换届", on_delete=models.PROTECT, related_name="forecasts")
    village = models.ForeignKey(Village, verbose_name="行政村", on_delete=models.PROTECT, related_name="forecasts")
    assessed_on = models.DateField("预判日期")
    level = models.CharField("预判等级", max_length=10, choices=ForecastLevel)
    risks = models.CharField("风险", max_length=500, blank=True)
    measures = models.CharField("措施", max_length=500, blank=True)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "选情预判"
        ordering = ["term", "village__sort_no"]
        constraints = [
            models.UniqueConstraint(
                name="electionforecast_once",
                fields=["term", "village"],
                violation_error_message="该村这次换届已有选情预判。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.village} {self.assessed_on}"


class ElectionQuerySet(ScopedQuerySet):
    """Elections."""

    def completed_by(self, day: date) -> Self:
        """Return those completed on or before ``day``."""
        return self.filter(completed_on__lte=day)


@tracked()
class Election(ScopedModel):
    """One election of one body of a village; ``completed_on`` is empty until it is valid and done.

    Valid with 4/5 of those due to vote (branch; 基层组织选举工作条例) or more than half of the registered voters
    (villagers' committee; 村民委员会组织法 art. 15).
    """

    scope_path = "village__branch"

    term = models.ForeignKey(ElectionTerm, verbose_name="换届", on_delete=models.PROTECT, related_name="elections")
    village = models.ForeignKey(Village, verbose_name="行政村", on_delete=models.PROTECT, related_name="elections")
    body = models.CharField("选举对象", max_length=10, choices=ElectionBody)
    completed_on = models.DateField("完成日期", null=True, blank=True)
    due = models.PositiveIntegerField("应到人数", null=True, blank=True, help_text="有选举权的党员或登记选民")
    present = models.PositiveIntegerField("实到人数", null=True, blank=True)
    elected_name = models.CharField("选出书记或主任", max_length=50, blank=True)
    re_elected = models.BooleanField("连任", null=True, blank=True)
    result = models.CharField("结果", max_length=500, blank=True, help_text="选出的委员、得票等")

    objects: ClassVar[Any] = models.Manager.from_queryset(ElectionQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "村级选举"
        ordering = ["term", "village__sort_no", "body"]
        constraints = [
            models.UniqueConstraint(
                name="election_once",
                fields=["term", "village", "body"],
                violation_error_message="该村这次换届已有这项选举。",
            ),
            models.CheckConstraint(
                name="election_present_within_due",
                condition=Q(present__isnull=True) | Q(due__isnull=False, present__lte=F("due")),
                violation_error_message="实到人数不能多于应到人数。",
            ),
            models.CheckConstraint(
                name="election_branch_quorum",
                condition=~Q(body=ElectionBody.BRANCH)
                | Q(completed_on__isnull=True)
                | Q(present__isnull=True)
                | Q(GreaterThanOrEqual(F("present") * 5, F("due") * 4)),
                violation_error_message="到会的有选举权党员不足五分之四，选举无效，不能填完成日期。",
            ),
            models.CheckConstraint(
                name="election_committee_quorum",
                condition=~Q(body=ElectionBody.COMMITTEE)
                | Q(completed_on__isnull=True)
                | Q(present__isnull=True)
                | Q(GreaterThan(F("present") * 2, F("due"))),
                violation_error_message="参加投票的选民没有过半数，选举无效，不能填完成日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.village} {self.get_body_display()}"
