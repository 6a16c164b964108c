"""What villagers see of their money: one statement a village and quarter, as an immutable snapshot (收支公开表)."""

import hashlib
import json
from datetime import date, timedelta
from typing import Any, ClassVar, Self

import pgtrigger
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from chishang.core.dates import add_months
from chishang.core.guards import refusal, refuse
from chishang.core.history import tracked
from chishang.core.scoping import ScopedModel, ScopedQuerySet
from finance.enums import StatementState
from organizations.models import User, Village

MONTHS_A_QUARTER = 3


def quarter_bounds(year: int, quarter: int) -> tuple[date, date]:
    """Return the first and the last day of a quarter (1 to 4)."""
    first = date(year, (quarter - 1) * MONTHS_A_QUARTER + 1, 1)
    return first, add_months(first, MONTHS_A_QUARTER) - timedelta(days=1)


def digest(content: Any) -> str:
    """Return the SHA-256 of a statement's content, as 64 hexadecimal digits; the same content always has the same."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()


class StatementQuerySet(ScopedQuerySet):
    """Statements."""

    def released(self) -> Self:
        """Return those that are public: they need no sign-in, and are the only ones that do not."""
        return self.filter(state=StatementState.RELEASED)

    def in_force(self) -> Self:
        """Return the released ones that no later one replaced."""
        later = Statement.objects.released().filter(
            village=OuterRef("village"),
            year=OuterRef("year"),
            quarter=OuterRef("quarter"),
            version__gt=OuterRef("version"),
        )
        return self.released().filter(~Exists(later))


@tracked()
class Statement(ScopedModel):
    """A village's statement of a quarter. Its content is fixed when it is drawn up; a correction is a new version."""

    scope_path = "village__branch"

    village = models.ForeignKey(Village, verbose_name="行政村", on_delete=models.PROTECT, related_name="statements")
    year = models.PositiveSmallIntegerField("年度", validators=[MinValueValidator(1949), MaxValueValidator(2100)])
    quarter = models.PositiveSmallIntegerField("季度", validators=[MinValueValidator(1), MaxValueValidator(4)])
    version = models.PositiveSmallIntegerField("版本", default=1, editable=False)
    state = models.CharField("状态", max_length=10, choices=StatementState, default=StatementState.DRAFT)
    content = models.JSONField("内容", encoder=DjangoJSONEncoder, editable=False)
    sha256 = models.CharField("校验码", max_length=64, editable=False)
    reason = models.CharField("更正说明", max_length=200, blank=True, help_text="第二版起必填：更正了什么")
    drafted_by = models.ForeignKey(User, verbose_name="制表人", on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField("制表时间", default=timezone.now, editable=False)
    checked_by = models.ForeignKey(
        User, verbose_name="登记审核", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    checked_at = models.DateTimeField("审核登记时间", null=True, blank=True, editable=False)
    checkers = models.CharField("民主理财小组审核人", max_length=200, blank=True)
    released_by = models.ForeignKey(
        User, verbose_name="公开人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    released_at = models.DateTimeField("公开时间", null=True, blank=True, editable=False)

    objects: ClassVar[Any] = models.Manager.from_queryset(StatementQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "收支公开表"
        ordering = ["-year", "-quarter", "village__sort_no", "-version"]
        permissions = [("check_statement", "登记民主理财小组审核"), ("release_statement", "公开收支表")]
        triggers = [
            refuse("statement_not_deleted", pgtrigger.Delete, "公开表不能删除，可以作废。"),
            pgtrigger.Trigger(
                name="statement_snapshot",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=f"""
                    IF OLD.state IN ('released', 'withdrawn') THEN
                        {refusal("statement_released", "已公开或作废的公开表不能再改；要更正请另制一版。")}
                    END IF;
                    IF (OLD.content, OLD.sha256, OLD.village_id, OLD.year, OLD.quarter, OLD.version)
                        IS DISTINCT FROM (NEW.content, NEW.sha256, NEW.village_id, NEW.year, NEW.quarter, NEW.version)
                    THEN {refusal("statement_snapshot", "公开表的内容制表后不能改；请作废后重新制表。")}
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="statement_version_once",
                fields=["village", "year", "quarter", "version"],
                violation_error_message="这一版公开表已经有了。",
            ),
            models.UniqueConstraint(
                name="statement_one_under_way",
                fields=["village", "year", "quarter"],
                condition=Q(state__in=(StatementState.DRAFT, StatementState.CHECKED)),
                violation_error_message="该村这一季度已有一份正在办理的公开表。",
            ),
            models.CheckConstraint(
                name="statement_quarter",
                condition=Q(quarter__gte=1, quarter__lte=4),
                violation_error_message="季度应为 1 到 4。",
            ),
            models.CheckConstraint(
                name="statement_checked_by_somebody",
                condition=~Q(state__in=(StatementState.CHECKED, StatementState.RELEASED))
                | (Q(checked_by__isnull=False, checked_at__isnull=False) & ~Q(checkers="")),
                violation_error_message="请写明民主理财小组由谁审核。",
            ),
            models.CheckConstraint(
                name="statement_released_by_another",
                condition=~Q(state=StatementState.RELEASED)
                | (Q(released_by__isnull=False, released_at__isnull=False) & ~Q(released_by=F("checked_by"))),
                violation_error_message="登记审核的人不能自己公开，请由另一位同事公开。",
            ),
            models.CheckConstraint(
                name="statement_correction_says_why",
                condition=Q(version=1) | ~Q(reason=""),
                violation_error_message="第二版起要写明更正了什么。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.village} {self.year}年第{self.quarter}季度"

    @property
    def is_intact(self) -> bool:
        """Whether the content is still that of its hash."""
        return digest(self.content) == self.sha256
