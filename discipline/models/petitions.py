"""Petitions and leads: what came in, and what was done with it. The informant is never stored."""

from datetime import date
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from chishang.core.history import tracked
from discipline.enums import Disposal, PetitionOrigin
from discipline.models.confidential import ConfidentialModel, ConfidentialQuerySet
from discipline.models.people import Person, not_about
from discipline.models.prevention import place
from discipline.models.rules import LeadSource
from discipline.models.sealed import SealedModel, SealedText, cipher
from organizations.models import User

ASSIGN = "discipline.assign_case"
"""Who hands out petitions, leads and cases."""


class HandledModel(SealedModel, ConfidentialModel):
    """A record in the hands of one officer: seen by that officer and by whoever hands records out.

    One that is closed to everybody else (``handler_only``) not even by the latter: a lead on a leader of the town.
    """

    handler = models.ForeignKey(
        User, verbose_name="承办人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    handler_only = models.BooleanField(
        "仅承办人可见", default=False, help_text="涉及镇领导等情形：其他纪检人员也看不到，请先选好承办人"
    )
    person = models.ForeignKey(
        Person, verbose_name="被反映人", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta(ConfidentialModel.Meta):
        abstract = True

    @classmethod
    def narrowed(cls, rows: Any, user: Any) -> Any:
        """Return those in the hands of ``user`` or in nobody's; whoever hands them out sees more; none about him."""
        open_to = Q(handler=user) | Q(handler__isnull=True)
        if user.has_perm(ASSIGN):
            open_to |= Q(handler_only=False)
        return not_about(rows.filter(open_to), user)


def handled_alone(model_name: str) -> Any:
    """Return the constraint that a record closed to others has a handler."""
    return models.CheckConstraint(
        name=f"{model_name}_handled_alone",
        condition=Q(handler_only=False) | Q(handler__isnull=False),
        violation_error_message="“仅承办人可见”的，请先选定承办人，否则谁也看不到。",
    )


class PetitionQuerySet(ConfidentialQuerySet):
    """Petitions."""

    def handed_over_by(self, day: date) -> Self:
        """Return those that an inspection handed over on or before ``day``."""
        return self.filter(origin=PetitionOrigin.HANDED_OVER, received_on__lte=day)

    def closed_by(self, day: date) -> Self:
        """Return those of them closed on or before ``day``."""
        return self.handed_over_by(day).filter(closed_on__lte=day)

    def open(self) -> Self:
        """Return those not closed yet."""
        return self.filter(closed_on__isnull=True)


@tracked()
class Petition(HandledModel):
    """A petition (信访件). It is neither a lead nor a case; it may lead to them."""

    scope_path = "organization"

    number = models.CharField(
        "编号",
        max_length=30,
        unique=True,
        error_messages={"unique": "这个编号不能用，请核对；确认无误的，请与纪委书记联系。"},
    )
    origin = models.CharField("渠道", max_length=20, choices=PetitionOrigin)
    received_on = models.DateField("收到日期")
    sender = models.CharField("来源", max_length=50, help_text="转来的单位，如：区委巡察组；不写信访人")
    is_signed = models.BooleanField("实名", default=False, help_text="实名的要告知受理；信访人的姓名不录入门户")
    organization = place()
    summary_cipher = cipher("反映内容摘要")
    summary = SealedText("反映内容摘要", limit=500, required=True)

    acknowledged_on = models.DateField("告知受理日期", null=True, blank=True)
    closed_on = models.DateField("办结日期", null=True, blank=True)
    result_cipher = cipher("处理结果")
    result = SealedText("处理结果", limit=300)

    objects: ClassVar[Any] = models.Manager.from_queryset(PetitionQuerySet)()

    class Meta(ConfidentialModel.Meta):
        verbose_name = verbose_name_plural = "信访件"
        ordering = ["-received_on", "-number"]
        constraints = [
            models.CheckConstraint(
                name="petition_closed_with_result",
                condition=Q(closed_on__isnull=True) | Q(result_cipher__isnull=False),
                violation_error_message="办结的信访件必须有处理结果，请先填写处理结果。",
            ),
            models.CheckConstraint(
                name="petition_acknowledged_after_received",
                condition=Q(acknowledged_on__isnull=True) | Q(acknowledged_on__gte=F("received_on")),
                violation_error_message="告知受理日期不能早于收到日期。",
            ),
            models.CheckConstraint(
                name="petition_closed_after_received",
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("received_on")),
                violation_error_message="办结日期不能早于收到日期。",
            ),
            handled_alone("petition"),
        ]

    def __str__(self) -> str:
        return self.number


