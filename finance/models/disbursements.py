"""Disbursement requests, their two seals and their course (双印鉴).

What a seal signs cannot change: a seal carries payee, purpose and amount, and refers to the request by exactly these
(``seal_signs_this_content``, a composite foreign key made by the migration).
"""

from typing import Any, ClassVar, Self
from uuid import uuid4

import pgtrigger
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from chishang.core.guards import refusal, refuse, written_once
from chishang.core.history import tracked
from chishang.core.money import CENT, MoneyField
from chishang.core.scoping import ScopedModel, ScopedQuerySet
from finance.enums import ENDED_STATES, MOVES, RequestMove, RequestState, SealKind, allowed_pairs
from finance.models.budgets import Budget, pool_guard
from finance.models.lists import Subject
from organizations.models import Organization, User

CONTENT = (
    *("organization_id", "budget_id", "subject_id", "reverses_id", "amount", "payee", "purpose", "decision"),
    "attachments",
)
"""What a request is about; fixed once it is submitted."""


def _course_guard() -> pgtrigger.Trigger:
    """Return the trigger that keeps a request to its moves, and its content as it was submitted."""
    pairs = {
        (str(source), str(target)) for move in MOVES.values() for source in move.sources for target in move.targets
    }
    allowed = ", ".join(f"('{source}', '{target}')" for source, target in sorted(pairs))
    ended = ", ".join(f"'{state}'" for state in ENDED_STATES)
    old, new = (f"({', '.join(f'{side}.{name}' for name in CONTENT)})" for side in ("OLD", "NEW"))
    return pgtrigger.Trigger(
        name="disbursement_course",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=f"""
            IF OLD.state IN ({ended}) THEN {refusal("ended", "这份申请已经办结，不能再改。")}
            END IF;
            IF OLD.state <> 'draft' AND {old} IS DISTINCT FROM {new} THEN
                {refusal("content", "申请提交后，金额、收款人和用途不能再改；请撤回后另写一份。")}
            END IF;
            IF OLD.maker_id <> NEW.maker_id THEN {refusal("maker", "申请的经办人不能更换；请由本人另写一份。")}
            END IF;
            IF (OLD.state, NEW.state) NOT IN ({allowed}) THEN
                {refusal("course", "当前状态不能这样办理。")}
            END IF;
            IF NEW.state IN ('approved', 'posted')
                AND (SELECT count(*) FROM finance_seal WHERE disbursement_id = NEW.id) < 2 THEN
                {refusal("two_seals", "要有复核、批准两枚印鉴才能办理。")}
            END IF;
            RETURN NEW;
        """,  # noqa: S608  our own names
    )


def _posted_guard() -> pgtrigger.Trigger:
    """Return the trigger that lets a request be posted only together with its voucher."""
    return pgtrigger.Trigger(
        name="disbursement_posted",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        timing=pgtrigger.Deferred,
        condition=pgtrigger.Q(new__state="posted"),
        func=f"""
            IF NOT EXISTS (SELECT FROM finance_voucher WHERE disbursement_id = NEW.id) THEN
                {refusal("posted_with_voucher", "没有凭证，不能标为已入账。")}
            END IF;
            RETURN NULL;
        """,
    )


class DisbursementQuerySet(ScopedQuerySet):
    """Disbursement requests."""

    def open(self) -> Self:
        """Return those in which somebody still has to act."""
        return self.exclude(state__in=ENDED_STATES)

    def waiting_for_seal(self, kind: SealKind) -> Self:
        """Return the submitted ones that lack the seal."""
        return self.filter(state=RequestState.SUBMITTED).exclude(seals__kind=kind)


