"""What is done so that there are no cases: responsibility lists, lessons and talks, inspections, lists of powers."""

from datetime import date
from typing import Any, ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from chishang.core.dates import Precision
from chishang.core.history import tracked
from discipline.enums import EducationKind, ListKind, TalkKind
from discipline.models.confidential import ConfidentialModel, ConfidentialQuerySet
from organizations.models import Organization, Village

MOST_PEOPLE = 5000


def place() -> Any:
    """Return the column for the organization that a row belongs to; empty for the town as a whole."""
    return models.ForeignKey(
        Organization, verbose_name="所涉党组织", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )


@tracked()
class ResponsibilityList(ConfidentialModel):
    """A list of who answers for what (责任清单), issued once a year for each of the four kinds."""

    scope_path = "organization"

    kind = models.CharField("清单", max_length=20, choices=ListKind)
    bearer = models.CharField("责任主体", max_length=50)
    issued_on = models.DateField("印发日期")
    document_no = models.CharField("文号", max_length=50, blank=True)
    organization = place()

    class Meta(ConfidentialModel.Meta):
        verbose_name = verbose_name_plural = "责任清单"
        ordering = ["-issued_on", "kind"]
        constraints = [
            models.UniqueConstraint(
                name="responsibilitylist_once_a_day",
                fields=["kind", "issued_on"],
                violation_error_message="该清单这一天已经登记印发。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}（{self.issued_on:%Y}年）"


class ItemQuerySet(ConfidentialQuerySet):
    """Items of responsibility lists."""

    def overdue(self, day: date) -> Self:
        """Return those due before ``day`` and not done by then."""
        return self.filter(due_on__lt=day).filter(Q(done_on__isnull=True) | Q(done_on__gte=day))


@tracked()
class ResponsibilityItem(ConfidentialModel):
    """One duty of a list: whose it is, until when, and what shows that it was done."""

    scope_path = "responsibility_list__organization"

    responsibility_list = models.ForeignKey(
        ResponsibilityList, verbose_name="清单", on_delete=models.PROTECT, related_name="items"
    )
    number = models.PositiveSmallIntegerField("序号", validators=[MinValueValidator(1)])
    content = models.CharField("责任事项", max_length=300)
    owner = models.CharField("责任人", max_length=50)
    due_on = models.DateField("完成时限")
    done_on = models.DateField("完成日期", null=True, blank=True)
    evidence = models.CharField("佐证材料", max_length=300, blank=True, help_text="如：会议记录、档案盒号")

    objects: ClassVar[Any] = models.Manager.from_queryset(ItemQuerySet)()

    class Meta(ConfidentialModel.Meta):
        verbose_name = verbose_name_plural = "责任清单事项"
        ordering = ["responsibility_list", "number"]
        constraints = [
            models.UniqueConstraint(
                name="responsibilityitem_number",
                fields=["responsibility_list", "number"],
                violation_error_message="该清单已有这个序号的事项。",
            ),
            models.CheckConstraint(
                name="responsibilityitem_has_evidence",
                condition=Q(done_on__isnull=True) | ~Q(evidence=""),
                violation_error_message="完成的事项请写明佐证材料。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.content[:30]}"


@tracked()
class IntegrityEvent(ConfidentialModel):
    """A lesson, micro-lesson or talk (廉政教育)."""

    scope_path = "organization"

    kind = models.CharField("形式", max_length=20, choices=EducationKind)
    talk_kind = models.CharField("谈话类别", max_length=20, choices=TalkKind, blank=True, help_text="廉政谈话才填")
    held_on = models.DateField("日期")
    topic = models.CharField("主题", max_length=100)
    audience = models.CharField("对象", max_length=50)
    attendees = models.PositiveSmallIntegerField(
        "人数", validators=[MinValueValidator(1), MaxValueValidator(MOST_PEOPLE)]
    )
    organization = place()

    class Meta(ConfidentialModel.Meta):
        verbose_name = verbose_name_plural = "廉政教育"
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="integrityevent_unique",
                fields=["held_on", "kind", "topic", "audience"],
                violation_error_message="这一天已登记同一形式、主题和对象的廉政教育。",
            ),
            models.CheckConstraint(
                name="integrityevent_talk_kind",
                condition=Q(kind=EducationKind.TALK) | Q(talk_kind=""),
                violation_error_message="只有廉政谈话才填谈话类别。",
            ),
            models.CheckConstraint(
                name="integrityevent_attended",
                condition=Q(attendees__gte=1, attendees__lte=MOST_PEOPLE),
                violation_error_message=f"人数应在 1 到 {MOST_PEOPLE} 之间。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.held_on}"


@tracked()
class StyleInspection(ConfidentialModel):
    """One visit to an office or station to see how it works (作风检查)."""

    scope_path = "organization"

    inspected_on = models.DateField("日期")
    unit = models.CharField("被检查单位", max_length=50)
    inspectors = models.CharField("检查人", max_length=100)
    organization = place()

    class Meta(ConfidentialModel.Meta):
        verbose_name = verbose_name_plural = "作风检查"
        ordering = ["-inspected_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="styleinspection_unique",
                fields=["inspected_on", "unit", "inspectors"],
                violation_error_message="这一天对该单位的检查已经登记。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.inspected_on}"


@tracked()
class InspectionFinding(ConfidentialModel):
    """What an inspection of style found, and what became of it. No finding: no row."""

    scope_path = "inspection__organization"

    inspection = models.ForeignKey(
        StyleInspection, verbose_name="检查", on_delete=models.PROTECT, related_name="findings"
    )
    text = models.CharField("发现问题", max_length=200)
    follow_up = models.CharField("整改情况", max_length=200, blank=True)
    settled_on = models.DateField("整改完成日期", null=True, blank=True)

    class Meta(ConfidentialModel.Meta):
        verbose_name = verbose_name_plural = "作风检查发现问题"
        ordering = ["inspection", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="inspectionfinding_unique",
                fields=["inspection", "text"],
                violation_error_message="该次检查已登记这个问题。",
            ),
            models.CheckConstraint(
                name="inspectionfinding_followed_up",
                condition=Q(settled_on__isnull=True) | ~Q(follow_up=""),
                violation_error_message="整改完成的问题请写明整改情况。",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class PowerListQuerySet(ConfidentialQuerySet):
    """Lists of powers."""

    def settled_by(self, day: date) -> Self:
        """Return those settled on or before ``day``; of a month, from its first day on."""
        return self.filter(settled_on__lte=day)


@tracked()
class PowerList(ConfidentialModel):
    """A village's list of small powers (微权力清单)."""

    scope_path = "village__branch"

    village = models.OneToOneField(
        Village,
        verbose_name="村",
        on_delete=models.PROTECT,
        related_name="power_list",
        error_messages={"unique": "该村的微权力清单已经登记。"},
    )
    item_count = models.PositiveSmallIntegerField("权力事项数", validators=[MinValueValidator(1)])
    settled_on = models.DateField("清理日期", null=True, blank=True)
    settled_precision = models.CharField("清理日期精确到", max_length=5, choices=Precision, default=Precision.DAY)

    objects: ClassVar[Any] = models.Manager.from_queryset(PowerListQuerySet)()

    class Meta(ConfidentialModel.Meta):
        verbose_name = verbose_name_plural = "微权力清单"
        ordering = ["village__sort_no", "village__code"]

    def __str__(self) -> str:
        return f"{self.village}微权力清单"


@tracked()
class PowerItem(ConfidentialModel):
    """One power: on what it rests, who holds it, and since when people can read of it."""

    scope_path = "power_list__village__branch"

    power_list = models.ForeignKey(PowerList, verbose_name="清单", on_delete=models.PROTECT, related_name="items")
    number = models.PositiveSmallIntegerField("序号", validators=[MinValueValidator(1)])
    name = models.CharField("权力事项", max_length=100)
    basis = models.CharField("依据", max_length=200, blank=True)
    holder = models.CharField("责任人", max_length=50, blank=True)
    published_on = models.DateField("公开日期", null=True, blank=True)

    class Meta(ConfidentialModel.Meta):
        verbose_name = verbose_name_plural = "微权力事项"
        ordering = ["power_list", "number"]
        constraints = [
            models.UniqueConstraint(
                name="poweritem_number",
                fields=["power_list", "number"],
                violation_error_message="该清单已有这个序号的事项。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.name}"