class LeadQuerySet(ConfidentialQuerySet):
    """Leads."""

    def open(self) -> Self:
        """Return those not finished yet."""
        return self.filter(finished_on__isnull=True)


@tracked()
class Lead(HandledModel):
    """A lead (问题线索): from petitions or elsewhere, disposed of in one of four ways, leading to at most one case."""

    scope_path = "organization"

    number = models.CharField(
        "编号",
        max_length=30,
        unique=True,
        error_messages={"unique": "这个编号不能用，请核对；确认无误的，请与纪委书记联系。"},
    )
    source = models.ForeignKey(LeadSource, verbose_name="线索来源", on_delete=models.PROTECT, related_name="leads")
    received_on = models.DateField("收到日期")
    organization = place()
    content_cipher = cipher("线索内容")
    content = SealedText("线索内容", limit=500, required=True)

    disposal = models.CharField("处置方式", max_length=20, choices=Disposal, blank=True)
    proposed_on = models.DateField("提出处置意见日期", null=True, blank=True)
    finished_on = models.DateField("办结日期", null=True, blank=True)
    outcome_cipher = cipher("处置结果")
    outcome = SealedText("处置结果", limit=300)
    case = models.ForeignKey(
        "discipline.Case", verbose_name="案件", on_delete=models.PROTECT, null=True, blank=True, related_name="leads"
    )

    objects: ClassVar[Any] = models.Manager.from_queryset(LeadQuerySet)()

    class Meta(ConfidentialModel.Meta):
        verbose_name = verbose_name_plural = "问题线索"
        ordering = ["-received_on", "-number"]
        constraints = [
            models.CheckConstraint(
                name="lead_proposed_with_disposal",
                condition=Q(proposed_on__isnull=True, disposal="") | (Q(proposed_on__isnull=False) & ~Q(disposal="")),
                violation_error_message="处置方式与提出处置意见日期要一起填写。",
            ),
            models.CheckConstraint(
                name="lead_proposed_after_received",
                condition=Q(proposed_on__isnull=True) | Q(proposed_on__gte=F("received_on")),
                violation_error_message="提出处置意见日期不能早于收到日期。",
            ),
            models.CheckConstraint(
                name="lead_finished_after_proposed",
                condition=Q(finished_on__isnull=True)
                | Q(proposed_on__isnull=False, finished_on__gte=F("proposed_on"), outcome_cipher__isnull=False),
                violation_error_message="办结的线索须先提出处置意见，并写明处置结果；办结日期不能早于提出意见的日期。",
            ),
            models.CheckConstraint(
                name="lead_to_case_by_verification",
                condition=Q(case__isnull=True) | Q(disposal=Disposal.VERIFICATION),
                violation_error_message="只有经初步核实的线索才能立案。",
            ),
            handled_alone("lead"),
        ]

    def __str__(self) -> str:
        return self.number


@tracked()
class LeadPetition(ConfidentialModel):
    """A petition that a lead comes from: several petitions may bring one lead, one petition several."""

    scope_path = "lead__organization"

    lead = models.ForeignKey(Lead, verbose_name="线索", on_delete=models.PROTECT, related_name="petition_links")
    petition = models.ForeignKey(Petition, verbose_name="信访件", on_delete=models.PROTECT, related_name="lead_links")

    class Meta(ConfidentialModel.Meta):
        verbose_name = verbose_name_plural = "线索的信访件"
        ordering = ["lead", "petition"]
        constraints = [
            models.UniqueConstraint(
                name="leadpetition_once",
                fields=["lead", "petition"],
                violation_error_message="该信访件已关联到这条线索。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.lead} {self.petition}"

    @classmethod
    def narrowed(cls, rows: Any, user: Any) -> Any:
        """Return the links whose both ends ``user`` may see."""
        leads, petitions = Lead.objects.visible_to(user), Petition.objects.visible_to(user)
        return rows.filter(lead__in=leads.values("pk"), petition__in=petitions.values("pk"))
