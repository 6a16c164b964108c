"""What phones send: operations with the id made on the phone, their photos, and the phones themselves."""

from datetime import timedelta
from typing import Any, ClassVar, Self

import pgtrigger
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from chishang.core.guards import refusal, refuse, written_once
from chishang.core.history import tracked
from chishang.core.scoping import ScopedModel, ScopedQuerySet
from organizations.models import Organization, User
from visits.enums import OperationKind, OperationState
from visits.models.issues import Issue, IssueEvent
from visits.models.visits import Visit

SILENT_FOR = timedelta(days=1)
"""A phone with records waiting that was not heard of for so long is worth a telephone call."""


class DeviceQuerySet(ScopedQuerySet):
    """Phones."""

    def counted(self) -> Self:
        """Return those whose records may still come: not written off, or heard of afterwards."""
        return self.filter(Q(written_off_at=None) | Q(written_off_at__lt=F("last_contact_at")))


class Device(ScopedModel):
    """A phone or browser that keeps records until they are sent: what it last said of itself.

    It says how much it holds, and nothing about where it is or what it is used for. One that is lost is written off by
    the office, so that what it held no longer counts; when it makes contact again, it counts again.
    """

    scope_path = "organization"

    device_id = models.UUIDField("设备编号", primary_key=True)
    user = models.ForeignKey(User, verbose_name="使用人", on_delete=models.PROTECT, related_name="devices")
    organization = models.ForeignKey(
        Organization, verbose_name="所属党组织", on_delete=models.PROTECT, related_name="devices"
    )
    first_contact_at = models.DateTimeField("首次联系", default=timezone.now, editable=False)
    last_contact_at = models.DateTimeField("最近联系", default=timezone.now)
    waiting = models.PositiveIntegerField("待上报", default=0)
    oldest_waiting_at = models.DateTimeField("最早一条存于", null=True, blank=True)
    sent_total = models.PositiveIntegerField("手机说已发", default=0)
    written_off_at = models.DateTimeField("何时不再计", null=True, blank=True)
    written_off_by = models.ForeignKey(
        User, verbose_name="谁定为不再计", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    written_off_reason = models.CharField("为什么不再计", max_length=200, blank=True)

    objects: ClassVar[Any] = models.Manager.from_queryset(DeviceQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "走访手机"
        ordering = ["-last_contact_at"]
        default_permissions = ("view",)  # type: ignore[assignment]  # fewer than the base has
        constraints = [
            models.CheckConstraint(
                name="device_written_off_by_somebody",
                condition=Q(written_off_at__isnull=True)
                | (Q(written_off_by__isnull=False) & ~Q(written_off_reason="")),
                violation_error_message="手机不再计，要写明由谁决定、为什么。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}的手机 {str(self.device_id)[:8]}"

    @property
    def is_written_off(self) -> bool:
        """Whether the office gave it up, and it was not heard of since."""
        return self.written_off_at is not None and self.written_off_at >= self.last_contact_at

    @property
    def is_silent(self) -> bool:
        """Whether records wait on it and it was not heard of for a day; nobody waits for one that is given up."""
        return bool(self.waiting) and not self.is_written_off and timezone.now() - self.last_contact_at > SILENT_FOR


class OperationQuerySet(ScopedQuerySet):
    """Operations."""

    def held(self) -> Self:
        """Return those that wait for a decision of the office."""
        return self.filter(state=OperationState.HELD)


@tracked(exclude=("payload", "receipt"))
class Operation(ScopedModel):
    """What a form or a phone sent, by the id it made itself: the same id never makes a second visit.

    Its content never changes. One that could not be applied is kept with the reason, until the office decides.
    """

    scope_path = "organization"

    op_id = models.UUIDField("操作编号", primary_key=True)
    user = models.ForeignKey(User, verbose_name="提交人", on_delete=models.PROTECT, related_name="operations")
    kind = models.CharField("事项", max_length=10, choices=OperationKind, default=OperationKind.VISIT)
    payload = models.JSONField("内容", encoder=DjangoJSONEncoder, default=dict)
    payload_sha256 = models.CharField("内容摘要", max_length=64)
    organization = models.ForeignKey(
        Organization, verbose_name="所属党组织", on_delete=models.PROTECT, related_name="operations"
    )
    device = models.ForeignKey(
        Device, verbose_name="手机", on_delete=models.PROTECT, null=True, blank=True, related_name="operations"
    )
    made_at = models.DateTimeField("手机时间", null=True, blank=True, help_text="填写时手机上的时间，可能不准")
    received_at = models.DateTimeField("收到时间", default=timezone.now)
    state = models.CharField("结果", max_length=10, choices=OperationState, default=OperationState.APPLIED)
    reason = models.CharField("为什么没有入库", max_length=500, blank=True)
    receipt = models.JSONField("回执", encoder=DjangoJSONEncoder, default=dict)
    visit = models.OneToOneField(
        Visit, verbose_name="走访", on_delete=models.PROTECT, null=True, blank=True, related_name="operation"
    )
    issue = models.ForeignKey(
        Issue, verbose_name="问题", on_delete=models.PROTECT, null=True, blank=True, related_name="operations"
    )
    event = models.OneToOneField(
        IssueEvent, verbose_name="办理过程", on_delete=models.PROTECT, null=True, blank=True, related_name="operation"
    )
    decided_by = models.ForeignKey(
        User, verbose_name="处理人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField("处理时间", null=True, blank=True)
    decision = models.CharField("处理意见", max_length=200, blank=True)

    objects: ClassVar[Any] = models.Manager.from_queryset(OperationQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "手机上报"
        ordering = ["-received_at"]
        permissions = [("decide_operation", "处理没有入库的上报")]
        indexes = [models.Index(fields=["state", "received_at"], name="operation_by_state")]
        triggers = [
            refuse("operation_not_deleted", pgtrigger.Delete, "上报的内容不能删除。"),
            pgtrigger.Trigger(
                name="operation_content",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=f"""
                    IF (OLD.op_id, OLD.user_id, OLD.kind, OLD.payload_sha256, OLD.received_at)
                        IS DISTINCT FROM (NEW.op_id, NEW.user_id, NEW.kind, NEW.payload_sha256, NEW.received_at)
                        OR OLD.payload <> NEW.payload
                        OR (OLD.receipt <> '{{}}' AND OLD.receipt <> NEW.receipt)
                    THEN {refusal("operation_content", "上报的内容和回执不能修改。")}
                    END IF;
                    IF OLD.state <> 'held'
                        AND (OLD.state, OLD.visit_id, OLD.event_id, OLD.decided_by_id, OLD.decided_at, OLD.decision)
                        IS DISTINCT FROM
                        (NEW.state, NEW.visit_id, NEW.event_id, NEW.decided_by_id, NEW.decided_at, NEW.decision)
                    THEN {refusal("operation_decided", "这份上报已经处理过。")}
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="operation_applied_is_a_visit",
                condition=~Q(kind=OperationKind.VISIT, state=OperationState.APPLIED) | Q(visit__isnull=False),
                violation_error_message="已入库的走访上报必须有走访。",
            ),
            models.CheckConstraint(
                name="operation_brings_when_applied",
                condition=Q(state=OperationState.APPLIED) | Q(visit__isnull=True, event__isnull=True),
                violation_error_message="没有入库的上报不能有走访或办理过程。",
            ),
            models.CheckConstraint(
                name="operation_held_says_why",
                condition=~Q(state=OperationState.HELD) | ~Q(reason=""),
                violation_error_message="没有入库的要写明原因。",
            ),
            models.CheckConstraint(
                name="operation_dismissed_by_somebody",
                condition=~Q(state=OperationState.DISMISSED)
                | (Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decision="")),
                violation_error_message="不采用要写明由谁决定、为什么。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}上报的{self.get_kind_display()}"


class Photo(ScopedModel):
    """A photo of a visit, as the phone sent it and without what cameras write into the file (place, device, time).

    It is named by the SHA-256 of what the phone sent, so that sending it twice stores it once.
    """

    scope_path = "operation__organization"

    operation = models.ForeignKey(
        Operation, verbose_name="随哪份上报", on_delete=models.PROTECT, related_name="photos"
    )
    sha256 = models.CharField("照片编号", max_length=64)
    content = models.BinaryField("图像", editable=False)
    received_at = models.DateTimeField("收到时间", default=timezone.now, editable=False)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "走访照片"
        ordering = ["operation", "pk"]
        default_permissions = ("view",)  # type: ignore[assignment]  # fewer than the base has
        triggers: ClassVar = written_once("photo", "照片不能修改或删除。")
        constraints = [
            models.UniqueConstraint(
                name="photo_once", fields=["operation", "sha256"], violation_error_message="这张照片已经有了。"
            )
        ]

    def __str__(self) -> str:
        return self.sha256[:12]
