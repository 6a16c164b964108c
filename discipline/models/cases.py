"""Cases: who is involved, who may read them, and the sanctions they ended in. None is derived from another."""

from datetime import date
from typing import Any, ClassVar, Self

import pgtrigger
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from chishang.core.dates import today
from chishang.core.guards import refusal
from chishang.core.history import tracked
from discipline.enums import MAY_DECIDE, CaseStage, DecidingBody, Measure
from discipline.models.confidential import ConfidentialModel, ConfidentialQuerySet
from discipline.models.people import Person
from discipline.models.prevention import place
from discipline.models.rules import LeadSource
from discipline.models.sealed import SealedModel, SealedText, cipher
from organizations.models import User

NUMBER = RegexValidator(r"^\S+〔\d{4}〕\d+号$", "案号应写成“池纪立〔2017〕1号”的样子。")
STEPS = ("filed_on", "reviewed_on", "heard_on", "decided_on", "executed_on", "closed_on")
"""The dates of a case in their order; one may be missing, none may be before an earlier one."""
TWICE = (12, 24)
"""How long a probation lasts: one or two years (党纪处分条例)."""


class CaseQuerySet(ConfidentialQuerySet):
    """Cases."""

    def filed_by(self, day: date) -> Self:
        """Return those filed on or before ``day``."""
        return self.filter(filed_on__lte=day)

    def closed_by(self, day: date) -> Self:
        """Return those closed on or before ``day``."""
        return self.filed_by(day).filter(closed_on__lte=day)

    def open(self) -> Self:
        """Return those not closed yet."""
        return self.filter(closed_on__isnull=True)


def _in_order(later: str, earlier: tuple[str, ...], message: str) -> models.CheckConstraint:
    condition = Q()
    for name in earlier:
        condition &= Q(**{f"{later}__gte": F(name)})
    return models.CheckConstraint(
        name=f"case_{later.removesuffix('_on')}_in_order", condition=condition, violation_error_message=message
    )