@tracked(in_feed=True)
class Disbursement(ScopedModel):
    """A request to pay out of a budget, or to reverse a posted voucher. Two seals, then it is posted as a voucher."""

    scope_path = "organization"

    op_id = models.UUIDField(
        "操作编号", unique=True, default=uuid4, editable=False, error_messages={"unique": "这份申请已经保存过。"}
    )
    budget = models.ForeignKey(
        Budget, verbose_name="预算", on_delete=models.PROTECT, null=True, blank=True, related_name="disbursements"
    )
    organization = models.ForeignKey(
        Organization, verbose_name="村或镇本级", on_delete=models.PROTECT, related_name="disbursements"
    )
    subject = models.ForeignKey(Subject, verbose_name="经费科目", on_delete=models.PROTECT, related_name="+")
    reverses = models.ForeignKey(
        "Voucher",
        verbose_name="冲销凭证",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reversal_requests",
    )
    amount = MoneyField("金额（元）", validators=[MinValueValidator(CENT, "金额要大于 0。")])
    payee = models.CharField("收款人", max_length=100)
    purpose = models.CharField("用途", max_length=200)
    decision = models.CharField("决议", max_length=200, blank=True, help_text="大额支出写明“四议两公开”的日期或文号")
    attachments = models.PositiveSmallIntegerField("原始凭证张数", default=0)
    maker = models.ForeignKey(User, verbose_name="经办人", on_delete=models.PROTECT, related_name="+")
    state = models.CharField("状态", max_length=10, choices=RequestState, default=RequestState.DRAFT)
    created_at = models.DateTimeField("起草时间", default=timezone.now, editable=False)
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True, editable=False)

    objects: ClassVar[Any] = models.Manager.from_queryset(DisbursementQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "拨付申请"
        ordering = ["-created_at", "-pk"]
        permissions = [
            ("check_disbursement", "复核盖章"),
            ("approve_disbursement", "批准盖章"),
            ("post_disbursement", "入账"),
        ]
        indexes = [models.Index(fields=["state", "created_at"], name="disbursement_by_state")]
        triggers = [
            refuse(
                "disbursement_starts_as_draft",
                pgtrigger.Insert,
                "拨付申请要从草稿开始。",
                condition=~pgtrigger.Q(new__state="draft"),
            ),
            refuse("disbursement_not_deleted", pgtrigger.Delete, "拨付申请不能删除，可以撤回。"),
            _course_guard(),
            _posted_guard(),
            pool_guard("disbursement_pool", pgtrigger.Update, "NEW.budget_id"),
        ]
        constraints = [
            models.CheckConstraint(
                name="disbursement_positive", condition=Q(amount__gt=0), violation_error_message="金额要大于 0。"
            ),
            models.CheckConstraint(
                name="disbursement_from_budget",
                condition=Q(budget__isnull=False) | Q(reverses__isnull=False),
                violation_error_message="请选择从哪项预算拨付。",
            ),
            models.CheckConstraint(
                name="disbursement_submitted_with_time",
                condition=Q(submitted_at__isnull=False) | Q(state__in=(RequestState.DRAFT, RequestState.WITHDRAWN)),
                violation_error_message="已提交的申请要有提交时间。",
            ),
            models.UniqueConstraint(
                name="disbursement_reverses_once",
                fields=["reverses"],
                condition=~Q(state__in=(RequestState.REJECTED, RequestState.WITHDRAWN)),
                violation_error_message="这张凭证已经有冲销申请。",
            ),
            # What seals refer to.
            models.UniqueConstraint(name="disbursement_content", fields=["id", "maker", "amount", "payee", "purpose"]),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.purpose}"


class Seal(ScopedModel):
    """One of the two seals: who signed exactly this content, under which duty, and when. Written once."""

    scope_path = "disbursement__organization"

    disbursement = models.ForeignKey(
        Disbursement, verbose_name="拨付申请", on_delete=models.PROTECT, related_name="seals"
    )
    kind = models.CharField("印鉴", max_length=10, choices=SealKind)
    signer = models.ForeignKey(User, verbose_name="盖章人", on_delete=models.PROTECT, related_name="+")
    duty = models.CharField("盖章时的职务", max_length=100)
    sealed_at = models.DateTimeField("盖章时间", default=timezone.now)
    maker = models.ForeignKey(User, verbose_name="经办人", on_delete=models.PROTECT, related_name="+")
    amount = MoneyField("金额（元）")
    payee = models.CharField("收款人", max_length=100)
    purpose = models.CharField("用途", max_length=200)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "印鉴"
        ordering = ["disbursement", "pk"]
        triggers = [
            *written_once("seal", "印鉴盖上后不能更改。"),
            pgtrigger.Trigger(
                name="seal_on_submitted",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=f"""
                    PERFORM 1 FROM finance_disbursement
                        WHERE id = NEW.disbursement_id AND state = 'submitted' FOR NO KEY UPDATE;
                    IF NOT FOUND THEN {refusal("seal_on_submitted", "只有待盖章的申请可以盖章。")}
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="seal_not_by_maker",
                condition=~Q(signer=F("maker")),
                violation_error_message="经办人不能给自己的申请盖章，请由另一位同事盖章。",
            ),
            models.UniqueConstraint(
                name="seal_once_a_kind",
                fields=["disbursement", "kind"],
                violation_error_message="这枚印鉴已经盖过。",
            ),
            models.UniqueConstraint(
                name="seal_by_two_people",
                fields=["disbursement", "signer"],
                violation_error_message="两枚印鉴要由两个人盖，您已经盖过一枚。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.signer}"


def _allowed_moves() -> Q:
    allowed = Q()
    for code, pairs in allowed_pairs().items():
        for source, target in pairs:
            allowed |= Q(move=code, from_state=source, to_state=target)
    return allowed


class DisbursementEvent(ScopedModel):
    """One step in the course of a request: who, when, why. Written once."""

    scope_path = "disbursement__organization"

    disbursement = models.ForeignKey(
        Disbursement, verbose_name="拨付申请", on_delete=models.PROTECT, related_name="events"
    )
    move = models.CharField("事项", max_length=10, choices=RequestMove)
    from_state = models.CharField("原状态", max_length=10, choices=RequestState, blank=True)
    to_state = models.CharField("新状态", max_length=10, choices=RequestState)
    actor = models.ForeignKey(User, verbose_name="办理人", on_delete=models.PROTECT, related_name="+")
    occurred_at = models.DateTimeField("时间", default=timezone.now)
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "申请办理过程"
        ordering = ["disbursement", "pk"]
        triggers = written_once("disbursementevent", "办理过程不能更改。")
        constraints = [
            models.CheckConstraint(
                name="disbursementevent_allowed_move",
                condition=_allowed_moves(),
                violation_error_message="当前状态不能这样办理。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_move_display()} {self.actor}"
