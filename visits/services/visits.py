"""Recording a visit with its issues: one transaction, idempotent by the operation id."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from chishang.core.dates import today
from organizations.models import Organization, User, Village
from visits.enums import OperationKind, Source
from visits.models import Campaign, Household, IssueCategory, Operation, Visit
from visits.services.drafts import IssueDraft, VisitDraft
from visits.services.issues import raise_issue


class OperationReused(ValidationError):
    """The operation id was used before, by another account or with another body."""

    def __init__(self, operation: Operation | None = None) -> None:
        self.operation = operation
        super().__init__("同一张表单已经提交过，内容不同。原记录没有改动；如果是另一次走访，请重新填一张。")


def record_visit(*, actor: User, op_id: UUID, draft: VisitDraft, source: Source) -> tuple[Visit, bool]:
    """Store a visit with its issues, once for ever under ``op_id``; return it and whether it is new.

    The operation's row goes in first: a second request with the same id waits for it at the unique key and then gets
    the stored visit. Raises OperationReused when the id came before from another account or with another content,
    and ValidationError (by field) when the draft is wrong; then nothing is stored.
    """
    digest = draft.sha256
    try:
        with transaction.atomic():
            operation = Operation.objects.create(
                op_id=op_id,
                user=actor,
                kind=OperationKind.VISIT,
                payload=draft.as_payload(),
                payload_sha256=digest,
                organization=organization_concerned(actor, draft.household_id),
            )
            operation.visit = store_visit(gate=actor, sender=actor, draft=draft, source=source)
            operation.save(update_fields=["visit"])
            return operation.visit, True
    except IntegrityError as error:
        stored = Operation.objects.select_related("visit").filter(op_id=op_id).first()
        if stored is None:  # some other constraint refused
            raise
        if stored.user_id != actor.pk:
            raise OperationReused from error
        if stored.payload_sha256 != digest or stored.visit is None:
            raise OperationReused(stored) from error
        return stored.visit, False


def organization_concerned(user: User, household_id: Any) -> Organization:
    """Return the body to which an operation belongs: that of the household it names, else the sender's own."""
    key = household_id if isinstance(household_id, int) else 0
    village = Village.objects.filter(households__pk=key).first()
    if village is not None:
        return village.branch
    appointed = user.appointments.in_force(today()).exclude(organization=None).order_by("pk").first()
    return appointed.organization if appointed else Organization.objects.get(parent__isnull=True)


def store_visit(*, gate: User, sender: User, draft: VisitDraft, source: Source) -> Visit:
    """Store a visit with its issues. The household must be one that ``gate`` may record visits to.

    ``sender`` typed it in, and made the visit unless the draft names somebody else. ``gate`` is another account where
    the office takes in what ``sender`` may no longer record. Raises ValidationError by field.
    """
    household = _one_of(Household.objects.visible_to(gate, "visits.add_visit"), draft.household_id, "household")
    visitor = sender if draft.visitor_id in {None, sender.pk} else _visitor(draft.visitor_id, household)
    if draft.visited_on > today():
        raise ValidationError({"visited_on": "走访日期不能晚于今天。"})
    visit = Visit(
        campaign=_campaign(draft),
        household=household,
        visited_on=draft.visited_on,
        visitor=visitor,
        companions=draft.companions.strip(),
        entered_by=sender,
        content=draft.content.strip(),
        remark=draft.remark.strip(),
        source=source,
    )
    visit.full_clean()
    visit.save()
    for number, issue in enumerate(draft.issues):
        _raise(sender, visit, issue, number)
    return visit


def _raise(actor: User, visit: Visit, draft: IssueDraft, number: int) -> None:
    try:
        category = _one_of(IssueCategory.objects.in_use(), draft.category_id, "category")
        raise_issue(actor=actor, visit=visit, category=category, description=draft.description, urgency=draft.urgency)
    except ValidationError as error:
        raise ValidationError(
            {f"issues.{number}.{name}": texts for name, texts in error.message_dict.items()}
        ) from error


MESSAGES = {
    "household": "请选择本村的农户或企业。",
    "category": "请选择问题类别。",
    "campaign": "没有这个走访活动。",
}


def _one_of(rows: Any, key: int | None, name: str) -> Any:
    row = rows.filter(pk=key).first()
    if row is None:
        raise ValidationError({name: MESSAGES[name]})
    return row


def _campaign(draft: VisitDraft) -> Campaign:
    if draft.campaign_id:
        return _one_of(Campaign.objects.all(), draft.campaign_id, "campaign")
    campaign = Campaign.objects.running_on(draft.visited_on).first()
    if campaign is None:
        raise ValidationError({"visited_on": "这一天没有进行中的走访活动，请核对日期或请镇党建办先建立活动。"})
    return campaign


def _visitor(key: int | None, household: Household) -> User:
    visitor = User.objects.filter(pk=key, is_active=True).first()
    if (
        visitor is None
        or not Household.objects.visible_to(visitor, "visits.add_visit").filter(pk=household.pk).exists()
    ):
        raise ValidationError({"visitor": "走访人应是负责这个村的人员。"})
    return visitor