@tracked()
class Case(SealedModel, ConfidentialModel):
    """A case (案件): filed, reviewed, heard, decided, executed, closed. Its dates say how far it is.

    Only those named on it see it (``CaseAccess``), and never a person whom it is about.
    """

    scope_path = "organization"

    number = models.CharField(
        "案号",
        max_length=50,
        unique=True,
        validators=[NUMBER],
        error_messages={"unique": "这个案号不能用，请核对；确认无误的，请与纪委书记联系。"},
    )
    source = models.ForeignKey(LeadSource, verbose_name="线索来源", on_delete=models.PROTECT, related_name="cases")
    handler = models.ForeignKey(
        User, verbose_name="承办人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    organization = place()
    brief_cipher = cipher("案情摘要")
    brief = SealedText("案情摘要", limit=1000)

    filed_on = models.DateField("立案日期")
    reviewed_on = models.DateField("审查终结日期", null=True, blank=True)
    heard_on = models.DateField("审理终结日期", null=True, blank=True)
    decided_on = models.DateField("处理决定日期", null=True, blank=True)
    executed_on = models.DateField("执行完毕日期", null=True, blank=True)
    closed_on = models.DateField("结案日期", null=True, blank=True)

    objects: ClassVar[Any] = models.Manager.from_queryset(CaseQuerySet)()

    class Meta(ConfidentialModel.Meta):
        verbose_name = verbose_name_plural = "案件"
        ordering = ["-filed_on", "-number"]
        permissions = [
            ("count_case", "查看廉政数字（只有合计，看不到记录）"),
            ("assign_case", "分派案件、线索和信访件，指定可查阅的人"),
        ]
        constraints = [
            _in_order("reviewed_on", STEPS[:1], "审查终结日期不能早于立案日期（先立案、后审查）。"),
            _in_order("heard_on", STEPS[:2], "审理终结日期不能早于立案、审查终结的日期（先审查、后审理）。"),
            _in_order("decided_on", STEPS[:3], "处理决定日期不能早于立案、审查、审理的日期（先立案、后决定）。"),
            _in_order("executed_on", STEPS[:4], "执行完毕日期不能早于决定等在前的日期（先决定、后执行）。"),
            _in_order("closed_on", STEPS[:5], "结案日期不能早于立案、决定、执行等在前的日期。"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="case_filed_before_sanctions",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=f"""
                    IF EXISTS (
                        SELECT FROM discipline_sanction sanction
                        JOIN discipline_involvement involved ON involved.id = sanction.involvement_id
                        WHERE involved.case_id = NEW.id AND sanction.decided_on < NEW.filed_on
                    ) THEN {refusal("case_filed_before_sanctions", "立案日期不能晚于本案的处分决定日期。")}
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def stage(self) -> CaseStage:
        """How far it is today."""
        reached = [stage for stage, name in zip(CaseStage, STEPS, strict=True) if getattr(self, name)]
        return reached[-1] if reached else CaseStage.FILED

    @classmethod
    def narrowed(cls, rows: Any, user: Any) -> Any:
        """Return those on which ``user`` is named today, none that is about him."""
        named = CaseAccess.objects.in_force().filter(case=OuterRef("pk"), user=user)
        return cls.not_about(rows.filter(Exists(named)), user)

    @classmethod
    def not_about(cls, rows: Any, user: Any) -> Any:
        """Leave out the cases in which ``user`` is, or may be, involved."""
        own = Involvement.objects.filter(case=OuterRef("pk"), person__in=Person.objects.meaning(user).values("pk"))
        return rows.exclude(Exists(own))


class AccessQuerySet(ConfidentialQuerySet):
    """Grants to read a case."""

    def in_force(self, day: date | None = None) -> Self:
        """Return those in force on ``day`` (default today); the first and the last day count."""
        day = day or today()
        return self.filter(since__lte=day, until__gte=day)


@tracked()
class CaseAccess(ConfidentialModel):
    """A person named on a case: may read it, and write in it as the duty allows, until a day (inclusive)."""

    scope_path = "case__organization"

    case = models.ForeignKey(Case, verbose_name="案件", on_delete=models.PROTECT, related_name="accesses")
    user = models.ForeignKey(User, verbose_name="可查阅的人", on_delete=models.PROTECT, related_name="+")
    since = models.DateField("起始日期", default=today)
    until = models.DateField("截止日期", help_text="当天仍可查阅")
    granted_by = models.ForeignKey(
        User, verbose_name="指定人", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    granted_at = models.DateTimeField("指定时间", default=timezone.now, editable=False)

    objects: ClassVar[Any] = models.Manager.from_queryset(AccessQuerySet)()

    class Meta(ConfidentialModel.Meta):
        verbose_name = verbose_name_plural = "查阅授权"
        ordering = ["case", "-until"]
        constraints = [
            models.CheckConstraint(
                name="caseaccess_ends_after_start",
                condition=Q(until__gte=F("since")),
                violation_error_message="截止日期不能早于起始日期。",
            ),
            models.CheckConstraint(
                name="caseaccess_not_for_ever",
                condition=Q(until__lte=F("since") + 731),
                violation_error_message="查阅授权最长两年，到期请重新指定。",
            ),
            models.UniqueConstraint(
                name="caseaccess_once_a_day",
                fields=["case", "user", "since"],
                violation_error_message="此人这一天起的授权已经登记。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.user} 至 {self.until}"

    @classmethod
    def narrowed(cls, rows: Any, user: Any) -> Any:
        """Return those of the cases that ``user`` may see; whoever hands cases out: of all that are not about him."""
        cases = Case.not_about(Case.objects.all(), user)
        if not user.has_perm("discipline.assign_case"):
            cases = Case.narrowed(cases, user)
        return rows.filter(case__in=cases.values("pk"))


class OfACase(ConfidentialModel):
    """Base of rows that are seen with their case (``case_path``)."""

    case_path: ClassVar[str]

    class Meta(ConfidentialModel.Meta):
        abstract = True

    @classmethod
    def narrowed(cls, rows: Any, user: Any) -> Any:
        """Return those of the cases that ``user`` may see."""
        return rows.filter(**{f"{cls.case_path}__in": Case.narrowed(Case.objects.all(), user).values("pk")})


@tracked()
class Involvement(OfACase):
    """A person in a case: a case may be about several, and a person may be in several."""

    scope_path = "case__organization"
    case_path = "case"

    case = models.ForeignKey(Case, verbose_name="案件", on_delete=models.PROTECT, related_name="involvements")
    person = models.ForeignKey(Person, verbose_name="涉案人员", on_delete=models.PROTECT, related_name="involvements")

    class Meta(ConfidentialModel.Meta):
        verbose_name = verbose_name_plural = "涉案人员"
        ordering = ["case", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="involvement_once", fields=["case", "person"], violation_error_message="此人已登记在本案中。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.person}"


class SanctionQuerySet(ConfidentialQuerySet):
    """Sanctions."""

    def in_effect(self, day: date | None = None) -> Self:
        """Return those within whose period of effect ``day`` (default today) lies; the first and last day count."""
        day = day or today()
        return self.filter(effective_on__lte=day, impact_until__gte=day)


def _decided_by_the_right_body() -> models.CheckConstraint:
    allowed = Q(decided_by="")
    for body, measures in MAY_DECIDE.items():
        allowed |= Q(decided_by=body, measure__in=measures)
    return models.CheckConstraint(
        name="sanction_decided_by_the_right_body",
        condition=allowed,
        violation_error_message="该机关无权决定这种处分：镇纪委可决定警告、严重警告，镇党委可决定至留党察看，"
        "开除党籍须由区纪委批准。",
    )


def _impact_guard() -> pgtrigger.Trigger:
    """Return the trigger that compares the end of the effect with the rule in force on the day of the decision."""
    names = " ".join(f"WHEN '{measure}' THEN '{measure.label}'" for measure in Measure)
    return pgtrigger.Trigger(
        name="sanction_impact",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        declare=[("months_ruled", "integer")],
        func=f"""
            IF EXISTS (
                SELECT FROM discipline_involvement involved JOIN discipline_case filed ON filed.id = involved.case_id
                WHERE involved.id = NEW.involvement_id AND filed.filed_on > NEW.decided_on
            ) THEN {refusal("sanction_after_filing", "处分决定日期不能早于立案日期（先立案、后处分）。")}
            END IF;
            SELECT months + coalesce(NEW.probation_months, 0) INTO months_ruled FROM discipline_measurerule
                WHERE measure = NEW.measure AND valid_from <= NEW.decided_on ORDER BY valid_from DESC LIMIT 1;
            IF NOT FOUND THEN
                {refusal("sanction_rule", "处分决定那天还没有这种处分的影响期规定，请先在“处分影响期规定”中登记。")}
            END IF;
            IF NEW.impact_until <> (NEW.effective_on + make_interval(months => months_ruled))::date - 1 THEN
                RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'guard_sanction_impact',
                    MESSAGE = format('影响期与处分种类不符：按规定，%s的影响期为 %s 个月，至 %s。',
                        CASE NEW.measure {names} END, months_ruled,
                        ((NEW.effective_on + make_interval(months => months_ruled))::date - 1)::text);
            END IF;
            RETURN NEW;
        """,  # noqa: S608  the names are our own code list
    )


@tracked()
class Sanction(SealedModel, OfACase):
    """A sanction of the Party on one person of a case (党纪处分). The end of its effect follows from the rules."""

    scope_path = "involvement__person__organization"
    case_path = "involvement__case"

    involvement = models.OneToOneField(
        Involvement,
        verbose_name="案件和人员",
        on_delete=models.PROTECT,
        related_name="sanction",
        error_messages={
            "unique": "此人在本案中的处分已经登记。",
            "null": "处分必须对应已立的案件和涉案人员（先立案、后处分）。",
            "required": "处分必须对应已立的案件和涉案人员（先立案、后处分）。",
        },
    )
    measure = models.CharField("处分种类", max_length=20, choices=Measure)
    probation_months = models.PositiveSmallIntegerField(
        "察看期（月）",
        null=True,
        blank=True,
        validators=[MinValueValidator(12)],
        help_text="留党察看才填：12 或 24；延长一年即由 12 改为 24",
    )
    decided_on = models.DateField("处分决定日期")
    decided_by = models.CharField("决定机关", max_length=20, choices=DecidingBody, blank=True)
    document_no = models.CharField("决定文号", max_length=50, blank=True)
    effective_on = models.DateField("生效日期", help_text="一般即批准之日")
    impact_until = models.DateField("影响期至", editable=False, help_text="当天仍在影响期内")
    grounds_cipher = cipher("违纪事实")
    grounds = SealedText("违纪事实", limit=500)
    announced_on = models.DateField(
        "宣布日期", null=True, blank=True, help_text="向党员和本人宣布的日期；期限见“办理期限”"
    )
    reported_on = models.DateField("报告执行情况日期", null=True, blank=True)

    objects: ClassVar[Any] = models.Manager.from_queryset(SanctionQuerySet)()

    class Meta(ConfidentialModel.Meta):
        verbose_name = verbose_name_plural = "党纪处分"
        ordering = ["-decided_on", "-pk"]
        triggers = [_impact_guard()]
        constraints = [
            models.CheckConstraint(
                name="sanction_effective_after_decision",
                condition=Q(effective_on__gte=F("decided_on")),
                violation_error_message="生效日期不能早于处分决定日期。",
            ),
            models.CheckConstraint(
                name="sanction_announced_after_decision",
                condition=Q(announced_on__isnull=True) | Q(announced_on__gte=F("decided_on")),
                violation_error_message="宣布日期不能早于处分决定日期。",
            ),
            models.CheckConstraint(
                name="sanction_reported_after_decision",
                condition=Q(reported_on__isnull=True) | Q(reported_on__gte=F("decided_on")),
                violation_error_message="报告执行情况的日期不能早于处分决定日期。",
            ),
            models.CheckConstraint(
                name="sanction_probation",
                condition=Q(measure=Measure.PROBATION, probation_months__isnull=False, probation_months__in=TWICE)
                | (~Q(measure=Measure.PROBATION) & Q(probation_months__isnull=True)),
                violation_error_message="留党察看要填察看期 12 或 24 个月，其他处分不填。",
            ),
            _decided_by_the_right_body(),
        ]

    def __str__(self) -> str:
        return f"{self.involvement.case} {self.get_measure_display()}"
